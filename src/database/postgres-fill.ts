/**
 * Fills an empty PostgreSQL in one transaction, for a restore. The lock of the schema is held meanwhile, so that a node which
 * starts waits; and a mark is there before, so that one which starts after a restore was cut off does not take the database
 * for a new one.
 */
import type { RowName, Writer } from './database.ts'
import { restoreMark } from './meta.ts'
import { connectOnce, type PostgresOptions } from './postgres.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { prepareSchema } from './postgres-schema.ts'
import { sql, type Statement } from './sql.ts'

/** What is filled, and for the record of which node. */
export type FillOptions = Pick<PostgresOptions, 'url' | 'clock' | 'mayLose' | 'chain' | 'wait'>

/** Runs `work` in the transaction. When this resolves, it is committed; when it rejects, nobody can serve what is there. */
export async function fillEmpty<Result>(
  options: FillOptions,
  work: (transaction: Writer) => Promise<Result>,
): Promise<Result> {
  const connection = await connectOnce(options)
  try {
    await prepareSchema(connection, { prepare: () => undefined })
    await inTransaction(connection, async () => {
      await requireEmpty(connection)
      await connection.run(
        sql`INSERT INTO meta (name, value) VALUES (${restoreMark}, '') ON CONFLICT (name) DO NOTHING`,
      )
    })
    return await inTransaction(connection, async () => {
      await requireEmpty(connection)
      return work(new Filling(connection, options.chain))
    })
  } finally {
    await connection.close()
  }
}

async function inTransaction<Result>(
  connection: PostgresConnection,
  work: () => Promise<Result>,
): Promise<Result> {
  await connection.execute('BEGIN ISOLATION LEVEL READ COMMITTED')
  try {
    await connection.first(sql`SELECT id FROM schema_lock WHERE id = 1 FOR UPDATE`)
    const result = await work()
    await connection.commit()
    return result
  } catch (error) {
    await connection.execute('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** A node that has started here has left a value of its own, if nothing else. */
async function requireEmpty(connection: PostgresConnection): Promise<void> {
  const found = await connection.first<{ rows: number }>(
    sql`SELECT (SELECT COUNT(*) FROM meta WHERE name <> ${restoreMark}) + (SELECT COUNT(*) FROM accounts)
          + (SELECT COUNT(*) FROM keys) + (SELECT COUNT(*) FROM nodes) AS rows`,
  )
  if (found?.rows !== 0) {
    throw new Error('the database to restore into is not empty; restore into another one')
  }
}

/** What fills. Nobody holds rows in memory that it could change. */
class Filling implements Writer {
  readonly #connection: PostgresConnection
  readonly chain: string

  constructor(connection: PostgresConnection, chain: string) {
    this.#connection = connection
    this.chain = chain
  }

  all<Row>(statement: Statement): Promise<readonly Row[]> {
    return this.#connection.all<Row>(statement)
  }

  first<Row>(statement: Statement): Promise<Row | undefined> {
    return this.#connection.first<Row>(statement)
  }

  run(statement: Statement): Promise<number> {
    return this.#connection.run(statement)
  }

  changed(_name: RowName): void {
    // The feed of a database that was just made has no readers yet.
  }
}
