import assert from 'node:assert/strict'
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { KmsError } from '../api/errors.ts'
import { compressedPath, listFiles, plainPath } from './files.ts'
import { bench, event, publicKey, readEvents, TestDisk } from './fixture.ts'
import { verifyAudit } from './verify.ts'

const DAY = 86_400_000

const marks = (folder: string) =>
  readEvents(folder)
    .filter((line) => line['eventSource'] === 'trent.internal')
    .map((line) => line['eventName'])

test('the chain goes on over reopening', async (t) => {
  const { folder, open, store } = bench(t)
  for (let round = 0; round < 3; round += 1) {
    const log = await open()
    await log.append(event())
    await Promise.all([log.append(event(false, 'ä\u2028"')), log.append(event())])
    await log.close()
  }
  const links = readEvents(folder).map((line) => line.trent)
  assert.deepEqual(
    links.map((link) => link?.sequence),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
  assert.equal(links[0]?.previous, '0'.repeat(64))
  const report = await verifyAudit({ folder, publicKey, heads: await store.heads() })
  assert.deepEqual(report.problems, [])
  assert.equal(report.chains[0]?.notCheckpointed, 0)
  assert.equal(store.saved.get('main')?.sequence, 9)
  assert.equal(statSync(join(folder, readdirSync(folder)[0] ?? '')).mode & 0o777, 0o600)
})

test('a thousand events of one turn are one write', async (t) => {
  const disk = new TestDisk()
  const log = await bench(t).open({ open: disk.open })
  const before = disk.writes
  await Promise.all(Array.from({ length: 1000 }, () => log.append(event())))
  assert.equal(disk.writes - before, 1)
  await log.close()
  await assert.rejects(log.append(event()), KmsError)
})

test('a checkpoint follows a second after a line, and the outbox is emptied then', async (t) => {
  const { folder, open, store, clock } = bench(t)
  const log = await open()
  const change = event(true)
  store.rows.push({ eventId: change.eventId, event: change.text })
  await log.append(change)
  assert.equal((await verifyAudit({ folder, publicKey })).chains[0]?.notCheckpointed, 1)
  assert.equal(store.rows.length, 1)
  clock.turn(1000)
  await log.settled()
  assert.equal((await verifyAudit({ folder, publicKey })).chains[0]?.notCheckpointed, 0)
  assert.equal(store.rows.length, 0)
  await log.close()
})

test('a database that is away is told later', async (t) => {
  const { open, store, clock, problems } = bench(t)
  const log = await open()
  const change = event(true)
  store.rows.push({ eventId: change.eventId, event: change.text })
  store.away = true
  await log.append(change)
  clock.turn(1000)
  await log.settled()
  assert.equal(store.rows.length, 1)
  assert.equal(problems.length, 1)
  store.away = false
  clock.turn(1000)
  await log.settled()
  assert.equal(store.rows.length, 0)
  assert.equal(store.saved.get('main')?.sequence, 1)
  await log.close()
})

for (const [kind, tail] of [
  ['half a line', '{"eventVersion":"1.11","userId'],
  ['zeros', '\0\0\0\0\n\0\0'],
  ['a line that is not JSON', '{"a,"trent":{"chain":"main","sequence":4,"previous":"00"}}\n'],
] as const) {
  test(`a torn end is cut off, kept and marked: ${kind}`, async (t) => {
    const { folder, open } = bench(t)
    const first = await open()
    await first.append(event())
    await first.close()
    const [file] = listFiles(folder)
    assert.ok(file)
    appendFileSync(plainPath(file), tail)
    assert.equal((await verifyAudit({ folder, publicKey })).ok, false)
    await (await open()).close()
    assert.deepEqual(marks(folder), ['AuditLineRecovered'])
    assert.equal(readFileSync(`${file.base}.torn-1`, 'utf8'), tail)
    const report = await verifyAudit({ folder, publicKey })
    assert.deepEqual(report.problems, [])
    assert.equal(report.chains[0]?.recovered, 1)
    await (await open()).close()
    assert.equal(readEvents(folder).length, 2)
  })
}

test('a start that died before it marked a torn end marks it the next time', async (t) => {
  const { folder, open } = bench(t)
  await (await open()).close()
  const [file] = listFiles(folder)
  writeFileSync(`${file?.base}.torn-1.new`, 'torn')
  await (await open()).close()
  assert.deepEqual(marks(folder), ['AuditLineRecovered'])
  assert.ok(readdirSync(folder).some((name) => name.endsWith('.torn-1')))
})

test('what the outbox has and the files lack is appended, once', async (t) => {
  const { folder, open, store, clock } = bench(t)
  const log = await open({ maxFileBytes: 500 })
  const [kept, lost, other] = [event(true), event(true), event(true)]
  await log.append(kept)
  // A caller who knows an event's id cannot keep it from the record with his encryption context.
  const forged = {
    ...event(),
    text: JSON.stringify({ requestParameters: { eventID: lost.eventId } }),
  }
  await log.append(forged)
  await log.append(event(false, 'x'.repeat(500)))
  await log.close()
  store.rows = [kept, lost, other].map(({ eventId, text }) => ({ eventId, event: text }))
  clock.turn(1000)
  await (await open()).close()
  const ids = readEvents(folder).map((line) => line.eventID)
  assert.deepEqual(ids.slice(-2), [lost.eventId, other.eventId])
  assert.equal(ids.filter((id) => id === kept.eventId).length, 1)
  assert.equal(store.rows.length, 0)
  assert.equal((await verifyAudit({ folder, publicKey, heads: await store.heads() })).ok, true)
})

test('a start looks for what the outbox has in the files alone that can have it', async (t) => {
  const { folder, open, store } = bench(t)
  const log = await open({ maxFileBytes: 500 })
  for (const time of ['11:00', '11:01', '12:00']) {
    const { eventId, text } = event(true, 'x'.repeat(500))
    await log.append({ eventId, text: text.replace('12:00', time), change: true })
  }
  await log.close()
  const files = listFiles(folder)
  assert.equal(files.length, 3)
  // Whoever reads the oldest fails.
  rmSync(`${files[0]?.base}.jsonl`, { force: true })
  writeFileSync(`${files[0]?.base}.jsonl.gz`, 'not what gzip writes')
  const lost = event(true)
  store.rows = [{ eventId: lost.eventId, event: lost.text }]
  await (await open()).close()
  const newest = readFileSync(`${listFiles(folder).at(-1)?.base}.jsonl`, 'utf8')
  assert.ok(newest.includes(lost.eventId))
  assert.equal(store.rows.length, 0)
})

test('a full disk refuses, keeps the chain whole, and is noticed to have room again', async (t) => {
  const { folder, open, store } = bench(t)
  const disk = new TestDisk()
  const log = await open({ open: disk.open })
  await log.append(event())
  disk.room = 100
  const change = event(true)
  store.rows.push({ eventId: change.eventId, event: change.text })
  const refused = await Promise.allSettled([log.append(event()), log.append(change)])
  for (const one of refused) {
    assert.ok(one.status === 'rejected' && one.reason instanceof KmsError)
  }
  assert.equal(readEvents(folder).length, 1)
  assert.throws(() => log.requireWritable(), { code: 'KMSInternalException' })
  disk.room = Number.POSITIVE_INFINITY
  log.requireWritable()
  log.requireWritable()
  await log.append(event())
  await log.close()
  const events = readEvents(folder)
  assert.equal(events[1]?.eventID, change.eventId)
  assert.equal(events[2]?.['eventName'], 'AuditWriteFailed')
  assert.equal(events[2]?.serviceEventDetails?.['refused'], 1)
  assert.equal(events.length, 4)
  assert.equal(store.rows.length, 0)
  assert.deepEqual((await verifyAudit({ folder, publicKey })).problems, [])
})

test('after a failed sync nothing is accepted until the next start', async (t) => {
  const { folder, open, clock } = bench(t)
  const disk = new TestDisk()
  const log = await open({ open: disk.open })
  await log.append(event())
  disk.syncs = false
  clock.turn(1000)
  await log.settled()
  disk.syncs = true
  assert.throws(() => log.requireWritable(), { code: 'KMSInternalException' })
  await assert.rejects(log.append(event()), { code: 'KMSInternalException' })
  await log.close()
  await (await open()).close()
  assert.equal((await verifyAudit({ folder, publicKey })).ok, true)
})

test('two processes on one chain notice each other', async (t) => {
  const { open, folder } = bench(t)
  const [one, two] = [await open(), await open()]
  await one.append(event())
  await assert.rejects(two.append(event()), { code: 'KMSInternalException' })
  await one.append(event())
  await one.close()
  await two.close()
  assert.deepEqual((await verifyAudit({ folder, publicKey })).problems, [])
})

test('files rotate by size and by day and are compressed', async (t) => {
  const { folder, open, clock, store } = bench(t)
  const log = await open({ maxFileBytes: 2000 })
  for (let line = 0; line < 20; line += 1) await log.append(event())
  clock.turn(DAY)
  await log.append(event())
  await log.settled()
  const files = listFiles(folder)
  assert.ok(files.length > 3)
  assert.deepEqual(
    files.map((file) => file.number),
    files.map((_, index) => index + 1),
  )
  assert.equal(files.at(-1)?.day, '20260201')
  assert.ok(files.slice(0, -1).every((file) => file.compressed && !file.plain))
  await log.close()
  await (await open({ maxFileBytes: 2000 })).close()
  const report = await verifyAudit({ folder, publicKey, heads: await store.heads() })
  assert.deepEqual(report.problems, [])
  assert.equal(report.chains[0]?.lines, 21)
})

test('every state that a crash while compressing leaves is understood', async (t) => {
  const { folder, open } = bench(t)
  const log = await open({ maxFileBytes: 1000 })
  for (let line = 0; line < 20; line += 1) await log.append(event())
  await log.close()
  const [unfinished, both, differing] = listFiles(folder)
  assert.ok(unfinished && both && differing)
  for (const file of [unfinished, both, differing]) {
    writeFileSync(plainPath(file), gunzipSync(readFileSync(compressedPath(file))))
  }
  writeFileSync(`${compressedPath(unfinished)}.tmp`, 'half')
  rmSync(compressedPath(unfinished))
  assert.deepEqual((await verifyAudit({ folder, publicKey })).problems, [])
  await (await open()).close()
  assert.ok(
    listFiles(folder)
      .slice(0, 3)
      .every((file) => file.compressed && !file.plain),
  )
  assert.ok(!readdirSync(folder).some((name) => name.endsWith('.tmp')))
  // The plain file is never deleted for a compressed one that differs.
  writeFileSync(plainPath(differing), gunzipSync(readFileSync(compressedPath(differing))))
  writeFileSync(compressedPath(differing), gzipSync('other'))
  await (await open()).close()
  assert.ok(listFiles(folder)[2]?.plain)
})

test('files older than keepDays are deleted, and the record says so', async (t) => {
  const { folder, open, clock, store } = bench(t)
  const log = await open({ keepDays: 2 })
  for (let day = 0; day < 6; day += 1) {
    await log.append(event())
    clock.turn(DAY)
  }
  await log.settled()
  await log.close()
  assert.ok(listFiles(folder).length <= 4)
  assert.ok(marks(folder).includes('AuditFilesExpired'))
  const heads = await store.heads()
  const report = await verifyAudit({ folder, publicKey, heads })
  assert.deepEqual(report.problems, [])
  assert.ok((report.chains[0]?.firstSequence ?? 0) > 1)
  // Deleting by hand what has not expired is found.
  const [oldest] = listFiles(folder)
  assert.ok(oldest)
  rmSync(oldest.plain ? plainPath(oldest) : compressedPath(oldest))
  assert.equal((await verifyAudit({ folder, publicKey, heads })).ok, false)
})

test('a truncated file is noticed at the start, marked, and no number is given twice', async (t) => {
  const { folder, open, store } = bench(t)
  const log = await open()
  for (let line = 0; line < 5; line += 1) await log.append(event())
  await log.close()
  const [file] = listFiles(folder)
  assert.ok(file)
  const lines = readFileSync(plainPath(file), 'utf8').split('\n')
  truncateSync(plainPath(file), lines.slice(0, 3).join('\n').length + 1)
  writeFileSync(`${file.base}.checkpoints`, '')
  await (await open()).close()
  const last = readEvents(folder).at(-1)
  assert.equal(last?.['eventName'], 'AuditLinesMissing')
  assert.equal(last?.trent?.sequence, 6)
  const report = await verifyAudit({ folder, publicKey, heads: await store.heads() })
  assert.ok(report.problems.includes('main: line 3 is followed by line 6'))
})

test('a deleted folder of a known chain is noticed', async (t) => {
  const { folder, open, store } = bench(t)
  store.saved.set('main', { chain: 'main', sequence: 7, hash: 'a'.repeat(64), time: 0 })
  await (await open()).close()
  assert.deepEqual(marks(folder), ['AuditLinesMissing'])
  assert.equal((await verifyAudit({ folder, publicKey })).ok, false)
})
