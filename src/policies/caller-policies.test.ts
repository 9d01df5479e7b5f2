/** Principals as policies and grants see them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AssumedRole, type IAMUser, rootUser } from '../identities/principal.ts'
import { callerOf } from './caller-policies.ts'

const account = '111122223333'
const root = rootUser(account, { accessKeyId: 'AKIA', region: 'us-east-1' })
const user: IAMUser = {
  ...root,
  type: 'IAMUser',
  arn: `arn:aws:iam::${account}:user/team/Bob`,
  userId: 'AIDABOB',
  userName: 'Bob',
  path: '/team/',
}
const session: AssumedRole = {
  ...root,
  type: 'AssumedRole',
  arn: `arn:aws:sts::${account}:assumed-role/App/one`,
  roleId: 'AROAAPP',
  roleName: 'App',
  roleArn: `arn:aws:iam::${account}:role/service/App`,
  sessionName: 'one',
  session: {
    issuedAt: 1,
    expiresAt: 2,
    sourceIdentity: undefined,
    transitiveTagKeys: [],
    federatedProvider: undefined,
  },
}

test('a caller is the root user, a user by its id, or a session with its role', () => {
  assert.deepEqual(callerOf(root), { type: 'root', account, arn: root.arn })
  assert.deepEqual(callerOf(user), { type: 'user', account, arn: user.arn, id: 'AIDABOB' })
  assert.deepEqual(callerOf(session), {
    type: 'session',
    account,
    arn: session.arn,
    role: { arn: session.roleArn, id: 'AROAAPP' },
  })
})

test('the same principal is the same caller', () => {
  for (const principal of [root, user, session]) {
    assert.equal(callerOf(principal), callerOf(principal))
  }
  assert.notEqual(callerOf(root), callerOf({ ...root }))
})
