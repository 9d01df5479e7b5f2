/**
 * The restore drill: a backup of a server under load, restored elsewhere, has everything of its moment; and a backup that
 * is not whole, or not of this root key, leaves nothing behind.
 */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { CreateKeyCommand, DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { ownTables, tables } from '../../src/database/tables.ts'
import { noteDatabase, sqliteOnly } from '../support/engines.ts'
import { eventsOf } from '../support/folder.ts'
import {
  askTrent,
  clientOf,
  credentialsOf,
  pause,
  runTrent,
  serveTrent,
  temporaryFolder,
} from '../support/process.ts'
import { nothing, storm } from '../support/storm.ts'
import { KMSClient } from '@aws-sdk/client-kms'

interface Restored {
  readonly BackupId: string
  readonly StoreId: string
  readonly PreviousStoreId: string
  readonly ToCheck: { readonly Keys: readonly { readonly KeyId: string }[] }
}

/** A folder with the root key of another one, for a restore. */
function besideRootKey(of: string): string {
  const data = temporaryFolder()
  copyFileSync(join(of, 'root.key'), join(data, 'root.key'))
  return data
}

/** A small folder that was served, and a backup of it. */
async function smallBackup(): Promise<{ readonly data: string; readonly file: string }> {
  const server = await serveTrent(temporaryFolder())
  await clientOf(server).send(new CreateKeyCommand({}))
  const file = join(temporaryFolder(), 'small.backup')
  await askTrent(['backup', '--data', server.data, '--to', file])
  server.signal('SIGTERM')
  await server.finished
  return { data: server.data, file }
}

const restore = (file: string, data: string) =>
  runTrent(['restore', '--from', file, '--data', data])

test('a backup of a server under load restores elsewhere, and every key decrypts', async () => {
  const server = await serveTrent(temporaryFolder())
  const told = nothing()
  const over = storm(server, told, 4)
  while (told.ciphertexts.size < 40) await pause(10)
  const before = new Map(told.ciphertexts)
  const file = join(temporaryFolder(), 'storm.backup')
  const made = (await askTrent(['backup', '--data', server.data, '--to', file])) as Restored
  while (told.ciphertexts.size < before.size + 10) await pause(10)
  server.signal('SIGKILL')
  await over
  const data = besideRootKey(server.data)
  const restored = (await askTrent(['restore', '--from', file, '--data', data])) as Restored
  assert.equal(restored.BackupId, made.BackupId)
  assert.notEqual(restored.StoreId, restored.PreviousStoreId)
  assert.equal(restored.PreviousStoreId, made.StoreId)
  // What was restored is a file, whatever it was before.
  noteDatabase(data, undefined)
  const again = await serveTrent(data)
  const kms = new KMSClient({
    endpoint: again.endpoint,
    region: 'us-east-1',
    credentials: credentialsOf(server.data),
    maxAttempts: 1,
  })
  for (const [CiphertextBlob, plaintext] of before) {
    const { Plaintext, KeyId } = await kms.send(new DecryptCommand({ CiphertextBlob }))
    assert.deepEqual(Buffer.from(Plaintext ?? []), plaintext)
    assert.ok(restored.ToCheck.Keys.some((key) => KeyId?.endsWith(key.KeyId)))
  }
  await kms.send(
    new EncryptCommand({ KeyId: restored.ToCheck.Keys[0]?.KeyId, Plaintext: Buffer.from('new') }),
  )
  kms.destroy()
  const report = await askTrent(['audit', 'verify', '--data', data])
  assert.deepEqual((report as { readonly problems: unknown }).problems, [])
  const [event] = eventsOf(data).filter(({ eventName }) => eventName === 'BackupRestored')
  const details = event?.['serviceEventDetails'] as Record<string, unknown>
  assert.equal(details['storeId'], restored.StoreId)
  assert.equal(details['backupId'], made.BackupId)
  assert.ok(eventsOf(server.data).some(({ eventName }) => eventName === 'BackupMade'))
  again.signal('SIGTERM')
  await again.finished
})

test('a backup holds neither the root key nor a name in the clear, and only its owner reads it', async () => {
  const { data, file } = await smallBackup()
  const bytes = readFileSync(file)
  const rootKey = Buffer.from(
    readFileSync(join(data, 'root.key'), 'utf8').split(':')[1] ?? '',
    'base64',
  )
  assert.ok(!bytes.includes(rootKey) && !bytes.includes(rootKey.toString('base64')))
  assert.ok(!bytes.includes('key_materials') && !bytes.includes('arn:aws'))
  const again = await serveTrent(data)
  const refused = await runTrent(['backup', '--data', data, '--to', file])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /cannot be written: EEXIST/)
  assert.deepEqual(readFileSync(file), bytes)
  assert.ok(!existsSync(`${file}.unfinished`))
  again.signal('SIGKILL')
})

test('a wrong or missing root key is refused, and nothing is written', async () => {
  const { file } = await smallBackup()
  const other = await smallBackup()
  const data = besideRootKey(other.data)
  const wrong = await restore(file, data)
  assert.equal(wrong.code, 1)
  assert.match(
    wrong.stderr,
    /is sealed under the root key [0-9a-f]{16}, and this is [0-9a-f]{16}\n$/,
  )
  assert.ok(!existsSync(join(data, 'trent.db')))
  const empty = temporaryFolder()
  assert.match((await restore(file, empty)).stderr, /the root key `.*` is missing; name the one/)
  assert.ok(!existsSync(join(empty, 'root.key')), 'none is made')
})

test('a backup that was cut off, altered, reordered or added to is refused, and nothing is written', async () => {
  const { readBackup, BadBackup } = await import('../../src/backup/read-backup.ts')
  const { readKeyFile } = await import('../../src/key-stores/key-file.ts')
  const { rootKeys } = await import('../../src/key-stores/root-key.ts')
  const { sealChunk, headerBytes, openChunk } = await import('../../src/backup/format.ts')
  const { data, file } = await smallBackup()
  const keys = rootKeys(readKeyFile(join(data, 'root.key')))
  const bytes = readFileSync(file)
  const bad = join(temporaryFolder(), 'bad.backup')
  const isRefused = async (altered: Buffer) => {
    writeFileSync(bad, altered)
    await assert.rejects(
      readBackup(bad, keys, async () => undefined),
      BadBackup,
    )
  }
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
    await isRefused(bytes.subarray(0, at))
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ 1
    await isRefused(flipped)
  }
  await isRefused(Buffer.concat([bytes, Buffer.of(0)]))
  // The same content in two chunks is read in their order alone.
  const headerEnd = 16 + 4 + bytes.readUInt32BE(16)
  const { header } = await readBackup(file, keys, async () => undefined)
  const whole = openChunk(keys.backup, bytes.subarray(headerEnd + 5), {
    header: bytes.subarray(0, headerEnd),
    number: 0,
    isLast: true,
  })
  assert.ok(whole)
  const head = headerBytes(header)
  const [first, second] = [
    sealChunk(keys.backup, whole.subarray(0, 900), { header: head, number: 0, isLast: false }),
    sealChunk(keys.backup, whole.subarray(900), { header: head, number: 1, isLast: true }),
  ]
  writeFileSync(bad, Buffer.concat([head, first, second]))
  await readBackup(bad, keys, async () => undefined)
  await isRefused(Buffer.concat([head, second, first]))
  await isRefused(Buffer.concat([head, first]))
  await isRefused(Buffer.concat([head, first, first, second]))
  await isRefused(Buffer.concat([headerBytes({ ...header, backupId: 'other' }), first, second]))
  writeFileSync(bad, bytes.subarray(0, -1))
  const folder = besideRootKey(data)
  const { code, stderr } = await restore(bad, folder)
  assert.equal(code, 1)
  assert.match(stderr, /is cut off or was altered; nothing was restored\n$/)
  assert.ok(
    !existsSync(join(folder, 'trent.db')) && !existsSync(join(folder, 'trent.db.restoring')),
  )
})

test('a restore goes into no folder that has a database', { skip: sqliteOnly }, async () => {
  const { data, file } = await smallBackup()
  const before = readFileSync(join(data, 'trent.db'))
  assert.match((await restore(file, data)).stderr, /there is a database in `.*` already/)
  assert.deepEqual(readFileSync(join(data, 'trent.db')), before)
})

test('every table and column of the schema is in a backup, or is one of a running database alone', {
  skip: sqliteOnly,
}, async () => {
  const { data } = await smallBackup()
  const database = new DatabaseSync(join(data, 'trent.db'), { readOnly: true })
  const found = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => String(name))
  const known = [...tables.map(({ name }) => name), ...ownTables]
  assert.deepEqual(found.toSorted(), known.toSorted())
  const holds = { TEXT: 'text', INTEGER: 'integer', BLOB: 'bytes' } as Record<string, string>
  for (const table of tables) {
    const columns = database.prepare(`PRAGMA table_info(${table.name})`).all()
    const shape = columns.map(({ name, type }) => `${String(name)} ${holds[String(type)]}`)
    const said = table.columns.map((column) => `${column.name} ${column.holds}`)
    assert.deepEqual(said.toSorted(), shape.toSorted(), table.name)
    const key = columns
      .filter(({ pk }) => Number(pk) > 0)
      .sort((a, b) => Number(a['pk']) - Number(b['pk']))
    assert.deepEqual(
      table.columns.slice(0, table.keyColumns).map(({ name }) => name),
      key.map(({ name }) => name),
      table.name,
    )
  }
  database.close()
})
