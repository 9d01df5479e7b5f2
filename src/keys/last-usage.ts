/**
 * The last use of each key, for GetKeyLastUsage: kept in memory and written down in batches, so that a cryptographic call
 * writes nothing. What a crash within the interval loses is the news of a use, never the event in the record.
 */
import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { findKeyUse, type KeyUse, putKeyUse } from '../database/usage.ts'
import type { Key } from './key.ts'

/** How often uses are written down, in milliseconds. */
const interval = 1000

/** Whether the operation, when it succeeds, counts as the use of a key. */
export const countsAsUse = (operation: string): boolean => usages.has(operation)

const usages: ReadonlySet<string> = new Set([
  'Decrypt',
  'DeriveSharedSecret',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
])

/** Notes uses and answers the last one. */
export class LastUsage implements AsyncDisposable {
  readonly #database: Database
  readonly #clock: Clock
  readonly #report: (error: unknown) => void
  #unwritten = new Map<string, KeyUse>()
  /** What is being written at the moment, so that it can still be read. */
  #leaving = new Map<string, KeyUse>()
  #callOff: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(database: Database, clock: Clock, report: (error: unknown) => void) {
    this.#database = database
    this.#clock = clock
    this.#report = report
  }

  /** Notes a use; memory only. */
  note(use: KeyUse): void {
    this.#unwritten.set(`${use.region}/${use.keyId}`, use)
    this.#callOff ??= this.#clock.after(interval, () => {
      this.#callOff = undefined
      this.#writing = this.#writing.then(() => this.#write())
    })
  }

  /** The last use of a key, written down or not; undefined if and only if there was none. */
  async find(key: Key): Promise<KeyUse | undefined> {
    const name = `${key.region}/${key.id}`
    const unwritten = this.#unwritten.get(name) ?? this.#leaving.get(name)
    const written = await findKeyUse(this.#database.read, key.region, key.id)
    // Another process may have written down a newer one.
    return (written?.usedAt ?? 0) > (unwritten?.usedAt ?? 0) ? written : (unwritten ?? written)
  }

  /** Writes down what is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#callOff?.()
    await this.#writing
    await this.#write()
  }

  /** A use that could not be written down waits for the next time, unless a newer one waits already. */
  #keep(use: KeyUse): void {
    const name = `${use.region}/${use.keyId}`
    if (!this.#unwritten.has(name)) this.note(use)
  }

  async #write(): Promise<void> {
    this.#leaving = this.#unwritten
    this.#unwritten = new Map()
    if (this.#leaving.size === 0) return
    const uses = [...this.#leaving.values()]
    try {
      await this.#database.write(async (transaction) => {
        for (const use of uses) await putKeyUse(transaction, use)
      })
    } catch (error) {
      this.#report(error)
      for (const use of uses) this.#keep(use)
    } finally {
      this.#leaving = new Map()
    }
  }
}
