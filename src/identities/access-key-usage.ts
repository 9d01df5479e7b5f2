/**
 * The last use of each access key, for GetAccessKeyLastUsed: kept in memory and written down in batches, so that a request
 * writes nothing. What a crash within the interval loses is the news of a use, never the event in the record.
 */
import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import {
  type AccessKeyUse,
  findAccessKeyUse,
  putAccessKeyUse,
} from '../database/iam-access-key-usage.ts'

/** How often uses are written down, in milliseconds. AWS does so about four times an hour. */
const interval = 60_000

const isAlike = (one: AccessKeyUse, other: AccessKeyUse): boolean =>
  Math.floor(one.usedAt / 1000) === Math.floor(other.usedAt / 1000) &&
  one.region === other.region &&
  one.service === other.service

/** Notes uses and answers the last one. */
export class AccessKeyUsage implements AsyncDisposable {
  readonly #database: Database
  readonly #clock: Clock
  readonly #report: (error: unknown) => void
  #unwritten = new Map<string, AccessKeyUse>()
  /** What is being written at the moment, so that it can still be read. */
  #leaving = new Map<string, AccessKeyUse>()
  #callOff: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(database: Database, clock: Clock, report: (error: unknown) => void) {
    this.#database = database
    this.#clock = clock
    this.#report = report
  }

  /** Notes a use; memory only. */
  note(use: AccessKeyUse): void {
    const before = this.#unwritten.get(use.accessKeyId)
    // Its date is told in whole seconds.
    if (before !== undefined && isAlike(before, use)) return
    this.#unwritten.set(use.accessKeyId, use)
    this.#callOff ??= this.#clock.after(interval, () => {
      this.#callOff = undefined
      this.#writing = this.#writing.then(() => this.#write())
    })
  }

  /** The last use of an access key, written down or not; undefined if and only if there was none. */
  async find(accessKeyId: string): Promise<AccessKeyUse | undefined> {
    const unwritten = this.#unwritten.get(accessKeyId) ?? this.#leaving.get(accessKeyId)
    const written = await findAccessKeyUse(this.#database.read, accessKeyId)
    // Another process may have written down a newer one.
    return (written?.usedAt ?? 0) > (unwritten?.usedAt ?? 0) ? written : (unwritten ?? written)
  }

  /** Writes down what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#callOff?.()
    await this.#writing
    await this.#write()
  }

  async #write(): Promise<void> {
    this.#leaving = this.#unwritten
    this.#unwritten = new Map()
    if (this.#leaving.size === 0) return
    const uses = [...this.#leaving.values()]
    try {
      await this.#database.write(async (transaction) => {
        for (const use of uses) await putAccessKeyUse(transaction, use)
      })
    } catch (error) {
      this.#report(error)
      // They wait for the next time, unless newer ones wait already.
      for (const use of uses) if (!this.#unwritten.has(use.accessKeyId)) this.note(use)
    } finally {
      this.#leaving = new Map()
    }
  }
}
