import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DisableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
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
import {
  absentId,
  assertEmpty,
  day,
  makeDisabledKey,
  makeKey,
  makePendingKey,
} from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new EnableKeyRotationCommand({ KeyId }))
const enable = (KeyId: string | undefined, RotationPeriodInDays?: number) =>
  kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }))
const statusOf = async (client: KMSClient, KeyId: string) => {
  const { $metadata, ...status } = await client.send(new GetKeyRotationStatusCommand({ KeyId }))
  assert.equal($metadata.httpStatusCode, 200)
  return status
}
const member = { trent, operation: 'EnableKeyRotation', send }

testKeyIdShape(member)

test('EnableKeyRotation: a period of less than 90 days is refused before any key is looked up', async () => {
  for (const days of [89, 0, -1]) {
    await refused(
      enable(absentId, days),
      'ValidationException',
      violated(`'${days}' at 'rotationPeriodInDays': have value greater than or equal to 90`),
    )
  }
})

test('EnableKeyRotation: a period of more than 2560 days is refused before any key is looked up', () =>
  refused(
    enable(absentId, 2561),
    'ValidationException',
    violated("'2561' at 'rotationPeriodInDays': have value less than or equal to 2560"),
  ))

test('EnableKeyRotation: a missing key and a wrong period are two validation errors', () =>
  refused(
    enable(undefined, 89),
    'ValidationException',
    violated(
      "null at 'keyId': not be null",
      "'89' at 'rotationPeriodInDays': have value greater than or equal to 90",
    ),
  ))

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('EnableKeyRotation: a disabled key is DisabledException, also of a spec that does not rotate', async () => {
  const hmac = await makeKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  await kms.send(new DisableKeyCommand({ KeyId: hmac.KeyId }))
  for (const key of [await makeDisabledKey(kms), hmac]) {
    await refused(enable(key.KeyId), 'DisabledException', `${key.Arn} is disabled.`)
  }
})

test('EnableKeyRotation: a key pending deletion is KMSInvalidStateException, also of a spec that does not rotate', async () => {
  const hmac = await makeKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: hmac.KeyId }))
  for (const key of [await makePendingKey(kms), hmac]) {
    await refused(enable(key.KeyId), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`)
  }
})

test('EnableKeyRotation: a key of imported material is refused by its origin, also while it waits for it', async () => {
  for (const key of [await makeExternalKey(kms), (await makeImportedKey(kms)).key]) {
    await refused(
      enable(key.KeyId),
      'UnsupportedOperationException',
      `${key.Arn} origin is EXTERNAL which is not valid for this operation.`,
    )
  }
})

test('EnableKeyRotation: keys that are not for symmetric encryption are refused without a text', async () => {
  for (const [KeySpec, KeyUsage] of [
    ['RSA_2048', 'ENCRYPT_DECRYPT'],
    ['ECC_NIST_P256', 'SIGN_VERIFY'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['ML_DSA_44', 'SIGN_VERIFY'],
  ] as const) {
    const key = await makeKey(kms, { KeySpec, KeyUsage })
    await refused(enable(key.KeyId), 'UnsupportedOperationException', undefined)
  }
})

test('EnableKeyRotation: the period is 365 days when nobody says', async () => {
  const key = await makeKey(kms)
  assertEmpty(await enable(key.KeyId))
  assert.deepEqual(await statusOf(kms, key.KeyId), {
    KeyId: key.Arn,
    KeyRotationEnabled: true,
    RotationPeriodInDays: 365,
    NextRotationDate: new Date(trent.clock.now() + 365 * day),
  })
})

test('EnableKeyRotation: the period may be 90 to 2560 days, and the next rotation is a period away', async () => {
  for (const days of [90, 2560]) {
    const key = await makeKey(kms)
    assertEmpty(await enable(key.Arn, days))
    const { RotationPeriodInDays, NextRotationDate } = await statusOf(kms, key.KeyId)
    assert.equal(RotationPeriodInDays, days)
    assert.equal(NextRotationDate?.getTime(), trent.clock.now() + days * day)
  }
})

test('EnableKeyRotation: called again, the period counts from then; without one it is 365 days again', async () => {
  const key = await makeKey(kms)
  for (const days of [90, 180, undefined]) {
    assertEmpty(await enable(key.KeyId, days))
    const { RotationPeriodInDays, NextRotationDate } = await statusOf(kms, key.KeyId)
    assert.equal(RotationPeriodInDays, days ?? 365)
    assert.equal(NextRotationDate?.getTime(), trent.clock.now() + (days ?? 365) * day)
    trent.turn(day)
  }
})

test('EnableKeyRotation: a multi-Region key is rotated by its primary alone, for all of its regions', async () => {
  const key = await makeKey(kms, { MultiRegion: true })
  await kms.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'eu-west-1' }))
  const there = trent.client({ region: 'eu-west-1' })
  const arn = key.Arn.replace('us-east-1', 'eu-west-1')
  await refused(
    send(there, key.KeyId),
    'UnsupportedOperationException',
    `${arn} is not a multi-region primary key.`,
  )
  assertEmpty(await enable(key.KeyId, 100))
  const status = await statusOf(there, key.KeyId)
  assert.deepEqual(status, { ...(await statusOf(kms, key.KeyId)), KeyId: arn })
  assert.equal(status.RotationPeriodInDays, 100)
})

test('EnableKeyRotation: the event has the period and the ARN of the key', async () => {
  const key = await makeKey(kms)
  const event = recordOf(trent, await enable(key.KeyId, 90))
  assert.equal(event.eventName, 'EnableKeyRotation')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, rotationPeriodInDays: 90 })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('EnableKeyRotation: the event of a refusal has its code and text', async () => {
  const key = await makeExternalKey(kms)
  const event = await recordOfRefused(trent, enable(key.KeyId))
  assert.equal(event.errorCode, 'UnsupportedOperationException')
  assert.equal(
    event.errorMessage,
    `${key.Arn} origin is EXTERNAL which is not valid for this operation.`,
  )
})
