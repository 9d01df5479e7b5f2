import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmsError } from '../api/errors.ts'
import type { Reader } from '../database/database.ts'
import type { NamedPolicy, Principal } from '../identities/principal.ts'
import { acceptPolicy, noSuchPolicy } from './accept-policy.ts'
import { callerOf, compileOnce, layersOf } from './caller-policies.ts'
import { lookUp, principalContext } from './context-values.ts'
import type { Keeper } from './lockout.ts'
import { PolicyError } from './policy-error.ts'
import { checkPrincipals } from './policy-principals.ts'

const account = '111122223333'
const alice = `arn:aws:iam::${account}:user/Alice`
const role = `arn:aws:iam::${account}:role/team/App`
const session = `arn:aws:sts::${account}:assumed-role/App/s`

/** A database with one account, its user Alice and its role App. */
const reader = {
  all: () => Promise.reject(new Error('nothing asks for all')),
  first: (statement: { readonly values: readonly unknown[] }) => {
    const [of, kind, , name] = statement.values
    if (of !== account) return Promise.resolve(undefined)
    const found =
      kind === undefined
        ? { account_id: account, name: 'home', created_at: 0 }
        : name === 'Alice'
          ? { identity_id: 'AIDAALICE00', kind, path: '/' }
          : name === 'App'
            ? { identity_id: 'AROAAPP0000', kind, path: '/team/' }
            : undefined
    return Promise.resolve(found)
  },
} as unknown as Reader

const common = {
  account,
  tags: [],
  accessKeyId: 'AKIAEXAMPLE',
  identity: { type: 'Root' },
} as const
const text = (...Statement: readonly object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement })
const own = (kind: NamedPolicy['kind'], ...statements: readonly object[]): NamedPolicy => ({
  kind,
  name: kind,
  text: text(...statements),
})
const root: Principal = {
  ...common,
  type: 'Root',
  arn: `arn:aws:iam::${account}:root`,
  principalId: account,
  policies: [],
  session: undefined,
}
const user = (...policies: readonly NamedPolicy[]): Principal => ({
  ...common,
  type: 'IAMUser',
  arn: alice,
  principalId: 'AIDAALICE00',
  userId: 'AIDAALICE00',
  userName: 'Alice',
  path: '/',
  policies,
  session: undefined,
})
const app = (...policies: readonly NamedPolicy[]): Principal => ({
  ...common,
  type: 'AssumedRole',
  arn: session,
  principalId: 'AROAAPP0000:s',
  roleId: 'AROAAPP0000',
  roleName: 'App',
  roleArn: role,
  sessionName: 's',
  policies,
  session: {
    issuedAt: 0,
    expiresAt: 1,
    sourceIdentity: undefined,
    transitiveTagKeys: [],
    federatedProvider: undefined,
  },
})

const may = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }
const whole = { ...may, Principal: { AWS: account } }
const key = `arn:aws:kms:us-east-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`

/** The caller by the request that he makes, from a certain address. */
const keeper = (caller: Principal) => (): Promise<Keeper> =>
  Promise.resolve({
    request: {
      resource: key,
      caller: callerOf(caller),
      context: lookUp({
        ...principalContext(caller),
        'kms:calleraccount': [caller.account],
        'aws:sourceip': ['10.1.2.3'],
      }),
    },
    layers: layersOf(caller),
  })

async function outcome(caller: Principal, policy: string, bypass = false): Promise<string> {
  try {
    const offered = { text: policy, bypassLockout: bypass }
    assert.equal((await acceptPolicy(offered, reader, keeper(caller))).text, policy)
    return 'accepted'
  } catch (error) {
    assert.ok(error instanceof KmsError, String(error))
    return `${error.code}: ${error.text}`
  }
}

const lockout =
  'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.'
const invalid =
  'MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.'

test('G18 a policy that the caller could not change again is refused, and accepted with bypass', async () => {
  const policy = text({ ...whole, Action: 'kms:Encrypt' })
  assert.equal(await outcome(root, policy), lockout)
  assert.equal(await outcome(root, policy, true), 'accepted')
})

test('the lockout check asks the new policy together with the policies of the caller', async () => {
  const named = (AWS: string, more: object = {}) => text({ ...may, Principal: { AWS }, ...more })
  for (const [caller, policy, expected] of [
    [root, text(whole), 'accepted'],
    [root, named('*'), 'accepted'],
    [root, named(alice), lockout],
    [root, text(whole, { ...whole, Effect: 'Deny' }), lockout],
    [root, named(account, { Resource: key }), 'accepted'],
    [root, named(account, { Resource: `${key}x:y` }), lockout],
    [root, named('*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }), 'accepted'],
    [root, named('*', { Condition: { IpAddress: { 'aws:SourceIp': '11.0.0.0/8' } } }), lockout],
    [root, named(account, { Resource: key.replace('us-east-1', 'us-east-2') }), lockout],
    [
      root,
      named('*', { Condition: { StringEquals: { 'kms:CallerAccount': account } } }),
      'accepted',
    ],
    [root, named('*', { Condition: { StringEquals: { 'kms:ViaService': 'x' } } }), lockout],
    [user(), text(whole), lockout],
    [user(own('identity', may)), text(whole), 'accepted'],
    [user(own('identity', { ...may, Action: 'kms:Encrypt' })), text(whole), lockout],
    [user(own('identity', may), own('boundary', { ...may, Action: 's3:*' })), text(whole), lockout],
    [user(), named(alice), 'accepted'],
    [user(own('identity', { ...may, Effect: 'Deny' })), named(alice), lockout],
    [app(), named(role), 'accepted'],
    [app(own('session', { ...may, Action: 's3:*' })), named(role), lockout],
    [app(own('session', may)), named(role), 'accepted'],
    [app(), named(session), 'accepted'],
    [app(), named('*', { Condition: { ArnLike: { 'aws:PrincipalArn': role } } }), 'accepted'],
  ] as const) {
    assert.equal(await outcome(caller, policy), expected, `${caller.type} ${policy}`)
  }
})

test('a policy whose principals do not exist is refused before the lockout check', async () => {
  for (const AWS of [
    `arn:aws:iam::${account}:user/Bob`,
    `arn:aws:iam::${account}:role/App`,
    'arn:aws:iam::444455556666:root',
    'arn:aws:sts::444455556666:federated-user/f',
    'AIDAALICE00',
  ]) {
    assert.equal(await outcome(root, text({ ...may, Principal: { AWS } })), invalid, AWS)
  }
  const group = text({ ...whole, Principal: { AWS: `arn:aws:iam::${account}:group/g` } })
  assert.equal(
    await outcome(root, group),
    'InvalidArnException: An ARN in the specified key policy is invalid.',
  )
  assert.match(
    await outcome(root, `${text(whole)}${' '.repeat(32_768)}`),
    /^LimitExceededException/,
  )
})

test('principals come before set operators, and these before the lockout check', async () => {
  const Condition = { 'ForAllValues:StringEquals': { 'kms:EncryptionContext:a': 'x' } }
  const offered = (AWS: string) => text({ ...may, Condition, Principal: { AWS } })
  assert.equal(await outcome(root, offered(`arn:aws:iam::${account}:user/Bob`)), invalid)
  for (const bypass of [false, true]) {
    assert.match(
      await outcome(root, offered(alice), bypass),
      /^MalformedPolicyDocumentException: OverlyPermissiveCondition:EncryptionContext: /,
    )
  }
})

test('principals are pinned by the unique ids that they have now', async () => {
  const AWS = [alice, role, session, account, '*', `arn:aws:sts::${account}:federated-user/f`]
  const principals = AWS.map((value) => ({ kind: 'AWS', value }))
  const service = { kind: 'Service', value: 'ec2.amazonaws.com' }
  assert.deepEqual(
    await checkPrincipals([...principals, service], reader),
    new Map([
      [alice, 'AIDAALICE00'],
      [role, 'AROAAPP0000'],
    ]),
  )
  await assert.rejects(
    checkPrincipals([{ kind: 'AWS', value: '444455556666' }], reader),
    PolicyError,
  )
})

test('a fault that is no finding stays what it is', async () => {
  const broken = { ...reader, first: () => Promise.reject(new TypeError('broken')) }
  const offered = { text: text(whole), bypassLockout: false }
  await assert.rejects(acceptPolicy(offered, broken, keeper(root)), TypeError)
  assert.equal(noSuchPolicy().code, 'NotFoundException')
})

test('what a principal brings along is made once', () => {
  const principal = user(own('identity', may), own('session', may))
  assert.equal(callerOf(principal), callerOf(principal))
  assert.equal(layersOf(principal), layersOf(principal))
  assert.equal(layersOf(principal).session?.length, 1)
  assert.equal(compileOnce(text(may), 'identity'), compileOnce(text(may), 'identity'))
  const first = compileOnce(text({ ...may, Sid: 'first' }), 'identity')
  for (let index = 0; index < 2001; index += 1)
    compileOnce(text({ ...may, Sid: `a${index}` }), 'identity')
  assert.notEqual(compileOnce(text({ ...may, Sid: 'first' }), 'identity'), first)
})
