/**
 * Rows of managed policies and their versions. The account `aws` owns those that AWS gives to everybody.
 */
import type { Reader, RowName, Writer } from './database.ts'
import { sql } from './sql.ts'

/** A managed policy's row. */
export interface PolicyRow {
  /** The unique id, `ANPA...`. */
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
  readonly description: string | undefined
  readonly defaultVersion: number
  /** The newest number that was given; numbers are never given again. */
  readonly lastVersion: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** One version of a managed policy. */
export interface PolicyVersionRow {
  readonly version: number
  readonly document: string
  readonly createdAt: number
}

interface Raw {
  readonly policy_id: string
  readonly account_id: string
  readonly name: string
  readonly path: string
  readonly description: string | null
  readonly default_version: number
  readonly last_version: number
  readonly created_at: number
  readonly updated_at: number
}

/** The name of a managed policy's row in the feed. */
export function policyRowName(id: string): RowName {
  return `policy/${id}`
}

/** The policy of this unique id; undefined if and only if there is none. */
export async function findPolicy(reader: Reader, id: string): Promise<PolicyRow | undefined> {
  const row = await reader.first<Raw>(
    sql`SELECT policy_id, account_id, name, path, description, default_version, last_version, created_at, updated_at
        FROM managed_policies WHERE policy_id = ${id}`,
  )
  return row && fromRow(row)
}

/** The account's policy of exactly this name; undefined if and only if there is none. */
export async function findPolicyByName(
  reader: Reader,
  account: string,
  name: string,
): Promise<PolicyRow | undefined> {
  const row = await reader.first<Raw>(
    sql`SELECT policy_id, account_id, name, path, description, default_version, last_version, created_at, updated_at
        FROM managed_policies
        WHERE account_id = ${account} AND folded_name = ${name.toLowerCase()} AND name = ${name}`,
  )
  return row && fromRow(row)
}

/** Whether the account has a policy of this name in any case. */
export async function isPolicyNameTaken(
  reader: Reader,
  account: string,
  name: string,
): Promise<boolean> {
  const row = await reader.first<{ policy_id: string }>(
    sql`SELECT policy_id FROM managed_policies
        WHERE account_id = ${account} AND folded_name = ${name.toLowerCase()}`,
  )
  return row !== undefined
}

/** An account's policies by name, behind the folded name `after`, with paths of this prefix. */
export async function listPolicies(
  reader: Reader,
  account: string,
  page: { readonly after: string; readonly limit: number; readonly pathPrefix: string },
): Promise<readonly PolicyRow[]> {
  const { length } = page.pathPrefix
  const rows = await reader.all<Raw>(
    sql`SELECT policy_id, account_id, name, path, description, default_version, last_version, created_at, updated_at
        FROM managed_policies
        WHERE account_id = ${account} AND folded_name > ${page.after}
          AND substr(path, 1, ${length}) = ${page.pathPrefix}
        ORDER BY folded_name LIMIT ${page.limit}`,
  )
  return rows.map(fromRow)
}

/** How many policies an account has, and how many versions they have together. */
export async function countPolicies(
  reader: Reader,
  account: string,
): Promise<{ readonly policies: number; readonly versions: number }> {
  const row = await reader.first<{ policies: number; versions: number }>(
    sql`SELECT COUNT(DISTINCT managed_policies.policy_id) AS policies, COUNT(*) AS versions
        FROM managed_policies JOIN policy_versions ON policy_versions.policy_id = managed_policies.policy_id
        WHERE account_id = ${account}`,
  )
  return { policies: Number(row?.policies ?? 0), versions: Number(row?.versions ?? 0) }
}

/** Adds a policy, without a version yet. */
export async function insertPolicy(transaction: Writer, row: PolicyRow): Promise<void> {
  transaction.changed(policyRowName(row.id))
  await transaction.run(
    sql`INSERT INTO managed_policies (policy_id, account_id, name, folded_name, path, description, default_version,
          last_version, created_at, updated_at)
        VALUES (${row.id}, ${row.account}, ${row.name}, ${row.name.toLowerCase()}, ${row.path},
          ${row.description ?? null}, ${row.defaultVersion}, ${row.lastVersion}, ${row.createdAt}, ${row.updatedAt})`,
  )
}

/** Writes everything of a policy that can change. */
export async function updatePolicy(transaction: Writer, row: PolicyRow): Promise<void> {
  transaction.changed(policyRowName(row.id))
  await transaction.run(
    sql`UPDATE managed_policies
        SET default_version = ${row.defaultVersion}, last_version = ${row.lastVersion}, updated_at = ${row.updatedAt}
        WHERE policy_id = ${row.id}`,
  )
}

/** Deletes a policy with its versions. */
export async function deletePolicy(transaction: Writer, id: string): Promise<void> {
  transaction.changed(policyRowName(id))
  await transaction.run(sql`DELETE FROM policy_versions WHERE policy_id = ${id}`)
  await transaction.run(sql`DELETE FROM managed_policies WHERE policy_id = ${id}`)
}

/** A version of a policy; undefined if and only if there is none. */
export async function findPolicyVersion(
  reader: Reader,
  id: string,
  version: number,
): Promise<PolicyVersionRow | undefined> {
  const row = await reader.first<{ version: number; document: string; created_at: number }>(
    sql`SELECT version, document, created_at FROM policy_versions
        WHERE policy_id = ${id} AND version = ${version}`,
  )
  return row && versionFromRow(row)
}

/** What a policy says at present, and what it is called; undefined if and only if there is no such policy. */
export async function findDefaultVersion(
  reader: Reader,
  id: string,
): Promise<(Pick<PolicyRow, 'account' | 'name' | 'path'> & { document: string }) | undefined> {
  const row = await reader.first<{
    account_id: string
    name: string
    path: string
    document: string
  }>(
    sql`SELECT account_id, name, path, document
        FROM managed_policies JOIN policy_versions
          ON policy_versions.policy_id = managed_policies.policy_id AND version = default_version
        WHERE managed_policies.policy_id = ${id}`,
  )
  if (row === undefined) return undefined
  return { account: row.account_id, name: row.name, path: row.path, document: row.document }
}

/** A policy's versions, the newest first. There are at most five. */
export async function listPolicyVersions(
  reader: Reader,
  id: string,
): Promise<readonly PolicyVersionRow[]> {
  const rows = await reader.all<{ version: number; document: string; created_at: number }>(
    sql`SELECT version, document, created_at FROM policy_versions
        WHERE policy_id = ${id} ORDER BY version DESC LIMIT 100`,
  )
  return rows.map(versionFromRow)
}

/** Adds a version. */
export async function insertPolicyVersion(
  transaction: Writer,
  id: string,
  row: PolicyVersionRow,
): Promise<void> {
  transaction.changed(policyRowName(id))
  await transaction.run(
    sql`INSERT INTO policy_versions (policy_id, version, document, created_at)
        VALUES (${id}, ${row.version}, ${row.document}, ${row.createdAt})`,
  )
}

/** Deletes a version. */
export async function deletePolicyVersion(
  transaction: Writer,
  id: string,
  version: number,
): Promise<void> {
  transaction.changed(policyRowName(id))
  await transaction.run(
    sql`DELETE FROM policy_versions WHERE policy_id = ${id} AND version = ${version}`,
  )
}

function fromRow(row: Raw): PolicyRow {
  return {
    id: row.policy_id,
    account: row.account_id,
    name: row.name,
    path: row.path,
    description: row.description ?? undefined,
    defaultVersion: Number(row.default_version),
    lastVersion: Number(row.last_version),
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  }
}

function versionFromRow(row: {
  readonly version: number
  readonly document: string
  readonly created_at: number
}): PolicyVersionRow {
  return {
    version: Number(row.version),
    document: row.document,
    createdAt: Number(row.created_at),
  }
}
