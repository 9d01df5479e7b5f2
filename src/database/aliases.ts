/**
 * Rows of aliases. Names begin with `alias/` and are unique in an account and region, case and all.
 */
import type { Scope } from '../api/arn.ts'
import type { Reader, RowName, Writer } from './database.ts'
import { keyRowName } from './keys.ts'
import { sql } from './sql.ts'

/** An alias's row; times are milliseconds since 1970. */
export interface Alias extends Scope {
  readonly name: string
  readonly keyId: string
  readonly createdAt: number
  readonly updatedAt: number
}

interface AliasRow {
  readonly name: string
  readonly key_id: string
  readonly created_at: number
  readonly updated_at: number
}

/** The name of an alias's row in the feed. */
export function aliasRowName(scope: Scope, name: string): RowName {
  return `alias/${scope.account}/${scope.region}/${name}`
}

/** The alias of this name; undefined if and only if there is none. */
export async function findAlias(
  reader: Reader,
  scope: Scope,
  name: string,
): Promise<Alias | undefined> {
  const row = await reader.first<AliasRow>(
    sql`SELECT name, key_id, created_at, updated_at FROM aliases
        WHERE account_id = ${scope.account} AND region = ${scope.region} AND name = ${name}`,
  )
  return row === undefined ? undefined : aliasFromRow(scope, row)
}

/** Adds an alias. */
export async function insertAlias(transaction: Writer, alias: Alias): Promise<void> {
  transaction.changed(aliasRowName(alias, alias.name))
  transaction.changed(keyRowName(alias.region, alias.keyId))
  await transaction.run(
    sql`INSERT INTO aliases (account_id, region, name, key_id, created_at, updated_at)
        VALUES (${alias.account}, ${alias.region}, ${alias.name}, ${alias.keyId}, ${alias.createdAt},
          ${alias.updatedAt})`,
  )
}

/** Points an alias at another key. */
export async function pointAlias(
  transaction: Writer,
  alias: Alias,
  to: { readonly keyId: string; readonly updatedAt: number },
): Promise<void> {
  transaction.changed(aliasRowName(alias, alias.name))
  for (const keyId of [alias.keyId, to.keyId]) {
    transaction.changed(keyRowName(alias.region, keyId))
  }
  await transaction.run(
    sql`UPDATE aliases SET key_id = ${to.keyId}, updated_at = ${to.updatedAt}
        WHERE account_id = ${alias.account} AND region = ${alias.region} AND name = ${alias.name}`,
  )
}

/** Removes an alias. */
export async function deleteAliasRow(transaction: Writer, alias: Alias): Promise<void> {
  transaction.changed(aliasRowName(alias, alias.name))
  transaction.changed(keyRowName(alias.region, alias.keyId))
  await transaction.run(
    sql`DELETE FROM aliases
        WHERE account_id = ${alias.account} AND region = ${alias.region} AND name = ${alias.name}`,
  )
}

/** How many aliases point at a key. */
export async function countAliases(
  reader: Reader,
  key: { readonly region: string; readonly id: string },
): Promise<number> {
  const row = await reader.first<{ count: number }>(
    sql`SELECT COUNT(*) AS count FROM aliases WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
  return Number(row?.count ?? 0)
}

/** An account's aliases in a region, by name behind `after`, at most `limit`; not those of keys whose deletion is due. */
export async function listAliasRows(
  reader: Reader,
  scope: Scope,
  page: { readonly after: string; readonly limit: number; readonly now: number },
): Promise<readonly Alias[]> {
  const rows = await reader.all<AliasRow>(
    sql`SELECT name, key_id, created_at, updated_at FROM aliases
        WHERE account_id = ${scope.account} AND region = ${scope.region} AND name > ${page.after}
          AND NOT EXISTS (SELECT 1 FROM keys WHERE keys.region = aliases.region
            AND keys.key_id = aliases.key_id AND keys.deletion_at <= ${page.now})
        ORDER BY name LIMIT ${page.limit}`,
  )
  return rows.map((row) => aliasFromRow(scope, row))
}

/** A key's aliases, by name behind `after`, at most `limit`. */
export async function listAliasesOfKey(
  reader: Reader,
  key: { readonly account: string; readonly region: string; readonly id: string },
  page: { readonly after: string; readonly limit: number },
): Promise<readonly Alias[]> {
  const rows = await reader.all<AliasRow>(
    sql`SELECT name, key_id, created_at, updated_at FROM aliases
        WHERE region = ${key.region} AND key_id = ${key.id} AND name > ${page.after}
        ORDER BY name LIMIT ${page.limit}`,
  )
  return rows.map((row) => aliasFromRow(key, row))
}

function aliasFromRow(scope: Scope, row: AliasRow): Alias {
  return {
    account: scope.account,
    region: scope.region,
    name: row.name,
    keyId: row.key_id,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  }
}
