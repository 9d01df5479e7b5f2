/**
 * Rows as somebody finds them who reads or writes the database past the server.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { databaseOf } from './engines.ts'
import { runIn } from './postgres.ts'
import type { Started } from './service.ts'

/** A row as the engine's own driver tells it: bytes are bytes, and large numbers may be text. */
export type StoredRow = Readonly<Record<string, unknown>>

/** Runs one statement in the database of the server on a data folder; answers its rows. */
export async function askStored(data: string, text: string): Promise<readonly StoredRow[]> {
  const url = await databaseOf(data)
  if (url !== undefined) return runIn(url, text)
  using file = new DatabaseSync(join(data, 'trent.db'), { timeout: 5000 })
  return file.prepare(text).all()
}

/** The rows of a server that have this key id, of one table. */
export function rowsOfKey(
  { data }: Pick<Started, 'data'>,
  table: 'key_materials' | 'material_entries' | 'import_parameters',
  keyId: string,
): Promise<readonly StoredRow[]> {
  // A key id has no quotes.
  return askStored(data, `SELECT * FROM ${table} WHERE key_id = '${keyId}'`)
}

/** What makes a change of the database fail. */
export interface Obstacle {
  readonly name: string
  readonly on: `${'INSERT' | 'UPDATE'} ON ${string}`
  /** Which rows it is in the way of, as SQL says it of NEW and OLD. */
  readonly when: string
}

/** Puts an obstacle into the database of the server on a data folder. */
export async function obstruct(data: string, { name, on, when }: Obstacle): Promise<void> {
  const url = await databaseOf(data)
  if (url === undefined) {
    const act = `BEGIN SELECT RAISE(ABORT, '${name}'); END`
    await askStored(data, `CREATE TRIGGER ${name} BEFORE ${on} WHEN ${when} ${act}`)
    return
  }
  await runIn(
    url,
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION '${name}' USING ERRCODE = '23514'; END $$;
     CREATE TRIGGER ${name} BEFORE ${on} FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION ${name}()`,
  )
}

/** Takes an obstacle out of the way. */
export async function clear(data: string, { name, on }: Obstacle): Promise<void> {
  const table = on.split(' ON ')[1]
  const isFile = (await databaseOf(data)) === undefined
  await askStored(data, `DROP TRIGGER ${name}${isFile ? '' : ` ON ${table}`}`)
}
