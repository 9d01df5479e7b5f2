/** Temporary credentials in use: whose they are, how long, and what ends or limits them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ListKeysCommand } from '@aws-sdk/client-kms'
import { allowing, type Credentials, iamClient, refusedByIam } from '../support/iam.ts'
import { recordOf, recordText } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'
import { makeRole, makeUser, refusedBySts, stsClient, taken } from '../support/sts.ts'

const trent = await startService()
const { accountId } = trent
const iam = iamClient(trent)
const alice = await makeUser(trent, 'alice', { policy: allowing('sts:*', 'iam:*'), path: '/a/' })
const aliceSts = stsClient(trent, { credentials: alice.credentials })
const trust = [{ principal: { AWS: accountId } }]

const invalid = 'The security token included in the request is invalid.'
const broken = 'The security token included in the request is invalid'
const expired = 'The security token included in the request is expired'

async function session(RoleArn: string, more: object = {}): Promise<Required<Credentials>> {
  const asked = { RoleArn, RoleSessionName: 'one', ...more }
  return taken((await aliceSts.assumeRole(asked)).Credentials)
}

const whoIs = (credentials: Credentials) => stsClient(trent, { credentials }).getCallerIdentity({})

test('GetCallerIdentity answers everybody, whatever their policies deny', async () => {
  const root = await stsClient(trent).getCallerIdentity({})
  const rootArn = `arn:aws:iam::${accountId}:root`
  assert.deepEqual([root.UserId, root.Account, root.Arn], [accountId, accountId, rootArn])
  const Statement = [{ Effect: 'Deny', Action: 'sts:*', Resource: '*' }]
  const policy = JSON.stringify({ Version: '2012-10-17', Statement })
  const bob = await makeUser(trent, 'bob', { policy })
  const me = await whoIs(bob.credentials)
  assert.deepEqual([me.UserId, me.Account, me.Arn], [bob.id, accountId, bob.arn])
})

test('a user that is renamed stays the same under its new name', async () => {
  const user = await makeUser(trent, 'old')
  const { Credentials: given } = await stsClient(trent, {
    credentials: user.credentials,
  }).getSessionToken({})
  await iam.updateUser({ UserName: 'old', NewUserName: 'new' })
  for (const credentials of [user.credentials, taken(given)]) {
    const me = await whoIs(credentials)
    assert.deepEqual([me.UserId, me.Arn], [user.id, `arn:aws:iam::${accountId}:user/new`])
  }
})

test('a session of a user stays that user, in its calls and in the record', async () => {
  const { Credentials: given } = await aliceSts.getSessionToken({})
  const twelveHours = (Math.floor(trent.clock.now() / 1000) + 43_200) * 1000
  assert.equal(given?.Expiration?.getTime(), twelveHours)
  const me = await whoIs(taken(given))
  assert.deepEqual([me.UserId, me.Arn], [alice.id, alice.arn])
  assert.deepEqual(recordOf(trent, me).userIdentity, {
    type: 'IAMUser',
    principalId: alice.id,
    arn: alice.arn,
    accountId,
    accessKeyId: given?.AccessKeyId,
    userName: 'alice',
    sessionContext: {
      attributes: {
        creationDate: new Date(twelveHours - 43_200_000).toISOString().replace('.000', ''),
        mfaAuthenticated: 'false',
      },
    },
  })
})

test('a session of the root user lasts an hour at most, and is the root user', async () => {
  const { Credentials: given } = await stsClient(trent).getSessionToken({ DurationSeconds: 7200 })
  const hour = (Math.floor(trent.clock.now() / 1000) + 3600) * 1000
  assert.equal(given?.Expiration?.getTime(), hour)
  const credentials = taken(given)
  assert.equal((await whoIs(credentials)).Arn, `arn:aws:iam::${accountId}:root`)
  const kms = trent.client({ account: { ...trent, credentials } })
  assert.ok((await kms.send(new ListKeysCommand({}))).Keys)
})

test('sessions of users are of no use with IAM, and with little of STS', async () => {
  const { Credentials: own } = await aliceSts.getSessionToken({})
  const { Credentials: ofRoot } = await stsClient(trent).getSessionToken({})
  const { Credentials: federated } = await aliceSts.getFederationToken({
    Name: 'guest',
    Policy: allowing('*'),
  })
  for (const credentials of [own, ofRoot, federated].map(taken)) {
    const call = iamClient(trent, { credentials }).listUsers({})
    await refusedByIam(call, [403, 'InvalidClientTokenId', broken])
    const sts = stsClient(trent, { credentials })
    for (const [action, refusedCall] of [
      ['GetSessionToken', sts.getSessionToken({})],
      ['GetFederationToken', sts.getFederationToken({ Name: 'guest' })],
      ['GetAccessKeyInfo', sts.getAccessKeyInfo({ AccessKeyId: alice.credentials.accessKeyId })],
      ['DecodeAuthorizationMessage', sts.decodeAuthorizationMessage({ EncodedMessage: 'x' })],
    ] as const) {
      const text = `Cannot call ${action} with session credentials`
      await refusedBySts(refusedCall, [403, 'AccessDenied', text])
    }
  }
  const role = await makeRole(trent, 'FromSession', {
    trust: [{ principal: { AWS: [accountId, alice.arn] } }],
  })
  const ask = (credentials: Credentials) =>
    stsClient(trent, { credentials }).assumeRole({ RoleArn: role.arn, RoleSessionName: 'one' })
  await ask(taken(own))
  await refusedBySts(ask(taken(federated)), [
    403,
    'AccessDenied',
    `User: arn:aws:sts::${accountId}:federated-user/guest is not authorized to perform: sts:AssumeRole on resource: ${role.arn}`,
  ])
})

test('a session of a role has no further sessions to give', async () => {
  const role = await makeRole(trent, 'NoMore', { trust, policy: allowing('sts:*') })
  const sts = stsClient(trent, { credentials: await session(role.arn) })
  const text = (action: string) => `Cannot call ${action} with session credentials`
  await refusedBySts(sts.getSessionToken({}), [403, 'AccessDenied', text('GetSessionToken')])
  await refusedBySts(sts.getFederationToken({ Name: 'guest' }), [
    403,
    'AccessDenied',
    text('GetFederationToken'),
  ])
})

test('a session is over at its second, for every service', async () => {
  const role = await makeRole(trent, 'Short', { trust })
  const asked = { RoleArn: role.arn, RoleSessionName: 'one', DurationSeconds: 900 }
  const { Credentials: given } = await aliceSts.assumeRole(asked)
  const credentials = taken(given)
  await whoIs(credentials)
  trent.turn((given?.Expiration?.getTime() ?? 0) - trent.clock.now() - 1)
  await whoIs(credentials)
  trent.turn(1)
  await refusedBySts(whoIs(credentials), [403, 'ExpiredToken', expired])
  await refusedByIam(iamClient(trent, { credentials }).listUsers({}), [
    403,
    'ExpiredToken',
    expired,
  ])
  const kms = trent.client({ account: { ...trent, credentials } })
  await refused(kms.send(new ListKeysCommand({})), 'ExpiredTokenException', expired)
})

test('a token goes with its own access key, and with no long-term one', async () => {
  const role = await makeRole(trent, 'Tokens', { trust })
  const one = await session(role.arn)
  const other = await session(role.arn)
  const { sessionToken: _dropped, ...withoutToken } = one
  const wrong: readonly (readonly [Credentials, string])[] = [
    [withoutToken, invalid],
    [{ ...one, sessionToken: other.sessionToken }, broken],
    [{ ...one, sessionToken: 'garbage' }, broken],
    [{ ...one, sessionToken: `${one.sessionToken}A` }, broken],
    [{ ...alice.credentials, sessionToken: one.sessionToken }, invalid],
    [{ ...one, accessKeyId: alice.credentials.accessKeyId }, invalid],
  ]
  for (const [credentials, text] of wrong) {
    await refusedBySts(whoIs(credentials), [403, 'InvalidClientTokenId', text])
    const kms = trent.client({ account: { ...trent, credentials } })
    await refused(kms.send(new ListKeysCommand({})), 'UnrecognizedClientException', text)
  }
  await refusedBySts(whoIs({ ...one, secretAccessKey: other.secretAccessKey }), [
    403,
    'SignatureDoesNotMatch',
    /^The request signature we calculated does not match/,
  ])
  await whoIs(one)
})

test('a role that is deleted takes its sessions along, and its name does not bring them back', async () => {
  const role = await makeRole(trent, 'Gone', { trust })
  const credentials = await session(role.arn)
  await whoIs(credentials)
  await iam.deleteRole({ RoleName: 'Gone' })
  await refusedBySts(whoIs(credentials), [403, 'InvalidClientTokenId', invalid])
  await makeRole(trent, 'Gone', { trust })
  await refusedBySts(whoIs(credentials), [403, 'InvalidClientTokenId', invalid])
})

test('a user that is deleted takes its sessions along', async () => {
  const user = await makeUser(trent, 'leaver', { policy: allowing('sts:*') })
  const sts = stsClient(trent, { credentials: user.credentials })
  const { Credentials: own } = await sts.getSessionToken({})
  const { Credentials: federated } = await sts.getFederationToken({ Name: 'guest' })
  const { accessKeyId: AccessKeyId } = user.credentials
  await iam.deleteAccessKey({ UserName: 'leaver', AccessKeyId })
  await whoIs(taken(own))
  await iam.deleteUserPolicy({ UserName: 'leaver', PolicyName: 'own' })
  await iam.deleteUser({ UserName: 'leaver' })
  for (const credentials of [own, federated].map(taken)) {
    await refusedBySts(whoIs(credentials), [403, 'InvalidClientTokenId', invalid])
  }
})

const denied = (RoleName: string, tail: string) =>
  [
    403,
    'AccessDenied',
    `User: arn:aws:sts::${accountId}:assumed-role/${RoleName}/one is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${accountId}:user/ ${tail}`,
  ] as const

test('a policy that changes binds the sessions that are under way', async () => {
  const role = await makeRole(trent, 'Changing', { trust })
  const own = iamClient(trent, { credentials: await session(role.arn) })
  const none = 'because no identity-based policy allows the iam:ListUsers action'
  await refusedByIam(own.listUsers({}), denied('Changing', none))
  const at = { RoleName: 'Changing', PolicyName: 'own' }
  await iam.putRolePolicy({ ...at, PolicyDocument: allowing('iam:ListUsers') })
  await own.listUsers({})
  const { Policy } = await iam.createPolicy({
    PolicyName: 'Boundary',
    PolicyDocument: allowing('iam:GetUser'),
  })
  const PermissionsBoundary = Policy?.Arn
  await iam.putRolePermissionsBoundary({ RoleName: 'Changing', PermissionsBoundary })
  const boundary = 'because no permissions boundary allows the iam:ListUsers action'
  await refusedByIam(own.listUsers({}), denied('Changing', boundary))
  await iam.deleteRolePermissionsBoundary({ RoleName: 'Changing' })
  await own.listUsers({})
  const revoking = {
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: {
      DateLessThan: { 'aws:TokenIssueTime': new Date(trent.clock.now() + 1000).toISOString() },
    },
  }
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [revoking] })
  const revoke = { RoleName: 'Changing', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument }
  await iam.putRolePolicy(revoke)
  const tail = 'with an explicit deny in an identity-based policy'
  await refusedByIam(own.listUsers({}), denied('Changing', tail))
  trent.turn(2000)
  await iamClient(trent, { credentials: await session(role.arn) }).listUsers({})
})

test('session policies limit a session, together', async () => {
  const role = await makeRole(trent, 'Limited', { trust, policy: allowing('iam:*') })
  const none = 'because no session policy allows the iam:ListUsers action'
  const inline = await session(role.arn, { Policy: allowing('iam:GetUser') })
  await refusedByIam(
    iamClient(trent, { credentials: inline }).listUsers({}),
    denied('Limited', none),
  )
  const { Policy } = await iam.createPolicy({
    PolicyName: 'Listing',
    PolicyDocument: allowing('iam:ListUsers'),
  })
  const PolicyArn = Policy?.Arn ?? ''
  const both = await session(role.arn, {
    Policy: allowing('iam:GetUser'),
    PolicyArns: [{ arn: PolicyArn }],
  })
  const limited = iamClient(trent, { credentials: both })
  await limited.listUsers({})
  await limited.getUser({ UserName: 'alice' })
  await assert.rejects(limited.listRoles({}), /because no session policy allows/)
  await iam.createPolicyVersion({
    PolicyArn,
    PolicyDocument: allowing('iam:ListRoles'),
    SetAsDefault: true,
  })
  await limited.listRoles({})
  await refusedByIam(limited.listUsers({}), denied('Limited', none))
})

test('a session whose last session policy is gone may do nothing', async () => {
  const role = await makeRole(trent, 'Orphan', { trust, policy: allowing('iam:*') })
  const make = () =>
    iam.createPolicy({ PolicyName: 'Passing', PolicyDocument: allowing('iam:ListUsers') })
  const { Policy } = await make()
  const PolicyArn = Policy?.Arn ?? ''
  const credentials = await session(role.arn, { PolicyArns: [{ arn: PolicyArn }] })
  const limited = iamClient(trent, { credentials })
  await limited.listUsers({})
  await iam.deletePolicy({ PolicyArn })
  const none = 'because no session policy allows the iam:ListUsers action'
  await refusedByIam(limited.listUsers({}), denied('Orphan', none))
  await make()
  await refusedByIam(limited.listUsers({}), denied('Orphan', none))
})

test('session policies that are none, or none of the account’s, are refused', async () => {
  const role = await makeRole(trent, 'Refusing', { trust })
  const ask = (more: object) =>
    aliceSts.assumeRole({ RoleArn: role.arn, RoleSessionName: 'one', ...more })
  await refusedBySts(ask({ Policy: 'nothing' }), [
    400,
    'MalformedPolicyDocument',
    'This policy contains invalid Json',
  ])
  const arn = `arn:aws:iam::${(await trent.createAccount()).accountId}:policy/Theirs`
  for (const missing of [arn, `arn:aws:iam::${accountId}:policy/Missing`]) {
    await refusedBySts(ask({ PolicyArns: [{ arn: missing }] }), [
      400,
      'MalformedPolicyDocument',
      `Policy ${missing} was not found.`,
    ])
  }
  await refusedBySts(ask({ PolicyArns: [{ arn: 'arn:aws:s3:::a-bucket-and-more' }] }), [
    400,
    'ValidationError',
    'ARN arn:aws:s3:::a-bucket-and-more is not valid.',
  ])
})

test('policies of AWS can be session policies, and the room that is taken is told', async () => {
  const role = await makeRole(trent, 'Packed', { trust, policy: allowing('iam:*') })
  const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
  const answer = await aliceSts.assumeRole({
    RoleArn: role.arn,
    RoleSessionName: 'one',
    PolicyArns: [{ arn }],
  })
  assert.equal(answer.PackedPolicySize, Math.ceil((arn.length * 100) / 2048))
  await iamClient(trent, { credentials: taken(answer.Credentials) }).listUsers({})
  const Resource = Array.from({ length: 20 }, (_, index) => `arn:aws:iam::*:user/${index}`)
  const Statement = [{ Effect: 'Allow', Action: '*', Resource }]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  const Tags = Array.from({ length: 10 }, (_, index) => ({
    Key: `key-${index}`,
    Value: 'v'.repeat(200),
  }))
  const tagged = await makeRole(trent, 'PackedTags', {
    trust: [{ principal: { AWS: accountId }, actions: ['sts:AssumeRole', 'sts:TagSession'] }],
  })
  const ask = (more: object) =>
    aliceSts.assumeRole({ RoleArn: tagged.arn, RoleSessionName: 'one', ...more })
  await ask({ Policy })
  await refusedBySts(ask({ Tags }), [
    400,
    'PackedPolicyTooLarge',
    'Packed size of session tags consumes 101% of allotted space.',
  ])
  await refusedBySts(ask({ Tags, Policy }), [
    400,
    'PackedPolicyTooLarge',
    /^Packed policy consumes 1\d\d% of allotted space, please use smaller policy\.$/,
  ])
})

test('tokens and secrets reach neither record nor errors', async () => {
  const role = await makeRole(trent, 'Recorded', { trust })
  const one = await session(role.arn)
  await whoIs(one)
  await refusedBySts(whoIs({ ...one, sessionToken: one.sessionToken.slice(0, -4) }), [
    403,
    'InvalidClientTokenId',
    broken,
  ])
  const record = recordText(trent.data)
  assert.ok(record.includes(one.accessKeyId))
  for (const secret of [one.secretAccessKey, one.sessionToken]) {
    assert.ok(!record.includes(secret))
  }
})
