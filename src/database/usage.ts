/**
 * Rows of last usage: for each key, the newest successful cryptographic operation.
 */
import type { Reader, Writer } from './database.ts'
import { sql } from './sql.ts'

/** One use of one key; the time is milliseconds since 1970. */
export interface KeyUse {
  readonly region: string
  readonly keyId: string
  readonly operation: string
  readonly usedAt: number
  readonly eventId: string
  readonly requestId: string
}

/** The last use of a key that was written down; undefined if and only if there is none. */
export async function findKeyUse(
  reader: Reader,
  region: string,
  keyId: string,
): Promise<KeyUse | undefined> {
  const row = await reader.first<{
    operation: string
    used_at: number
    event_id: string
    request_id: string
  }>(
    sql`SELECT operation, used_at, event_id, request_id FROM key_usage
        WHERE region = ${region} AND key_id = ${keyId}`,
  )
  if (row === undefined) return undefined
  return {
    region,
    keyId,
    operation: row.operation,
    usedAt: Number(row.used_at),
    eventId: row.event_id,
    requestId: row.request_id,
  }
}

/** Writes a use down, unless a newer one is there or the key is gone. */
export async function putKeyUse(transaction: Writer, use: KeyUse): Promise<void> {
  await transaction.run(
    sql`INSERT INTO key_usage (region, key_id, operation, used_at, event_id, request_id)
        SELECT region, key_id, ${use.operation}, ${use.usedAt}, ${use.eventId}, ${use.requestId}
        FROM keys WHERE region = ${use.region} AND key_id = ${use.keyId}
        ON CONFLICT (region, key_id) DO UPDATE SET operation = excluded.operation, used_at = excluded.used_at,
          event_id = excluded.event_id, request_id = excluded.request_id
        WHERE excluded.used_at >= key_usage.used_at`,
  )
}
