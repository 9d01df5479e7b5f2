/**
 * One connection to PostgreSQL: statements one after the other, and the end of it as soon as anything is uncertain.
 */
import { Client, type ClientConfig, type QueryResult } from 'pg'
import type { Clock } from '../clock.ts'
import type { Reader } from './database.ts'
import { isConflict, isOfStatement } from './postgres-errors.ts'
import { columnTypes, type PostgresQuery, toQuery } from './postgres-values.ts'
import type { Statement } from './sql.ts'
import { OutcomeUnknown, Unavailable } from './unavailable.ts'

/** What a connection is made with. */
export interface ConnectionOptions {
  readonly client: ClientConfig
  readonly clock: Clock
  /** How long one statement may take, in milliseconds. */
  readonly patience: number
}

/** A connection that has been made. */
export class PostgresConnection implements Reader {
  readonly #client: Client
  readonly #clock: Clock
  readonly #patience: number
  /** The statement that is under way, and those behind it. */
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #failure: Error | undefined
  /** What the server remarks on the commit that is under way. */
  #remarks: string[] | undefined

  /** Connects. Throws when nobody answers as a PostgreSQL does. */
  static async open(options: ConnectionOptions): Promise<PostgresConnection> {
    const connection = new PostgresConnection(options)
    await connection.#client.connect()
    return connection
  }

  private constructor({ client, clock, patience }: ConnectionOptions) {
    this.#client = new Client({ ...client, types: columnTypes })
    this.#clock = clock
    this.#patience = patience
    // Without a listener, the end of an idle connection would be the end of the process.
    this.#client.on('error', (error) => {
      this.#failure ??= error
    })
    this.#client.on('end', () => {
      this.#failure ??= new Error('the server closed the connection')
    })
    this.#client.on('notice', (notice) => {
      this.#remarks?.push(notice.message ?? 'a remark without words')
    })
  }

  /** Whether it can be used no more. */
  get broken(): boolean {
    return this.#failure !== undefined
  }

  /** How many statements it has to run. */
  get load(): number {
    return this.#waiting
  }

  async all<Row>(statement: Statement): Promise<readonly Row[]> {
    const { rows } = await this.#queue(toQuery(statement))
    return rows as Row[]
  }

  async first<Row>(statement: Statement): Promise<Row | undefined> {
    const [row] = await this.all<Row>(statement)
    return row
  }

  /** Runs a change and answers how many rows it touched. */
  async run(statement: Statement): Promise<number> {
    const { rowCount } = await this.#queue(toQuery(statement))
    return rowCount ?? 0
  }

  /** Runs text of our own: of sessions, transactions and schemas. Answers its rows. */
  async execute(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { rows } = await this.#queue({ text, values: [] })
    return rows as Record<string, unknown>[]
  }

  /**
   * Commits. Rejects with `OutcomeUnknown` unless the server says that it has, without a remark: when the wait for a
   * standby is cut short, the server commits all the same, and only remarks on it.
   */
  async commit(): Promise<void> {
    const remarks: string[] = []
    this.#remarks = remarks
    let result: QueryResult
    try {
      result = await this.#queue({ text: 'COMMIT', values: [] })
    } catch (error) {
      if (isConflict(error) || isOfStatement(error)) throw error
      throw new OutcomeUnknown('the commit was not confirmed', { cause: error })
    } finally {
      this.#remarks = undefined
    }
    // COMMIT of a transaction that has failed is a rollback, and is told as one.
    if (result.command !== 'COMMIT') throw new Error('the transaction had failed before its commit')
    const [remark] = remarks
    if (remark !== undefined) throw new OutcomeUnknown(`the commit came with a remark: ${remark}`)
  }

  /** Calls `heard` whenever a channel that was listened to is notified. */
  onNotification(heard: () => void): void {
    this.#client.on('notification', heard)
  }

  /** Ends it at once; what is under way fails. */
  destroy(why: string): void {
    this.#failure ??= new Unavailable(why)
    this.#client.connection.stream.destroy(this.#failure)
  }

  /** Ends it after what is under way. */
  async close(): Promise<void> {
    await this.#last
    const ended = this.#failure !== undefined
    this.#failure ??= new Error('the connection is closed')
    if (!ended) await this.#client.end().catch(() => undefined)
  }

  #queue(query: PostgresQuery): Promise<QueryResult> {
    this.#waiting += 1
    const done = this.#last.then(() => this.#run(query))
    this.#last = done.catch(() => undefined)
    return done.finally(() => {
      this.#waiting -= 1
    })
  }

  async #run(query: PostgresQuery): Promise<QueryResult> {
    if (this.#failure !== undefined) {
      throw new Unavailable('the connection to the database has ended', { cause: this.#failure })
    }
    const callOff = this.#clock.after(this.#patience, () => {
      this.destroy('the database did not answer in time')
    })
    try {
      return await this.#client.query(query)
    } catch (error) {
      if (isConflict(error) || isOfStatement(error)) throw error
      this.destroy('the database failed')
      throw new Unavailable('the database failed', { cause: error })
    } finally {
      callOff()
    }
  }
}
