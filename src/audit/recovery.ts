/**
 * What a start finds: where the chain ends, what a crash tore off, and what the database knows that the files lack.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseTime } from '../clock.ts'
import {
  type ChainEnd,
  type ChainHead,
  EMPTY_CHAIN,
  lineHash,
  readLink,
  wholeLine,
} from './chain.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import {
  type AuditFile,
  checkpointsPath,
  fileLines,
  lastGoodLine,
  plainPath,
  readTail,
  syncFolderNow,
} from './files.ts'

/** A torn end that was cut off: the file that keeps it, and how to tell it. */
export interface TornEnd {
  readonly path: string
  readonly bytes: number
  readonly hash: string
}

/**
 * Finds the end of the chain. When this resolves, the last file ends with a whole line, on disk, and what stood behind
 * it is in a `.torn-<n>.new` file, on disk before it was cut off.
 */
export async function recoverEnd(chain: string, files: readonly AuditFile[]): Promise<ChainEnd> {
  for (const [index, file] of files.toReversed().entries()) {
    const line =
      index === 0 && file.plain && !file.compressed
        ? cutTornEnd(chain, file)
        : await lastWholeLine(chain, file)
    if (line !== undefined) return endAt(line)
  }
  return EMPTY_CHAIN
}

/** Torn ends that are not yet marked in the record; `settleTornEnd` is called when they are. */
export function unmarkedTornEnds(folder: string, chain: string): readonly TornEnd[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${chain}-`) && TORN_NEW.test(name))
    .map((name) => {
      const path = join(folder, name)
      const { size } = statSync(path)
      return { path, bytes: size, hash: lineHash(readTail(path, size, size)) }
    })
}

/** Gives a torn end, whose mark is on disk, the name it keeps. */
export function settleTornEnd(torn: TornEnd): void {
  renameSync(torn.path, torn.path.slice(0, -'.new'.length))
}

/** The last checkpoint there is. When this returns, the last file's checkpoints end with a whole line. */
export function lastCheckpoint(files: readonly AuditFile[]): Checkpoint | undefined {
  for (const [index, file] of files.toReversed().entries()) {
    const path = checkpointsPath(file)
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    // A crash may have come between a new file and its checkpoints.
    if (size === 0) continue
    const good = lastGoodLine(path, size, (line) => parseCheckpoint(line) !== undefined)
    // Only what a crash can do is mended: bytes behind the last good line of the file in use.
    if (index === 0 && good.end < size) truncate(path, good.end)
    if (good.line !== undefined) return parseCheckpoint(good.line)
  }
  return undefined
}

/** The furthest of the heads that know of lines which the files lack or have otherwise. */
export function furthestMissing(
  end: ChainEnd,
  heads: readonly (ChainHead | undefined)[],
): ChainHead | undefined {
  return heads
    .filter((head) => head !== undefined)
    .filter(
      (head) =>
        head.sequence > end.sequence ||
        (head.sequence === end.sequence && head.hash !== end.hash && end.sequence > 0),
    )
    .sort((a, b) => b.sequence - a.sequence)[0]
}

/**
 * Those of the outbox's events whose line is not in the files, in order. After a kill some are lacking as a rule, and are
 * looked for in vain: so only files are read that could have them, not the record of a whole day.
 */
export async function missingFromFiles<Row extends { eventId: string; event: string }>(
  files: readonly AuditFile[],
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const wanted = new Set(rows.map((row) => row.eventId))
  const oldest = Math.min(...rows.map((row) => eventTime(row.event)))
  for (const file of files.toReversed()) {
    if (wanted.size === 0) break
    const first = await findIn(file, wanted)
    // An event's line is written after the event was made. Should the clock have been set back by more than this, a
    // line may be written twice, under one eventID; that is harmless.
    if (first !== undefined && eventTime(first) < oldest - longestCall) break
  }
  return rows.filter((row) => wanted.has(row.eventId))
}

/** How long after the time of its event a line may be written at most, and clocks be set back. */
const longestCall = 600_000

/** Takes the events that a file has out of those wanted; answers its first line. */
async function findIn(file: AuditFile, wanted: Set<string>): Promise<string | undefined> {
  let first: string | undefined
  for await (const { bytes } of fileLines(file)) {
    first ??= bytes.toString('utf8')
    const eventId = EVENT_ID.exec(bytes.toString('latin1', Math.max(0, bytes.lastIndexOf(ID))))
    if (eventId !== null && wanted.has(String(eventId[1]))) wanted.delete(ownEventId(bytes))
  }
  return first
}

function cutTornEnd(chain: string, file: AuditFile): Buffer | undefined {
  const path = plainPath(file)
  const { size } = statSync(path)
  const { line, end } = lastGoodLine(path, size, (candidate) => wholeLine(candidate, chain))
  if (end < size) {
    const folder = dirname(file.base)
    const torn = `${basename(file.base)}.torn-`
    const count = readdirSync(folder).filter((name) => name.startsWith(torn)).length
    const kept = join(folder, `${torn}${count + 1}.new`)
    writeFileSync(kept, readTail(path, size, size - end), { mode: 0o600, flag: 'wx', flush: true })
    syncFolderNow(folder)
    truncate(path, end)
  }
  return line
}

async function lastWholeLine(chain: string, file: AuditFile): Promise<Buffer | undefined> {
  let last: Buffer | undefined
  for await (const { bytes, complete } of fileLines(file)) {
    if (complete && readLink(bytes)?.chain === chain) last = bytes
  }
  return last
}

function endAt(line: Buffer): ChainEnd {
  return { sequence: readLink(line)?.sequence ?? 0, hash: lineHash(line) }
}

/** When this returns, the cut is on disk. */
function truncate(path: string, length: number): void {
  const descriptor = openSync(path, 'r+')
  try {
    ftruncateSync(descriptor, length)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Not a number, and so never too old, where a line does not say. */
function eventTime(line: string): number {
  try {
    const { eventTime: time } = JSON.parse(line) as { eventTime?: unknown }
    return parseTime(String(time)) ?? Number.NaN
  } catch {
    return Number.NaN
  }
}

/** An encryption context may hold a key `eventID`; only the event's own member counts. */
function ownEventId(line: Buffer): string {
  return String((JSON.parse(line.toString('utf8')) as { eventID?: unknown }).eventID)
}

const TORN_NEW = /-\d{8}-\d{6,15}\.torn-\d+\.new$/
const ID = '"eventID":"'
const EVENT_ID = /^"eventID":"([^"]*)"/
