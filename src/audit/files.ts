/**
 * The files of the record: `<chain>-<yyyymmdd>-<number>.jsonl` (or `.jsonl.gz`), with `.checkpoints` beside. The number
 * counts through the whole chain and alone gives the order; the day is for people and for `keepDays`.
 */
import {
  closeSync,
  createReadStream,
  fsync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { createGunzip } from 'node:zlib'

/** One file of a chain, in either form or (after a crash while compressing) both. */
export interface AuditFile {
  readonly chain: string
  /** `yyyymmdd`, UTC. */
  readonly day: string
  readonly number: number
  /** The path without an extension. */
  readonly base: string
  readonly plain: boolean
  readonly compressed: boolean
}

/** A line without its newline; the last one may lack it. */
export interface FileLine {
  readonly bytes: Buffer
  readonly complete: boolean
}

/** The path of the plain file. */
export const plainPath = (file: { readonly base: string }): string => `${file.base}.jsonl`
/** The path of the compressed file. */
export const compressedPath = (file: { readonly base: string }): string => `${file.base}.jsonl.gz`
/** The path of the checkpoints. */
export const checkpointsPath = (file: { readonly base: string }): string =>
  `${file.base}.checkpoints`

/** The name of a new file. */
export function newFile(folder: string, chain: string, at: { day: string; number: number }) {
  const name = `${chain}-${at.day}-${String(at.number).padStart(6, '0')}`
  return { chain, ...at, base: join(folder, name), plain: true, compressed: false } as const
}

/** The files in the folder, of one chain or all, by chain and number. */
export function listFiles(folder: string, chain?: string): AuditFile[] {
  const files = new Map<string, AuditFile>()
  for (const name of readdirSync(folder)) {
    const found = FILE_NAME.exec(name)
    if (found === null || (chain !== undefined && found[2] !== chain)) continue
    const base = join(folder, String(found[1]))
    const known = files.get(base)
    const zipped = found[5] !== undefined
    files.set(base, {
      chain: String(found[2]),
      day: String(found[3]),
      number: Number(found[4]),
      base,
      plain: known?.plain === true || !zipped,
      compressed: known?.compressed === true || zipped,
    })
  }
  return [...files.values()].sort((a, b) =>
    a.chain === b.chain ? a.number - b.number : a.chain < b.chain ? -1 : 1,
  )
}

/** The newest files that have checkpoints and no lines: one that expires leaves newer ones behind. */
export function lostFiles(folder: string): string[] {
  const files = listFiles(folder)
  return readdirSync(folder).flatMap((name) => {
    const found = CHECKPOINTS_NAME.exec(name)
    if (found === null || statSync(join(folder, name)).size === 0) return []
    const isKept = files.some((file) => file.chain === found[2] && file.number >= Number(found[3]))
    return isKept ? [] : [String(found[1])]
  })
}

/** The lines of a file, plain or compressed, from an offset in its plain form. */
export async function* fileLines(file: AuditFile, start = 0): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of fileChunks(file, start)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      yield { bytes: bytes.subarray(from, end), complete: true }
      from = end + 1
    }
    rest = bytes.subarray(from)
    if (rest.length > LONGEST_LINE) throw new Error(`${file.base} has a line of over 16 MiB`)
  }
  if (rest.length > 0) yield { bytes: rest, complete: false }
}

async function* fileChunks(file: AuditFile, start: number): AsyncGenerator<Buffer> {
  // With both forms present the plain one is whole: it is deleted only after the other has been compared with it.
  if (file.plain) {
    try {
      yield* createReadStream(plainPath(file), { start, highWaterMark: CHUNK }) as Chunks
      return
    } catch (error) {
      // Compressed since the folder was listed; nothing has been read yet, or the open file would still be there.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  yield* skipped(unzipped(compressedPath(file)), start)
}

/** The plain bytes of a gzip file. */
export function unzipped(path: string): Readable {
  const source = createReadStream(path)
  const gunzip = createGunzip({ chunkSize: CHUNK })
  source.on('error', (error) => gunzip.destroy(error))
  gunzip.on('close', () => source.destroy())
  return source.pipe(gunzip)
}

async function* skipped(source: Chunks, count: number): AsyncGenerator<Buffer> {
  let left = count
  for await (const chunk of source) {
    if (left < chunk.length) yield chunk.subarray(left)
    left = Math.max(0, left - chunk.length)
  }
}

/** The last line of a plain file that `good` accepts, and where it ends; read from the back, so the size hardly matters. */
export function lastGoodLine(
  path: string,
  size: number,
  good: (line: Buffer) => boolean,
): { readonly line: Buffer | undefined; readonly end: number } {
  for (let length = Math.min(CHUNK, size); ; length = Math.min(length * 4, size)) {
    const bytes = readTail(path, size, length)
    let end = bytes.lastIndexOf(NEWLINE)
    while (end >= 0) {
      const before = end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1)
      // The window may begin in the middle of this line.
      if (before < 0 && length < size) break
      const line = bytes.subarray(before + 1, end)
      if (good(line)) return { line, end: size - length + end + 1 }
      end = before
    }
    if (length === size) return { line: undefined, end: 0 }
  }
}

/** The last `length` bytes of a file of `size` bytes. */
export function readTail(path: string, size: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  const descriptor = openSync(path, 'r')
  try {
    let read = 0
    while (read < length) {
      const got = readSync(descriptor, bytes, read, length - read, size - length + read)
      if (got === 0) break
      read += got
    }
    return bytes.subarray(0, read)
  } finally {
    closeSync(descriptor)
  }
}

/** When this returns, the folder's names (files made, renamed, deleted) are on disk. */
export function syncFolderNow(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** As `syncFolderNow`, without holding up the event loop. */
export async function syncFolder(folder: string): Promise<void> {
  const descriptor = openSync(folder, 'r')
  try {
    await syncDescriptor(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** `fsync`, as a promise. */
export const syncDescriptor = promisify(fsync)

type Chunks = AsyncIterable<Buffer>

const FILE_NAME = /^((.+)-(\d{8})-(\d{6,15}))\.jsonl(\.gz)?$/
const CHECKPOINTS_NAME = /^((.+)-\d{8}-(\d{6,15}))\.checkpoints$/
const NEWLINE = 0x0a
const CHUNK = 1024 * 1024
const LONGEST_LINE = 16 * CHUNK
