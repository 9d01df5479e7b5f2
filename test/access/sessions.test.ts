/**
 * Sessions in use with KMS: what ends them ends them for every operation with the next request, and what changes their
 * policies, tags and grants binds those that are under way.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EncryptCommand } from '@aws-sdk/client-kms'
import type { OperationName } from '../../src/api/types.ts'
import { operations } from '../../src/operations.ts'
import { makeKey } from '../support/made-keys.ts'
import { issuerKey, startIssuer } from '../support/issuer.ts'
import {
  clientOf,
  givePolicies,
  makePerson,
  makeWorld,
  type Person,
  type PersonSpec,
  type Statement,
} from '../support/people.ts'
import { refused, startService } from '../support/service.ts'
import { makeUser as userWith, stsClient, taken, trustOf } from '../support/sts.ts'
import { allow, deny, type Input, may, mayNot, Plaintext, when } from './cases/case.ts'
import { send } from './run.ts'

const tokenKey = issuerKey('one')
const issuer = await startIssuer([tokenKey])
const trent = await startService({ oidcIssuers: [{ issuer: issuer.url }] })
const world = await makeWorld(trent, { issuer, key: tokenKey })
const { iam, kms } = world.homes.home
const { accountId } = trent

const invalid = 'The security token included in the request is invalid.'
const broken = 'The security token included in the request is invalid'
const expired = 'The security token included in the request is expired'

const documentOf = (...Statement: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement })
const delegation = allow(accountId)

/** Somebody with a session that is under way, and a key of the account. */
async function scene(spec: PersonSpec) {
  const person = await givePolicies(world, await makePerson(world, spec), (text) => text)
  const key = await makeKey(kms)
  return { ...uses(person, key), person, key, RoleName: person.name }
}

/** What a person gets that asks to encrypt. */
function uses(person: Person, key: { readonly KeyId: string; readonly Arn: string }) {
  const { KeyId } = key
  const client = clientOf(world, person)
  const encrypt = () => client.send(new EncryptCommand({ KeyId, Plaintext }))
  const start = `User: ${person.arn} is not authorized to perform: kms:Encrypt on resource: ${key.Arn}`
  return {
    client,
    served: async () => assert.ok((await encrypt()).CiphertextBlob !== undefined),
    /** Asserts the sentence after the resource. */
    denied: (tail: string) => refused(encrypt(), 'AccessDeniedException', `${start} ${tail}`),
    /** Asserts that the credentials are none. */
    nobody: (code: string, text: string) => refused(encrypt(), code, text),
    root: (operation: OperationName, input: Input = {}) =>
      send(kms, operation, { KeyId, ...input }),
  }
}

const no = (policy: string) => `because no ${policy} allows the kms:Encrypt action`
const noIdentity = no('identity-based policy')
const role = { kind: 'role', identity: [may()] } as const
const rounds = 3

describe('every operation refuses credentials that are none', async () => {
  const one = await scene({ kind: 'role', identity: [may()] })
  const other = await scene({ kind: 'role', identity: [may()] })
  const gone = await scene({ kind: 'role' })
  await iam.deleteRole({ RoleName: gone.RoleName })
  const own = one.person.credentials
  const { sessionToken: _, ...withoutToken } = own
  const { sessionToken: token = '' } = own
  const foreign = { ...own, sessionToken: other.person.credentials.sessionToken ?? '' }
  const ofUser = { ...trent.credentials, sessionToken: token }
  const wrong = [
    ['without its token', withoutToken, invalid],
    ['with the token of another session', foreign, broken],
    ['with a token that was changed', { ...own, sessionToken: `${token}A` }, broken],
    ['of a long-term key with a token', ofUser, invalid],
    ['of a role that was deleted', gone.person.credentials, invalid],
  ] as const
  for (const [what, credentials, text] of wrong) {
    test(what, async () => {
      const client = clientOf(world, { ...one.person, credentials })
      for (const name of Object.keys(operations) as OperationName[]) {
        await refused(send(client, name, {}), 'UnrecognizedClientException', text)
      }
    })
  }
})

test('a session of each kind is over at its second', async () => {
  const kinds = ['role', 'session', 'federated', 'web'] as const
  const session = { policy: [may('kms:Encrypt')] }
  for (const kind of kinds) {
    const of = await scene({ kind, identity: [may('kms:Encrypt')], session })
    await of.served()
    const hours = kind === 'role' || kind === 'web' ? 1 : 12
    trent.turn(hours * 3_600_000 - 1000)
    await of.served()
    trent.turn(1000)
    await of.nobody('ExpiredTokenException', expired)
    for (const name of Object.keys(operations) as OperationName[]) {
      await refused(send(of.client, name, {}), 'ExpiredTokenException', expired)
    }
  }
})

test('a policy of a role binds the session that is under way, with the next request', async () => {
  const of = await scene({ kind: 'role' })
  const { RoleName } = of
  const at = { RoleName, PolicyName: 'own' }
  await of.denied(noIdentity)
  for (let round = 0; round < rounds; round += 1) {
    await iam.putRolePolicy({ ...at, PolicyDocument: documentOf(may('kms:Encrypt')) })
    await of.served()
    await iam.putRolePolicy({ ...at, PolicyDocument: documentOf(may(), mayNot('kms:Encrypt')) })
    await of.denied('with an explicit deny in an identity-based policy')
    await iam.deleteRolePolicy(at)
    await of.denied(noIdentity)
  }
  const made = await iam.createPolicy({
    PolicyName: 'encrypting',
    PolicyDocument: documentOf(may('kms:Encrypt')),
  })
  const PolicyArn = made.Policy?.Arn ?? assert.fail()
  await iam.createPolicyVersion({ PolicyArn, PolicyDocument: documentOf(may('kms:Decrypt')) })
  for (let round = 0; round < rounds; round += 1) {
    await iam.attachRolePolicy({ RoleName, PolicyArn })
    await of.served()
    await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: 'v2' })
    await of.denied(noIdentity)
    await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: 'v1' })
    await of.served()
    await iam.detachRolePolicy({ RoleName, PolicyArn })
    await of.denied(noIdentity)
  }
})

test('a boundary of a role binds the session that is under way', async () => {
  const of = await scene(role)
  const { RoleName } = of
  const made = await iam.createPolicy({
    PolicyName: 'boundary',
    PolicyDocument: documentOf(may('kms:Decrypt')),
  })
  const PermissionsBoundary = made.Policy?.Arn ?? assert.fail()
  for (let round = 0; round < rounds; round += 1) {
    await of.served()
    await iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary })
    await of.denied(no('permissions boundary'))
    await iam.deleteRolePermissionsBoundary({ RoleName })
  }
})

test('a managed session policy binds by its version, and once it is gone allows nothing', async () => {
  const of = await scene({ ...role, session: { managed: [[may('kms:Encrypt')]] } })
  await of.served()
  const { Policies = [] } = await iam.listPolicies({ Scope: 'Local' })
  const PolicyArn = Policies.find(({ PolicyName }) => /^p\d+$/.test(PolicyName ?? ''))?.Arn
  await iam.createPolicyVersion({ PolicyArn, PolicyDocument: documentOf(may('kms:Decrypt')) })
  for (let round = 0; round < rounds; round += 1) {
    await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: 'v2' })
    await of.denied(no('session policy'))
    await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: 'v1' })
    await of.served()
  }
  await iam.deletePolicyVersion({ PolicyArn, VersionId: 'v2' })
  await iam.deletePolicy({ PolicyArn })
  await of.denied(no('session policy'))
})

test('a tag of the role is a tag of the session that is under way', async () => {
  const identity = [may('kms:*', when('StringEquals', 'aws:PrincipalTag/team', 'blue'))]
  const of = await scene({ kind: 'role', identity })
  const { RoleName } = of
  for (let round = 0; round < rounds; round += 1) {
    await of.denied(noIdentity)
    await iam.tagRole({ RoleName, Tags: [{ Key: 'team', Value: 'blue' }] })
    await of.served()
    await iam.untagRole({ RoleName, TagKeys: ['team'] })
  }
})

test('key policy and grants bind the session that is under way', async () => {
  const of = await scene({ kind: 'role' })
  const put = (...statements: readonly Statement[]) =>
    of.root('PutKeyPolicy', { Policy: documentOf(delegation, ...statements) })
  for (const named of [of.person.arn, of.person.parent.arn]) {
    await put(allow(named))
    await of.served()
    await put(allow(named), deny(named, { Action: 'kms:Encrypt' }))
    await of.denied('with an explicit deny in a resource-based policy')
    await put()
    await of.denied(noIdentity)
    const grant = { GranteePrincipal: named, Operations: ['Encrypt'] }
    const { GrantId } = await of.root('CreateGrant', grant)
    await of.served()
    await of.root('RevokeGrant', { GrantId })
    await of.denied(noIdentity)
  }
})

test('AWSRevokeOlderSessions ends the sessions before it, and none after', async () => {
  const { arn, credentials } = await userWith(trent, 'assumer')
  const made = await iam.createRole({
    RoleName: 'Revoked',
    AssumeRolePolicyDocument: trustOf({ principal: { AWS: arn } }),
  })
  const PolicyDocument = documentOf(may('kms:Encrypt'))
  await iam.putRolePolicy({ RoleName: 'Revoked', PolicyName: 'own', PolicyDocument })
  const key = await makeKey(kms)
  const session = async () => {
    const asked = { RoleArn: made.Role?.Arn, RoleSessionName: 'one' }
    const answer = await stsClient(trent, { credentials }).assumeRole(asked)
    const spec = { kind: 'role' } as const
    const parent = { arn: made.Role?.Arn ?? '', id: made.Role?.RoleId ?? '' }
    const of = { id: `${parent.id}:one`, name: 'Revoked', account: accountId, parent, spec }
    const own = { arn: answer.AssumedRoleUser?.Arn ?? '', credentials: taken(answer.Credentials) }
    return uses({ ...of, ...own }, key)
  }
  const before = await session()
  await before.served()
  trent.turn(2000)
  const moment = new Date(trent.clock.now()).toISOString()
  const revoking = mayNot('*', when('DateLessThan', 'aws:TokenIssueTime', moment))
  await iam.putRolePolicy({
    RoleName: 'Revoked',
    PolicyName: 'AWSRevokeOlderSessions',
    PolicyDocument: documentOf(revoking),
  })
  await before.denied('with an explicit deny in an identity-based policy')
  trent.turn(2000)
  const after = await session()
  await after.served()
  await before.denied('with an explicit deny in an identity-based policy')
})

test('what goes on from role to role is there for KMS: source identity and transitive tags', async () => {
  const { arn, credentials } = await userWith(trent, 'chainer')
  const actions = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
  const make = async (RoleName: string, trusted: string) => {
    const AssumeRolePolicyDocument = trustOf({ principal: { AWS: trusted }, actions })
    const { Role: made } = await iam.createRole({ RoleName, AssumeRolePolicyDocument })
    return made?.Arn ?? assert.fail()
  }
  const [first, key] = [await make('First', arn), await makeKey(kms)]
  const second = await make('Second', first)
  const needed = {
    StringEquals: { 'aws:SourceIdentity': 'alice', 'aws:PrincipalTag/team': 'red' },
    Null: { 'aws:PrincipalTag/stage': 'true' },
  }
  const PolicyDocument = documentOf(may('kms:Encrypt', { Condition: needed }))
  await iam.putRolePolicy({ RoleName: 'Second', PolicyName: 'own', PolicyDocument })
  const chain = async (SourceIdentity: string) => {
    const { Credentials: one } = await stsClient(trent, { credentials }).assumeRole({
      RoleArn: first,
      RoleSessionName: 'one',
      SourceIdentity,
      Tags: [
        { Key: 'team', Value: 'red' },
        { Key: 'stage', Value: 'here' },
      ],
      TransitiveTagKeys: ['team'],
    })
    const sts = stsClient(trent, { credentials: taken(one) })
    const { Credentials: two } = await sts.assumeRole({ RoleArn: second, RoleSessionName: 'two' })
    return trent.client({ account: { accountId, credentials: taken(two) } })
  }
  const encrypt = new EncryptCommand({ KeyId: key.KeyId, Plaintext })
  assert.ok((await (await chain('alice')).send(encrypt)).CiphertextBlob !== undefined)
  await refused(
    (await chain('mallory')).send(encrypt),
    'AccessDeniedException',
    `User: arn:aws:sts::${accountId}:assumed-role/Second/two is not authorized to perform: kms:Encrypt on resource: ${key.Arn} ${noIdentity}`,
  )
})

test('a session is good in every region', async () => {
  const of = await scene(role)
  for (const region of ['eu-west-1', 'us-west-2']) {
    const client = clientOf(world, of.person, region)
    const { KeyId } = (await send(client, 'CreateKey', {}))['KeyMetadata'] as { KeyId: string }
    assert.ok((await send(client, 'Encrypt', { KeyId, Plaintext }))['CiphertextBlob'])
  }
})

test('a trust policy that changes leaves the session that is under way', async () => {
  const of = await scene(role)
  const PolicyDocument = trustOf({ principal: { AWS: accountId }, effect: 'Deny' })
  await iam.updateAssumeRolePolicy({ RoleName: of.RoleName, PolicyDocument })
  await of.served()
})

/** A role of the same name as one that was deleted, and a session of the same name of it. */
async function createAgain({ name: RoleName, arn, parent }: Person): Promise<Person> {
  const { PolicyNames = [] } = await iam.listRolePolicies({ RoleName })
  for (const PolicyName of PolicyNames) await iam.deleteRolePolicy({ RoleName, PolicyName })
  await iam.deleteRole({ RoleName })
  const AssumeRolePolicyDocument = trustOf({ principal: { AWS: accountId } })
  const { Role: made } = await iam.createRole({ RoleName, AssumeRolePolicyDocument })
  assert.ok(made?.Arn === parent.arn && made.RoleId !== undefined && made.RoleId !== parent.id)
  const { credentials } = await userWith(trent, `heir-of-${RoleName}`, {
    policy: documentOf(may('sts:*')),
  })
  const asked = { RoleArn: made.Arn, RoleSessionName: 'one' }
  const answer = await stsClient(trent, { credentials }).assumeRole(asked)
  assert.equal(answer.AssumedRoleUser?.Arn, arn)
  const spec = { kind: 'role' } as const
  return {
    arn,
    id: `${made.RoleId}:one`,
    name: RoleName,
    parent: { arn: made.Arn, id: made.RoleId },
    account: accountId,
    credentials: taken(answer.Credentials),
    spec,
  }
}

test('a role that is deleted is nobody with the answer, and neither is a new one of its name', async () => {
  const of = await scene(role)
  const { KeyId } = of.key
  const policy = documentOf(delegation, allow(of.person.parent.arn))
  await of.root('PutKeyPolicy', { Policy: policy })
  const GranteePrincipal = of.person.parent.arn
  await of.root('CreateGrant', { GranteePrincipal, Operations: ['Encrypt'] })
  await of.served()
  const again = uses(await createAgain(of.person), of.key)
  await of.nobody('UnrecognizedClientException', invalid)
  await again.denied(noIdentity)
  const shown = String((await of.root('GetKeyPolicy'))['Policy'])
  assert.equal(shown, policy.replace(GranteePrincipal, of.person.parent.id))
  await refused(
    send(kms, 'PutKeyPolicy', { KeyId, Policy: shown }),
    'MalformedPolicyDocumentException',
    'Policy contains a statement with one or more invalid principals.',
  )
  await of.root('PutKeyPolicy', { Policy: policy })
  await again.served()
  await of.nobody('UnrecognizedClientException', invalid)
})

test('a condition on the role’s ARN, and a session’s name, mean whoever has them', async () => {
  const byArn = await scene(role)
  const everybody = allow('*', when('ArnEquals', 'aws:PrincipalArn', byArn.person.parent.arn))
  await byArn.root('PutKeyPolicy', { Policy: documentOf(delegation, everybody) })
  await uses(await createAgain(byArn.person), byArn.key).served()
  const byName = await scene(role)
  const named = allow(byName.person.arn)
  await byName.root('PutKeyPolicy', { Policy: documentOf(delegation, named) })
  await uses(await createAgain(byName.person), byName.key).served()
})

test('a user that is deleted takes its sessions and federated users along', async () => {
  const session = { policy: [may('kms:Encrypt')] }
  for (const kind of ['session', 'federated'] as const) {
    const of = await scene({ kind, identity: [may('kms:Encrypt')], session })
    const UserName = of.person.name
    await of.served()
    const { AccessKeyMetadata = [] } = await iam.listAccessKeys({ UserName })
    for (const { AccessKeyId } of AccessKeyMetadata) {
      await iam.deleteAccessKey({ UserName, AccessKeyId })
    }
    // The sessions outlive the access key that they began with.
    await of.served()
    const { PolicyNames = [] } = await iam.listUserPolicies({ UserName })
    for (const PolicyName of PolicyNames) await iam.deleteUserPolicy({ UserName, PolicyName })
    await of.denied(noIdentity)
    await iam.deleteUser({ UserName })
    await of.nobody('UnrecognizedClientException', invalid)
  }
})

test('what a role may not any more is refused while a session uses it all the while', async () => {
  const of = await scene(role)
  const { KeyId } = of.key
  let over = false
  let late = 0
  const use = async (): Promise<void> => {
    for (;;) {
      const before = over
      const served = await of.client.send(new EncryptCommand({ KeyId, Plaintext })).then(
        () => true,
        () => false,
      )
      if (served && before) late += 1
      if (!served || before) return
    }
  }
  const all = Promise.all(Array.from({ length: 6 }, use))
  await iam.deleteRolePolicy({ RoleName: of.RoleName, PolicyName: 'own' })
  over = true
  await all
  assert.equal(late, 0)
})
