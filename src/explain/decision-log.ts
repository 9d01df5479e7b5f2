/**
 * What was decided, kept for `trent explain`: the newest calls whole and in memory, and a line for each call in files that
 * cannot grow without end. It is no part of the record: a disk that refuses it holds up no request.
 */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Judgement } from '../access/authorize.ts'
import { identityText, type UserIdentity } from '../audit/user-identity.ts'
import { type Clock, isoTime } from '../clock.ts'
import { briefText, wholeText } from './explanation.ts'
import { WaitingLines } from './waiting-lines.ts'

/** A call that is over, and every decision on it. */
export interface DecidedCall {
  readonly requestId: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly operation: string
  readonly region: string
  readonly identity: UserIdentity
  readonly judgements: readonly Judgement[]
}

/** How many calls stay in memory, and how large a file grows, in bytes. */
export interface DecisionLimits {
  readonly calls: number
  readonly fileBytes: number
}

/** Where the lines go, and who hears when they cannot be written. */
export interface DecisionLogOptions {
  readonly folder: string
  /** The number of a worker. */
  readonly worker?: number | undefined
  readonly clock: Clock
  readonly report: (error: unknown, message: string) => void
  readonly limits?: DecisionLimits
}

const usualLimits: DecisionLimits = { calls: 1000, fileBytes: 32 * 1024 * 1024 }
const mostFiles = 4

/** The files of a process, newest first, whether or not they are there. A worker has files of its own. */
export function decisionFiles(folder: string, worker?: number): readonly string[] {
  const name = worker === undefined ? 'decisions' : `worker-${worker}`
  return Array.from({ length: mostFiles }, (_, age) =>
    join(folder, age === 0 ? `${name}.jsonl` : `${name}.${age}.jsonl`),
  )
}

/** How long a line may wait to be written, in milliseconds, and how many others may join it meanwhile. */
const patience = 100
const mostWaiting = 1000
/**
 * How many of those that wait may be allows that are kept whole. What is kept outlives young collections, which costs a busy
 * service more than everything else here; its allows soon stand in the file, while people and tests stay far below this.
 */
const mostWholeAllows = 50

/** The log of decisions. */
export class DecisionLog implements AsyncDisposable {
  readonly folder: string
  readonly #worker: number | undefined
  readonly #clock: Clock
  readonly #report: (error: unknown, message: string) => void
  readonly #limits: DecisionLimits
  readonly #calls: DecidedCall[] = []
  /** Where the next call goes, once the newest calls fill the list. */
  #next = 0
  /** The very last call, whether or not it is in the list. */
  #last: DecidedCall | undefined
  #wholeAllows = 0
  readonly #lines = new WaitingLines()
  #callOff: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()
  #file: { readonly handle: FileHandle; size: number } | undefined

  constructor({ folder, worker, clock, report, limits = usualLimits }: DecisionLogOptions) {
    this.folder = folder
    this.#worker = worker
    this.#clock = clock
    this.#report = report
    this.#limits = limits
  }

  /** Keeps a call. Only memory is touched; its line is written with others, soon. */
  keep(call: DecidedCall): void {
    if (call.judgements.length === 0) return
    this.#last = call
    if (this.#mayStayWhole(call)) {
      this.#calls[this.#next] = call
      this.#next = (this.#next + 1) % this.#limits.calls
    }
    this.#lines.add(callText(call, isRefusal))
    if (this.#lines.count >= mostWaiting) void this.flush()
    else {
      this.#callOff ??= this.#clock.after(patience, () => {
        void this.flush()
      })
    }
  }

  /** The call of this request, or the last one, as JSON text with all that was considered; undefined if it is not in memory. */
  find(requestId: string | undefined): string | undefined {
    const call = this.recall(requestId)
    return call && callText(call, () => true)
  }

  /** The call of this request, or the last one; undefined if it is not in memory. */
  recall(requestId: string | undefined): DecidedCall | undefined {
    return requestId === undefined || requestId === this.#last?.requestId
      ? this.#last
      : this.#calls.find((each) => each.requestId === requestId)
  }

  /** When this resolves, what was kept is with the operating system, unless the disk refused it. */
  flush(): Promise<void> {
    this.#callOff?.()
    this.#callOff = undefined
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
    await this.#close()
  }

  #mayStayWhole(call: DecidedCall): boolean {
    if (call.judgements.some(isRefusal)) return true
    this.#wholeAllows += 1
    return this.#wholeAllows <= mostWholeAllows
  }

  async #write(): Promise<void> {
    const bytes = this.#lines.take()
    this.#wholeAllows = 0
    if (bytes.length === 0) return
    try {
      const file = await this.#fileFor(bytes.length)
      file.size += bytes.length
      await file.handle.appendFile(bytes)
    } catch (error) {
      await this.#close()
      this.#report(error, 'decisions could not be written down')
    }
  }

  async #fileFor(more: number) {
    const [newest = ''] = decisionFiles(this.folder, this.#worker)
    if (this.#file !== undefined && this.#file.size > 0) {
      if (this.#file.size + more <= this.#limits.fileBytes) return this.#file
      await this.#close()
      await this.#rotate()
    }
    if (this.#file === undefined) {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
      const handle = await open(newest, 'a', 0o600)
      this.#file = { handle, size: (await handle.stat()).size }
    }
    return this.#file
  }

  async #close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.handle.close().catch(() => undefined)
  }

  async #rotate(): Promise<void> {
    const files = decisionFiles(this.folder, this.#worker).toReversed()
    for (const [index, file] of files.entries()) {
      const older = files[index - 1]
      if (older === undefined) await rm(file, { force: true })
      else await rename(file, older).catch(ignoreMissing)
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

const isRefusal = ({ decision }: Judgement): boolean => !decision.allowed

function callText(call: DecidedCall, isWhole: (judgement: Judgement) => boolean): string {
  let decisions = ''
  for (const judgement of call.judgements) {
    const text = isWhole(judgement) ? wholeText(judgement) : briefText(judgement)
    decisions += decisions === '' ? text : `,${text}`
  }
  return `{"requestId":"${call.requestId}"${aboutText(call)},"decisions":[${decisions}]}`
}

/** What lines say of a call before its decisions, but for its id: the calls of a client in one second have the same. */
function aboutText(call: DecidedCall): string {
  const { identity, operation, region } = call
  const time = isoTime(call.time)
  const before = newest.get(identity)
  if (before?.operation === operation && before.region === region && before.time === time) {
    return before.text
  }
  const text =
    `,"time":"${time}","operation":${JSON.stringify(operation.slice(0, 64))}` +
    `,"region":"${region}","principal":${identityText(identity)}`
  newest.set(identity, { operation, region, time, text })
  return text
}

interface About extends Pick<DecidedCall, 'operation' | 'region'> {
  readonly time: string
  readonly text: string
}

const newest = new WeakMap<UserIdentity, About>()
