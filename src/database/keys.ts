/**
 * Rows of keys. Each function is one question or one change; a change names the row to the feed.
 */
import { type Scope, keyArn } from '../api/arn.ts'
import type { Key } from '../keys/key.ts'
import type { Reader, RowName, Writer } from './database.ts'
import { sql } from './sql.ts'

interface KeyRow {
  readonly region: string
  readonly key_id: string
  readonly account_id: string
  readonly created_at: number
  readonly description: string
  readonly key_spec: string
  readonly key_usage: string
  readonly origin: string
  readonly state: string
  readonly manager: string
  readonly multi_region: number
  readonly deletion_at: number | null
  readonly pending_window_days: number | null
  readonly current_material_id: string | null
  readonly primary_region: string | null
  readonly rotation_enabled: number
  readonly rotation_period_days: number | null
  readonly rotation_next_at: number | null
  readonly expiration_model: string | null
  readonly valid_to: number | null
  readonly imported_once: number
}

/** The name of a key's row in the feed. */
export function keyRowName(region: string, keyId: string): RowName {
  if (newest.keyId !== keyId || newest.region !== region) {
    newest = { region, keyId, row: `key/${region}/${keyId}` }
  }
  return newest.row
}

/** The name that was made last: a text that was looked up once is found sooner the next time. */
let newest: { readonly region: string; readonly keyId: string; readonly row: RowName } = {
  region: '',
  keyId: '',
  row: 'key//',
}

/** The key of this id in this region, whoever owns it; undefined if and only if there is none. */
export async function findKey(
  reader: Reader,
  region: string,
  keyId: string,
): Promise<Key | undefined> {
  const row = await reader.first<KeyRow>(
    sql`SELECT region, key_id, account_id, created_at, description, key_spec, key_usage, origin, state, manager,
          multi_region, deletion_at, pending_window_days, current_material_id, primary_region, rotation_enabled,
          rotation_period_days, rotation_next_at, expiration_model, valid_to, imported_once
        FROM keys WHERE region = ${region} AND key_id = ${keyId}`,
  )
  return row === undefined ? undefined : keyFromRow(row)
}

/** Adds a key. */
export async function insertKey(transaction: Writer, key: Key): Promise<void> {
  transaction.changed(keyRowName(key.region, key.id))
  await transaction.run(
    sql`INSERT INTO keys (region, key_id, account_id, created_at, description, key_spec, key_usage, origin, state,
          manager, multi_region, deletion_at, pending_window_days, current_material_id, primary_region,
          rotation_enabled, rotation_period_days, rotation_next_at, expiration_model, valid_to, imported_once)
        VALUES (${key.region}, ${key.id}, ${key.account}, ${key.createdAt}, ${key.description}, ${key.spec},
          ${key.usage}, ${key.origin}, ${key.state}, ${key.manager}, ${key.multiRegion ? 1 : 0},
          ${key.deletionAt ?? null}, ${key.pendingWindowInDays ?? null}, ${key.currentMaterialId ?? null},
          ${key.primaryRegion ?? null}, ${key.rotationEnabled ? 1 : 0}, ${key.rotationPeriodInDays ?? null},
          ${key.rotationNextAt ?? null}, ${key.expirationModel ?? null}, ${key.validTo ?? null},
          ${key.importedOnce ? 1 : 0})`,
  )
  await count(transaction, key, 1)
}

/** Changes some members of a key's row and leaves the others as they stand in the transaction. */
export async function updateKey(
  transaction: Writer,
  key: KeyName,
  changes: Partial<Key>,
): Promise<Key> {
  const row = await findKey(transaction, key.region, key.id)
  if (row === undefined) throw new Error(`there is no key \`${key.id}\` to change`)
  const changed = { ...row, ...changes }
  await saveKey(transaction, changed)
  return changed
}

/** Writes everything of a key that can change. */
async function saveKey(transaction: Writer, key: Key): Promise<void> {
  transaction.changed(keyRowName(key.region, key.id))
  await transaction.run(
    sql`UPDATE keys SET description = ${key.description}, state = ${key.state},
          deletion_at = ${key.deletionAt ?? null}, pending_window_days = ${key.pendingWindowInDays ?? null},
          current_material_id = ${key.currentMaterialId ?? null}, primary_region = ${key.primaryRegion ?? null},
          rotation_enabled = ${key.rotationEnabled ? 1 : 0},
          rotation_period_days = ${key.rotationPeriodInDays ?? null},
          rotation_next_at = ${key.rotationNextAt ?? null}, expiration_model = ${key.expirationModel ?? null},
          valid_to = ${key.validTo ?? null}, imported_once = ${key.importedOnce ? 1 : 0}
        WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
}

/** The key of this id in every region that holds it, by region; one for a single-Region key. */
export async function findRelatedKeys(reader: Reader, keyId: string): Promise<readonly Key[]> {
  const regions = await listRegionsOfKey(reader, keyId)
  const keys = await Promise.all(regions.map((region) => findKey(reader, region, keyId)))
  return keys.filter((key) => key !== undefined)
}

/** The regions that hold a key of this id, in their order. */
export async function listRegionsOfKey(reader: Reader, keyId: string): Promise<readonly string[]> {
  const rows = await reader.all<{ region: string }>(
    sql`SELECT region FROM keys WHERE key_id = ${keyId} ORDER BY region LIMIT 100`,
  )
  return rows.map((row) => row.region)
}

/** The ids of an account's keys in a region, in their order behind `after`, at most `limit`; not those whose deletion is due. */
export async function listKeyIds(
  reader: Reader,
  scope: Scope,
  page: { readonly after: string; readonly limit: number; readonly now: number },
): Promise<readonly string[]> {
  const rows = await reader.all<{ key_id: string }>(
    sql`SELECT key_id FROM keys WHERE account_id = ${scope.account} AND region = ${scope.region}
          AND key_id > ${page.after} AND (deletion_at IS NULL OR deletion_at > ${page.now})
        ORDER BY key_id LIMIT ${page.limit}`,
  )
  return rows.map((row) => row.key_id)
}

/** How many customer managed keys an account has in a region, in whatever state: a counter, never a scan. */
export async function countKeys(reader: Reader, scope: Scope): Promise<number> {
  const row = await reader.first<{ count: number }>(
    sql`SELECT count FROM key_counts WHERE account_id = ${scope.account} AND region = ${scope.region}`,
  )
  return Number(row?.count ?? 0)
}

/** A key by name: what the jobs list before they look at each inside a transaction. */
export interface KeyName {
  readonly region: string
  readonly id: string
}

/** Keys whose deletion date has come, at most `limit`. */
export async function listKeysToDelete(
  reader: Reader,
  now: number,
  limit: number,
): Promise<readonly KeyName[]> {
  return reader.all<KeyName>(
    sql`SELECT region, key_id AS id FROM keys WHERE deletion_at <= ${now} ORDER BY deletion_at LIMIT ${limit}`,
  )
}

/** Enabled keys whose automatic rotation is due, at most `limit`. */
export async function listKeysToRotate(
  reader: Reader,
  now: number,
  limit: number,
): Promise<readonly KeyName[]> {
  return reader.all<KeyName>(
    sql`SELECT region, key_id AS id FROM keys
        WHERE rotation_next_at <= ${now} AND rotation_enabled = 1 AND state = 'Enabled'
          AND (primary_region IS NULL OR primary_region = region)
        ORDER BY rotation_next_at LIMIT ${limit}`,
  )
}

/** Keys with imported material that has expired, at most `limit`; one with two such materials is named twice. */
export async function listKeysToExpire(
  reader: Reader,
  now: number,
  limit: number,
): Promise<readonly KeyName[]> {
  return reader.all<KeyName>(
    sql`SELECT region, key_id AS id FROM material_entries
        WHERE valid_to <= ${now} ORDER BY valid_to LIMIT ${limit}`,
  )
}

/** Removes a key and everything that hangs on it: aliases, tags, policy, usage. Its material is removed by its key store. */
export async function deleteKey(transaction: Writer, key: Key): Promise<void> {
  transaction.changed(keyRowName(key.region, key.id))
  const aliases = await transaction.all<{ account_id: string; name: string }>(
    sql`SELECT account_id, name FROM aliases WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
  for (const alias of aliases) {
    transaction.changed(`alias/${alias.account_id}/${key.region}/${alias.name}`)
  }
  await transaction.run(
    sql`DELETE FROM aliases WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
  await transaction.run(sql`DELETE FROM tags WHERE region = ${key.region} AND key_id = ${key.id}`)
  await transaction.run(
    sql`DELETE FROM key_policies WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
  await transaction.run(
    sql`DELETE FROM key_usage WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
  await transaction.run(sql`DELETE FROM keys WHERE region = ${key.region} AND key_id = ${key.id}`)
  await count(transaction, key, -1)
}

/** Keeps the counter of the resource quota; AWS managed keys do not count. */
async function count(transaction: Writer, key: Key, by: number): Promise<void> {
  if (key.manager === 'AWS') return
  await transaction.run(
    sql`INSERT INTO key_counts (account_id, region, count) VALUES (${key.account}, ${key.region}, ${by})
        ON CONFLICT (account_id, region) DO UPDATE SET count = key_counts.count + excluded.count`,
  )
}

function keyFromRow(row: KeyRow): Key {
  return {
    region: row.region,
    account: row.account_id,
    id: row.key_id,
    arn: keyArn({ account: row.account_id, region: row.region }, row.key_id),
    createdAt: Number(row.created_at),
    description: row.description,
    spec: row.key_spec as Key['spec'],
    usage: row.key_usage as Key['usage'],
    origin: row.origin as Key['origin'],
    state: row.state as Key['state'],
    manager: row.manager as Key['manager'],
    multiRegion: row.multi_region === 1,
    deletionAt: row.deletion_at === null ? undefined : Number(row.deletion_at),
    pendingWindowInDays: row.pending_window_days ?? undefined,
    currentMaterialId: row.current_material_id ?? undefined,
    primaryRegion: row.primary_region ?? undefined,
    rotationEnabled: row.rotation_enabled === 1,
    rotationPeriodInDays: row.rotation_period_days ?? undefined,
    rotationNextAt: row.rotation_next_at === null ? undefined : Number(row.rotation_next_at),
    expirationModel: (row.expiration_model ?? undefined) as Key['expirationModel'],
    validTo: row.valid_to === null ? undefined : Number(row.valid_to),
    importedOnce: row.imported_once === 1,
  }
}
