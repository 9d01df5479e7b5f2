/**
 * The record of IAM's calls, in CloudTrail's words, without a secret.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IAMServiceException } from '@aws-sdk/client-iam'
import { allowing, createUser, iamClient } from '../support/iam.ts'
import { sendForm, sendQuery } from '../support/iam-query.ts'
import { recordOf, recordText } from '../support/record.ts'
import { startService } from '../support/service.ts'
import { send } from '../support/wire.ts'

const trent = await startService()
const iam = iamClient(trent)
const account = trent.accountId

/** The event of a refused call. */
async function recordOfRefused(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => assert.fail('not refused'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof IAMServiceException, String(error))
  return recordOf(trent, error)
}

test('a change is recorded with what was asked and what was answered', async () => {
  const answer = await iam.createUser({
    UserName: 'Bob',
    Path: '/a/',
    Tags: [{ Key: 'k', Value: 'v' }],
  })
  const event = recordOf(trent, answer)
  assert.equal(event.eventName, 'CreateUser')
  assert.equal(Reflect.get(event, 'eventSource'), 'iam.amazonaws.com')
  assert.equal(event.readOnly, false)
  assert.equal(event.recipientAccountId, account)
  assert.equal(event.userIdentity['type'], 'Root')
  assert.deepEqual(event.requestParameters, {
    userName: 'Bob',
    path: '/a/',
    tags: [{ key: 'k', value: 'v' }],
  })
  const { user } = event.responseElements as { user: Record<string, unknown> }
  assert.equal(user['userName'], 'Bob')
  assert.equal(user['arn'], `arn:aws:iam::${account}:user/a/Bob`)
})

test('a call that only reads is recorded without what it answered', async () => {
  const event = recordOf(trent, await iam.getUser({ UserName: 'Bob' }))
  assert.deepEqual(
    [event.eventName, event.readOnly, event.requestParameters, event.responseElements],
    ['GetUser', true, { userName: 'Bob' }, null],
  )
})

test('IAM is global: its events are where AWS has them, wherever a client signs', async () => {
  const there = iamClient(trent, { region: 'eu-west-1' })
  assert.equal(recordOf(trent, await there.listUsers({})).awsRegion, 'us-east-1')
})

test('a refusal is recorded with its code and text, by whom it befell', async () => {
  const user = await createUser(trent, 'curious')
  const event = await recordOfRefused(user.iam.getUser({ UserName: 'Bob' }))
  assert.equal(event.errorCode, 'AccessDenied')
  assert.match(event.errorMessage ?? '', /is not authorized to perform: iam:GetUser on resource:/)
  assert.equal(event.responseElements, null)
  assert.equal(event.userIdentity['type'], 'IAMUser')
  assert.equal(event.userIdentity['userName'], 'curious')
  assert.equal(event.userIdentity['arn'], user.arn)
  assert.equal(event.userIdentity['accessKeyId'], user.credentials.accessKeyId)
})

test('a change that fails leaves the event of its failure, and nothing else', async () => {
  const event = await recordOfRefused(iam.createUser({ UserName: 'BOB' }))
  assert.deepEqual(
    [event.eventName, event.errorCode, event.errorMessage],
    ['CreateUser', 'EntityAlreadyExists', 'User with name BOB already exists.'],
  )
})

test('no secret of an access key stands in the record', async () => {
  const answer = await iam.createAccessKey({ UserName: 'Bob' })
  const event = recordOf(trent, answer)
  const { accessKey } = event.responseElements as { accessKey: Record<string, unknown> }
  assert.equal(accessKey['accessKeyId'], answer.AccessKey?.AccessKeyId)
  assert.deepEqual(Object.keys(accessKey).toSorted(), [
    'accessKeyId',
    'createDate',
    'status',
    'userName',
  ])
  const text = recordText(trent.data)
  assert.ok(text.includes(answer.AccessKey?.AccessKeyId ?? '?'))
  assert.equal(text.includes(answer.AccessKey?.SecretAccessKey ?? '?'), false)
  assert.equal(text.includes(trent.credentials.secretAccessKey), false)
})

test('parameters that no action reads are not repeated', async () => {
  const answer = await sendQuery(trent, {
    Action: 'ListUsers',
    SecretAccessKey: 'a-secret-in-the-wrong-place',
    Password: 'another-one',
  })
  assert.equal(answer.status, 200)
  const text = recordText(trent.data)
  assert.ok(text.includes(answer.headers.get('x-amzn-requestid') ?? '?'))
  assert.equal(text.includes('a-secret-in-the-wrong-place'), false)
  assert.equal(text.includes('another-one'), false)
})

test('an action that nobody has is recorded, without repeating what could be anything', async () => {
  const answer = await sendQuery(trent, { Action: 'x'.repeat(200) })
  const requestId = answer.headers.get('x-amzn-requestid') ?? ''
  const event = recordOf(trent, { $metadata: { requestId } })
  assert.deepEqual([event.eventName, event.errorCode], ['UnknownOperation', 'InvalidAction'])
})

test('a call of nobody is not recorded, and leaves no trace of what it asked', async () => {
  const anonymous = await send(trent.endpoint, {
    method: 'POST',
    url: '/',
    headers: [
      ['Host', new URL(trent.endpoint).host],
      ['Content-Type', 'application/x-www-form-urlencoded'],
    ],
    body: Buffer.from('Action=CreateUser&Version=2010-05-08&UserName=intruder'),
  })
  assert.equal(anonymous.status, 403)
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) }
  const unknown = await sendForm(trent, 'Action=CreateUser&Version=2010-05-08&UserName=intruder', {
    credentials,
  })
  assert.equal(unknown.status, 403)
  assert.equal(recordText(trent.data).includes('intruder'), false)
  await assert.rejects(iam.getUser({ UserName: 'intruder' }))
})

test("the event of a change stands in the change's transaction", async () => {
  const { $metadata } = await iam.putUserPolicy({
    UserName: 'Bob',
    PolicyName: 'p',
    PolicyDocument: allowing('kms:*'),
  })
  const event = recordOf(trent, { $metadata })
  assert.deepEqual(event.requestParameters, {
    userName: 'Bob',
    policyName: 'p',
    policyDocument: allowing('kms:*'),
  })
})
