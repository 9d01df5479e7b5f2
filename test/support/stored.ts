/**
 * Rows as somebody finds them who reads the database past the server.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { runIn } from './postgres.ts'
import type { Started } from './service.ts'

/** The rows of a server that have this key id, of one table. */
export async function rowsOfKey(
  { data, database }: Pick<Started, 'data' | 'database'>,
  table: 'key_materials' | 'material_entries',
  keyId: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = (place: string) => `SELECT * FROM ${table} WHERE key_id = ${place}`
  // A key id has no quotes.
  if (database !== undefined) return runIn(database, text(`'${keyId}'`))
  using file = new DatabaseSync(join(data, 'trent.db'), { readOnly: true })
  return file.prepare(text('?')).all(keyId)
}
