import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GetKeyPolicyCommand, type KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import {
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { describe, makeDisabledKey, makeKey, makePendingKey } from '../support/made-keys.ts'
import { recordOf, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const policyOf = (KeyId: string | undefined, PolicyName?: string) =>
  kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName }))
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new GetKeyPolicyCommand({ KeyId }))
const member = { trent, operation: 'GetKeyPolicy', send }

testKeyIdShape(member)

test('GetKeyPolicy: a PolicyName of other characters is refused before any key is looked up', () =>
  refused(
    policyOf('foo', 'de-fault'),
    'ValidationException',
    violated(String.raw`'de-fault' at 'policyName': satisfy regular expression pattern: [\w]+`),
  ))

test('GetKeyPolicy: an empty PolicyName is too short, and then not of the pattern', () =>
  refused(
    policyOf('foo', ''),
    'ValidationException',
    violated(
      "'' at 'policyName': have length greater than or equal to 1",
      String.raw`'' at 'policyName': satisfy regular expression pattern: [\w]+`,
    ),
  ))

test('GetKeyPolicy: a PolicyName of 129 characters is too long', () =>
  refused(
    policyOf('foo', 'p'.repeat(129)),
    'ValidationException',
    violated(`'${'p'.repeat(129)}' at 'policyName': have length less than or equal to 128`),
  ))

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('GetKeyPolicy: every key state is fine', async () => {
  for (const key of [await makeDisabledKey(kms), await makePendingKey(kms)]) {
    assert.equal((await policyOf(key.KeyId)).PolicyName, 'default')
  }
})

test('GetKeyPolicy: a key has no policy but the one named default', async () => {
  const key = await makeKey(kms)
  for (const name of ['other', 'Default', 'p'.repeat(128)]) {
    await refused(policyOf(key.KeyId, name), 'NotFoundException', 'No such policy exists')
  }
})

test('GetKeyPolicy: the default key policy, byte for byte, with or without its name', async () => {
  const key = await makeKey(kms)
  for (const call of [policyOf(key.KeyId), policyOf(key.Arn, 'default')]) {
    const { $metadata, ...answer } = await call
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(answer, {
      PolicyName: 'default',
      Policy: `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::${trent.accountId}:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`,
    })
  }
})

test('GetKeyPolicy: the policy that was given, as it was given', async () => {
  const policies = ['', ' '].map(
    (space) =>
      `{"Id":"mine",${space}"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}\n`,
  )
  const key = await makeKey(kms, { Policy: policies[0] })
  assert.equal((await policyOf(key.KeyId)).Policy, policies[0])
  await kms.send(new PutKeyPolicyCommand({ KeyId: key.KeyId, Policy: policies[1] }))
  assert.equal((await policyOf(key.KeyId)).Policy, policies[1])
})

test('GetKeyPolicy: an AWS managed key lets its account look, and its service use it for the account', async () => {
  const key = await describe(kms, 'alias/aws/s3')
  const { Policy } = await policyOf(key.KeyId)
  const { Statement: statements } = JSON.parse(String(Policy)) as { Statement: unknown[] }
  const [use, look] = statements as Record<string, unknown>[]
  assert.equal(statements.length, 2)
  assert.deepEqual(use?.['Condition'], {
    StringEquals: {
      'kms:CallerAccount': trent.accountId,
      'kms:ViaService': 's3.us-east-1.amazonaws.com',
    },
  })
  assert.deepEqual(look?.['Action'], ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'])
})

test('GetKeyPolicy: the event is that of a read and has no policy in it', async () => {
  const key = await makeKey(kms)
  const event = recordOf(trent, await policyOf(key.KeyId, 'default'))
  assert.equal(event.eventName, 'GetKeyPolicy')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, policyName: 'default' })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
