/**
 * Reads a backup, and believes nothing of it before it is proven: each chunk opens in its place, the last one ends the file,
 * and counts and hashes are those of the manifest.
 */
import { createHash, type Hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { type Table, type TableRow, tables } from '../database/tables.ts'
import type { RootKeys } from '../key-stores/root-key.ts'
import {
  type BackupHeader,
  chunkHeadLength,
  magic,
  type Manifest,
  mostChunkBytes,
  mostHeaderBytes,
  openChunk,
} from './format.ts'
import { rowOf } from './lines.ts'

/** Why a backup cannot be used, for people: lower case, no full stop. */
export class BadBackup extends Error {}

/** What a backup says of itself, read to its end. */
export interface ReadBackup {
  readonly header: BackupHeader
  readonly manifest: Manifest
}

/** Reads the whole backup and hands each row to `take`. What was handed over counts only when this has returned. */
export async function readBackup(
  file: string,
  keys: RootKeys,
  take: (table: Table, row: TableRow) => Promise<void>,
): Promise<ReadBackup> {
  const descriptor = openSync(file, 'r')
  try {
    const header = readHeader(descriptor, file)
    if (header.parsed.rootKeyId !== keys.id) {
      throw new BadBackup(
        `the backup \`${file}\` is sealed under the root key ${header.parsed.rootKeyId}, and this is ${keys.id}`,
      )
    }
    const sums = new Map<string, { rows: number; hash: Hash }>()
    let manifest: Manifest | undefined
    for (const line of linesOf(descriptor, { file, keys, header: header.bytes })) {
      if (manifest !== undefined) throw altered(file)
      const parsed = JSON.parse(line) as readonly unknown[] | { readonly manifest: Manifest }
      if ('manifest' in parsed) manifest = parsed.manifest
      else await takeLine(line, parsed, { sums, take })
    }
    if (manifest === undefined || !isWhole(manifest, sums)) throw altered(file)
    return { header: header.parsed, manifest }
  } finally {
    closeSync(descriptor)
  }
}

async function takeLine(
  line: string,
  [name, ...values]: readonly unknown[],
  to: {
    readonly sums: Map<string, { rows: number; hash: Hash }>
    readonly take: (table: Table, row: TableRow) => Promise<void>
  },
): Promise<void> {
  const table = tables.find((one) => one.name === name)
  if (table === undefined)
    throw new BadBackup('the backup has a table that this Trent does not know')
  const sum = to.sums.get(table.name) ?? { rows: 0, hash: createHash('sha256') }
  to.sums.set(table.name, sum)
  sum.rows += 1
  sum.hash.update(`${line}\n`)
  await to.take(table, rowOf(table, values))
}

function isWhole(
  manifest: Manifest,
  sums: ReadonlyMap<string, { readonly rows: number; readonly hash: Hash }>,
): boolean {
  return tables.every(({ name }) => {
    const sum = sums.get(name) ?? { rows: 0, hash: createHash('sha256') }
    const said = manifest.tables[name]
    return said?.rows === sum.rows && said.sha256 === sum.hash.digest('hex')
  })
}

/** Lines over all chunks; a line may go on in the next chunk. */
function* linesOf(
  descriptor: number,
  from: { readonly file: string; readonly keys: RootKeys; readonly header: Buffer },
): Generator<string> {
  let rest = Buffer.alloc(0)
  for (const plaintext of chunksOf(descriptor, from)) {
    const bytes = rest.length === 0 ? plaintext : Buffer.concat([rest, plaintext])
    let start = 0
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      yield bytes.toString('utf8', start, end)
      start = end + 1
    }
    rest = Buffer.from(bytes.subarray(start))
  }
  if (rest.length > 0) throw altered(from.file)
}

function* chunksOf(
  descriptor: number,
  { file, keys, header }: { file: string; keys: RootKeys; header: Buffer },
): Generator<Buffer> {
  for (let number = 0; ; number += 1) {
    const head = readExactly(descriptor, chunkHeadLength, file)
    const length = head.readUInt32BE(1)
    if (length > mostChunkBytes || (head[0] ?? 2) > 1) throw altered(file)
    const isLast = head[0] === 1
    const body = readExactly(descriptor, length, file)
    const plaintext = openChunk(keys.backup, body, { header, number, isLast })
    if (plaintext === undefined) throw altered(file)
    yield plaintext
    if (!isLast) continue
    if (readSync(descriptor, Buffer.alloc(1)) > 0) throw altered(file)
    return
  }
}

function readHeader(descriptor: number, file: string) {
  const start = Buffer.alloc(magic.length)
  readSync(descriptor, start)
  if (!start.equals(magic)) throw new BadBackup(`\`${file}\` is no backup of Trent`)
  const length = readExactly(descriptor, 4, file)
  if (length.readUInt32BE() > mostHeaderBytes) throw altered(file)
  const json = readExactly(descriptor, length.readUInt32BE(), file)
  return { bytes: Buffer.concat([start, length, json]), parsed: parseHeader(json, file) }
}

function parseHeader(json: Buffer, file: string): BackupHeader {
  try {
    return JSON.parse(json.toString('utf8')) as BackupHeader
  } catch {
    throw altered(file)
  }
}

function readExactly(descriptor: number, length: number, file: string): Buffer {
  const bytes = Buffer.alloc(length)
  for (let done = 0; done < length; ) {
    const read = readSync(descriptor, bytes, done, length - done, null)
    if (read === 0) throw altered(file)
    done += read
  }
  return bytes
}

function altered(file: string): BadBackup {
  return new BadBackup(`the backup \`${file}\` is cut off or was altered; nothing was restored`)
}
