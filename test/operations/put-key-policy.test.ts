import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  GetKeyPolicyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  type PutKeyPolicyCommandInput,
} from '@aws-sdk/client-kms'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import {
  absentId,
  arnOf,
  assertEmpty,
  makeDisabledKey,
  makeKey,
  makePendingKey,
} from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const root = `arn:aws:iam::${trent.accountId}:root`
const whole = { Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' }
const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const good = policyOf(whole)

const { KeyId, Arn } = await makeKey(kms)
const put = (Policy: string | undefined, more: Partial<PutKeyPolicyCommandInput> = {}) =>
  kms.send(new PutKeyPolicyCommand({ KeyId, Policy, ...more }))
const stored = async (key = KeyId) =>
  (await kms.send(new GetKeyPolicyCommand({ KeyId: key }))).Policy
const send = (client: KMSClient, keyId: string | undefined) =>
  client.send(new PutKeyPolicyCommand({ KeyId: keyId, Policy: good }))
const member = { trent, operation: 'PutKeyPolicy', send }

const malformed = async (text: string, ...policies: readonly string[]) => {
  for (const policy of policies) {
    await refused(put(policy), 'MalformedPolicyDocumentException', text)
    await refused(
      put(policy, { BypassPolicyLockoutSafetyCheck: true }),
      'MalformedPolicyDocumentException',
      text,
    )
  }
}
const pattern = String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`

testKeyIdShape(member)

test('PutKeyPolicy: a missing Policy is a ValidationException', () =>
  refused(put(undefined), 'ValidationException', violated("null at 'policy': not be null")))

test('PutKeyPolicy: an empty Policy is too short, and then not of the pattern', () =>
  refused(
    put(''),
    'ValidationException',
    violated(
      "'' at 'policy': have length greater than or equal to 1",
      `'' at 'policy': satisfy regular expression pattern: ${pattern}`,
    ),
  ))

test('PutKeyPolicy: a Policy of 131073 characters is too long', () => {
  const long = ' '.repeat(131_073)
  return refused(
    put(long),
    'ValidationException',
    violated(`'${long}' at 'policy': have length less than or equal to 131072`),
  )
})

test('PutKeyPolicy: characters beyond Latin-1 and control characters are not of the pattern', async () => {
  for (const character of ['Ā', '鍵', '\u0000', '\u000b']) {
    await refused(
      put(`{${character}`),
      'ValidationException',
      violated(`'{${character}' at 'policy': satisfy regular expression pattern: ${pattern}`),
    )
  }
})

test('PutKeyPolicy: a PolicyName of other characters is a ValidationException', () =>
  refused(
    put(good, { PolicyName: 'de fault' }),
    'ValidationException',
    violated(String.raw`'de fault' at 'policyName': satisfy regular expression pattern: [\w]+`),
  ))

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('PutKeyPolicy: every key state is fine', async () => {
  for (const key of [await makeDisabledKey(kms), await makePendingKey(kms)]) {
    assertEmpty(await put(good, { KeyId: key.KeyId }))
    assert.equal(await stored(key.KeyId), good)
  }
})

test('PutKeyPolicy: the policy takes the place of the one before, whole, by id or ARN', async () => {
  const policies = [policyOf(whole, { ...whole, Sid: 'second' }), `${good}\n`, good]
  for (const [index, policy] of policies.entries()) {
    assertEmpty(await put(policy, { KeyId: index === 1 ? Arn : KeyId }))
    assert.equal(await stored(), policy)
  }
})

test('PutKeyPolicy: the name may be default and no other', async () => {
  assertEmpty(await put(good, { PolicyName: 'default' }))
  await refused(put(good, { PolicyName: 'other' }), 'NotFoundException', 'No such policy exists')
})

test('PutKeyPolicy: a key that is not there is found missing before the policy is read', () =>
  refused(
    put('{', { KeyId: absentId }),
    'NotFoundException',
    `Key '${arnOf(trent.accountId, `key/${absentId}`)}' does not exist`,
  ))

test('PutKeyPolicy: 32768 bytes are the most', async () => {
  const full = good.padEnd(32_768)
  assertEmpty(await put(full))
  assert.equal(await stored(), full)
  for (const policy of [good.padEnd(32_769), policyOf({ ...whole, Sid: 'é'.repeat(16_350) })]) {
    await refused(
      put(policy),
      'LimitExceededException',
      `Key policy size limit is 32768 bytes, the policy has ${Buffer.byteLength(policy)} bytes.`,
    )
  }
})

test('PutKeyPolicy: what is no JSON has syntax errors', () =>
  malformed('Syntax errors in policy.', '{', 'policy', `${good},`, "{'Statement':[]}"))

test('PutKeyPolicy: what is JSON and no policy has syntax errors', () =>
  malformed(
    'Syntax errors in policy.',
    'null',
    '[]',
    '"policy"',
    '{}',
    '{"Statement":[]}',
    '{"Statement":"all"}',
    JSON.stringify({ Version: '2012-10-18', Statement: [whole] }),
    JSON.stringify({ Id: 1, Statement: [whole] }),
    JSON.stringify({ statement: [whole] }),
    JSON.stringify({ Statement: [whole], More: true }),
  ))

test('PutKeyPolicy: a statement with an element of another kind has syntax errors', () =>
  malformed(
    'Syntax errors in policy.',
    policyOf({ ...whole, Effect: 'allow' }),
    policyOf({ ...whole, Effect: undefined }),
    policyOf({ ...whole, Sid: 1 }),
    policyOf({ ...whole, Action: 1 }),
    policyOf({ ...whole, Action: [null] }),
    policyOf({ ...whole, NotAction: 'kms:Encrypt' }),
    policyOf({ ...whole, NotResource: '*' }),
    policyOf({ ...whole, NotPrincipal: '*' }),
    policyOf({ ...whole, Principal: root }),
    policyOf({ ...whole, Resources: '*' }),
    policyOf({ ...whole, Condition: 'true' }),
    policyOf({ ...whole, Condition: { StringEqual: { 'kms:CallerAccount': '1' } } }),
    policyOf({ ...whole, Condition: { StringEquals: { 'kms:CallerAccount': {} } } }),
  ))

test('PutKeyPolicy: a statement without a principal is refused', () =>
  malformed(
    'Policy contains a statement with no principal.',
    policyOf({ ...whole, Principal: undefined }),
    policyOf({ ...whole, Principal: {} }),
    policyOf({ ...whole, Principal: { AWS: [] } }),
    policyOf(whole, { ...whole, Principal: undefined }),
  ))

test('PutKeyPolicy: a principal that is none or does not exist is invalid', () =>
  malformed(
    'Policy contains a statement with one or more invalid principals.',
    ...[
      'somebody',
      '999999999999',
      'arn:aws:iam::999999999999:root',
      `arn:aws:iam::${trent.accountId}:user/absent`,
      `arn:aws:iam::${trent.accountId}:role/absent`,
      `arn:aws:iam::${trent.accountId}:user/*`,
      `arn:aws:sts::${trent.accountId}:assumed-role/absent/session`,
      'AIDAJQABLZS4A3QDU576Q',
    ].map((AWS) => policyOf(whole, { ...whole, Principal: { AWS } })),
    policyOf(whole, { ...whole, Principal: { Federated: 'accounts.google.com' } }),
    policyOf(whole, { ...whole, Principal: { CanonicalUser: 'a'.repeat(64) } }),
    policyOf(whole, { ...whole, Principal: { Service: 'service' } }),
    policyOf({ ...whole, Principal: { AWS: [root, 'somebody'] } }),
  ))

test('PutKeyPolicy: an ARN that can be no principal is InvalidArnException', async () => {
  for (const AWS of [
    `arn:aws:iam::${trent.accountId}:group/Administrators`,
    'arn:aws:iam::12345:root',
    'arn:aws:s3:::bucket',
    'arn:aws:iam',
  ]) {
    await refused(
      put(policyOf(whole, { ...whole, Principal: { AWS } })),
      'InvalidArnException',
      'An ARN in the specified key policy is invalid.',
    )
  }
})

test('PutKeyPolicy: the account may be named in every way, and a service as well', async () => {
  for (const Principal of [
    '*',
    { AWS: '*' },
    { AWS: trent.accountId },
    { AWS: [root] },
    { AWS: root, Service: ['s3.amazonaws.com', 'logs.us-east-1.amazonaws.com'] },
  ]) {
    assertEmpty(await put(policyOf({ ...whole, Principal })))
  }
})

test('PutKeyPolicy: ForAllValues on the encryption context is overly permissive', () =>
  malformed(
    'OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified encryption context or with an unspecified encryption context. To fix, remove ForAllValues.',
    policyOf(whole, {
      ...whole,
      Condition: { 'ForAllValues:StringEquals': { 'kms:EncryptionContext:Name': 'value' } },
    }),
  ))

test('PutKeyPolicy: ForAllValues on a request tag is overly permissive', () =>
  malformed(
    'OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified [encryption context or tag] or with an unspecified [encryption context or tag]. To fix, remove ForAllValues.',
    policyOf(whole, {
      ...whole,
      Condition: { 'ForAllValues:StringEquals': { 'aws:RequestTag/Name': 'value' } },
    }),
  ))

test('PutKeyPolicy: a policy that the caller could not change again is refused', async () => {
  const before = await stored()
  const { accountId } = await trent.createAccount()
  for (const policy of [
    policyOf({ ...whole, Action: 'kms:Encrypt' }),
    policyOf({ ...whole, Action: ['kms:Get*', 'kms:PutKeyPolic'] }),
    policyOf({ ...whole, Principal: { AWS: accountId } }),
    policyOf({ ...whole, Principal: { Service: 's3.amazonaws.com' } }),
    policyOf({ ...whole, Action: undefined, NotAction: 'kms:Put*' }),
    policyOf({ ...whole, Action: undefined }),
    policyOf({ ...whole, Resource: undefined }),
    policyOf(whole, { ...whole, Effect: 'Deny' }),
    policyOf(whole, { ...whole, Effect: 'Deny', Action: 'kms:PutKeyPolicy' }),
  ]) {
    await refused(
      put(policy),
      'MalformedPolicyDocumentException',
      'The new key policy will not allow you to update the key policy in the future.',
    )
    assert.equal(await stored(), before)
  }
})

test('PutKeyPolicy: with BypassPolicyLockoutSafetyCheck the caller may lock itself out', async () => {
  const key = await makeKey(kms)
  const policy = policyOf({ ...whole, Action: 'kms:Encrypt' })
  const more = { KeyId: key.KeyId, BypassPolicyLockoutSafetyCheck: true }
  assertEmpty(await put(policy, more))
})

test('PutKeyPolicy: statements without an action or a resource are accepted and inert', async () => {
  const policy = policyOf(
    whole,
    { Effect: 'Deny', Principal: '*', Resource: '*' },
    { Effect: 'Deny', Principal: '*', Action: 'kms:*' },
  )
  assertEmpty(await put(policy))
  assert.equal(await stored(), policy)
})

test('PutKeyPolicy: the event has the policy and the ARN of the key', async () => {
  const more = { PolicyName: 'default', BypassPolicyLockoutSafetyCheck: true }
  const event = recordOf(trent, await put(good, more))
  assert.equal(event.eventName, 'PutKeyPolicy')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, {
    keyId: KeyId,
    policyName: 'default',
    policy: good,
    bypassPolicyLockoutSafetyCheck: true,
  })
  assert.deepEqual(event.responseElements, { keyId: Arn })
  assert.deepEqual(event.resources, [resource(Arn)])
})

test('PutKeyPolicy: the event of a refusal has its code and text', async () => {
  const event = await recordOfRefused(trent, put('{'))
  assert.equal(event.errorCode, 'MalformedPolicyDocumentException')
  assert.equal(event.errorMessage, 'Syntax errors in policy.')
  assert.equal(event.responseElements, null)
})
