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
