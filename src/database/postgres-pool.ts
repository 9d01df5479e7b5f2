/**
 * Connections that are made when they are needed, and again when they have ended.
 */
import type { Reader } from './database.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import type { Statement } from './sql.ts'
import { Unavailable } from './unavailable.ts'

/** Makes a connection to the server that takes writes. */
export type Connect = () => Promise<PostgresConnection>

/** One place for one connection. */
export class PostgresLink {
  readonly #connect: Connect
  #connection: PostgresConnection | undefined
  #connecting: Promise<PostgresConnection> | undefined
  #closed = false

  constructor(connect: Connect) {
    this.#connect = connect
  }

  /** How many statements wait for it. */
  get load(): number {
    return this.#connection?.load ?? 0
  }

  /** The connection. Throws `Unavailable` when none can be made. */
  async get(): Promise<PostgresConnection> {
    if (this.#closed) throw new Error('the database is closed')
    if (this.#connection?.broken === false) return this.#connection
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    this.#connection = await this.#connecting
    return this.#connection
  }

  /** Ends the connection at once, if there is one; the next use makes another. */
  drop(why: string): void {
    this.#connection?.destroy(why)
  }

  /** Ends it after what is under way. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#connecting?.catch(() => undefined)
    await this.#connection?.close()
  }
}

/** Readers: each statement goes to the connection that has the least to do. */
export class PostgresPool implements Reader {
  readonly #links: readonly PostgresLink[]

  constructor(connect: Connect, size: number) {
    this.#links = Array.from({ length: size }, () => new PostgresLink(connect))
  }

  all<Row>(statement: Statement): Promise<readonly Row[]> {
    return this.#read((connection) => connection.all<Row>(statement))
  }

  first<Row>(statement: Statement): Promise<Row | undefined> {
    return this.#read((connection) => connection.first<Row>(statement))
  }

  /** Ends every connection at once: they may lead to a server that is the writable one no more. */
  drop(why: string): void {
    for (const link of this.#links) link.drop(why)
  }

  /** Ends every connection after what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.#links.map((link) => link.close()))
  }

  /** Reading twice does no harm: a connection that had ended unnoticed is made anew, once. */
  async #read<Result>(read: (connection: PostgresConnection) => Promise<Result>): Promise<Result> {
    const link = this.#links.reduce((least, each) => (each.load < least.load ? each : least))
    try {
      return await read(await link.get())
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      return read(await link.get())
    }
  }
}
