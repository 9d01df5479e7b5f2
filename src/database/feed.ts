/**
 * The feed of changes: which rows changed, in commit order. The number comes from one row, whose lock makes commit order
 * the order of the numbers on every engine; the random id tells one history from another after a failover.
 */
import { uuid } from '../crypto/random.ts'
import type { Reader, RowName, Writer } from './database.ts'
import { sql } from './sql.ts'

/** A place in the feed: everything up to `sequence` has been applied, and the row there carried `id`. */
export interface FeedPosition {
  readonly sequence: number
  readonly id: string
}

/** Appends the names that a batch of transactions changed; the last statement before its commit. */
export async function appendChanges(
  transaction: Writer,
  names: ReadonlySet<RowName>,
): Promise<void> {
  if (names.size === 0) return
  const row = await transaction.first<{ sequence: number }>(
    sql`UPDATE feed SET sequence = sequence + 1 RETURNING sequence`,
  )
  if (row === undefined) throw new Error('the feed has no row')
  const id = uuid()
  for (const name of names) {
    await transaction.run(
      sql`INSERT INTO changes (sequence, id, name) VALUES (${row.sequence}, ${id}, ${name})`,
    )
  }
}

/** The newest place in the feed. */
export async function feedEnd(reader: Reader): Promise<FeedPosition> {
  const end = await reader.first<{ sequence: number; id: string | null }>(
    sql`SELECT feed.sequence AS sequence, MIN(changes.id) AS id
        FROM feed LEFT JOIN changes ON changes.sequence = feed.sequence GROUP BY feed.sequence`,
  )
  return { sequence: end?.sequence ?? 0, id: end?.id ?? '' }
}

/** Forgets changes older than the newest `keep`; a process that is further behind drops everything it holds. */
export async function pruneFeed(transaction: Writer, keep: number): Promise<void> {
  await transaction.run(
    sql`DELETE FROM changes WHERE sequence < (SELECT sequence FROM feed) - ${keep}`,
  )
}
