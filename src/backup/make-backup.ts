/**
 * Makes a backup of a running service: every row of one moment, in one encrypted file. The root key is not in it, nor, while
 * it changes, the one before.
 */
import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, link, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { uuid } from '../crypto/random.ts'
import type { Database, Reader } from '../database/database.ts'
import { readMeta } from '../database/meta.ts'
import { migrations } from '../database/migrate.ts'
import { rowsOf, type Table, type TableRow, tables } from '../database/tables.ts'
import { metaNames, parseChange } from '../key-stores/root-key-change.ts'
import type { RootKeyRing } from '../key-stores/root-key-ring.ts'
import type { SealedRows } from '../key-stores/sealed-rows.ts'
import { type BackupHeader, chunkBytes, headerBytes, type Manifest, sealChunk } from './format.ts'
import { lineOf } from './lines.ts'

/** Why there is no backup, for people: lower case, no full stop. */
export class BackupError extends Error {}

/** What is backed up, and where to. */
export interface BackupParts {
  readonly database: Database
  readonly root: RootKeyRing
  readonly tables: readonly SealedRows<unknown>[]
  readonly now: number
  readonly file: string
}

/** A backup that is on disk. */
export interface MadeBackup {
  readonly header: BackupHeader
  readonly manifest: Manifest
}

/** What belongs to the store and not to its content, or is a root key, however sealed. */
const leftOut: readonly string[] = [metaNames.storeId, metaNames.check, metaNames.change]

/** Makes a backup. When this resolves, the file is on disk under its name; until then there is none of that name. */
export async function makeBackup(parts: BackupParts): Promise<MadeBackup> {
  const unnamed = `${parts.file}.unfinished`
  await rm(unnamed, { force: true })
  const output = await open(unnamed, 'wx', 0o600)
  try {
    const made = await parts.database.snapshot((reader) => write(parts, reader, output))
    await output.sync()
    await link(unnamed, parts.file)
    await syncFolder(dirname(parts.file))
    return made
  } finally {
    await output.close()
    await rm(unnamed, { force: true })
  }
}

async function write(parts: BackupParts, reader: Reader, output: FileHandle): Promise<MadeBackup> {
  const header = await headerOf(parts, reader)
  const chunks = new ChunkWriter(output, parts.root, header)
  await chunks.begin()
  const sums: Record<string, Manifest['tables'][string]> = {}
  for (const table of tables) {
    const hash = createHash('sha256')
    let rows = 0
    for await (const page of rowsOf(reader, table)) {
      const kept = page.filter((row) => isKept(table, row))
      rows += kept.length
      await chunks.add(kept.map((row) => hashed(hash, lineOf(table, row))).join(''))
    }
    sums[table.name] = { rows, sha256: hash.digest('hex') }
  }
  const manifest = { tables: sums }
  await chunks.add(`${JSON.stringify({ manifest })}\n`)
  await chunks.end()
  return { header, manifest }
}

/** Checks that everything in the snapshot is under the root key that is to open the backup. */
async function headerOf({ root, tables: sealed, now }: BackupParts, reader: Reader) {
  const { current } = root
  const storeId = (await readMeta(reader, metaNames.storeId)) ?? ''
  const check = (await readMeta(reader, metaNames.check)) ?? ''
  const change = parseChange(await readMeta(reader, metaNames.change))
  let isReady = current.matches(storeId, check) && change?.stage !== 'switched'
  for (const table of change?.stage === 'rewrapped' ? sealed : []) {
    const left = await table.list(reader, root.header, { after: undefined, limit: 1 })
    isReady &&= left.length === 0
  }
  if (!isReady) {
    throw new BackupError(
      'the root key is being changed; make the backup when trent root-key status shows the stage rewrapped',
    )
  }
  const schema = migrations.at(-1)?.name ?? ''
  return { backupId: uuid(), rootKeyId: current.id, storeId, time: now, schema }
}

function isKept(table: Table, row: TableRow): boolean {
  if (table.name !== 'meta') return true
  const name = String(row[0])
  return !leftOut.includes(name) && !name.startsWith(metaNames.next)
}

function hashed(hash: Hash, line: string): string {
  hash.update(line)
  return line
}

/** Cuts text into chunks and seals them, one behind the other. */
class ChunkWriter {
  readonly #output: FileHandle
  readonly #key
  readonly #header: Buffer
  #waiting: Buffer[] = []
  #bytes = 0
  #number = 0

  constructor(output: FileHandle, root: RootKeyRing, header: BackupHeader) {
    this.#output = output
    this.#key = root.current.backup
    this.#header = headerBytes(header)
  }

  async begin(): Promise<void> {
    await this.#output.writeFile(this.#header)
  }

  async add(text: string): Promise<void> {
    const bytes = Buffer.from(text, 'utf8')
    this.#waiting.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes >= chunkBytes) await this.#flush(false)
  }

  async end(): Promise<void> {
    await this.#flush(true)
  }

  async #flush(isLast: boolean): Promise<void> {
    const plaintext = Buffer.concat(this.#waiting)
    const place = { header: this.#header, number: this.#number, isLast }
    this.#waiting = []
    this.#bytes = 0
    this.#number += 1
    await this.#output.writeFile(sealChunk(this.#key, plaintext, place))
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
