/**
 * Upgrades: a database that an earlier Trent wrote. Its rows are in test/vectors, as that version left them.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { after, test } from 'node:test'
import {
  DecryptCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  ListResourceTagsCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { first } from '../../src/database/migrations/0001-first.ts'
import { migrations } from '../../src/database/migrate.ts'
import { startTrent } from '../../src/index.ts'
import { describe } from '../support/made-keys.ts'
import { noteDatabase } from '../support/engines.ts'
import { temporaryFolder } from '../support/process.ts'
import { startService } from '../support/service.ts'

/** What version 0001 has left. Bytes are `{ base64 }`. */
interface OldDatabase {
  readonly rootKey: string
  readonly accountId: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly keyId: string
  readonly materialId: string
  readonly context: Readonly<Record<string, string>>
  readonly plaintext: string
  readonly blob: string
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, OldValue>>[]>>
}

type OldValue = string | number | null | { readonly base64: string }

const file = join(import.meta.dirname, '..', 'vectors', 'database-0001.json')
const old = JSON.parse(readFileSync(file, 'utf8')) as OldDatabase
const blob = Buffer.from(old.blob, 'base64')

/** A data folder with a database of the first schema alone, and the rows in it. */
function makeOldFolder(data = temporaryFolder()): string {
  writeFileSync(join(data, 'root.key'), Buffer.from(old.rootKey, 'base64'), { mode: 0o600 })
  const database = new DatabaseSync(join(data, 'trent.db'))
  for (const statement of first.statements({ blob: 'BLOB', big: 'INTEGER' })) {
    database.exec(statement)
  }
  database.exec('CREATE TABLE migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL)')
  database.prepare('INSERT INTO migrations (name) VALUES (?)').run(first.name)
  database.exec('DELETE FROM feed')
  for (const [table, rows] of Object.entries(old.tables)) {
    for (const row of rows) insert(database, table, row)
  }
  database.close()
  return data
}

function insert(
  database: DatabaseSync,
  table: string,
  row: Readonly<Record<string, OldValue>>,
): void {
  const columns = Object.keys(row)
  const values = Object.values(row).map(
    (value): SQLInputValue =>
      typeof value === 'object' && value !== null ? Buffer.from(value.base64, 'base64') : value,
  )
  const places = columns.map(() => '?').join(', ')
  database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`).run(...values)
}

function tablesOf(data: string): readonly unknown[] {
  const database = new DatabaseSync(join(data, 'trent.db'), { readOnly: true })
  try {
    return database.prepare('SELECT name FROM migrations ORDER BY position').all()
  } finally {
    database.close()
  }
}

const data = makeOldFolder(mkdtempSync(join(tmpdir(), 'trent-test-')))
noteDatabase(data, undefined)
const trent = await startService({ data })
// Hooks run in their order: first the server ends, then its folder.
after(() => {
  rmSync(data, { recursive: true, force: true })
})
const account = { accountId: old.accountId, credentials: old.credentials }
const kms = trent.client({ account })
const decrypt = () =>
  kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: { ...old.context } }))

test('a key of version 0001 decrypts what it encrypted then, under the id of its material', async () => {
  const answer = await decrypt()
  assert.equal(Buffer.from(answer.Plaintext ?? []).toString(), old.plaintext)
  assert.equal(answer.KeyMaterialId, old.materialId)
  assert.ok(answer.KeyId?.endsWith(old.keyId))
})

test('account, alias, tags and description of version 0001 are as they were', async () => {
  const shown = await describe(kms, 'alias/old')
  assert.equal(shown.KeyId, old.keyId)
  assert.equal(shown.AWSAccountId, old.accountId)
  assert.equal(shown.Description, 'old')
  assert.equal(shown.KeyState, 'Enabled')
  assert.equal(shown.CurrentKeyMaterialId, old.materialId)
  const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId: old.keyId }))
  assert.deepEqual(Tags, [{ TagKey: 'a', TagValue: 'b' }])
})

test('a key of version 0001 has one material, can be rotated, and decrypts both', async () => {
  const all = { KeyId: old.keyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' } as const
  const { Rotations } = await kms.send(new ListKeyRotationsCommand(all))
  assert.deepEqual(Rotations, [
    { KeyId: old.keyId, KeyMaterialId: old.materialId, KeyMaterialState: 'CURRENT' },
  ])
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: old.keyId }))
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: old.keyId, Plaintext: Buffer.from('new') }),
  )
  const young = await kms.send(new DecryptCommand({ CiphertextBlob }))
  assert.notEqual(young.KeyMaterialId, old.materialId)
  assert.equal((await decrypt()).KeyMaterialId, old.materialId)
})

test('an AWS managed key of version 0001 is rotated every year from now on', async () => {
  const key = await describe(kms, 'alias/aws/s3')
  const status = () => kms.send(new GetKeyRotationStatusCommand({ KeyId: key.KeyId }))
  assert.equal((await status()).RotationPeriodInDays, 365)
  await trent.runJobs()
  const { NextRotationDate } = await status()
  assert.ok(Number(NextRotationDate?.getTime()) > trent.clock.now())
})

test('the upgrade is noted, and a start after it changes nothing', async () => {
  const folder = makeOldFolder()
  assert.deepEqual(tablesOf(folder), [{ name: '0001-first' }].map(asRow))
  for (let i = 0; i < 2; i += 1) {
    await (await startTrent({ data: folder })).close()
    assert.deepEqual(
      tablesOf(folder),
      migrations.map(({ name }) => asRow({ name })),
    )
  }
})

test('an upgrade that fails leaves the database of version 0001 as it was', async () => {
  const folder = makeOldFolder()
  const database = new DatabaseSync(join(folder, 'trent.db'))
  database.exec('CREATE TABLE leases (in_the_way TEXT)')
  database.close()
  await assert.rejects(startTrent({ data: folder }))
  assert.deepEqual(tablesOf(folder), [{ name: '0001-first' }].map(asRow))
  const again = new DatabaseSync(join(folder, 'trent.db'))
  again.exec('DROP TABLE leases')
  again.close()
  await (await startTrent({ data: folder })).close()
  assert.equal(tablesOf(folder).length, migrations.length)
})

test('a database of a newer version is refused, and told so', async () => {
  const folder = makeOldFolder()
  const database = new DatabaseSync(join(folder, 'trent.db'))
  database.prepare('INSERT INTO migrations (name) VALUES (?)').run('9999-future')
  database.close()
  await assert.rejects(startTrent({ data: folder }), /9999-future.*newer/)
})

/** Rows of SQLite have no prototype. */
function asRow(row: object): object {
  return Object.assign(Object.create(null) as object, row)
}
