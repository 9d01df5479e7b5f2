/**
 * The embedded engine: one SQLite file in WAL mode with `synchronous=FULL`, so that a commit that returned is on disk.
 * Reader and writer are separate connections: reads never wait for a commit, and the reader's `data_version` moves when
 * any connection, of this process or another, commits.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { systemClock } from '../clock.ts'
import {
  mainChain,
  type Database,
  type Reader,
  type RowName,
  type SetUp,
  type Writer,
} from './database.ts'
import { appendChanges, type FeedPosition } from './feed.ts'
import { missingSteps } from './migrate.ts'
import { sql } from './sql.ts'
import {
  beginImmediate,
  beginInTurn,
  busyTimeout,
  connect,
  Connection,
} from './sqlite-connection.ts'
import { View } from './view.ts'

/** How long a look at the version is good for where nobody else should change the file, in milliseconds. */
const lookAgainAfter = 10
/** How long a purge waits for the reads and commits of other processes of the same server, in milliseconds. */
const purgePatience = 100
/** How many waiting transactions one commit may carry. */
const batchLimit = 256
/** How many changes are read from the feed at a time. */
const feedPage = 1000

/** Who opens a file. */
export interface SqliteOpener {
  /** The chain of the record that the process writes. */
  readonly chain: string
  /** Whether a lock keeps all other processes out for as long as this one has the file. */
  readonly alone: boolean
}

/**
 * Opens (or creates) the database file, brings its schema up to date and runs `prepare` inside the same transaction:
 * whoever opens a new file is alone with it until `prepare` is done.
 */
export function openSqlite(
  file: string,
  prepare: (first: SetUp) => void,
  opener: SqliteOpener = { chain: mainChain, alone: false },
): Database {
  const writer = connect(file)
  try {
    writer.exec('BEGIN IMMEDIATE')
    migrateSqlite(writer)
    prepare({
      meta: (name) =>
        writer.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.['value'] as
          | string
          | undefined,
      setMeta: (name, value) => {
        writer
          .prepare(
            'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
          )
          .run(name, value)
      },
    })
    writer.exec('COMMIT')
    return new Sqlite(file, writer, opener)
  } catch (error) {
    writer.close()
    throw error
  }
}

/** Brings the schema of a file up to date and does nothing else; answers the names of the steps that were missing. */
export function migrateFile(file: string): readonly string[] {
  const connection = connect(file)
  try {
    connection.exec('BEGIN IMMEDIATE')
    const steps = migrateSqlite(connection)
    connection.exec('COMMIT')
    return steps
  } finally {
    connection.close()
  }
}

function migrateSqlite(connection: DatabaseSync): readonly string[] {
  connection.exec(
    'CREATE TABLE IF NOT EXISTS migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL)',
  )
  const rows = connection.prepare('SELECT name FROM migrations ORDER BY position').all()
  const missing = missingSteps(rows.map((row) => String(row['name'])))
  for (const step of missing) {
    for (const statement of step.statements({ blob: 'BLOB', big: 'INTEGER' })) {
      connection.exec(statement)
    }
    connection.prepare('INSERT INTO migrations (name) VALUES (?)').run(step.name)
  }
  return missing.map(({ name }) => name)
}

interface Waiting {
  readonly work: (transaction: Writer) => Promise<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

class Sqlite implements Database {
  readonly #writer: Connection
  readonly #reader: Connection
  readonly #version: StatementSync
  readonly #file: string
  readonly #views: View<unknown>[] = []
  readonly #alone: boolean
  #waiting: Waiting[] = []
  #draining: Promise<void> | undefined
  #closed = false
  #owesPurge = false
  #commits = 0
  /** Whether something was committed here, and whether the version was looked at, since the views were last fresh. */
  #committed = false
  #looked = false
  /** The `data_version` of the reader when the feed was last read, and the place the views stand at. */
  #seenVersion: unknown
  #seen: FeedPosition

  constructor(file: string, writer: DatabaseSync, { chain, alone }: SqliteOpener) {
    const reader = connect(file)
    this.#file = file
    this.#writer = new Connection(writer, chain)
    this.#reader = new Connection(reader, chain)
    this.#alone = alone
    // Who waits inside of SQLite holds up every request of the process.
    if (!alone) writer.exec('PRAGMA busy_timeout = 0')
    this.#version = reader.prepare('PRAGMA data_version')
    this.#seenVersion = this.#version.get()?.['data_version']
    this.#seen = this.#feedEnd()
  }

  get read(): Reader {
    return this.#reader
  }

  view<Entry>(capacity: number): View<Entry> {
    const view = new View<Entry>(capacity)
    this.#views.push(view)
    return view
  }

  /** Nobody else's change can be missed: the file is one for all. */
  get fresh(): boolean {
    return true
  }

  get chain(): string {
    return this.#writer.chain
  }

  get commits(): number {
    return this.#commits
  }

  async catchUp(): Promise<void> {
    this.refresh()
  }

  refresh(): undefined {
    // Where the folder's lock keeps other processes out, what changes is committed here; the look at the version is then for
    // whoever changes the file nevertheless, and is shared by the requests of some milliseconds. Other processes may have
    // acknowledged a change meanwhile, so that beside them every request looks.
    if (this.#alone && this.#looked && !this.#committed) return
    this.#committed = false
    if (!this.#looked) {
      this.#looked = true
      systemClock.after(lookAgainAfter, () => {
        this.#looked = false
      })
    }
    // The version is read before the feed, so that a commit between the two is seen again rather than missed.
    const version = this.#version.get()?.['data_version']
    if (version === this.#seenVersion) return
    this.#catchUp()
    this.#seenVersion = version
  }

  write<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new Error('the database is closed'))
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject })
      this.#draining ??= this.#drain()
    })
  }

  get owesPurge(): boolean {
    return this.#owesPurge
  }

  async purge(): Promise<void> {
    await this.#draining
    const connection = this.#writer.database
    // It hardly waits: a reader of another process would hold up every request.
    connection.exec(`PRAGMA busy_timeout = ${this.#alone ? 0 : purgePatience}`)
    try {
      this.#owesPurge = true
      const row = connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
      this.#owesPurge = row?.['busy'] !== 0
    } finally {
      connection.exec(`PRAGMA busy_timeout = ${this.#alone ? busyTimeout : 0}`)
    }
  }

  async snapshot<Result>(work: (reader: Reader) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new Error('the database is closed')
    const connection = connect(this.#file)
    try {
      connection.exec('BEGIN')
      // The first read is what fixes the moment.
      connection.prepare('SELECT sequence FROM feed').get()
      return await work(new Connection(connection, this.chain))
    } finally {
      connection.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#draining
    this.#writer.database.close()
    this.#reader.database.close()
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Transactions that arrive in the same turn of the event loop share one commit.
      await nextTurn()
      const batch = this.#waiting.splice(0, batchLimit)
      await this.#commit(batch)
      // Whoever was answered now, and asks again at once, goes with those that came meanwhile.
      if (this.#waiting.length > 0) await nextTurn()
    }
    this.#draining = undefined
  }

  /** Runs a batch in one transaction, each member in a savepoint of its own, and answers all of them after the commit. */
  async #commit(batch: readonly Waiting[]): Promise<void> {
    const answers: (() => void)[] = []
    try {
      if (this.#alone) beginImmediate(this.#writer.database)
      else await beginInTurn(this.#writer.database)
      this.#writer.names.clear()
      for (const member of batch) answers.push(await this.#runMember(member))
      await appendChanges(this.#writer, this.#writer.names)
      this.#writer.database.exec('COMMIT')
      this.#committed = true
      this.#commits += 1
    } catch (error) {
      if (this.#writer.database.isTransaction) this.#writer.database.exec('ROLLBACK')
      for (const member of batch) member.reject(error)
      return
    }
    for (const answer of answers) answer()
  }

  async #runMember(member: Waiting): Promise<() => void> {
    const names = new Set(this.#writer.names)
    this.#writer.runNow(sql`SAVEPOINT member`)
    try {
      const result = await member.work(this.#writer)
      this.#writer.runNow(sql`RELEASE member`)
      return () => {
        member.resolve(result)
      }
    } catch (error) {
      this.#writer.runNow(sql`ROLLBACK TO member`)
      this.#writer.runNow(sql`RELEASE member`)
      this.#writer.names.clear()
      for (const name of names) this.#writer.names.add(name)
      return () => {
        member.reject(error)
      }
    }
  }

  #feedEnd(): FeedPosition {
    const end = this.#reader.firstNow<{ sequence: number; id: string | null }>(
      sql`SELECT feed.sequence AS sequence, MIN(changes.id) AS id
          FROM feed LEFT JOIN changes ON changes.sequence = feed.sequence GROUP BY feed.sequence`,
    )
    return { sequence: end?.sequence ?? 0, id: end?.id ?? '' }
  }

  #catchUp(): void {
    if (!this.#historyHolds()) {
      for (const view of this.#views) view.clear()
      this.#seen = this.#feedEnd()
      return
    }
    let cursor = { ...this.#seen, name: '\uffff' }
    for (;;) {
      const changes = this.#reader.allNow<FeedPosition & { name: RowName }>(
        sql`SELECT sequence, id, name FROM changes
            WHERE sequence >= ${cursor.sequence} AND (sequence > ${cursor.sequence} OR name > ${cursor.name})
            ORDER BY sequence, name LIMIT ${feedPage}`,
      )
      for (const change of changes) {
        for (const view of this.#views) view.drop(change.name)
      }
      cursor = changes.at(-1) ?? cursor
      if (changes.length < feedPage) break
    }
    this.#seen = { sequence: cursor.sequence, id: cursor.id }
  }

  /** Whether the feed still holds the row this process stands at: if not, it was pruned or another history came back. */
  #historyHolds(): boolean {
    if (this.#seen.id === '') return this.#seen.sequence === 0
    const row = this.#reader.firstNow<{ id: string }>(
      sql`SELECT id FROM changes WHERE sequence = ${this.#seen.sequence} LIMIT 1`,
    )
    return row?.id === this.#seen.id
  }
}

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })
