/**
 * A backup of many chunks, one under a passphrase, and what is refused of each part of a file.
 */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { CreateKeyCommand, DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { BadBackup, readBackup } from '../../src/backup/read-backup.ts'
import { readKeyFile } from '../../src/key-stores/key-file.ts'
import { rootKeys } from '../../src/key-stores/root-key.ts'
import { namesEngines } from '../support/engines.ts'
import { createDatabase, runIn } from '../support/postgres.ts'
import { askTrent, clientOf, runTrent, serveTrent, temporaryFolder } from '../support/process.ts'

const Plaintext = Buffer.from('a plaintext')

/** So many tags, each with the longest value that there is. */
const manyRows = 6000

/** A stopped server with one key and many rows, its backup, and a ciphertext. */
async function largeBackup() {
  const server = await serveTrent(temporaryFolder())
  const kms = clientOf(server)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const KeyId = KeyMetadata?.KeyId ?? ''
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
  const database = new DatabaseSync(join(server.data, 'trent.db'), { timeout: 5000 })
  const insert = database.prepare(
    'INSERT INTO tags (region, key_id, tag_key, tag_value) VALUES (?, ?, ?, ?)',
  )
  database.exec('BEGIN IMMEDIATE')
  for (let i = 0; i < manyRows; i += 1) insert.run('us-east-1', KeyId, `tag ${i}`, 'é'.repeat(256))
  database.exec('COMMIT')
  database.close()
  const file = join(temporaryFolder(), 'large.backup')
  await askTrent(['backup', '--data', server.data, '--to', file])
  server.signal('SIGTERM')
  await server.finished
  return { data: server.data, file, blob: CiphertextBlob }
}

/** Where each chunk of a backup begins, and where the file ends. */
function chunkStarts(bytes: Buffer): readonly number[] {
  const starts: number[] = []
  let at = 16 + 4 + bytes.readUInt32BE(16)
  while (at < bytes.length) {
    starts.push(at)
    at += 5 + bytes.readUInt32BE(at + 1)
  }
  assert.equal(at, bytes.length)
  return [...starts, at]
}

test('a backup of many chunks is restored to each engine, and what is altered in any part of it is refused', {
  skip: namesEngines,
}, async () => {
  const { data, file, blob } = await largeBackup()
  const bytes = readFileSync(file)
  const starts = chunkStarts(bytes)
  assert.ok(starts.length > 10, `${starts.length - 1} chunks`)
  const url = await createDatabase()
  for (const place of [[], ['--database', url]]) {
    const folder = temporaryFolder()
    copyFileSync(join(data, 'root.key'), join(folder, 'root.key'))
    await askTrent(['restore', '--from', file, '--data', folder, ...place])
    const again = await serveTrent(folder, place)
    const opened = await clientOf({ ...again, data }).send(
      new DecryptCommand({ CiphertextBlob: blob }),
    )
    assert.deepEqual(Buffer.from(opened.Plaintext ?? []), Plaintext)
    again.signal('SIGTERM')
    await again.finished
  }
  const [row] = await runIn(url, 'SELECT COUNT(*) AS count FROM tags')
  assert.equal(Number(row?.['count']), manyRows)

  const keys = rootKeys(readKeyFile(join(data, 'root.key')))
  const bad = join(temporaryFolder(), 'bad.backup')
  const isRefused = async (altered: Buffer, what: string) => {
    writeFileSync(bad, altered)
    await assert.rejects(
      readBackup(bad, keys, async () => undefined),
      BadBackup,
      what,
    )
  }
  const flip = (at: number) => {
    const altered = Buffer.from(bytes)
    altered[at] = (altered[at] ?? 0) ^ 0x10
    return altered
  }
  const [first = 0, second = 0] = starts
  const last = starts.at(-2) ?? 0
  for (const [what, at] of [
    ['the magic', 3],
    ['the length of the header', 18],
    ['the header', 40],
    ['whether a chunk is the last', first],
    ['the length of a chunk', first + 3],
    ['the nonce', first + 5 + 7],
    ['the ciphertext', first + 5 + 24 + 1000],
    ['the tag', second - 3],
    ['a chunk in the middle', (starts[5] ?? 0) + 5 + 24 + 1],
    ['whether the last chunk is the last', last],
    ['the manifest', last + 5 + 24 + 1],
    ['the last tag', bytes.length - 1],
  ] as const) {
    await isRefused(flip(at), what)
  }
  for (const start of starts.slice(0, -1)) await isRefused(bytes.subarray(0, start), 'cut off')
  await isRefused(bytes.subarray(0, -1), 'without its last byte')
  const gap = Buffer.concat([bytes.subarray(0, second), bytes.subarray(starts[2])])
  await isRefused(gap, 'without its second chunk')
  const stranger = rootKeys(Buffer.alloc(32, 7))
  await assert.rejects(
    readBackup(file, stranger, async () => undefined),
    /is sealed under the root/,
  )
  // Who claims that the file is of his root key does not open it either.
  const renamed = Buffer.from(bytes)
  renamed.write(stranger.id, bytes.indexOf(keys.id))
  writeFileSync(bad, renamed)
  await assert.rejects(
    readBackup(bad, stranger, async () => undefined),
    BadBackup,
  )
})

test('a backup that is altered behind its first chunks leaves PostgreSQL without a row', {
  skip: namesEngines,
}, async () => {
  const { data, file } = await largeBackup()
  const bytes = readFileSync(file)
  const bad = join(temporaryFolder(), 'bad.backup')
  writeFileSync(bad, bytes.subarray(0, chunkStarts(bytes).at(-2)))
  const url = await createDatabase()
  const folder = temporaryFolder()
  copyFileSync(join(data, 'root.key'), join(folder, 'root.key'))
  const restore = ['restore', '--data', folder, '--database', url, '--from']
  const { code, stderr } = await runTrent([...restore, bad])
  assert.equal(code, 1)
  assert.match(stderr, /is cut off or was altered; nothing was restored\n$/)
  const [found] = await runIn(url, "SELECT to_regclass('keys') AS table")
  assert.equal(found?.['table'], null, 'it was read to its end before anything was written')
  await askTrent([...restore, file])
})

test('a backup of a server under a passphrase is restored with it, and not with another', {
  skip: namesEngines,
}, async () => {
  const data = temporaryFolder()
  const folder = temporaryFolder()
  const passphrase = (name: string) => {
    const path = join(folder, name)
    writeFileSync(path, `${name} horse battery staple\n`, { mode: 0o600 })
    return ['--root-key-passphrase-file', path]
  }
  const server = await serveTrent(data, passphrase('correct'))
  const kms = clientOf(server)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }),
  )
  const file = join(folder, 'sealed.backup')
  await askTrent(['backup', '--data', data, '--to', file])
  server.signal('SIGTERM')
  await server.finished
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const target = temporaryFolder()
  copyFileSync(join(data, 'root.key'), join(target, 'root.key'))
  const restore = ['restore', '--from', file, '--data', target]
  const wrong = await runTrent([...restore, ...passphrase('another')])
  assert.match(wrong.stderr, /the passphrase in `.*` does not open the root key/)
  assert.match((await runTrent(restore)).stderr, /is sealed under a passphrase; name the file/)
  assert.ok(!existsSync(join(target, 'trent.db')))
  await askTrent([...restore, ...passphrase('correct')])
  const again = await serveTrent(target, passphrase('correct'))
  await clientOf({ ...again, data }).send(new DecryptCommand({ CiphertextBlob }))
  again.signal('SIGKILL')
})
