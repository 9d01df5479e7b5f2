import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DecryptCommand,
  EncryptCommand,
  EnableKeyCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyLastUsageCommand,
  type KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms'
import {
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { describe, makeDisabledKey, makeKey, makePendingKey } from '../support/made-keys.ts'
import { recordOf, resource } from '../support/record.ts'
import { dryRun } from '../support/sentences.ts'
import { skipOfOthers } from '../support/round-robin.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new GetKeyLastUsageCommand({ KeyId }))
const member = { trent, operation: 'GetKeyLastUsage', send }
const Plaintext = Buffer.from('plain')

testKeyIdShape(member)
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('GetKeyLastUsage: an AWS managed key can be looked at', async () => {
  const key = await describe(kms, 'alias/aws/s3')
  assert.equal((await send(kms, key.KeyId)).KeyId, key.Arn)
})

test('GetKeyLastUsage: every key state is fine', async () => {
  for (const key of [await makeDisabledKey(kms), await makePendingKey(kms)]) {
    assert.deepEqual((await send(kms, key.KeyId)).KeyLastUsage, {})
  }
})

test('GetKeyLastUsage: a key that was never used has an empty KeyLastUsage and is tracked from its creation', async () => {
  const key = await makeKey(kms)
  for (const keyId of [key.KeyId, key.Arn]) {
    const { $metadata, ...answer } = await send(kms, keyId)
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(answer, {
      KeyId: key.Arn,
      KeyLastUsage: {},
      TrackingStartDate: key.CreationDate,
      KeyCreationDate: key.CreationDate,
    })
  }
})

test('GetKeyLastUsage: each successful cryptographic operation is the last use, by its event and its request', {
  skip: skipOfOthers,
}, async () => {
  const key = await makeKey(kms)
  const { KeyId } = key
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
  const uses = [
    ['Encrypt', () => kms.send(new EncryptCommand({ KeyId, Plaintext }))],
    ['Decrypt', () => kms.send(new DecryptCommand({ CiphertextBlob }))],
    ['GenerateDataKey', () => kms.send(new GenerateDataKeyCommand({ KeyId, NumberOfBytes: 1 }))],
    [
      'GenerateDataKeyWithoutPlaintext',
      () => kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 1 })),
    ],
    [
      'ReEncrypt',
      () => kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId })),
    ],
  ] as const
  for (const [Operation, use] of uses) {
    trent.turn(1234)
    const used = await use()
    assert.deepEqual((await send(kms, KeyId)).KeyLastUsage, {
      Operation,
      Timestamp: new Date(trent.clock.now()),
      CloudTrailEventId: recordOf(trent, used).eventID,
      KmsRequestId: used.$metadata.requestId,
    })
  }
})

test('GetKeyLastUsage: ReEncrypt is the use of both keys', { skip: skipOfOthers }, async () => {
  const [source, destination] = [await makeKey(kms), await makeKey(kms)]
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: source.KeyId, Plaintext }))
  trent.turn(1)
  const used = await kms.send(
    new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: destination.KeyId }),
  )
  for (const { KeyId } of [source, destination]) {
    const { KeyLastUsage } = await send(kms, KeyId)
    assert.equal(KeyLastUsage?.Operation, 'ReEncrypt')
    assert.equal(KeyLastUsage.KmsRequestId, used.$metadata.requestId)
  }
})

test('GetKeyLastUsage: what failed, a dry run and the management of a key are no use of it', async () => {
  const { KeyId, Arn } = await makeKey(kms)
  await refused(
    kms.send(new EncryptCommand({ KeyId, Plaintext, DryRun: true })),
    'DryRunOperationException',
    dryRun,
  )
  await refused(
    kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' })),
    'InvalidKeyUsageException',
    'Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.',
  )
  await kms.send(new EnableKeyCommand({ KeyId }))
  await describe(kms, Arn)
  assert.deepEqual((await send(kms, KeyId)).KeyLastUsage, {})
})

test('GetKeyLastUsage: a use is there at once, and still when it has been written down', {
  skip: skipOfOthers,
}, async () => {
  const { KeyId } = await makeKey(kms)
  await kms.send(new EncryptCommand({ KeyId, Plaintext }))
  const { KeyLastUsage } = await send(kms, KeyId)
  assert.equal(KeyLastUsage?.Operation, 'Encrypt')
  trent.turn(60_000)
  assert.deepEqual((await send(kms, KeyId)).KeyLastUsage, KeyLastUsage)
})

test('GetKeyLastUsage: the use of one key is not that of another', async () => {
  const [used, unused] = [await makeKey(kms), await makeKey(kms)]
  await kms.send(new EncryptCommand({ KeyId: used.KeyId, Plaintext }))
  assert.deepEqual((await send(kms, unused.KeyId)).KeyLastUsage, {})
})

test('GetKeyLastUsage: the event is that of a read', async () => {
  const key = await makeKey(kms)
  const event = recordOf(trent, await send(kms, key.KeyId))
  assert.equal(event.eventName, 'GetKeyLastUsage')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
