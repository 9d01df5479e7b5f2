/**
 * Writes one chain: adds lines, goes on to a new file when the day or the size asks for it, and signs checkpoints. It
 * knows nothing of turns, the database or the outbox; `log.ts` does.
 */
import type { KeyObject } from 'node:crypto'
import { type Clock, isoTime } from '../clock.ts'
import { type ChainEnd, type ChainHead, lineHash, linkText } from './chain.ts'
import { checkpointLine, signCheckpoint } from './checkpoint.ts'
import { type AuditFile, checkpointsPath, newFile, plainPath, syncFolderNow } from './files.ts'
import { type OpenAppend, openAppend, WholeFile } from './whole-file.ts'

/** What a writer needs to know. */
export interface WriterSettings {
  readonly folder: string
  readonly chain: string
  readonly signingKey: KeyObject
  readonly clock: Clock
  readonly maxFileBytes: number
  readonly open?: OpenAppend | undefined
}

/** Where a writer takes up the chain. */
export interface WriterStart {
  readonly end: ChainEnd
  /** The sequence of the last checkpoint. */
  readonly checkpointed: number
  /** The file to go on with, and the number of the last one there is. */
  readonly file: AuditFile | undefined
  readonly lastNumber: number
}

interface CurrentFile {
  readonly name: AuditFile
  readonly lines: WholeFile
  readonly checkpoints: WholeFile
}

/** The only writer of a chain. Two of them on one chain in one folder notice each other and refuse. */
export class ChainWriter {
  readonly #settings: WriterSettings
  #retired: CurrentFile[] = []
  #file: CurrentFile
  #end: ChainEnd
  #checkpointed: number
  /** Where lines are encoded, from one write to the next; its content means nothing in between. */
  #bytes = Buffer.allocUnsafeSlow(usualLength)

  constructor(settings: WriterSettings, start: WriterStart) {
    this.#settings = settings
    this.#end = start.end
    this.#checkpointed = start.checkpointed
    this.#file = this.#open(start.file ?? this.#newName(start.lastNumber + 1))
  }

  /** The last line written. */
  get end(): ChainEnd {
    return this.#end
  }

  /** The name of the file that grows. */
  get file(): AuditFile {
    return this.#file.name
  }

  /**
   * When this returns, the lines are with the operating system, in one write; they are on disk after the next
   * checkpoint. When it throws, none of them is in the file and no sequence number is used up.
   */
  append(texts: readonly string[]): void {
    let end = this.#end
    let length = 0
    for (const text of texts) {
      // Encoded once, for the hash and for the file, into a buffer that stays.
      const link = linkText(this.#settings.chain, end)
      const from = length
      this.#makeRoom(from, (text.length + link.length) * 3 + 1)
      // The event's last brace, which is one byte, gives way to the link.
      length += this.#bytes.write(text, from) - 1
      length += this.#bytes.write(link, length)
      end = { sequence: end.sequence + 1, hash: lineHash(this.#bytes.subarray(from, length)) }
      this.#bytes[length] = newline
      length += 1
    }
    if (this.#rotationDue(length)) this.#rotate()
    this.#file.lines.append(this.#bytes.subarray(0, length))
    if (this.#bytes.length > mostKept) this.#bytes = Buffer.allocUnsafeSlow(usualLength)
    this.#end = end
  }

  /** When this resolves, every line that was written before the call is on disk, and a signed checkpoint with it. */
  async checkpoint(): Promise<ChainHead> {
    const file = this.#file
    const end = this.#end
    if (end.sequence > this.#checkpointed) await file.lines.sync()
    // A rotation may have overtaken us; then it has signed at least as much.
    if (end.sequence > this.#checkpointed) this.#sign(file, end)
    return { chain: this.#settings.chain, ...end, time: this.#settings.clock.now() }
  }

  /** True when there are files to close with `closeRetired`. */
  get rotated(): boolean {
    return this.#retired.length > 0
  }

  /** Closes the files that are done with. No `checkpoint` may be under way: it may be syncing one of them. */
  closeRetired(): void {
    for (const file of this.#retired.splice(0)) this.#closeFile(file)
  }

  /** When this returns, the last file and its checkpoints are on disk; nothing may be under way. */
  close(): void {
    this.closeRetired()
    try {
      this.#file.lines.syncNow()
      this.#file.checkpoints.syncNow()
    } finally {
      this.#closeFile(this.#file)
    }
  }

  /** No character takes more than three bytes of UTF-8. */
  #makeRoom(used: number, more: number): void {
    const { length } = this.#bytes
    if (used + more <= length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(length * 2, used + more))
    this.#bytes.copy(larger, 0, 0, used)
    this.#bytes = larger
  }

  #rotationDue(more: number): boolean {
    const { lines, name } = this.#file
    if (name.day !== today(this.#settings.clock)) return true
    return lines.size > 0 && lines.size + more > this.#settings.maxFileBytes
  }

  /**
   * The old file is on disk, with its last checkpoint, before the first line of the new one is written: otherwise a
   * power cut could leave a hole in the middle. At most a second's lines are left to sync, so this is short.
   */
  #rotate(): void {
    const old = this.#file
    old.lines.syncNow()
    if (this.#end.sequence > this.#checkpointed) this.#sign(old, this.#end)
    old.checkpoints.syncNow()
    this.#file = this.#open(this.#newName(old.name.number + 1))
    this.#retired.push(old)
  }

  #sign(file: CurrentFile, end: ChainEnd): void {
    const { chain, clock, signingKey } = this.#settings
    const head = { chain, ...end, time: clock.now() }
    const line = checkpointLine(signCheckpoint(head, this.#checkpointed, signingKey))
    file.checkpoints.append(Buffer.from(`${line}\n`))
    this.#checkpointed = end.sequence
  }

  #newName(number: number): AuditFile {
    const { folder, chain, clock } = this.#settings
    return newFile(folder, chain, { day: today(clock), number })
  }

  #open(name: AuditFile): CurrentFile {
    const { folder, open = openAppend } = this.#settings
    const lines = new WholeFile(plainPath(name), open)
    try {
      const checkpoints = new WholeFile(checkpointsPath(name), open)
      syncFolderNow(folder)
      return { name, lines, checkpoints }
    } catch (error) {
      lines.close()
      throw error
    }
  }

  #closeFile(file: CurrentFile): void {
    file.lines.close()
    file.checkpoints.close()
  }
}

const usualLength = 65_536
const mostKept = 1024 * 1024
const newline = 0x0a

function today(clock: Clock): string {
  return isoTime(clock.now()).slice(0, 10).replaceAll('-', '')
}
