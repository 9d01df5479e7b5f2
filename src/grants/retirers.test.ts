/** Who may retire a grant, as far as the grant itself says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, someGrant } from '../../test/support/grant-database.ts'
import { type Caller, namesOf } from '../policies/principals.ts'
import { retirers } from './retirers.ts'

const root: Caller = { type: 'root', account, arn: `arn:aws:iam::${account}:root` }
const bob: Caller = {
  type: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/Bob`,
  id: 'AIDABOB',
}
const foreign = '444455556666'
const session: Caller = {
  type: 'session',
  account: foreign,
  arn: `arn:aws:sts::${foreign}:assumed-role/App/one`,
  role: { arn: `arn:aws:iam::${foreign}:role/App`, id: 'AROAAPP' },
}
const as = (caller: Caller, grant = someGrant()) =>
  retirers(grant, namesOf(caller, 'Allow')).map((each) => each.as)
const party = (name: string) => ({ shown: name, name })

test('the account that issued the grant: its root user, and others as its policies say', () => {
  assert.deepEqual(as(root), ['root'])
  assert.deepEqual(as(bob), ['account'])
  assert.deepEqual(as(session), [])
  assert.deepEqual(as(root, someGrant({ issuingAccount: foreign })), [])
})

test('the retiring principal, by whichever of its names', () => {
  for (const [name, expected] of [
    ['AWS:AROAAPP', ['role']],
    [`AWS:${session.arn}`, ['session']],
    [`AWS:${foreign}`, ['account']],
    [`AWS:arn:aws:sts::${foreign}:assumed-role/App/two`, []],
    ['AWS:AIDABOB', []],
    ['Service:s3.us-east-1.amazonaws.com', []],
  ] as const) {
    assert.deepEqual(as(session, someGrant({ retiring: party(name) })), expected)
  }
})

test('the grantee if the grant permits RetireGrant', () => {
  const grantee = party('AWS:AROAAPP')
  assert.deepEqual(as(session, someGrant({ grantee })), [])
  assert.deepEqual(as(session, someGrant({ grantee, operations: ['RetireGrant'] })), ['role'])
})

test('what is answered permits RetireGrant and nothing else, whatever the constraints', () => {
  const grant = someGrant({
    operations: ['Decrypt', 'RetireGrant'],
    constraints: { SourceArn: 'arn:one' },
  })
  assert.deepEqual(retirers(grant, namesOf(bob, 'Allow')), [
    { grantId: grant.id, operations: ['RetireGrant'], constraints: undefined, as: 'user' },
    { grantId: grant.id, operations: ['RetireGrant'], constraints: undefined, as: 'account' },
  ])
})
