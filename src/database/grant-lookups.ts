/**
 * How a request finds the grants that can matter to it: each question is a seek in an index, and reads one row.
 */
import type { GrantConstraints } from '../access/decide.ts'
import type { GrantedKey, GrantOperation } from '../grants/grant.ts'
import type { Reader } from './database.ts'
import { readConstraints } from './grants.ts'
import { sql } from './sql.ts'

/** What a grant permits, and under which constraints. */
export interface HeldGrant {
  readonly grantId: string
  readonly operations: readonly GrantOperation[]
  readonly constraints: GrantConstraints | undefined
}

/** The key of grants, and who holds them. */
export interface Holding {
  readonly key: Pick<GrantedKey, 'region' | 'id'>
  readonly holder: string
}

interface HeldRow {
  readonly grant_id: string
  readonly operations: string
  readonly constraints: string | null
}

/** One grant of each shape in a bucket: the first by id. The rest of a shape is skipped, not read. */
export async function findShapes(
  reader: Reader,
  { key, holder }: Holding,
  bucket: string,
): Promise<readonly HeldGrant[]> {
  const found: HeldGrant[] = []
  for (let after = ''; ; ) {
    const row = await reader.first<HeldRow & { shape: string }>(
      sql`SELECT grant_id, operations, constraints, shape FROM grants
          WHERE region = ${key.region} AND key_id = ${key.id} AND holder = ${holder} AND bucket = ${bucket}
            AND shape > ${after}
          ORDER BY shape, grant_id LIMIT 1`,
    )
    if (row === undefined) return found
    found.push(heldFromRow(row))
    after = row.shape
  }
}

/** A grant that permits DescribeKey from a bucket that asks for an encryption context; undefined if and only if there is none. */
export async function findDescribing(
  reader: Reader,
  { key, holder }: Holding,
): Promise<HeldGrant | undefined> {
  const row = await reader.first<HeldRow>(
    sql`SELECT grant_id, operations, constraints FROM grants
        WHERE region = ${key.region} AND key_id = ${key.id} AND holder = ${holder} AND describes = 1
        ORDER BY grant_id LIMIT 1`,
  )
  return row && heldFromRow(row)
}

/** Whether the holder has a grant in any of the buckets from one name to another. */
export async function hasBuckets(
  reader: Reader,
  { key, holder }: Holding,
  buckets: { readonly from: string; readonly below: string },
): Promise<boolean> {
  const row = await reader.first<{ found: number }>(
    sql`SELECT 1 AS found FROM grants
        WHERE region = ${key.region} AND key_id = ${key.id} AND holder = ${holder}
          AND bucket >= ${buckets.from} AND bucket < ${buckets.below} LIMIT 1`,
  )
  return row !== undefined
}

/** How many grants are in a bucket, counted no further than `most`. */
export async function countBucket(
  reader: Reader,
  { key, holder }: Holding,
  { bucket, most }: { readonly bucket: string; readonly most: number },
): Promise<number> {
  const row = await reader.first<{ count: number }>(
    sql`SELECT COUNT(*) AS count FROM (SELECT 1 FROM grants
          WHERE region = ${key.region} AND key_id = ${key.id} AND holder = ${holder} AND bucket = ${bucket}
          LIMIT ${most}) AS found`,
  )
  return Number(row?.count ?? 0)
}

/** A holder's grants on a key, whatever they ask for, at most `limit`. */
export async function listHeld(
  reader: Reader,
  { key, holder }: Holding,
  limit: number,
): Promise<readonly HeldGrant[]> {
  const rows = await reader.all<HeldRow>(
    sql`SELECT grant_id, operations, constraints FROM grants
        WHERE region = ${key.region} AND key_id = ${key.id} AND holder = ${holder}
        ORDER BY bucket, shape, grant_id LIMIT ${limit}`,
  )
  return rows.map(heldFromRow)
}

function heldFromRow(row: HeldRow): HeldGrant {
  return {
    grantId: row.grant_id,
    operations: JSON.parse(row.operations) as HeldGrant['operations'],
    constraints: readConstraints(row.constraints),
  }
}
