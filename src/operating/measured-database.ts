/**
 * The database with its latency counted. Views answer from memory and pass through.
 */
import type { Clock } from '../clock.ts'
import { KmsError } from '../api/errors.ts'
import type { Database, Reader, Standing, Writer } from '../database/database.ts'
import type { Statement } from '../database/sql.ts'
import type { View } from '../database/view.ts'
import type { Metrics } from './metrics.ts'

/** A database that tells how long it takes. */
export class MeasuredDatabase implements Database {
  readonly read: Reader
  readonly #database: Database
  readonly #metrics: Metrics
  readonly #clock: Clock

  constructor(database: Database, metrics: Metrics, clock: Clock) {
    this.#database = database
    this.#metrics = metrics
    this.#clock = clock
    this.read = {
      all: <Row>(statement: Statement) => this.#took('read', database.read.all<Row>(statement)),
      first: <Row>(statement: Statement) => this.#took('read', database.read.first<Row>(statement)),
    }
  }

  async write<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result> {
    this.#metrics.writeBegan()
    return this.#took('write', this.#database.write(work))
  }

  refresh(): Promise<void> | undefined {
    return this.#database.refresh()
  }

  catchUp(): Promise<void> {
    return this.#database.catchUp()
  }

  get fresh(): boolean {
    return this.#database.fresh
  }

  get staleness(): number | undefined {
    // Absent stays absent: the embedded database has no such number.
    return 'staleness' in this.#database ? (this.#database.staleness ?? Infinity) : undefined
  }

  get standing(): Standing | undefined {
    return this.#database.standing
  }

  get chain(): string {
    return this.#database.chain
  }

  get commits(): number {
    return this.#database.commits
  }

  snapshot<Result>(work: (reader: Reader) => Promise<Result>): Promise<Result> {
    return this.#database.snapshot(work)
  }

  purge(): Promise<void> {
    return this.#database.purge()
  }

  get owesPurge(): boolean {
    return this.#database.owesPurge
  }

  view<Entry>(capacity: number): View<Entry> {
    return this.#database.view(capacity)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]()
  }

  async #took<Result>(kind: 'read' | 'write', result: Promise<Result>): Promise<Result> {
    const began = this.#clock.monotonic()
    let failed = false
    try {
      return await result
    } catch (error) {
      failed = !isRefusal(error)
      throw error
    } finally {
      const seconds = (this.#clock.monotonic() - began) / 1000
      this.#metrics.databaseTook(kind, seconds, failed)
    }
  }
}

/** Whether a transaction was given up because of what it found, and not because of the database. */
function isRefusal(error: unknown): boolean {
  // The errors of IAM and STS have a status as well.
  return error instanceof KmsError || (error instanceof Error && 'status' in error)
}
