/**
 * What other processes do to the file, as other connections do it: SQLite makes no difference.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { mainChain, type RowName } from './database.ts'
import { readMeta, writeMeta } from './meta.ts'
import { openSqlite } from './sqlite.ts'

const row: RowName = 'key/us-east-1/1'

function open({ alone }: { readonly alone: boolean }) {
  const folder = mkdtempSync(join(tmpdir(), 'trent-sqlite-'))
  const file = join(folder, 'trent.db')
  const database = openSqlite(file, () => {}, { chain: mainChain, alone })
  const other = new DatabaseSync(file, { timeout: 0 })
  after(async () => {
    other.close()
    await database[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  return { database, other, view: database.view<string>(10) }
}

/** What another process commits, in the middle of a turn of this one's event loop. */
function changeElsewhere(other: DatabaseSync, sequence: number): void {
  other.exec('BEGIN IMMEDIATE')
  other.exec('UPDATE feed SET sequence = sequence + 1')
  const change = other.prepare('INSERT INTO changes (sequence, id, name) VALUES (?, ?, ?)')
  change.run(sequence, `id ${sequence}`, row)
  other.exec('COMMIT')
}

test('beside other processes a request finds what one of them committed in the same turn', async () => {
  const { database, other, view } = open({ alone: false })
  for (let sequence = 1; sequence <= 3; sequence += 1) {
    await view.find(row, async () => 'before')
    // Two requests of one turn, and a commit elsewhere between them.
    await database.refresh()
    assert.equal(view.get(row), 'before')
    changeElsewhere(other, sequence)
    await database.refresh()
    assert.equal(view.get(row), undefined)
  }
})

test('alone it looks once in some milliseconds, and again later', async () => {
  const { database, other, view } = open({ alone: true })
  await view.find(row, async () => 'before')
  await database.refresh()
  changeElsewhere(other, 1)
  await database.refresh()
  assert.equal(view.get(row), 'before')
  await new Promise((resolve) => setTimeout(resolve, 50))
  await database.refresh()
  assert.equal(view.get(row), undefined)
})

test('a writer that waits for another process holds up nothing else', async () => {
  const { database, other } = open({ alone: false })
  other.exec('BEGIN IMMEDIATE')
  let written = false
  const writing = writeMeta(database, 'a', 'b').then(() => {
    written = true
  })
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(written, false)
  assert.equal(await readMeta(database.read, 'a'), undefined)
  other.exec('COMMIT')
  await writing
  assert.equal(await readMeta(database.read, 'a'), 'b')
})

test('what is deleted is overwritten beside other processes, or owed', async () => {
  const { database, other } = open({ alone: false })
  await writeMeta(database, 'a', 'b')
  other.exec('BEGIN')
  other.prepare('SELECT value FROM meta').all()
  await writeMeta(database, 'a', 'c')
  await database.purge()
  assert.equal(database.owesPurge, true)
  other.exec('COMMIT')
  await database.purge()
  assert.equal(database.owesPurge, false)
})
