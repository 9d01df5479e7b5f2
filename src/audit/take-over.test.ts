import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { auditStore, chainsWithEvents, putEvent } from '../database/audit.ts'
import type { Database } from '../database/database.ts'
import { openSqlite } from '../database/sqlite.ts'
import { testClock } from '../clock.ts'
import { event, publicKey, seen, signingKey } from './fixture.ts'
import { listFiles, plainPath } from './files.ts'
import { AuditLog } from './log.ts'
import { takeOverChains } from './take-over.ts'
import { verifyAudit } from './verify.ts'

function newPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'trent-take-over-'))
  const open = (chain: string): Database => {
    const database = openSqlite(join(folder, 'trent.db'), () => {}, { chain, alone: false })
    after(async () => {
      await database[Symbol.asyncDispose]()
    })
    return database
  }
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  const record = { folder: join(folder, 'audit'), signingKey, clock: testClock() }
  return { open, record }
}

/** A change by a process that ends before its event is in a file. */
async function changeAndEnd(database: Database): Promise<string> {
  const { eventId, text } = event()
  await database.write((transaction) => putEvent(transaction, { eventId, time: 1, text }))
  return eventId
}

test('what a worker left in the database goes to its own chain when no worker is there', async () => {
  const { open, record } = newPlace()
  const worker = open('worker-3.main')
  const eventId = await changeAndEnd(worker)
  const main = open('main')
  const own = await AuditLog.open({ ...record, store: auditStore(main) })
  assert.deepEqual(await chainsWithEvents(main), ['worker-3.main'])
  await takeOverChains(main, record)
  assert.deepEqual(await chainsWithEvents(main), [])
  await own.close()
  const heads = await auditStore(main).heads()
  const report = await verifyAudit({ folder: record.folder, publicKey, heads })
  assert.deepEqual(report.problems, [])
  const found = report.chains.find(({ chain }) => chain === 'worker-3.main')
  assert.equal(found?.lines, 1)
  assert.equal(found.notCheckpointed, 0)
  const [file] = listFiles(record.folder, 'worker-3.main')
  assert.ok(file !== undefined)
  assert.equal(seen(readFileSync(plainPath(file), 'utf8').trim()).eventID, eventId)
})

test('what a crash tore off of a chain that no worker writes is cut off and marked', async () => {
  const { open, record } = newPlace()
  const worker = open('worker-2.main')
  const log = await AuditLog.open({ ...record, chain: 'worker-2.main', store: auditStore(worker) })
  await log.append(event())
  await log.close()
  const [file] = listFiles(record.folder, 'worker-2.main')
  assert.ok(file !== undefined)
  appendFileSync(plainPath(file), '{"torn')
  await takeOverChains(open('main'), record)
  const report = await verifyAudit({ folder: record.folder, publicKey })
  assert.deepEqual(report.problems, [])
  assert.deepEqual(
    report.chains.map(({ chain, lines, recovered }) => ({ chain, lines, recovered })),
    [{ chain: 'worker-2.main', lines: 2, recovered: 1 }],
  )
})

test('the chains of other nodes and of their workers are left alone', async () => {
  const { open, record } = newPlace()
  for (const chain of ['node-00000002', 'worker-1.node-00000002']) await changeAndEnd(open(chain))
  const node = open('node-00000001')
  const own = await AuditLog.open({ ...record, chain: node.chain, store: auditStore(node) })
  await takeOverChains(node, record)
  await own.close()
  assert.deepEqual(await chainsWithEvents(node), ['node-00000002', 'worker-1.node-00000002'])
  const chains = new Set(listFiles(record.folder).map(({ chain }) => chain))
  assert.deepEqual(chains, new Set(['node-00000001']))
})
