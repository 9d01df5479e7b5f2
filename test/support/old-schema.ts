/**
 * A database as an earlier Trent left it: the schema of its last step, and in it the rows of a database of today as far as
 * that schema has a place for them.
 */
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { systemClock } from '../../src/clock.ts'
import { migrations } from '../../src/database/migrate.ts'
import { connectOnce, migratePostgres } from '../../src/database/postgres.ts'
import type { Statement, Value } from '../../src/database/sql.ts'
import { ownTables, tables } from '../../src/database/tables.ts'
import { noteDatabase, type Engine } from './engines.ts'
import { createDatabase, runIn } from './postgres.ts'

type Row = Readonly<Record<string, unknown>>

/** Every row of a folder's database, by table. */
export function rowsOfFolder(data: string): ReadonlyMap<string, readonly Row[]> {
  using file = new DatabaseSync(join(data, 'trent.db'), { readOnly: true })
  const names = [...tables.map(({ name }) => name), ...ownTables]
  const kept = names.filter((name) => !['migrations', 'nodes', 'leases'].includes(name))
  return new Map(kept.map((name) => [name, file.prepare(`SELECT * FROM ${name}`).all()]))
}

/** Makes the database of a data folder with the schema up to a step, and fills it. */
export async function makeOldDatabase(
  engine: Engine,
  data: string,
  { last, rows }: { readonly last: string; readonly rows: ReadonlyMap<string, readonly Row[]> },
): Promise<string | undefined> {
  const steps = migrations.slice(0, migrations.findIndex(({ name }) => name === last) + 1)
  if (engine === 'sqlite') {
    noteDatabase(data, undefined)
    makeOldFile(join(data, 'trent.db'), steps, rows)
    return undefined
  }
  const url = await createDatabase()
  noteDatabase(data, url)
  await migratePostgres({ url, clock: systemClock, steps })
  const connection = await connectOnce({ url, clock: systemClock })
  for (const [table, all] of rows) {
    const found = await runIn(
      url,
      `SELECT column_name FROM information_schema.columns WHERE table_name = '${table}'`,
    )
    const columns = found.map((row) => String(row['column_name']))
    if (columns.length > 0) await connection.execute(`DELETE FROM ${table}`)
    for (const row of all) {
      const known = Object.entries(row).filter(([name]) => columns.includes(name))
      if (known.length > 0) await connection.run(insertion(table, known))
    }
  }
  await connection.close()
  return url
}

function makeOldFile(
  path: string,
  steps: typeof migrations,
  rows: ReadonlyMap<string, readonly Row[]>,
): void {
  using file = new DatabaseSync(path)
  file.exec('CREATE TABLE migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL)')
  for (const { name, statements } of steps) {
    for (const statement of statements({ blob: 'BLOB', big: 'INTEGER' })) file.exec(statement)
    file.prepare('INSERT INTO migrations (name) VALUES (?)').run(name)
  }
  for (const [table, all] of rows) {
    const columns = file
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => String(name))
    if (columns.length > 0) file.exec(`DELETE FROM ${table}`)
    for (const row of all) {
      const known = Object.entries(row).filter(([name]) => columns.includes(name))
      if (known.length === 0) continue
      const { parts, values } = insertion(table, known)
      file.prepare(parts.join('?')).run(...(values as SQLInputValue[]))
    }
  }
}

/** The columns of a row are known only here, so that its statement is put together by hand. */
function insertion(table: string, row: readonly (readonly [string, unknown])[]): Statement {
  const names = row.map(([name]) => name).join(', ')
  const parts = row.map((_, index) =>
    index === 0 ? `INSERT INTO ${table} (${names}) VALUES (` : ', ',
  )
  const texts = [...parts, ')']
  return {
    parts: Object.assign(texts, { raw: texts }),
    values: row.map(([, value]) => value as Value),
  }
}
