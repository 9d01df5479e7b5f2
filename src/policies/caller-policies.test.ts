/** Principals as policies and grants see them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AssumedRole,
  type IAMUser,
  type Principal,
  rootUser,
} from '../identities/principal.ts'
import { decide } from '../access/decide.ts'
import { federatedByRoot, federatedPrincipal } from '../identities/principals.ts'
import { callerOf, layersOf } from './caller-policies.ts'

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

const limit = { kind: 'session', name: 'session', text: allowing('kms:Encrypt') } as const
const credentials = { accessKeyId: 'ASIA', partition: 'aws' }
const guest = (policies: readonly (typeof limit)[]) => ({
  name: 'guest',
  facts: { ...session.session, limited: true },
  tags: [],
  policies,
})
const facts = {
  row: {
    id: 'AIDABOB',
    kind: 'user',
    account,
    name: 'Bob',
    path: '/team/',
    createdAt: 1,
    boundaryId: undefined,
    trustPolicy: undefined,
    description: undefined,
    maxSessionSeconds: undefined,
  },
  tags: [],
  policies: [{ kind: 'identity', name: 'user/Bob/own', text: allowing('kms:*') }],
} as const

function allowing(action: string): string {
  const Statement = [{ Effect: 'Allow', Action: action, Resource: '*' }]
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

/** Whether a principal's own policies allow an action. */
function isAllowed(principal: Principal, action: string): boolean {
  const caller = callerOf(principal)
  return decide({
    on: 'account',
    request: { action, resource: '*', caller, context: () => undefined },
    owner: account,
    acrossAccounts: false,
    layers: { resource: undefined, ...layersOf(principal) },
  }).allowed
}

test('a federated user may do what both its user and its session policies allow', () => {
  const bound = federatedPrincipal(facts, credentials, guest([limit]))
  assert.deepEqual(callerOf(bound), {
    type: 'federated',
    account,
    arn: `arn:aws:sts::${account}:federated-user/guest`,
    user: { arn: `arn:aws:iam::${account}:user/team/Bob`, id: 'AIDABOB' },
  })
  assert.equal(isAllowed(bound, 'kms:Encrypt'), true)
  assert.equal(isAllowed(bound, 'kms:Decrypt'), false)
  const poor = federatedPrincipal({ ...facts, policies: [] }, credentials, guest([limit]))
  assert.equal(isAllowed(poor, 'kms:Encrypt'), false)
})

test('a federated user without session policies may do nothing', () => {
  const free = federatedPrincipal(facts, credentials, guest([]))
  assert.equal(isAllowed(free, 'kms:Encrypt'), false)
  assert.deepEqual(layersOf(free).session, [])
})

test('the session policies of a root user’s federated user are its only limit', () => {
  const bound = federatedByRoot(root, credentials, guest([limit]))
  assert.equal(isAllowed(bound, 'kms:Encrypt'), true)
  assert.equal(isAllowed(bound, 'kms:Decrypt'), false)
  assert.equal(isAllowed(federatedByRoot(root, credentials, guest([])), 'kms:Encrypt'), false)
})

test('a session whose session policies are all gone may do nothing, one that never had any is free', () => {
  const policies = facts.policies
  const free: AssumedRole = { ...session, policies }
  const gone: AssumedRole = { ...free, session: { ...session.session, limited: true } }
  assert.equal(isAllowed(free, 'kms:Encrypt'), true)
  assert.equal(isAllowed(gone, 'kms:Encrypt'), false)
})
