/**
 * What was decided, kept for `trent explain`: the newest calls whole and in memory, and a line for each call in files that
 * cannot grow without end. It is no part of the record: a disk that refuses it holds up no request.
 */
import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Judgement } from '../access/authorize.ts'
import { identityText, type UserIdentity } from '../audit/user-identity.ts'
import { isoTime } from '../clock.ts'
import { briefText, wholeText } from './explanation.ts'

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

const usualLimits: DecisionLimits = { calls: 1000, fileBytes: 32 * 1024 * 1024 }
const mostFiles = 4

/** The files, newest first, whether or not they are there. */
export function decisionFiles(folder: string): readonly string[] {
  return Array.from({ length: mostFiles }, (_, age) =>
    join(folder, age === 0 ? 'decisions.jsonl' : `decisions.${age}.jsonl`),
  )
}

/** The log of decisions. */
export class DecisionLog implements AsyncDisposable {
  readonly folder: string
  readonly #report: (error: unknown, message: string) => void
  readonly #limits: DecisionLimits
  readonly #calls: DecidedCall[] = []
  /** Where the next call goes, once the newest calls fill the list. */
  #next = 0
  #lines: string[] = []
  #writing: Promise<void> | undefined

  constructor(
    folder: string,
    report: (error: unknown, message: string) => void,
    limits: DecisionLimits = usualLimits,
  ) {
    this.folder = folder
    this.#report = report
    this.#limits = limits
  }

  /** Keeps a call. Lines of one turn of the event loop are written at once, later. */
  keep(call: DecidedCall): void {
    if (call.judgements.length === 0) return
    this.#calls[this.#next] = call
    this.#next = (this.#next + 1) % this.#limits.calls
    this.#lines.push(callText(call, ({ decision }) => !decision.allowed))
    this.#writing ??= this.#drain()
  }

  /** The call of this request, or the last one, as JSON text with all that was considered; undefined if it is not in memory. */
  find(requestId: string | undefined): string | undefined {
    const call =
      requestId === undefined
        ? this.#calls.at(this.#next - 1)
        : this.#calls.find((each) => each.requestId === requestId)
    return call && callText(call, () => true)
  }

  /** When this resolves, what was kept is with the operating system. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
  }

  async #drain(): Promise<void> {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    while (this.#lines.length > 0) {
      const lines = this.#lines
      this.#lines = []
      try {
        await this.#write(`${lines.join('\n')}\n`)
      } catch (error) {
        this.#report(error, 'decisions could not be written down')
      }
    }
    this.#writing = undefined
  }

  async #write(text: string): Promise<void> {
    const [newest = ''] = decisionFiles(this.folder)
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    const size = await stat(newest).then(
      (found) => found.size,
      () => 0,
    )
    if (size > 0 && size + text.length > this.#limits.fileBytes) await this.#rotate()
    await appendFile(newest, text, { mode: 0o600 })
  }

  async #rotate(): Promise<void> {
    const files = decisionFiles(this.folder).toReversed()
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

function callText(call: DecidedCall, isWhole: (judgement: Judgement) => boolean): string {
  const decisions = call.judgements.map((judgement) =>
    isWhole(judgement) ? wholeText(judgement) : briefText(judgement),
  )
  return (
    `{"requestId":"${call.requestId}","time":"${isoTime(call.time)}"` +
    `,"operation":${JSON.stringify(call.operation.slice(0, 64))},"region":"${call.region}"` +
    `,"principal":${identityText(call.identity)},"decisions":[${decisions.join(',')}]}`
  )
}
