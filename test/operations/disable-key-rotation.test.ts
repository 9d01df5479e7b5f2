import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { makeExternalKey, makeImportedKey } from '../support/importing.ts'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { assertEmpty, day, makeDisabledKey, makeKey, makePendingKey } from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new DisableKeyRotationCommand({ KeyId }))
const enabled = async (client: KMSClient, KeyId: string) => {
  const { $metadata: _, ...status } = await client.send(new GetKeyRotationStatusCommand({ KeyId }))
  return status
}
const member = { trent, operation: 'DisableKeyRotation', send }

testKeyIdShape(member)
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('DisableKeyRotation: a disabled key is DisabledException, also of a spec that does not rotate', async () => {
  const hmac = await makeKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  await kms.send(new DisableKeyCommand({ KeyId: hmac.KeyId }))
  for (const key of [await makeDisabledKey(kms), hmac]) {
    await refused(send(kms, key.KeyId), 'DisabledException', `${key.Arn} is disabled.`)
  }
})

test('DisableKeyRotation: a key pending deletion is KMSInvalidStateException, also of a spec that does not rotate', async () => {
  const hmac = await makeKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: hmac.KeyId }))
  for (const key of [await makePendingKey(kms), hmac]) {
    await refused(
      send(kms, key.KeyId),
      'KMSInvalidStateException',
      `${key.Arn} is pending deletion.`,
    )
  }
})

test('DisableKeyRotation: a key of imported material is refused by its origin, also while it waits for it', async () => {
  for (const key of [await makeExternalKey(kms), (await makeImportedKey(kms)).key]) {
    await refused(
      send(kms, key.KeyId),
      'UnsupportedOperationException',
      `${key.Arn} origin is EXTERNAL which is not valid for this operation.`,
    )
  }
})

test('DisableKeyRotation: it succeeds on keys of every spec', async () => {
  for (const [KeySpec, KeyUsage] of [
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['RSA_2048', 'ENCRYPT_DECRYPT'],
    ['RSA_2048', 'SIGN_VERIFY'],
    ['ECC_NIST_P256', 'SIGN_VERIFY'],
    ['ML_DSA_44', 'SIGN_VERIFY'],
  ] as const) {
    const key = await makeKey(kms, { KeySpec, KeyUsage })
    assertEmpty(await send(kms, key.KeyId))
  }
})

test('DisableKeyRotation: a key without rotation stays as it is', async () => {
  const key = await makeKey(kms)
  assertEmpty(await send(kms, key.KeyId))
  assert.deepEqual(await enabled(kms, key.KeyId), { KeyId: key.Arn, KeyRotationEnabled: false })
})

test('DisableKeyRotation: the rotation is gone with its period and date, and the key is not rotated', async () => {
  const key = await makeKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId, RotationPeriodInDays: 90 }))
  assertEmpty(await send(kms, key.Arn))
  assert.deepEqual(await enabled(kms, key.KeyId), { KeyId: key.Arn, KeyRotationEnabled: false })
  trent.turn(91 * day)
  await trent.runJobs()
  const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId: key.KeyId }))
  assert.deepEqual(Rotations, [])
})

test('DisableKeyRotation: of a multi-Region key, the primary alone can do it, for all of its regions', async () => {
  const key = await makeKey(kms, { MultiRegion: true })
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId }))
  await kms.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'eu-west-1' }))
  const there = trent.client({ region: 'eu-west-1' })
  const arn = key.Arn.replace('us-east-1', 'eu-west-1')
  assert.equal((await enabled(there, key.KeyId)).KeyRotationEnabled, true)
  await refused(
    send(there, key.KeyId),
    'UnsupportedOperationException',
    `${arn} is not a multi-region primary key.`,
  )
  assertEmpty(await send(kms, key.KeyId))
  assert.deepEqual(await enabled(there, key.KeyId), { KeyId: arn, KeyRotationEnabled: false })
})

test('DisableKeyRotation: the event has the request and the ARN of the key', async () => {
  const key = await makeKey(kms)
  const event = recordOf(trent, await send(kms, key.KeyId))
  assert.equal(event.eventName, 'DisableKeyRotation')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('DisableKeyRotation: the event of a refusal has its code and text', async () => {
  const key = await makeDisabledKey(kms)
  const event = await recordOfRefused(trent, send(kms, key.KeyId))
  assert.equal(event.errorCode, 'DisabledException')
  assert.equal(event.errorMessage, `${key.Arn} is disabled.`)
})
