/**
 * Connections to the embedded engine, and how their transactions begin beside those of other processes.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { systemClock } from '../clock.ts'
import type { RowName, Writer } from './database.ts'
import type { Statement } from './sql.ts'
import { Unavailable } from './unavailable.ts'

/** How long a statement waits for another process, in milliseconds. */
export const busyTimeout = 5000

/** Opens a file as every connection has it. */
export function connect(file: string): DatabaseSync {
  const connection = new DatabaseSync(file, { timeout: busyTimeout })
  connection.exec('PRAGMA journal_mode = WAL')
  connection.exec('PRAGMA synchronous = FULL')
  connection.exec('PRAGMA secure_delete = ON')
  connection.exec('PRAGMA foreign_keys = ON')
  // Each change is a savepoint, whose journal would otherwise be written to a file of its own.
  connection.exec('PRAGMA temp_store = MEMORY')
  // Ids are random: what a change touches lies all over the file, and is written back once for many changes.
  connection.exec('PRAGMA cache_size = -8192')
  connection.exec('PRAGMA wal_autocheckpoint = 4000')
  return connection
}

/** One connection with the statements it has prepared, kept by the place in the source that wrote them. */
export class Connection implements Writer {
  readonly database: DatabaseSync
  readonly names = new Set<RowName>()
  readonly chain: string
  readonly #prepared = new WeakMap<TemplateStringsArray, StatementSync>()

  constructor(database: DatabaseSync, chain: string) {
    this.database = database
    this.chain = chain
  }

  // The methods are async for the sake of the contract; a statement is over before the call returns.
  async all<Row>(statement: Statement): Promise<readonly Row[]> {
    return this.allNow<Row>(statement)
  }

  async first<Row>(statement: Statement): Promise<Row | undefined> {
    return this.firstNow<Row>(statement)
  }

  async run(statement: Statement): Promise<number> {
    return Number(this.#prepare(statement).run(...statement.values).changes)
  }

  runNow(statement: Statement): void {
    this.#prepare(statement).run(...statement.values)
  }

  allNow<Row>(statement: Statement): readonly Row[] {
    return this.#prepare(statement).all(...statement.values) as Row[]
  }

  firstNow<Row>(statement: Statement): Row | undefined {
    return this.#prepare(statement).get(...statement.values) as Row | undefined
  }

  changed(name: RowName): void {
    this.names.add(name)
  }

  #prepare(statement: Statement): StatementSync {
    const kept = this.#prepared.get(statement.parts)
    if (kept !== undefined) return kept
    const prepared = this.database.prepare(statement.parts.join('?'))
    this.#prepared.set(statement.parts, prepared)
    return prepared
  }
}

/** Begins a write, waiting out other writers: busy (5) and a stale snapshot (517) are tried again. */
export function beginImmediate(connection: DatabaseSync): void {
  for (let attempt = 1; attempt < 3; attempt += 1) {
    if (tryToBegin(connection)) return
  }
  connection.exec('BEGIN IMMEDIATE')
}

/** The same where other processes write all the time: requests are served while this one waits for them. */
export async function beginInTurn(connection: DatabaseSync): Promise<void> {
  const since = systemClock.monotonic()
  while (!tryToBegin(connection)) {
    if (systemClock.monotonic() - since > busyTimeout) {
      throw new Unavailable('other processes did not let this one write in time')
    }
    await new Promise<void>((resolve) => systemClock.after(1, resolve))
  }
}

/** False when another connection writes. */
function tryToBegin(connection: DatabaseSync): boolean {
  try {
    connection.exec('BEGIN IMMEDIATE')
    return true
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
    // The lower byte is the kind; the rest says why, as a stale snapshot (517) or a recovery (261).
    if (typeof code === 'number' && (code & 0xff) === 5) return false
    throw error
  }
}
