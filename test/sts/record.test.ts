/** What the record says of sessions being made, in the accounts of both sides. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing } from '../support/iam.ts'
import { type RecordedEvent, recordOf, recordText } from '../support/record.ts'
import { startService } from '../support/service.ts'
import { makeRole, makeUser, refusedBySts, stsClient, taken } from '../support/sts.ts'

const trent = await startService()
const { accountId } = trent
const other = await trent.createAccount()
const alice = await makeUser(trent, 'alice', { policy: allowing('sts:*') })
const carol = await makeUser(trent, 'carol', {
  account: other.credentials,
  policy: allowing('sts:*'),
})
const role = await makeRole(trent, 'Shared', {
  trust: [{ principal: { AWS: [accountId, other.accountId] } }],
})
const asked = { RoleArn: role.arn, RoleSessionName: 'one', ExternalId: 'x1' }
const resources = [{ accountId, type: 'AWS::IAM::Role', ARN: role.arn }]

const eventsNamed = (requestId: string | undefined): readonly RecordedEvent[] =>
  recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes(`"requestID":"${requestId}"`))
    .map((line) => JSON.parse(line) as RecordedEvent)

test('AssumeRole is recorded with the role and what was issued, without what signs', async () => {
  const answer = await stsClient(trent, { credentials: alice.credentials }).assumeRole(asked)
  const event = recordOf(trent, answer)
  assert.equal(event.eventName, 'AssumeRole')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.resources, resources)
  assert.deepEqual(event.requestParameters, {
    roleArn: role.arn,
    roleSessionName: 'one',
    externalId: 'x1',
  })
  assert.deepEqual(event.responseElements, {
    credentials: {
      accessKeyId: answer.Credentials?.AccessKeyId,
      expiration: answer.Credentials?.Expiration?.toISOString().replace('.000', ''),
    },
    assumedRoleUser: {
      assumedRoleId: `${role.id}:one`,
      arn: `arn:aws:sts::${accountId}:assumed-role/Shared/one`,
    },
  })
})

test('across accounts both have an event, of one name', async () => {
  const answer = await stsClient(trent, { credentials: carol.credentials }).assumeRole(asked)
  const events = eventsNamed(answer.$metadata.requestId)
  assert.equal(events.length, 2)
  const [own, owners] = events
  assert.equal(own?.recipientAccountId, other.accountId)
  assert.deepEqual(own.userIdentity, {
    type: 'IAMUser',
    principalId: carol.id,
    arn: carol.arn,
    accountId: other.accountId,
    accessKeyId: carol.credentials.accessKeyId,
    userName: 'carol',
  })
  assert.equal(owners?.recipientAccountId, accountId)
  assert.deepEqual(owners.userIdentity, {
    type: 'AWSAccount',
    principalId: carol.id,
    accountId: other.accountId,
  })
  assert.notEqual(owners.eventID, own.eventID)
  const shared = (event: object) => Reflect.get(event, 'sharedEventID') as unknown
  assert.ok(typeof shared(own) === 'string' && shared(own) === shared(owners))
  assert.deepEqual([own.resources, owners.resources], [resources, resources])
})

test('a refusal stands in the record of whoever was refused, and nowhere else', async () => {
  const deaf = await makeRole(trent, 'Deaf', { trust: [{ principal: { AWS: alice.arn } }] })
  const sts = stsClient(trent, { credentials: carol.credentials })
  const call = sts.assumeRole({ ...asked, RoleArn: deaf.arn })
  const requestId = await call.then(
    () => assert.fail('not refused'),
    (error: { $metadata: { requestId?: string } }) => error.$metadata.requestId,
  )
  const events = eventsNamed(requestId)
  assert.equal(events.length, 1)
  assert.equal(events[0]?.errorCode, 'AccessDenied')
  assert.equal(events[0].recipientAccountId, other.accountId)
})

test('GetSessionToken and GetFederationToken are recorded without secrets', async () => {
  const sts = stsClient(trent, { credentials: alice.credentials })
  const answers = [
    await sts.getSessionToken({}),
    await sts.getFederationToken({ Name: 'guest', Policy: allowing('kms:*') }),
  ]
  const record = recordText(trent.data)
  for (const answer of answers) {
    const event = recordOf(trent, answer)
    const { accessKeyId, secretAccessKey, sessionToken } = taken(answer.Credentials)
    assert.ok(JSON.stringify(event.responseElements).includes(accessKeyId))
    assert.ok(!record.includes(secretAccessKey))
    assert.ok(!record.includes(sessionToken))
  }
})

test('a code that was given by mistake is not recorded', async () => {
  const sts = stsClient(trent, { credentials: alice.credentials })
  const call = sts.getSessionToken({ SerialNumber: 'arn:aws:iam::1:mfa/x', TokenCode: '739151x' })
  await refusedBySts(call, [
    400,
    'ValidationError',
    /^2 validation errors detected: Value at 'tokenCode'/,
  ])
  assert.ok(!recordText(trent.data).includes('739151'))
})
