/**
 * The databases that tests run on: both, unless `ENGINES=sqlite` or `ENGINES=postgres` says otherwise. Tests of the
 * database itself loop over them; every server that a test starts runs on the usual one, which is the first.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import type { Database, SetUp } from '../../src/database/database.ts'
import { openPostgres } from '../../src/database/postgres.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
import { nodeCount } from './node-count.ts'
import { createDatabase } from './postgres.ts'

/** A kind of database. */
export type Engine = 'sqlite' | 'postgres'

const known: readonly Engine[] = ['sqlite', 'postgres']

/** The kinds to run on. */
export const engines: readonly Engine[] = chosen(process.env['ENGINES'])

function chosen(text: string | undefined): readonly Engine[] {
  if (text === undefined || text === '') return known
  const names = text.split(',')
  assert.deepEqual(
    names.filter((name) => !known.some((each) => each === name)),
    [],
    'ENGINES names engines that there are not',
  )
  return known.filter((each) => names.includes(each))
}

/** The kind that servers run on when nothing else is said. Several nodes share a PostgreSQL. */
export const usualEngine: Engine =
  nodeCount === 1 && engines.includes('sqlite') ? 'sqlite' : 'postgres'

/** Why a test is left out that is about what only SQLite's files have: pages, locks, a log of their own. */
export const sqliteOnly: string | false =
  usualEngine === 'sqlite' ? false : "is about SQLite's own files"

/** Why a test is left out that names its engines itself, and has run on all of them with the usual one. */
export const namesEngines: string | false =
  usualEngine === 'sqlite' ? false : 'names its engines itself'

/** The URLs of the servers' databases, by data folder: a server that comes back finds what it had. */
const places = new Map<string, Promise<string | undefined>>()

/** The URL of the PostgreSQL that the server on a data folder has, made when it is asked for first; undefined on SQLite. */
export async function databaseOf(data: string): Promise<string | undefined> {
  if (usualEngine === 'sqlite') return undefined
  const place = resolve(data)
  const known = places.get(place) ?? createDatabase()
  places.set(place, known)
  return known
}

/** Notes where the server on a data folder has its database; undefined is the folder's own file. */
export function noteDatabase(data: string, url: string | undefined): void {
  places.set(resolve(data), Promise.resolve(url))
}

/** Opens the database of the server on a data folder a second time, beside the server. */
export async function openBeside(data: string): Promise<Database> {
  const url = await databaseOf(data)
  if (url === undefined) return openSqlite(join(data, 'trent.db'), () => undefined)
  const options = { url, clock: systemClock, chain: 'node-00000002', report: assert.ifError }
  return openPostgres(options, () => undefined)
}

/** A new database that goes away with its holder. */
export interface NewDatabase extends AsyncDisposable {
  readonly database: Database
  /** The file or the URL. */
  readonly place: string
}

/** Opens a new, empty database. */
export async function openNew(
  engine: Engine,
  prepare: (setUp: SetUp) => void = () => {},
): Promise<NewDatabase> {
  if (engine === 'postgres') {
    const place = await createDatabase()
    const database = await openPostgres(
      { url: place, clock: systemClock, chain: 'node-00000001', report: assert.ifError },
      prepare,
    )
    return { database, place, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() }
  }
  const folder = mkdtempSync(join(tmpdir(), 'trent-database-'))
  const place = join(folder, 'trent.db')
  const database = openSqlite(place, prepare)
  return {
    database,
    place,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
