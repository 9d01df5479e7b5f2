/**
 * The database's own values, by name.
 */
import type { Database, Reader, Writer } from './database.ts'
import { sql } from './sql.ts'

/** The value that stands in a database into which a restore was begun; the restore takes it away when it is whole. */
export const restoreMark = 'restore-begun'

/** A value; undefined if and only if it was never set. */
export async function readMeta(reader: Reader, name: string): Promise<string | undefined> {
  const row = await reader.first<{ value: string }>(
    sql`SELECT value FROM meta WHERE name = ${name}`,
  )
  return row?.value
}

/** Several values, as they are at one moment: by name, those that were set. */
export async function readMetas(
  reader: Reader,
  [first, second, third, fourth]: readonly [string, string, string, string],
): Promise<ReadonlyMap<string, string>> {
  const rows = await reader.all<{ name: string; value: string }>(
    sql`SELECT name, value FROM meta WHERE name IN (${first}, ${second}, ${third}, ${fourth}) ORDER BY name`,
  )
  return new Map(rows.map(({ name, value }) => [name, value]))
}

/** The values whose names begin in the same way, by what follows. */
export async function listMeta(
  reader: Reader,
  prefix: string,
): Promise<ReadonlyMap<string, string>> {
  const rows = await reader.all<{ name: string; value: string }>(
    sql`SELECT name, value FROM meta WHERE substr(name, 1, ${prefix.length}) = ${prefix}
        ORDER BY name LIMIT 10000`,
  )
  return new Map(rows.map(({ name, value }) => [name.slice(prefix.length), value]))
}

/** Removes the values whose names begin in the same way. */
export async function deleteMeta(transaction: Writer, prefix: string): Promise<void> {
  await transaction.run(sql`DELETE FROM meta WHERE substr(name, 1, ${prefix.length}) = ${prefix}`)
}

/** Sets a value. */
export async function writeMeta(database: Database, name: string, value: string): Promise<void> {
  await database.write((transaction) => putMeta(transaction, name, value))
}

/** Sets a value in a transaction. */
export async function putMeta(transaction: Writer, name: string, value: string): Promise<void> {
  await transaction.run(
    sql`INSERT INTO meta (name, value) VALUES (${name}, ${value})
        ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  )
}
