import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CancelKeyDeletionCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { makeExternalKey, makeImportedKey } from '../support/importing.ts'
import {
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { day, describe, makeKey } from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new GetKeyRotationStatusCommand({ KeyId }))
const statusOf = async (keyId: string) => {
  const { $metadata, ...status } = await send(kms, keyId)
  assert.equal($metadata.httpStatusCode, 200)
  return status
}
const makeRotatingKey = async () => {
  const key = await makeKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId }))
  return key
}
const member = { trent, operation: 'GetKeyRotationStatus', send }

testKeyIdShape(member)
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('GetKeyRotationStatus: a key that waits for imported material is refused by its origin', async () => {
  const key = await makeExternalKey(kms)
  await refused(
    send(kms, key.KeyId),
    'UnsupportedOperationException',
    `${key.Arn} origin is EXTERNAL which is not valid for this operation.`,
  )
})

test('GetKeyRotationStatus: a disabled key keeps its rotation', async () => {
  const key = await makeRotatingKey()
  const before = await statusOf(key.KeyId)
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  assert.deepEqual(await statusOf(key.KeyId), before)
  assert.equal(before.KeyRotationEnabled, true)
})

test('GetKeyRotationStatus: a key pending deletion has no rotation, and has it again when that is cancelled', async () => {
  const key = await makeRotatingKey()
  const before = await statusOf(key.KeyId)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId }))
  assert.deepEqual(await statusOf(key.KeyId), { KeyId: key.Arn, KeyRotationEnabled: false })
  await kms.send(new CancelKeyDeletionCommand({ KeyId: key.KeyId }))
  assert.deepEqual(await statusOf(key.KeyId), before)
})

test('GetKeyRotationStatus: a new key is not rotated, and that is all there is to say', async () => {
  const key = await makeKey(kms)
  for (const keyId of [key.KeyId, key.Arn]) {
    assert.deepEqual(await statusOf(keyId), { KeyId: key.Arn, KeyRotationEnabled: false })
  }
})

test('GetKeyRotationStatus: a rotated key has its period and the date of the next rotation', async () => {
  const key = await makeRotatingKey()
  assert.deepEqual(await statusOf(key.KeyId), {
    KeyId: key.Arn,
    KeyRotationEnabled: true,
    RotationPeriodInDays: 365,
    NextRotationDate: new Date(trent.clock.now() + 365 * day),
  })
})

test('GetKeyRotationStatus: keys of other specs, and of imported material, are not rotated', async () => {
  for (const key of [
    await makeKey(kms, { KeySpec: 'ECC_NIST_P384', KeyUsage: 'SIGN_VERIFY' }),
    await makeKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    (await makeImportedKey(kms)).key,
  ]) {
    assert.deepEqual(await statusOf(key.KeyId), { KeyId: key.Arn, KeyRotationEnabled: false })
  }
})

test('GetKeyRotationStatus: an AWS managed key is always rotated, every year', async () => {
  const key = await describe(kms, 'alias/aws/ebs')
  assert.deepEqual(await statusOf(key.KeyId), {
    KeyId: key.Arn,
    KeyRotationEnabled: true,
    RotationPeriodInDays: 365,
    NextRotationDate: new Date(Number(key.CreationDate?.getTime()) + 365 * day),
  })
})

test('GetKeyRotationStatus: the event reads, and has no answer', async () => {
  const key = await makeRotatingKey()
  const event = recordOf(trent, await send(kms, key.KeyId))
  assert.equal(event.eventName, 'GetKeyRotationStatus')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('GetKeyRotationStatus: the event of a refusal has its code and text', async () => {
  const event = await recordOfRefused(trent, send(kms, 'foo'))
  assert.equal(event.errorCode, 'NotFoundException')
  assert.equal(event.errorMessage, "Invalid keyId 'foo'")
})
