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

/** Appends the names that a batch of transactions changed; the last statement before its commit. Answers their number. */
export async function appendChanges(
  transaction: Writer,
  names: ReadonlySet<RowName>,
): Promise<number | undefined> {
  if (names.size === 0) return undefined
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
  return row.sequence
}

/** The newest place in the feed. */
export async function feedEnd(reader: Reader): Promise<FeedPosition> {
  const end = await reader.first<{ sequence: number; id: string | null }>(
    sql`SELECT feed.sequence AS sequence, MIN(changes.id) AS id
        FROM feed LEFT JOIN changes ON changes.sequence = feed.sequence GROUP BY feed.sequence`,
  )
  return { sequence: end?.sequence ?? 0, id: end?.id ?? '' }
}

/** How many changes are read at a time. */
const page = 1000

/**
 * What has changed since a place in the feed, and the place where that ends; undefined when the feed does not say, because
 * it was pruned, or because it is another history. Numbers have no gaps.
 */
export async function readChanges(
  reader: Reader,
  seen: FeedPosition,
): Promise<{ readonly names: readonly RowName[]; readonly end: FeedPosition } | undefined> {
  const names: RowName[] = []
  let end = { ...seen, name: '\uffff' }
  const here = await reader.first<{ sequence: number; id: string | null }>(
    sql`SELECT feed.sequence AS sequence, MIN(changes.id) AS id
        FROM feed LEFT JOIN changes ON changes.sequence = ${seen.sequence} GROUP BY feed.sequence`,
  )
  if (here === undefined || (here.id ?? '') !== seen.id || here.sequence < seen.sequence) return
  for (;;) {
    const rows = await reader.all<FeedPosition & { readonly name: RowName }>(
      sql`SELECT sequence, id, name FROM changes
          WHERE sequence >= ${end.sequence} AND (sequence > ${end.sequence} OR name > ${end.name})
          ORDER BY sequence, name LIMIT ${page}`,
    )
    for (const row of rows) {
      if (row.sequence > end.sequence + 1) return
      end = row
      names.push(row.name)
    }
    if (rows.length < page) return { names, end: { sequence: end.sequence, id: end.id } }
  }
}

/** Forgets changes older than the newest `keep`; a process that is further behind drops everything it holds. */
export async function pruneFeed(transaction: Writer, keep: number): Promise<void> {
  await transaction.run(
    sql`DELETE FROM changes WHERE sequence < (SELECT sequence FROM feed) - ${keep}`,
  )
}
