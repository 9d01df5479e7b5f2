/**
 * Walks one chain from its first line to its last. After each problem it goes on from what it found, so that one altered
 * line is one problem.
 */
import type { KeyObject } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { type ChainHead, EMPTY_CHAIN, lineHash, readLink } from './chain.ts'
import { type Checkpoint, goodSignature, parseCheckpoint } from './checkpoint.ts'
import { type AuditFile, checkpointsPath, fileLines, plainPath } from './files.ts'
import { MARK_SOURCE } from './service-event.ts'

/** By `publicKeyId`; undefined: signatures are not checked. */
export type PublicKeys = ReadonlyMap<string, KeyObject> | undefined

/** What was found of one chain. */
export interface ChainReport {
  readonly chain: string
  readonly files: number
  readonly lines: number
  /** 0 when there is no line. More than 1 when older files have expired. */
  readonly firstSequence: number
  readonly lastSequence: number
  readonly checkpoints: number
  /** Lines behind the last checkpoint: not yet checkpointed. */
  readonly notCheckpointed: number
  /** Torn ends that were cut off and marked. */
  readonly recovered: number
}

/** The state of a walk. */
export class ChainWalk {
  readonly problems: string[] = []
  readonly #chain: string
  readonly #keys: PublicKeys
  /** Heads still to be met, by sequence. */
  readonly #heads: Map<number, ChainHead[]>
  /** The last line; undefined after something that is no line. */
  #last: { sequence: number; hash: string } | undefined
  #firstSequence = 0
  #lastSequence = 0
  #checkpointed: number | undefined
  /** How far expired files went, as the marks say. */
  #expired = 0
  #lines = 0
  #checkpoints = 0
  #recovered = 0

  constructor(options: { chain: string; keys: PublicKeys; heads: readonly ChainHead[] }) {
    this.#chain = options.chain
    this.#keys = options.keys
    this.#heads = Map.groupBy(options.heads, (head) => head.sequence)
  }

  /** Reads the files, in order. */
  async run(files: readonly AuditFile[]): Promise<ChainReport> {
    // Unless older files have expired, the first checkpoint has none before it.
    if (files[0]?.number === 1) this.#checkpointed = 0
    for (const [index, file] of files.entries()) {
      const before = files[index - 1]
      if (before !== undefined && file.number !== before.number + 1) {
        this.#problem(`a file is missing before ${basename(file.base)}`)
      }
      await this.#file(file, index === files.length - 1)
    }
    this.#finish()
    return {
      chain: this.#chain,
      files: files.length,
      lines: this.#lines,
      firstSequence: this.#firstSequence,
      lastSequence: this.#lastSequence,
      checkpoints: this.#checkpoints,
      notCheckpointed: Math.max(0, this.#lastSequence - (this.#checkpointed ?? 0)),
      recovered: this.#recovered,
    }
  }

  async #file(file: AuditFile, newest: boolean): Promise<void> {
    // Read before the lines: what is checkpointed now must be found among them, also when the record is in use.
    const checkpoints = this.#readCheckpoints(file)
    const before = this.#lines
    try {
      for await (const line of linesOf(file, newest)) {
        if (line.complete) this.#line(line.bytes, file, checkpoints)
        else this.#problem(`${basename(file.base)} ends in the middle of a line`)
      }
    } catch (error) {
      this.#problem(`${basename(file.base)} cannot be read: ${(error as Error).message}`)
    }
    for (const sequence of checkpoints.keys()) {
      this.#problem(`the checkpoint of line ${sequence} has no line in ${basename(file.base)}`)
    }
    if (!newest && this.#lines > before && this.#checkpointed !== this.#lastSequence) {
      this.#problem(`${basename(file.base)} lacks its last checkpoint`)
    }
  }

  #line(bytes: Buffer, file: AuditFile, checkpoints: Map<number, string>): void {
    this.#lines += 1
    const link = readLink(bytes)
    if (link === undefined || link.chain !== this.#chain) {
      this.#problem(`line ${this.#lines} (${basename(file.base)}) is not a line of this chain`)
      this.#last = undefined
      return
    }
    const { sequence, previous } = link
    const last = this.#last ?? (this.#lines === 1 && sequence === 1 ? EMPTY_CHAIN : undefined)
    if (last !== undefined && sequence !== last.sequence + 1) {
      this.#problem(`line ${last.sequence} is followed by line ${sequence}`)
    } else if (last !== undefined && previous !== last.hash) {
      this.#problem(`line ${last.sequence} is not as it was when line ${sequence} was written`)
    }
    if (this.#firstSequence === 0) this.#firstSequence = sequence
    const hash = lineHash(bytes)
    this.#last = { sequence, hash }
    this.#lastSequence = sequence
    this.#compare(sequence, hash, checkpoints)
    if (bytes.includes(MARK_SOURCE)) this.#mark(bytes)
  }

  #compare(sequence: number, hash: string, checkpoints: Map<number, string>): void {
    const signed = checkpoints.get(sequence)
    if (signed !== undefined && signed !== hash) {
      this.#problem(`line ${sequence} is not the one that was checkpointed`)
    }
    checkpoints.delete(sequence)
    for (const head of this.#heads.get(sequence) ?? []) {
      if (head.hash !== hash)
        this.#problem(`line ${sequence} is not the one that the database knows`)
    }
    this.#heads.delete(sequence)
  }

  /** Marks are read from whole events: a caller can have the name in an encryption context, but not as the source. */
  #mark(bytes: Buffer): void {
    const event = parsed(bytes)
    if (event?.eventSource !== MARK_SOURCE) return
    if (event.eventName === 'AuditLineRecovered') this.#recovered += 1
    if (event.eventName === 'AuditLinesMissing') {
      this.#problem(`lines before ${this.#lastSequence} were missing when the record was opened`)
    }
    if (event.eventName === 'AuditFilesExpired') {
      const through = Number(event.serviceEventDetails?.throughSequence)
      if (through < this.#lastSequence) this.#expired = Math.max(this.#expired, through)
    }
  }

  #readCheckpoints(file: AuditFile): Map<number, string> {
    const checkpoints = new Map<number, string>()
    const text = textOf(checkpointsPath(file))
    const lines = text.toString('latin1').split('\n')
    if (lines.pop() !== '') this.#problem(`the checkpoints of ${basename(file.base)} are cut off`)
    for (const [index, line] of lines.entries()) {
      const checkpoint = parseCheckpoint(Buffer.from(line, 'latin1'))
      const fault = this.#checkpointFault(checkpoint)
      if (fault === undefined && checkpoint !== undefined) {
        checkpoints.set(checkpoint.sequence, checkpoint.hash)
        this.#checkpoints += 1
      } else this.#problem(`checkpoint ${index + 1} of ${basename(file.base)} ${fault}`)
      if (checkpoint !== undefined) this.#checkpointed = checkpoint.sequence
    }
    return checkpoints
  }

  #checkpointFault(checkpoint: Checkpoint | undefined): string | undefined {
    if (checkpoint === undefined) return 'is malformed'
    if (checkpoint.chain !== this.#chain) return 'is of another chain'
    if (this.#keys !== undefined) {
      const key = this.#keys.get(checkpoint.publicKey)
      if (key === undefined) return 'is signed with another key'
      if (!goodSignature(checkpoint, key)) return 'has a bad signature'
    }
    // The first one there is may follow one that has expired with its file.
    const before = this.#checkpointed ?? checkpoint.after
    if (checkpoint.after !== before) return 'does not follow the one before: one is missing'
    return checkpoint.sequence > checkpoint.after ? undefined : 'is out of order'
  }

  #finish(): void {
    if (this.#firstSequence > 1 && this.#expired < this.#firstSequence - 1) {
      this.#problem(`lines 1 to ${this.#firstSequence - 1} are missing and did not expire`)
    }
    for (const sequence of this.#heads.keys()) {
      // A head from before the first line went with the files that expired, or was reported just now.
      if (sequence >= Math.max(1, this.#firstSequence)) {
        this.#problem(`the database knows line ${sequence}, which is missing`)
      }
    }
  }

  #problem(problem: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(problem)
  }
}

/** The lines of a file; of one in use, what looks like a torn end is read again for as long as the file grows. */
async function* linesOf(file: AuditFile, newest: boolean) {
  let offset = 0
  for (let attempt = 0; ; attempt += 1) {
    let torn: Buffer | undefined
    for await (const line of fileLines(file, offset)) {
      if (line.complete) {
        offset += line.bytes.length + 1
        yield line
      } else torn = line.bytes
    }
    if (torn === undefined) return
    const size = statSync(plainPath(file), { throwIfNoEntry: false })?.size ?? 0
    if (!newest || attempt === 10 || size <= offset + torn.length) {
      yield { bytes: torn, complete: false }
      return
    }
  }
}

interface MarkEvent {
  readonly eventSource?: unknown
  readonly eventName?: unknown
  readonly serviceEventDetails?: { readonly throughSequence?: unknown }
}

function parsed(bytes: Buffer): MarkEvent | undefined {
  try {
    return JSON.parse(bytes.toString('utf8')) as MarkEvent
  } catch {
    return undefined
  }
}

function textOf(path: string): Buffer {
  return statSync(path, { throwIfNoEntry: false }) === undefined
    ? Buffer.alloc(0)
    : readFileSync(path)
}

const MOST_PROBLEMS = 100
