/**
 * Rows of accounts and access keys. Secret access keys are sealed like key material.
 */
import type { Reader, RowName, Writer } from './database.ts'
import { sql } from './sql.ts'

/** Whether an access key signs. */
export type AccessKeyStatus = 'Active' | 'Inactive'

/** An account's row. */
export interface AccountRow {
  readonly id: string
  readonly name: string
  readonly createdAt: number
}

/** An access key's row. `userId` is the unique id of its user: the account id for the root user. */
export interface AccessKeyRow {
  readonly id: string
  readonly account: string
  readonly userId: string
  readonly secret: Uint8Array
  readonly status: AccessKeyStatus
  readonly createdAt: number
}

interface RawAccessKey {
  readonly access_key_id: string
  readonly account_id: string
  readonly user_id: string
  readonly secret: Uint8Array
  readonly status: string
  readonly created_at: number
}

/** The name of an access key's row in the feed. */
export function accessKeyRowName(accessKeyId: string): RowName {
  return `access-key/${accessKeyId}`
}

/** The account of this id; undefined if and only if there is none. */
export async function findAccount(reader: Reader, id: string): Promise<AccountRow | undefined> {
  const row = await reader.first<{ account_id: string; name: string; created_at: number }>(
    sql`SELECT account_id, name, created_at FROM accounts WHERE account_id = ${id}`,
  )
  if (row === undefined) return undefined
  return { id: row.account_id, name: row.name, createdAt: Number(row.created_at) }
}

/** Accounts by id behind `after`, at most `limit`. */
export async function listAccounts(
  reader: Reader,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly AccountRow[]> {
  const rows = await reader.all<{ account_id: string; name: string; created_at: number }>(
    sql`SELECT account_id, name, created_at FROM accounts
        WHERE account_id > ${page.after} ORDER BY account_id LIMIT ${page.limit}`,
  )
  return rows.map((row) => ({
    id: row.account_id,
    name: row.name,
    createdAt: Number(row.created_at),
  }))
}

/** Adds an account. */
export async function insertAccount(transaction: Writer, account: AccountRow): Promise<void> {
  await transaction.run(
    sql`INSERT INTO accounts (account_id, name, created_at)
        VALUES (${account.id}, ${account.name}, ${account.createdAt})`,
  )
}

/** The access key of this id; undefined if and only if there is none. */
export async function findAccessKey(reader: Reader, id: string): Promise<AccessKeyRow | undefined> {
  const row = await reader.first<RawAccessKey>(
    sql`SELECT access_key_id, account_id, user_id, secret, status, created_at
        FROM access_keys WHERE access_key_id = ${id}`,
  )
  return row === undefined ? undefined : accessKeyFromRow(row)
}

/** The access keys of an account's user, at most a hundred. */
export async function listAccessKeys(
  reader: Reader,
  owner: { readonly account: string; readonly userId: string },
): Promise<readonly AccessKeyRow[]> {
  const rows = await reader.all<RawAccessKey>(
    sql`SELECT access_key_id, account_id, user_id, secret, status, created_at FROM access_keys
        WHERE account_id = ${owner.account} AND user_id = ${owner.userId} ORDER BY access_key_id LIMIT 100`,
  )
  return rows.map(accessKeyFromRow)
}

/** Adds an access key. */
export async function insertAccessKey(transaction: Writer, row: AccessKeyRow): Promise<void> {
  transaction.changed(accessKeyRowName(row.id))
  await transaction.run(
    sql`INSERT INTO access_keys (access_key_id, account_id, user_id, secret, status, created_at)
        VALUES (${row.id}, ${row.account}, ${row.userId}, ${row.secret}, ${row.status}, ${row.createdAt})`,
  )
}

/** Activates or deactivates an access key; answers whether there was one. */
export async function setAccessKeyStatus(
  transaction: Writer,
  id: string,
  status: AccessKeyStatus,
): Promise<boolean> {
  transaction.changed(accessKeyRowName(id))
  const touched = await transaction.run(
    sql`UPDATE access_keys SET status = ${status} WHERE access_key_id = ${id}`,
  )
  return touched > 0
}

/** Deletes an access key; answers whether there was one. */
export async function deleteAccessKey(transaction: Writer, id: string): Promise<boolean> {
  transaction.changed(accessKeyRowName(id))
  const touched = await transaction.run(sql`DELETE FROM access_keys WHERE access_key_id = ${id}`)
  return touched > 0
}

/** Access keys whose sealed secret begins otherwise than `header`, behind the id `after`, at most `limit`. */
export async function listAccessKeysBut(
  reader: Reader,
  header: Uint8Array,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly AccessKeyRow[]> {
  const rows = await reader.all<RawAccessKey>(
    sql`SELECT access_key_id, account_id, user_id, secret, status, created_at FROM access_keys
        WHERE access_key_id > ${page.after} AND substr(secret, 1, ${header.length}) <> ${header}
        ORDER BY access_key_id LIMIT ${page.limit}`,
  )
  return rows.map(accessKeyFromRow)
}

/** Puts other sealed bytes of the same secret in the place of `was`. */
export async function resealAccessKey(
  transaction: Writer,
  row: { readonly id: string; readonly was: Uint8Array; readonly sealed: Uint8Array },
): Promise<void> {
  transaction.changed(accessKeyRowName(row.id))
  await transaction.run(
    sql`UPDATE access_keys SET secret = ${row.sealed}
        WHERE access_key_id = ${row.id} AND secret = ${row.was}`,
  )
}

function accessKeyFromRow(row: RawAccessKey): AccessKeyRow {
  return {
    id: row.access_key_id,
    account: row.account_id,
    userId: row.user_id,
    secret: row.secret,
    status: row.status === 'Active' ? 'Active' : 'Inactive',
    createdAt: Number(row.created_at),
  }
}
