/** GetFederationToken, GetAccessKeyInfo and DecodeAuthorizationMessage. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordOf } from '../support/record.ts'
import { allowing, type Credentials, iamClient } from '../support/iam.ts'
import { startService } from '../support/service.ts'
import { makeRole, makeUser, refusedBySts, stsClient, taken } from '../support/sts.ts'

const trent = await startService()
const { accountId } = trent
const broker = await makeUser(trent, 'broker', { policy: allowing('sts:*', 'iam:*') })
const sts = stsClient(trent, { credentials: broker.credentials })
const poor = await makeUser(trent, 'poor')
const guestArn = `arn:aws:sts::${accountId}:federated-user/guest`

test('a federated user has a name of its own and is told of with the user behind it', async () => {
  const answer = await sts.getFederationToken({ Name: 'guest' })
  assert.equal(answer.PackedPolicySize, 0)
  const FederatedUserId = `${accountId}:guest`
  assert.deepEqual(answer.FederatedUser, { FederatedUserId, Arn: guestArn })
  const issued = (Math.floor(trent.clock.now() / 1000) + 43_200) * 1000
  assert.equal(answer.Credentials?.Expiration?.getTime(), issued)
  const credentials = taken(answer.Credentials)
  const me = await stsClient(trent, { credentials }).getCallerIdentity({})
  assert.deepEqual([me.UserId, me.Account, me.Arn], [FederatedUserId, accountId, guestArn])
  const { sessionContext, ...identity } = recordOf(trent, me).userIdentity
  assert.deepEqual(identity, {
    type: 'FederatedUser',
    principalId: FederatedUserId,
    arn: guestArn,
    accountId,
    accessKeyId: credentials.accessKeyId,
  })
  assert.deepEqual((sessionContext as Record<string, unknown>)['sessionIssuer'], {
    type: 'IAMUser',
    principalId: broker.id,
    arn: broker.arn,
    accountId,
    userName: 'broker',
  })
})

test('the root user’s federated users last an hour at most', async () => {
  const { Credentials: given } = await stsClient(trent).getFederationToken({
    Name: 'guest',
    DurationSeconds: 7200,
  })
  const hour = (Math.floor(trent.clock.now() / 1000) + 3600) * 1000
  assert.equal(given?.Expiration?.getTime(), hour)
  const me = await stsClient(trent, { credentials: taken(given) }).getCallerIdentity({})
  assert.equal(me.Arn, guestArn)
})

test('a federation token takes a permission, which can be for some names alone', async () => {
  const refusal = (name: string, tail: string) =>
    [
      403,
      'AccessDenied',
      `User: ${poor.arn} is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::${accountId}:federated-user/${name} ${tail}`,
    ] as const
  const ask = (Name: string, more: object = {}) =>
    stsClient(trent, { credentials: poor.credentials }).getFederationToken({ Name, ...more })
  const none = 'because no identity-based policy allows the sts:GetFederationToken action'
  await refusedBySts(ask('poor-1'), refusal('poor-1', none))
  const Resource = `arn:aws:sts::${accountId}:federated-user/\${aws:username}-*`
  const Statement = [{ Effect: 'Allow', Action: 'sts:GetFederationToken', Resource }]
  await iamClient(trent).putUserPolicy({
    UserName: 'poor',
    PolicyName: 'own',
    PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
  })
  await ask('poor-1')
  await refusedBySts(ask('rich-1'), refusal('rich-1', none))
  await assert.rejects(ask('poor-1', { Tags: [{ Key: 'a', Value: 'b' }] }), /sts:TagSession/)
})

test('names, lengths and tags are checked first', async () => {
  const ask = (more: object) => sts.getFederationToken({ Name: 'guest', ...more })
  await refusedBySts(ask({ Name: 'a:b' }), [
    400,
    'ValidationError',
    "1 validation error detected: Value 'a:b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
  ])
  await refusedBySts(ask({ DurationSeconds: 129_601 }), [
    400,
    'ValidationError',
    "1 validation error detected: Value '129601' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600",
  ])
  await refusedBySts(ask({ Tags: ['a', 'A'].map((Key) => ({ Key, Value: '' })) }), [
    400,
    'InvalidParameterValue',
    'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  ])
})

test('no role is assumed by federated users, also where they are named', async () => {
  const role = await makeRole(trent, 'Named', { trust: [{ principal: { AWS: broker.arn } }] })
  const { Credentials } = await sts.getFederationToken({ Name: 'guest', Policy: allowing('*') })
  const guest = stsClient(trent, { credentials: taken(Credentials) })
  await refusedBySts(guest.assumeRole({ RoleArn: role.arn, RoleSessionName: 'one' }), [
    403,
    'AccessDenied',
    `User: ${guestArn} is not authorized to perform: sts:AssumeRole on resource: ${role.arn}`,
  ])
})

test('GetAccessKeyInfo tells the account of long-term and of temporary keys', async () => {
  const other = await trent.createAccount()
  const role = await makeRole(trent, 'Info', {
    trust: [{ principal: { AWS: accountId } }],
    policy: allowing('sts:GetAccessKeyInfo'),
  })
  const { Credentials } = await sts.assumeRole({ RoleArn: role.arn, RoleSessionName: 'one' })
  const temporary = taken(Credentials)
  const info = async (AccessKeyId: string, credentials: Credentials) =>
    (await stsClient(trent, { credentials }).getAccessKeyInfo({ AccessKeyId })).Account
  for (const credentials of [broker.credentials, temporary]) {
    assert.equal(await info(other.credentials.accessKeyId, credentials), other.accountId)
    assert.equal(await info(temporary.accessKeyId, credentials), accountId)
  }
  for (const id of ['AKIAIOSFODNN7EXAMPLE', 'ASIAQAAAAAAAAAAAAAAA', 'ASIAIOSFODNN7EXAMPLE']) {
    await refusedBySts(info(id, broker.credentials), [
      400,
      'ValidationError',
      `Access key ${id} does not exist.`,
    ])
  }
  await refusedBySts(info(temporary.accessKeyId, poor.credentials), [
    403,
    'AccessDenied',
    `User: ${poor.arn} is not authorized to perform: sts:GetAccessKeyInfo because no identity-based policy allows the sts:GetAccessKeyInfo action`,
  ])
})

test('DecodeAuthorizationMessage knows no message, since none is ever sent', async () => {
  await refusedBySts(sts.decodeAuthorizationMessage({ EncodedMessage: 'garbage' }), [
    400,
    'InvalidAuthorizationMessage',
    'Message is not valid',
  ])
  const call = stsClient(trent, { credentials: poor.credentials }).decodeAuthorizationMessage({
    EncodedMessage: 'garbage',
  })
  await assert.rejects(call, /sts:DecodeAuthorizationMessage/)
})
