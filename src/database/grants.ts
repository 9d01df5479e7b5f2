/**
 * Rows of grants, and how many there are on each key.
 */
import type { GrantConstraints } from '../access/decide.ts'
import type { Grant, GrantedKey } from '../grants/grant.ts'
import type { GrantPlace } from '../grants/grant-place.ts'
import type { Reader, RowName, Writer } from './database.ts'
import { sql } from './sql.ts'

/** A grant with the place where requests find it. */
export interface StoredGrant {
  readonly grant: Grant
  readonly place: GrantPlace
}

interface GrantRow {
  readonly region: string
  readonly key_id: string
  readonly grant_id: string
  readonly account_id: string
  readonly name: string
  readonly grantee: string
  readonly grantee_name: string
  readonly retiring: string | null
  readonly retiring_name: string | null
  readonly issuing_account: string
  readonly operations: string
  readonly constraints: string | null
  readonly created_at: number
  readonly holder: string
  readonly bucket: string
  readonly shape: string
  readonly describes: number
}

/**
 * The name in the feed of what a holder has on a key. It says which key that is also when a replica was deleted and made
 * again, so that the deletion of a key need not name each of its grants.
 */
export function holdingRowName(key: GrantedKey, holder: string): RowName {
  return `grants/${key.region}/${key.id}@${key.createdAt}/${holder}`
}

/** The name in the feed of one bucket of a holder's. */
export function bucketRowName(key: GrantedKey, holder: string, bucket: string): RowName {
  return `${holdingRowName(key, holder)}/${bucket}`
}

/** The grant of this id on a key; undefined if and only if there is none. */
export async function findGrant(
  reader: Reader,
  key: { readonly region: string; readonly id: string },
  grantId: string,
): Promise<StoredGrant | undefined> {
  const row = await reader.first<GrantRow>(
    sql`SELECT region, key_id, grant_id, account_id, name, grantee, grantee_name, retiring, retiring_name,
          issuing_account, operations, constraints, created_at, holder, bucket, shape, describes
        FROM grants WHERE region = ${key.region} AND key_id = ${key.id} AND grant_id = ${grantId}`,
  )
  return row && fromRow(row)
}

/** The id of the grant that was made by a request of this identity; undefined if and only if there is none. */
export async function findGrantByIdentity(
  reader: Reader,
  key: GrantedKey,
  identity: string,
): Promise<string | undefined> {
  const row = await reader.first<{ grant_id: string }>(
    sql`SELECT grant_id FROM grants
        WHERE region = ${key.region} AND key_id = ${key.id} AND identity = ${identity} LIMIT 1`,
  )
  return row?.grant_id
}

/** Adds a grant. */
export async function insertGrant(
  transaction: Writer,
  key: GrantedKey,
  stored: StoredGrant & { readonly identity: string | undefined },
): Promise<void> {
  const { grant, place, identity } = stored
  nameChange(transaction, key, place)
  await transaction.run(
    sql`INSERT INTO grants (region, key_id, grant_id, account_id, name, grantee, grantee_name, retiring,
          retiring_name, issuing_account, operations, constraints, created_at, holder, bucket, shape, describes,
          identity)
        VALUES (${grant.region}, ${grant.keyId}, ${grant.id}, ${grant.account}, ${grant.name},
          ${grant.grantee.shown}, ${grant.grantee.name}, ${grant.retiring?.shown ?? null},
          ${grant.retiring?.name ?? null}, ${grant.issuingAccount}, ${JSON.stringify(grant.operations)},
          ${constraintsText(grant.constraints)}, ${grant.createdAt}, ${place.holder}, ${place.bucket},
          ${place.shape}, ${place.describes ? 1 : 0}, ${identity ?? null})`,
  )
  await count(transaction, key, 1)
}

/** Removes a grant; answers whether it was there. */
export async function deleteGrant(
  transaction: Writer,
  key: GrantedKey,
  grantId: string,
): Promise<boolean> {
  const stored = await findGrant(transaction, key, grantId)
  if (stored === undefined) return false
  nameChange(transaction, key, stored.place)
  await transaction.run(
    sql`DELETE FROM grants
        WHERE region = ${key.region} AND key_id = ${key.id} AND grant_id = ${grantId}`,
  )
  await count(transaction, key, -1)
  return true
}

/** Removes grants of a key that is gone for everybody, at most `limit` of them; answers how many. Nobody looks for them again. */
export async function deleteGrantsOfKey(
  transaction: Writer,
  key: { readonly region: string; readonly id: string },
  limit: number,
): Promise<number> {
  const deleted = await transaction.run(
    sql`DELETE FROM grants WHERE region = ${key.region} AND key_id = ${key.id} AND grant_id IN
          (SELECT grant_id FROM grants WHERE region = ${key.region} AND key_id = ${key.id} LIMIT ${limit})`,
  )
  if (deleted < limit) {
    await transaction.run(
      sql`DELETE FROM grant_counts WHERE region = ${key.region} AND key_id = ${key.id}`,
    )
  }
  return deleted
}

/** How many grants a key has: a counter, never a scan. */
export async function countGrants(
  reader: Reader,
  key: { readonly region: string; readonly id: string },
): Promise<number> {
  const row = await reader.first<{ count: number }>(
    sql`SELECT count FROM grant_counts WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
  return Number(row?.count ?? 0)
}

/** A key's grants, by id behind `after`, at most `limit`. */
export async function listGrantRows(
  reader: Reader,
  key: { readonly region: string; readonly id: string },
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Grant[]> {
  const rows = await reader.all<GrantRow>(
    sql`SELECT region, key_id, grant_id, account_id, name, grantee, grantee_name, retiring, retiring_name,
          issuing_account, operations, constraints, created_at, holder, bucket, shape, describes
        FROM grants WHERE region = ${key.region} AND key_id = ${key.id} AND grant_id > ${page.after}
        ORDER BY grant_id LIMIT ${page.limit}`,
  )
  return rows.map((row) => fromRow(row).grant)
}

/** The grants on a key whose grantee is shown so, by id behind `after`, at most `limit`. */
export async function listGrantsOfGrantee(
  reader: Reader,
  key: { readonly region: string; readonly id: string },
  page: { readonly grantee: string; readonly after: string; readonly limit: number },
): Promise<readonly Grant[]> {
  const rows = await reader.all<GrantRow>(
    sql`SELECT region, key_id, grant_id, account_id, name, grantee, grantee_name, retiring, retiring_name,
          issuing_account, operations, constraints, created_at, holder, bucket, shape, describes
        FROM grants
        WHERE region = ${key.region} AND key_id = ${key.id} AND grantee = ${page.grantee}
          AND grant_id > ${page.after}
        ORDER BY grant_id LIMIT ${page.limit}`,
  )
  return rows.map((row) => fromRow(row).grant)
}

/** The grants in a region that a principal may retire, on whatever key, by id behind `after`, at most `limit`. */
export async function listGrantsToRetire(
  reader: Reader,
  of: { readonly region: string; readonly retiringName: string; readonly now: number },
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Grant[]> {
  const rows = await reader.all<GrantRow>(
    sql`SELECT region, key_id, grant_id, account_id, name, grantee, grantee_name, retiring, retiring_name,
          issuing_account, operations, constraints, created_at, holder, bucket, shape, describes
        FROM grants
        WHERE region = ${of.region} AND retiring_name = ${of.retiringName} AND grant_id > ${page.after}
          AND NOT EXISTS (SELECT 1 FROM keys WHERE keys.region = grants.region
            AND keys.key_id = grants.key_id AND keys.deletion_at <= ${of.now})
        ORDER BY grant_id LIMIT ${page.limit}`,
  )
  return rows.map((row) => fromRow(row).grant)
}

function nameChange(transaction: Writer, key: GrantedKey, place: GrantPlace): void {
  transaction.changed(holdingRowName(key, place.holder))
  transaction.changed(bucketRowName(key, place.holder, place.bucket))
}

/** Keeps the counter of the resource quota. */
async function count(transaction: Writer, key: GrantedKey, by: number): Promise<void> {
  await transaction.run(
    sql`INSERT INTO grant_counts (region, key_id, count) VALUES (${key.region}, ${key.id}, ${by})
        ON CONFLICT (region, key_id) DO UPDATE SET count = grant_counts.count + excluded.count`,
  )
}

function fromRow(row: GrantRow): StoredGrant {
  const { holder, bucket, shape } = row
  const retiring =
    row.retiring === null || row.retiring_name === null
      ? undefined
      : { shown: row.retiring, name: row.retiring_name }
  return {
    place: { holder, bucket, shape, describes: row.describes === 1 },
    grant: {
      region: row.region,
      keyId: row.key_id,
      account: row.account_id,
      id: row.grant_id,
      name: row.name,
      grantee: { shown: row.grantee, name: row.grantee_name },
      retiring,
      issuingAccount: row.issuing_account,
      operations: JSON.parse(row.operations) as Grant['operations'],
      constraints: readConstraints(row.constraints),
      createdAt: Number(row.created_at),
    },
  }
}

/** Constraints as they stand in a row: maps as lists of pairs, so that `__proto__` is a key like any other. */
interface ConstraintsText {
  readonly equals?: readonly [string, string][]
  readonly subset?: readonly [string, string][]
  readonly sourceArn?: string
}

function constraintsText(constraints: GrantConstraints | undefined): string | null {
  if (constraints === undefined) return null
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset, SourceArn } = constraints
  return JSON.stringify({
    ...(equal !== undefined && { equals: [...equal] }),
    ...(subset !== undefined && { subset: [...subset] }),
    ...(SourceArn !== undefined && { sourceArn: SourceArn }),
  } satisfies ConstraintsText)
}

/** Reads the column `constraints`. */
export function readConstraints(text: string | null): GrantConstraints | undefined {
  if (text === null) return undefined
  const { equals, subset, sourceArn } = JSON.parse(text) as ConstraintsText
  return {
    ...(equals !== undefined && { EncryptionContextEquals: new Map(equals) }),
    ...(subset !== undefined && { EncryptionContextSubset: new Map(subset) }),
    ...(sourceArn !== undefined && { SourceArn: sourceArn }),
  }
}
