/**
 * Rows of the last use of each access key.
 */
import type { Reader, Writer } from './database.ts'
import { sql } from './sql.ts'

/** A use of an access key. */
export interface AccessKeyUse {
  readonly accessKeyId: string
  readonly usedAt: number
  readonly service: string
  readonly region: string
}

/** The last use that was written down; undefined if and only if there is none. */
export async function findAccessKeyUse(
  reader: Reader,
  accessKeyId: string,
): Promise<AccessKeyUse | undefined> {
  const row = await reader.first<{
    access_key_id: string
    used_at: number
    service: string
    region: string
  }>(
    sql`SELECT access_key_id, used_at, service, region FROM access_key_usage
        WHERE access_key_id = ${accessKeyId}`,
  )
  if (row === undefined) return undefined
  const { service, region } = row
  return { accessKeyId, usedAt: Number(row.used_at), service, region }
}

/** Writes a use down, unless a newer one is there or the key is gone. */
export async function putAccessKeyUse(transaction: Writer, use: AccessKeyUse): Promise<void> {
  await transaction.run(
    sql`INSERT INTO access_key_usage (access_key_id, used_at, service, region)
        SELECT access_key_id, ${use.usedAt}, ${use.service}, ${use.region} FROM access_keys
        WHERE access_key_id = ${use.accessKeyId}
        ON CONFLICT (access_key_id) DO UPDATE
          SET used_at = excluded.used_at, service = excluded.service, region = excluded.region
          WHERE excluded.used_at >= access_key_usage.used_at`,
  )
}

/** Forgets the use of a key that is deleted. */
export async function deleteAccessKeyUse(transaction: Writer, accessKeyId: string): Promise<void> {
  await transaction.run(sql`DELETE FROM access_key_usage WHERE access_key_id = ${accessKeyId}`)
}
