/**
 * What copying asks of a database of either engine: its tables, and rows of them as they are.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../clock.ts'
import { lockFolder } from './folder-lock.ts'
import { listNodes, type NodeRow } from './nodes.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import type { Statement, Value } from './sql.ts'

/** A row by its columns. */
export type Row = Readonly<Record<string, Value>>

/** One side of a copy. */
export interface CopySide extends AsyncDisposable {
  /** Every table with its columns. */
  tables(): Promise<Map<string, readonly string[]>>
  rows(table: string, columns: readonly string[]): AsyncIterable<Row>
  count(table: string): Promise<number>
  clear(table: string): Promise<void>
  insert(table: string, columns: readonly string[], row: Row): Promise<void>
  /** Runs changes in one transaction. */
  change(work: () => Promise<void>): Promise<void>
}

/** The side of a data folder; nobody else has it meanwhile. Throws where one serves on it, or there is no database. */
export function folderSide(folder: string): CopySide {
  const file = join(folder, 'trent.db')
  if (!existsSync(file)) throw new Error(`there is no database in \`${folder}\``)
  const unlock = lockFolder(folder)
  const database = new DatabaseSync(file, { timeout: 5000 })
  database.exec('PRAGMA synchronous = FULL')
  const names = (text: string): string[] =>
    database
      .prepare(text)
      .all()
      .map((row) => String(row['name']))
  return {
    tables: async () => {
      const tables = names(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
      )
      return new Map(tables.map((table) => [table, names(`PRAGMA table_info(${table})`)]))
    },
    rows: async function* (table, columns) {
      const select = database.prepare(`SELECT ${columns.join(', ')} FROM ${table}`)
      for (const row of select.iterate()) yield row
    },
    count: async (table) =>
      Number(database.prepare(`SELECT COUNT(*) AS count FROM ${table}`).get()?.['count']),
    clear: async (table) => {
      database.exec(`DELETE FROM ${table}`)
    },
    insert: async (table, columns, row) => {
      const { parts, values } = insertion(table, columns, row)
      database.prepare(parts.join('?')).run(...values)
    },
    change: async (work) => {
      database.exec('BEGIN IMMEDIATE')
      try {
        await work()
        database.exec('COMMIT')
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
    [Symbol.asyncDispose]: async () => {
      database.close()
      unlock()
    },
  }
}

/** The side of a PostgreSQL, on a connection of its own. */
export function postgresSide(connection: PostgresConnection): CopySide {
  return {
    tables: async () => {
      const rows = await connection.execute(
        `SELECT table_name AS table, column_name AS column FROM information_schema.columns
         WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`,
      )
      const tables = Map.groupBy(rows, (row) => String(row['table']))
      return new Map(
        [...tables].map(([table, all]) => [table, all.map((row) => String(row['column']))]),
      )
    },
    rows: (table, columns) =>
      postgresRows(connection, `SELECT ${columns.join(', ')} FROM ${table}`),
    count: async (table) => {
      const [row] = await connection.execute(`SELECT COUNT(*) AS count FROM ${table}`)
      return Number(row?.['count'])
    },
    clear: async (table) => {
      await connection.execute(`DELETE FROM ${table}`)
    },
    insert: async (table, columns, row) => {
      await connection.run(insertion(table, columns, row))
    },
    change: async (work) => {
      await connection.execute('BEGIN')
      try {
        await work()
        await connection.commit()
      } catch (error) {
        await connection.execute('ROLLBACK').catch(() => undefined)
        throw error
      }
    },
    [Symbol.asyncDispose]: () => connection.close(),
  }
}

/** The rows by pages, all of one moment, in which nobody changes anything. */
async function* postgresRows(connection: PostgresConnection, select: string): AsyncIterable<Row> {
  await connection.execute('BEGIN ISOLATION LEVEL REPEATABLE READ')
  await connection.execute(`DECLARE rows_to_copy CURSOR FOR ${select}`)
  for (;;) {
    const rows = await connection.execute('FETCH 500 FROM rows_to_copy')
    if (rows.length === 0) break
    yield* rows as Row[]
  }
  await connection.execute('COMMIT')
}

/** Throws when a node serves on the database: one that lives tells so again and again. */
export async function requireNobodyServes(
  connection: PostgresConnection,
  clock: Clock,
): Promise<void> {
  const before = await connection.all<NodeRow>(listNodes())
  if (before.length === 0) return
  await new Promise<void>((resolve) => {
    clock.after(longestSilence, resolve)
  })
  const after = await connection.all<NodeRow>(listNodes())
  const living = after.filter(
    (node) =>
      !before.some((each) => each.registration === node.registration && each.marks === node.marks),
  )
  if (living.length > 0) {
    const names = living.map(({ name }) => name).join(', ')
    throw new Error(`nodes serve on the database (${names}); stop them first`)
  }
}

/** Beyond this a node that has not told anything has no lease, in milliseconds. */
const longestSilence = 6000

/** The insertion of one row; its text is the same for every row of a table. */
function insertion(table: string, columns: readonly string[], row: Row): Statement {
  const texts = [
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (`,
    ...columns.slice(1).map(() => ', '),
    ')',
  ]
  const parts = Object.assign(texts, { raw: texts })
  return { parts, values: columns.map((column) => row[column] ?? null) }
}
