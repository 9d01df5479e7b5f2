import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { test } from 'node:test'
import {
  type AlgorithmSpec,
  DisableKeyCommand,
  GetParametersForImportCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  ScheduleKeyDeletionCommand,
  type WrappingKeySpec,
} from '@aws-sdk/client-kms'
import { makeExternalKey, makeImportedKey } from '../support/importing.ts'
import {
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { absentId, day, describe, makeKey } from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const ask = (
  KeyId: string | undefined,
  WrappingAlgorithm: string | undefined = 'RSAES_OAEP_SHA_256',
  WrappingKeySpec: string | undefined = 'RSA_2048',
  client: KMSClient = kms,
) =>
  client.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: WrappingAlgorithm as AlgorithmSpec,
      WrappingKeySpec: WrappingKeySpec as WrappingKeySpec,
    }),
  )
const member = {
  trent,
  operation: 'GetParametersForImport',
  send: (client: KMSClient, keyId: string | undefined) => ask(keyId, undefined, undefined, client),
}

testKeyIdShape(member)

test('GetParametersForImport: all members are required', () =>
  refused(
    kms.send(
      new GetParametersForImportCommand({
        KeyId: undefined,
        WrappingAlgorithm: undefined,
        WrappingKeySpec: undefined,
      }),
    ),
    'ValidationException',
    violated(
      "null at 'keyId': not be null",
      "null at 'wrappingAlgorithm': not be null",
      "null at 'wrappingKeySpec': not be null",
    ),
  ))

test('GetParametersForImport: an unknown wrapping algorithm or key spec is refused before any key is looked up', async () => {
  const within = (value: string, at: string) =>
    new RegExp(
      `^1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint: Member must satisfy enum value set: \\[[A-Z0-9_, ]+\\]$`,
    )
  await refused(
    ask(absentId, 'RSAES_OAEP_SHA_512'),
    'ValidationException',
    within('RSAES_OAEP_SHA_512', 'wrappingAlgorithm'),
  )
  await refused(
    ask(absentId, undefined, 'RSA_1024'),
    'ValidationException',
    within('RSA_1024', 'wrappingKeySpec'),
  )
})

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('GetParametersForImport: a key whose material is Trent’s own is refused by its origin, in every state', async () => {
  const pending = await makeKey(kms)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: pending.KeyId }))
  for (const key of [await makeKey(kms), pending, await describe(kms, 'alias/aws/s3')]) {
    await refused(
      ask(key.KeyId),
      'UnsupportedOperationException',
      `${key.Arn} origin is AWS_KMS which is not valid for this operation.`,
    )
  }
})

test('GetParametersForImport: a key pending deletion is KMSInvalidStateException', async () => {
  const key = await makeExternalKey(kms)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId }))
  await refused(ask(key.KeyId), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`)
})

test('GetParametersForImport: PKCS #1 v1.5 and SM2 are not offered', async () => {
  const { KeyId } = await makeExternalKey(kms)
  for (const [algorithm, spec] of [
    ['RSAES_PKCS1_V1_5', 'RSA_2048'],
    ['SM2PKE', 'SM2'],
    ['RSAES_OAEP_SHA_256', 'SM2'],
  ] as const) {
    await refused(ask(KeyId, algorithm, spec), 'UnsupportedOperationException', /^/)
  }
})

test('GetParametersForImport: what does not go with the material of the key is a ValidationException', async () => {
  const asymmetric = ['RSA_AES_KEY_WRAP_SHA_1', 'RSA_AES_KEY_WRAP_SHA_256']
  const direct = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']
  const wrong: [KeySpec, KeyUsageType, string[]][] = [
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT', asymmetric],
    ['HMAC_512', 'GENERATE_VERIFY_MAC', asymmetric],
    ['RSA_2048', 'ENCRYPT_DECRYPT', direct],
    ['ECC_NIST_P521', 'SIGN_VERIFY', direct],
  ]
  for (const [spec, usage, algorithms] of wrong) {
    const { KeyId } = await makeExternalKey(kms, { KeySpec: spec, KeyUsage: usage })
    for (const algorithm of algorithms) {
      await refused(ask(KeyId, algorithm), 'ValidationException', /./)
    }
  }
})

test('GetParametersForImport: the answer is a token, a wrapping key, and a day to use them', async () => {
  const key = await makeExternalKey(kms)
  for (const [keyId, spec] of [
    [key.KeyId, 'RSA_2048'],
    [key.Arn, 'RSA_3072'],
    [key.KeyId, 'RSA_4096'],
  ] as const) {
    const { $metadata, ImportToken, PublicKey, ...answer } = await ask(keyId, undefined, spec)
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(answer, {
      KeyId: key.Arn,
      ParametersValidTo: new Date(trent.clock.now() + day),
    })
    assert.ok(ImportToken !== undefined && ImportToken.length >= 1 && ImportToken.length <= 6144)
    const wrapping = createPublicKey({
      key: Buffer.from(PublicKey ?? []),
      format: 'der',
      type: 'spki',
    })
    assert.equal(wrapping.asymmetricKeyType, 'rsa')
    assert.equal(wrapping.asymmetricKeyDetails?.modulusLength, Number(spec.slice(4)))
    assert.equal(wrapping.asymmetricKeyDetails?.publicExponent, 65537n)
  }
})

test('GetParametersForImport: every call makes a wrapping key and a token of its own', async () => {
  const { KeyId } = await makeExternalKey(kms)
  const [first, second] = await Promise.all([ask(KeyId), ask(KeyId)])
  assert.notDeepEqual(first.PublicKey, second.PublicKey)
  assert.notDeepEqual(first.ImportToken, second.ImportToken)
})

test('GetParametersForImport: a key that has its material may be asked for more, enabled or disabled', async () => {
  const { key } = await makeImportedKey(kms)
  assert.equal((await ask(key.KeyId)).KeyId, key.Arn)
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  assert.equal((await ask(key.KeyId)).KeyId, key.Arn)
})

test('GetParametersForImport: the event has the wrapping, and neither token nor key', async () => {
  const key = await makeExternalKey(kms)
  const event = recordOf(trent, await ask(key.KeyId))
  assert.equal(event.eventName, 'GetParametersForImport')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, {
    keyId: key.KeyId,
    wrappingAlgorithm: 'RSAES_OAEP_SHA_256',
    wrappingKeySpec: 'RSA_2048',
  })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('GetParametersForImport: the event of a refusal has its code and text', async () => {
  const key = await makeKey(kms)
  const event = await recordOfRefused(trent, ask(key.KeyId))
  assert.equal(event.errorCode, 'UnsupportedOperationException')
  assert.equal(
    event.errorMessage,
    `${key.Arn} origin is AWS_KMS which is not valid for this operation.`,
  )
})
