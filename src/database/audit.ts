/**
 * The record's rows: events that commit with their changes (the outbox), and the heads of the chains.
 */
import type { Database, Writer } from './database.ts'
import { sql } from './sql.ts'

/** The newest line of a chain that a checkpoint has vouched for. */
interface HeadRow {
  readonly chain: string
  readonly sequence: number
  readonly hash: string
  readonly time: number
}

/** Puts a change's event into the change's own transaction. */
export async function putEvent(
  transaction: Writer,
  event: { readonly eventId: string; readonly time: number; readonly text: string },
): Promise<void> {
  await transaction.run(
    sql`INSERT INTO audit_outbox (position, event_id, event, chain)
        VALUES (${event.time}, ${event.eventId}, ${event.text}, ${transaction.chain})`,
  )
}

/** Makes the events that are there this process's to write: those of the chains of a database that was restored here. */
export async function adoptEvents(transaction: Writer): Promise<void> {
  await transaction.run(sql`UPDATE audit_outbox SET chain = ${transaction.chain}`)
}

/** The chains whose events are not all in the files. */
export async function chainsWithEvents(database: Database): Promise<readonly string[]> {
  const rows = await database.read.all<{ chain: string }>(
    sql`SELECT DISTINCT chain FROM audit_outbox ORDER BY chain LIMIT 1000`,
  )
  return rows.map(({ chain }) => chain)
}

/** What the record asks of the database: of one chain alone, its own if no other is named, but for the heads. */
export function auditStore(
  database: Database,
  chain: string = database.chain,
): {
  outbox(): Promise<readonly { eventId: string; event: string }[]>
  forget(eventIds: readonly string[]): Promise<void>
  saveHead(head: HeadRow): Promise<void>
  heads(): Promise<readonly HeadRow[]>
} {
  return {
    outbox: async () => {
      const rows = await database.read.all<{ event_id: string; event: string }>(
        sql`SELECT event_id, event FROM audit_outbox WHERE chain = ${chain}
            ORDER BY position, event_id LIMIT 100000`,
      )
      return rows.map((row) => ({ eventId: row.event_id, event: row.event }))
    },
    forget: (eventIds) =>
      database.write(async (transaction) => {
        for (const eventId of eventIds) {
          await transaction.run(sql`DELETE FROM audit_outbox WHERE event_id = ${eventId}`)
        }
      }),
    saveHead: (head) =>
      database.write(async (transaction) => {
        await transaction.run(
          sql`INSERT INTO audit_heads (chain, sequence, hash, time)
              VALUES (${head.chain}, ${head.sequence}, ${head.hash}, ${head.time})
              ON CONFLICT (chain) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
                time = excluded.time`,
        )
      }),
    heads: async () => {
      const rows = await database.read.all<HeadRow>(
        sql`SELECT chain, sequence, hash, time FROM audit_heads ORDER BY chain LIMIT 1000`,
      )
      return rows.map((row) => ({ ...row, sequence: Number(row.sequence), time: Number(row.time) }))
    },
  }
}
