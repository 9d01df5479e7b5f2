/**
 * The databases that tests run on: both, unless `ENGINES=sqlite` or `ENGINES=postgres` says otherwise. Tests of the
 * database itself loop over them; those that speak HTTP run on the first.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.ts'
import type { Database, SetUp } from '../../src/database/database.ts'
import { openPostgres } from '../../src/database/postgres.ts'
import { openSqlite } from '../../src/database/sqlite.ts'
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
