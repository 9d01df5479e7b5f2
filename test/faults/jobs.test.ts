/**
 * Jobs: each is done once, whoever does it, and what it did is in the record if and only if it was done.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  CreateKeyCommand,
  EnableKeyRotationCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { testClock } from '../../src/clock.ts'
import { commercialRegions } from '../../src/config.ts'
import { releaseLease, takeLease } from '../../src/database/leases.ts'
import { startJobs } from '../../src/jobs.ts'
import { silentLog } from '../../src/log.ts'
import { openService, type Service } from '../../src/service.ts'
import { databaseOf, openNew, usualEngine } from '../support/engines.ts'
import { eventsOf } from '../support/folder.ts'
import { day } from '../support/made-keys.ts'
import { temporaryFolder } from '../support/process.ts'
import { startTrent } from '../support/service.ts'
import { askStored, clear, type Obstacle, obstruct, rowsOfKey } from '../support/stored.ts'

const minute = 60_000
const start = Date.now()

/** A folder with a key whose rotation is due, a while ahead of `start`. */
async function makeDueFolder(): Promise<{ readonly data: string; readonly keyId: string }> {
  const data = temporaryFolder()
  const trent = await startTrent({ data, clock: testClock(start) })
  const { endpoint, credentials } = trent
  const kms = new KMSClient({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 })
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const keyId = KeyMetadata?.KeyId ?? ''
  await kms.send(new EnableKeyRotationCommand({ KeyId: keyId, RotationPeriodInDays: 90 }))
  const { KeyMetadata: due } = await kms.send(new CreateKeyCommand({}))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: due?.KeyId, PendingWindowInDays: 7 }))
  kms.destroy()
  await trent.close()
  return { data, keyId }
}

const reported: unknown[] = []
async function open(
  data: string,
): Promise<{ service: Service; clock: ReturnType<typeof testClock> }> {
  const clock = testClock(start + 91 * day)
  const rootKey = join(data, 'root.key')
  const log = {
    ...silentLog,
    error: (message: string, error: unknown) => reported.push([message, error]),
  }
  const database = await databaseOf(data)
  const options = { data, database, rootKey, regions: commercialRegions, clock, log }
  const service = await openService(options)
  await service.jobs.confirmClock()
  return { service, clock }
}

const rotations = (data: string) =>
  eventsOf(data).filter(({ eventName }) => eventName === 'RotateKey').length
const deletions = (data: string) =>
  eventsOf(data).filter(({ eventName }) => eventName === 'DeleteKey').length
const materials = async (data: string, keyId: string): Promise<number> =>
  (await rowsOfKey({ data }, 'key_materials', keyId)).length

test('two runners of jobs on one database do each job once', async () => {
  const { data, keyId } = await makeDueFolder()
  const { service, clock } = await open(data)
  const other = startJobs(service, clock)
  try {
    await Promise.all([service.jobs.run(), other.run(), service.jobs.run(), other.run()])
    assert.equal(await materials(data, keyId), 2)
  } finally {
    await other[Symbol.asyncDispose]()
    await service[Symbol.asyncDispose]()
  }
  assert.equal(rotations(data), 1)
  assert.equal(deletions(data), 1)
})

test('jobs whose lease another has are left to it, and taken over once the lease is over', async () => {
  const { data, keyId } = await makeDueFolder()
  const { service, clock } = await open(data)
  try {
    // What a process leaves that was killed in the middle of its jobs.
    await askStored(
      data,
      `INSERT INTO leases (name, holder, until)
       VALUES ('jobs', 'a dead process', ${clock.now() + 2 * minute})`,
    )
    await service.jobs.run()
    assert.equal(await materials(data, keyId), 1)
    clock.turn(2 * minute - 1)
    await service.jobs.run()
    assert.equal(await materials(data, keyId), 1)
    clock.turn(1)
    await service.jobs.run()
    assert.equal(await materials(data, keyId), 2)
    assert.deepEqual(
      await askStored(data, 'SELECT name FROM leases'),
      [],
      'it lets go when it is done',
    )
  } finally {
    await service[Symbol.asyncDispose]()
  }
})

test('a lease is one holder’s until it is over or let go of, and nobody lets go of another’s', async () => {
  await using opened = await openNew(usualEngine)
  const { database } = opened
  const take = (holder: string, now: number) =>
    database.write((transaction) =>
      takeLease(transaction, { name: 'jobs', holder, now, until: now + 10 }),
    )
  const release = (holder: string) =>
    database.write((transaction) => releaseLease(transaction, { name: 'jobs', holder }))
  assert.equal(await take('first', 0), true)
  assert.equal(await take('second', 9), false)
  assert.equal(await take('first', 9), true, 'renewed')
  assert.equal(await take('second', 18), false)
  await release('second')
  assert.equal(await take('second', 18), false)
  assert.equal(await take('second', 19), true)
  assert.equal(await take('first', 19), false)
  await release('second')
  assert.deepEqual(await Promise.all([take('first', 20), take('second', 20), take('third', 20)]), [
    true,
    false,
    false,
  ])
})

test('what a job did is in the database with its event, or not at all', async () => {
  const { data, keyId } = await makeDueFolder()
  const { service } = await open(data)
  try {
    // The event is the last row of a rotation: without it nothing of the rotation may stay.
    const noEvents: Obstacle = {
      name: 'no_events',
      on: 'INSERT ON audit_outbox',
      when: "NEW.event LIKE '%RotateKey%' OR NEW.event LIKE '%DeleteKey%'",
    }
    await obstruct(data, noEvents)
    reported.length = 0
    await service.jobs.run()
    assert.equal(await materials(data, keyId), 1)
    assert.equal(reported.length, 2, 'both jobs say so')
    await clear(data, noEvents)
    await service.jobs.run()
    assert.equal(await materials(data, keyId), 2)
  } finally {
    await service[Symbol.asyncDispose]()
  }
  assert.equal(rotations(data), 1)
  assert.equal(deletions(data), 1)
})

test('events of jobs that are in the database and not in the files are there after the next start', async () => {
  const { data } = await makeDueFolder()
  const { service } = await open(data)
  await service.jobs.run()
  const events = await askStored(
    data,
    "SELECT event_id FROM audit_outbox WHERE event LIKE '%RotateKey%'",
  )
  await service[Symbol.asyncDispose]()
  assert.equal(events.length, 1, 'the event was committed with the rotation')
  assert.equal(rotations(data), 1)
  const again = await open(data)
  await again.service.jobs.run()
  await again.service[Symbol.asyncDispose]()
  assert.equal(rotations(data), 1, 'and it is written once')
})

test('a job that fails does not keep the others from their work', async () => {
  const { data, keyId } = await makeDueFolder()
  const { service } = await open(data)
  try {
    await obstruct(data, {
      name: 'not_today',
      on: 'UPDATE ON keys',
      when: 'NEW.rotation_next_at <> OLD.rotation_next_at',
    })
    reported.length = 0
    await service.jobs.run()
    assert.equal(await materials(data, keyId), 1)
    assert.equal(reported.length, 1)
  } finally {
    await service[Symbol.asyncDispose]()
  }
  assert.equal(rotations(data), 0)
  assert.equal(deletions(data), 1)
})
