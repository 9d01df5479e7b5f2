/**
 * Brings the schema up to date under the lock of a row, so that of several nodes that start at once one does it and the
 * others find it done. Nodes that serve meanwhile go on: a step only adds.
 */
import type { SetUp } from './database.ts'
import { type Migration, missingSteps } from './migrate.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { isConflict, isCreatedMeanwhile } from './postgres-errors.ts'
import { sql } from './sql.ts'

/** How often it is tried, where others are in the way. */
const attempts = 10

/** What is done under the lock. */
export interface SchemaWork {
  readonly prepare: (first: SetUp) => void
  /** The steps of this version. */
  readonly steps?: readonly Migration[] | undefined
}

/**
 * Brings the schema up to date and runs `prepare` in the same transaction; answers the names of the steps that were
 * missing. Throws when the database belongs to a newer Trent.
 */
export async function prepareSchema(
  connection: PostgresConnection,
  work: SchemaWork,
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await makeLock(connection)
      return await inTransaction(connection, () => migrate(connection, work))
    } catch (error) {
      const again = isConflict(error) || isCreatedMeanwhile(error)
      if (!again || attempt === attempts) throw error
    }
  }
}

/** The row to lock, before there is any other. */
async function makeLock(connection: PostgresConnection): Promise<void> {
  await connection.execute('CREATE TABLE IF NOT EXISTS schema_lock (id INTEGER PRIMARY KEY)')
  await connection.execute('INSERT INTO schema_lock (id) VALUES (1) ON CONFLICT DO NOTHING')
  await connection.execute(
    'CREATE TABLE IF NOT EXISTS migrations (position BIGINT PRIMARY KEY, name TEXT NOT NULL)',
  )
}

async function inTransaction<Result>(
  connection: PostgresConnection,
  work: () => Promise<Result>,
): Promise<Result> {
  await connection.execute('BEGIN ISOLATION LEVEL READ COMMITTED')
  try {
    const result = await work()
    await connection.commit()
    return result
  } catch (error) {
    await connection.execute('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function migrate(
  connection: PostgresConnection,
  { prepare, steps }: SchemaWork,
): Promise<readonly string[]> {
  await connection.first(sql`SELECT id FROM schema_lock WHERE id = 1 FOR UPDATE`)
  const rows = await connection.all<{ position: number; name: string }>(
    sql`SELECT position, name FROM migrations ORDER BY position LIMIT 10000`,
  )
  const missing = missingSteps(
    rows.map(({ name }) => name),
    steps,
  )
  // The writers of nodes that serve already wait in front of the feed, with no other lock in their hands.
  if (rows.length > 0) await connection.first(sql`SELECT sequence FROM feed FOR UPDATE`)
  let position = rows.at(-1)?.position ?? 0
  for (const step of missing) {
    for (const statement of step.statements({ blob: 'BYTEA', big: 'BIGINT' })) {
      await connection.execute(sortedByBytes(statement))
    }
    position += 1
    await connection.run(
      sql`INSERT INTO migrations (position, name) VALUES (${position}, ${step.name})`,
    )
  }
  await runPrepare(connection, prepare)
  return missing.map(({ name }) => name)
}

/** Text is compared and sorted by its bytes, as the pages of lists go, whatever language the database was made for. */
function sortedByBytes(statement: string): string {
  if (!/^\s*(?:CREATE|ALTER) TABLE/.test(statement)) return statement
  return statement.replaceAll(/\bTEXT\b/g, 'TEXT COLLATE "C"')
}

/** The values of the database's own are few: they are read before, and written after. */
async function runPrepare(
  connection: PostgresConnection,
  prepare: (first: SetUp) => void,
): Promise<void> {
  const rows = await connection.all<{ name: string; value: string }>(
    sql`SELECT name, value FROM meta ORDER BY name LIMIT 10000`,
  )
  const values = new Map(rows.map(({ name, value }) => [name, value]))
  const added: [name: string, value: string][] = []
  prepare({
    meta: (name) => values.get(name),
    setMeta: (name, value) => {
      values.set(name, value)
      added.push([name, value])
    },
  })
  for (const [name, value] of added) {
    await connection.run(
      sql`INSERT INTO meta (name, value) VALUES (${name}, ${value})
          ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    )
  }
}
