/**
 * Automatic rotation over ten years: the clock is turned and the jobs run, as they would every minute.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { eventsOf } from '../support/folder.ts'
import { day, describe, makeKey, type MadeKey } from '../support/made-keys.ts'
import { walk } from '../support/pages.ts'
import { foldersWith } from '../support/round-robin.ts'
import { startService } from '../support/service.ts'

const year = 365 * day
const Plaintext = Buffer.from('plain')
const trent = await startService()
const kms = trent.client()

const encrypt = async (key: MadeKey) => {
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext }))
  const { CurrentKeyMaterialId } = await describe(kms, key.KeyId)
  return { CiphertextBlob, material: CurrentKeyMaterialId }
}
const rotationsOf = (keyId: string, Limit = 100) =>
  walk(async (page) => {
    const {
      Rotations = [],
      NextMarker,
      Truncated,
    } = await kms.send(new ListKeyRotationsCommand({ KeyId: keyId, ...page }))
    return { rows: Rotations, NextMarker, Truncated }
  }, Limit)
const nextOf = async (keyId: string) => {
  const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId: keyId }))
  return status.NextRotationDate?.getTime()
}
const enable = (keyId: string, RotationPeriodInDays?: number) =>
  kms.send(new EnableKeyRotationCommand({ KeyId: keyId, RotationPeriodInDays }))
/** The service events of a key, by their names. */
const serviceEventsOf = (arn: string) =>
  foldersWith(trent.data)
    .flatMap(eventsOf)
    .filter(
      ({ eventType, resources }) =>
        eventType === 'AwsServiceEvent' && JSON.stringify(resources).includes(`"${arn}"`),
    )
const passed = async (milliseconds: number) => {
  trent.turn(milliseconds)
  await trent.confirmClock()
  assert.equal(await trent.runJobs(), true)
}

test('every blob of ten years decrypts, under the material that made it; nothing rotates before its date', async () => {
  const key = await makeKey(kms)
  await enable(key.KeyId)
  const blobs = [await encrypt(key)]
  const dates: number[] = []
  for (let i = 0; i < 10; i += 1) {
    await passed(year - 1)
    assert.equal((await describe(kms, key.KeyId)).CurrentKeyMaterialId, blobs.at(-1)?.material)
    const next = await nextOf(key.KeyId)
    await passed(1)
    assert.equal(next, trent.clock.now())
    dates.push(trent.clock.now())
    assert.equal(await nextOf(key.KeyId), trent.clock.now() + year)
    if (i === 4) await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
    blobs.push(await encrypt(key))
  }

  assert.equal(new Set(blobs.map(({ material }) => material)).size, 11)
  for (const { CiphertextBlob, material } of blobs) {
    const answer = await kms.send(new DecryptCommand({ CiphertextBlob }))
    assert.deepEqual(answer.Plaintext, new Uint8Array(Plaintext))
    assert.equal(answer.KeyMaterialId, material)
  }
  const rotations = await rotationsOf(key.KeyId)
  const automatic = rotations.filter(({ RotationType }) => RotationType === 'AUTOMATIC')
  assert.deepEqual(
    automatic.map(({ RotationDate }) => RotationDate?.getTime()),
    dates,
  )
  assert.equal(rotations.length, 11)
  assert.equal(rotations[5]?.RotationType, 'ON_DEMAND')
  assert.deepEqual(await rotationsOf(key.KeyId, 3), rotations)
  assert.deepEqual(
    rotations.map(({ KeyMaterialState }) => KeyMaterialState),
    [...Array.from({ length: 10 }, () => 'NON_CURRENT'), 'CURRENT'],
  )
  assert.equal(rotations.at(-1)?.KeyMaterialId, blobs.at(-1)?.material)
})

test('each automatic rotation is an event RotateKey of the service in the record', async () => {
  const key = await makeKey(kms)
  await enable(key.KeyId, 90)
  await passed(90 * day)
  await passed(90 * day)
  const events = serviceEventsOf(key.Arn)
  assert.equal(events.length, 2)
  for (const event of events) {
    assert.equal(event['eventName'], 'RotateKey')
    assert.equal(event['eventSource'], 'kms.amazonaws.com')
    assert.equal(event['awsRegion'], 'us-east-1')
    assert.equal(event['recipientAccountId'], trent.accountId)
    assert.equal(event['requestParameters'], null)
    assert.deepEqual(event['userIdentity'], {
      accountId: trent.accountId,
      invokedBy: 'AWS Internal',
    })
    assert.deepEqual(event['serviceEventDetails'], { keyId: key.KeyId })
  }
})

test('a key that missed several dates is rotated once, and a period counts from then', async () => {
  const key = await makeKey(kms)
  await enable(key.KeyId, 90)
  await passed(400 * day)
  assert.equal((await rotationsOf(key.KeyId)).length, 1)
  assert.equal(await nextOf(key.KeyId), trent.clock.now() + 90 * day)
  assert.equal(await trent.runJobs(), true)
  assert.equal((await rotationsOf(key.KeyId)).length, 1)
})

test('a disabled key is not rotated; once enabled it is, if that is due', async () => {
  const key = await makeKey(kms)
  await enable(key.KeyId, 90)
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  await passed(91 * day)
  assert.deepEqual(await rotationsOf(key.KeyId), [])
  await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }))
  await passed(60_000)
  assert.equal((await rotationsOf(key.KeyId)).length, 1)
})

test('a key pending deletion is not rotated; once that is cancelled and it is enabled it is', async () => {
  const key = await makeKey(kms)
  await enable(key.KeyId, 90)
  await passed(80 * day)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId, PendingWindowInDays: 30 }))
  await passed(11 * day)
  assert.deepEqual(await rotationsOf(key.KeyId), [])
  await kms.send(new CancelKeyDeletionCommand({ KeyId: key.KeyId }))
  await passed(60_000)
  assert.deepEqual(await rotationsOf(key.KeyId), [])
  await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }))
  await passed(60_000)
  assert.equal((await rotationsOf(key.KeyId)).length, 1)
})

test('a jump of the clock stops what erases; rotation goes on', async () => {
  await passed(0)
  const key = await makeKey(kms)
  const due = await makeKey(kms)
  await enable(key.KeyId, 90)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: due.KeyId, PendingWindowInDays: 7 }))
  trent.turn(90 * day)
  assert.equal(await trent.runJobs(), false)
  assert.equal((await rotationsOf(key.KeyId)).length, 1)
  assert.deepEqual(serviceEventsOf(due.Arn), [])
  await trent.confirmClock()
  assert.equal(await trent.runJobs(), true)
  assert.deepEqual(
    serviceEventsOf(due.Arn).map(({ eventName }) => eventName),
    ['DeleteKey'],
  )
})

test('a multi-Region key is rotated once for all of its regions', async () => {
  const key = await makeKey(kms, { MultiRegion: true })
  await enable(key.KeyId, 90)
  await kms.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'eu-west-1' }))
  const there = trent.client({ region: 'eu-west-1' })
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext }))
  await passed(90 * day)
  assert.equal((await rotationsOf(key.KeyId)).length, 1)
  const current = (await describe(kms, key.KeyId)).CurrentKeyMaterialId
  assert.notEqual(current, key.CurrentKeyMaterialId)
  assert.equal((await describe(there, key.KeyId)).CurrentKeyMaterialId, current)
  const answer = await there.send(new DecryptCommand({ CiphertextBlob }))
  assert.equal(answer.KeyMaterialId, key.CurrentKeyMaterialId)
  const { Rotations } = await there.send(new ListKeyRotationsCommand({ KeyId: key.KeyId }))
  assert.deepEqual(Rotations, await rotationsOf(key.KeyId))
})

test('an AWS managed key is rotated every year', async () => {
  const key = await describe(kms, 'alias/aws/s3')
  await passed(year - 1)
  assert.deepEqual(await rotationsOf(key.KeyId), [])
  await passed(1)
  assert.equal((await rotationsOf(key.KeyId)).length, 1)
})
