/** A grant names principals that exist, users and roles by what tells them from later ones of the same name. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { KmsError } from '../api/errors.ts'
import { deleteIdentity, insertIdentity } from '../database/iam-identities.ts'
import { insertAccount } from '../database/identities.ts'
import { account, openDatabase } from '../../test/support/grant-database.ts'
import { requirePrincipal } from './principals.ts'

const opened = openDatabase()
after(() => opened[Symbol.asyncDispose]())
const { database } = opened
const identity = (kind: 'user' | 'role' | 'group', id: string, name: string, path = '/') => ({
  id,
  kind,
  account,
  name,
  path,
  createdAt: 1,
  boundaryId: undefined,
  trustPolicy: undefined,
  trustPins: new Map<string, string>(),
  description: undefined,
  maxSessionSeconds: undefined,
})
await database.write(async (transaction) => {
  await insertAccount(transaction, { id: account, name: '', createdAt: 1 })
  for (const row of [
    identity('user', 'AIDABOB', 'Bob'),
    identity('user', 'AIDAALICE', 'Alice', '/team/a/'),
    identity('role', 'AROAAPP', 'App', '/service/'),
    identity('group', 'AGPAALL', 'All'),
  ]) {
    await insertIdentity(transaction, row)
  }
})
const find = (arn: string, partition = 'aws') => requirePrincipal(database.read, arn, partition)
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`
const sts = (resource: string) => `arn:aws:sts::${account}:${resource}`

test('an account, a user and a role are known by number and unique id, sessions by ARN', async () => {
  for (const [arn, name] of [
    [iam('root'), account],
    [iam('user/Bob'), 'AIDABOB'],
    [iam('user/team/a/Alice'), 'AIDAALICE'],
    [iam('role/service/App'), 'AROAAPP'],
    [sts('assumed-role/App/session-1'), sts('assumed-role/App/session-1')],
    [sts('federated-user/Carol'), sts('federated-user/Carol')],
  ] as const) {
    assert.deepEqual(await find(arn), { shown: arn, name: `AWS:${name}` })
  }
})

test('what is not exactly the ARN of somebody who exists is refused', async () => {
  for (const arn of [
    'Bob',
    account,
    'AIDABOB',
    iam('user/bob'),
    iam('user/Alice'),
    iam('user/team/Alice'),
    iam('user/team/a/'),
    iam('role/App'),
    iam('role/Bob'),
    iam('user/service/App'),
    iam('group/All'),
    iam('policy/All'),
    iam('root/'),
    `arn:aws:iam:us-east-1:${account}:root`,
    'arn:aws:iam::444455556666:root',
    'arn:aws:iam::444455556666:user/Bob',
    `arn:aws:kms::${account}:root`,
    sts('assumed-role/App'),
    sts('assumed-role/App/'),
    sts('assumed-role/App/s'),
    sts('assumed-role/service/App/session'),
    sts('assumed-role/Nobody/session'),
    sts('federated-user/C'),
    sts('federated-user/a/b'),
    sts('root'),
    `arn:aws:sts:us-east-1:${account}:federated-user/Carol`,
    'arn:aws:sts::444455556666:federated-user/Carol',
    '*',
  ]) {
    await assert.rejects(
      find(arn),
      (error) =>
        error instanceof KmsError &&
        error.code === 'InvalidArnException' &&
        error.text === `ARN does not refer to a valid principal: ${arn}`,
      arn,
    )
  }
  await assert.rejects(find(iam('root'), 'aws-cn'))
})

test('a user of the same name as one that was deleted is another', async () => {
  await database.write(async (transaction) => {
    await insertIdentity(transaction, identity('user', 'AIDAEVE1', 'Eve'))
  })
  assert.equal((await find(iam('user/Eve'))).name, 'AWS:AIDAEVE1')
  await database.write((transaction) => deleteIdentity(transaction, 'AIDAEVE1'))
  await assert.rejects(find(iam('user/Eve')))
  await database.write((transaction) =>
    insertIdentity(transaction, identity('user', 'AIDAEVE2', 'Eve')),
  )
  assert.equal((await find(iam('user/Eve'))).name, 'AWS:AIDAEVE2')
})
