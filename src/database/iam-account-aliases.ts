/**
 * Rows of account aliases: one for an account, unique among all accounts.
 */
import type { Reader, Writer } from './database.ts'
import { sql } from './sql.ts'

/** The account's alias; undefined if and only if it has none. */
export async function findAccountAlias(
  reader: Reader,
  account: string,
): Promise<string | undefined> {
  const row = await reader.first<{ alias: string }>(
    sql`SELECT alias FROM account_aliases WHERE account_id = ${account}`,
  )
  return row?.alias
}

/** The account that has this alias; undefined if and only if it is free. */
export async function findAliasOwner(reader: Reader, alias: string): Promise<string | undefined> {
  const row = await reader.first<{ account_id: string }>(
    sql`SELECT account_id FROM account_aliases WHERE alias = ${alias}`,
  )
  return row?.account_id
}

/** Gives an account an alias in the place of the one it had. */
export async function putAccountAlias(
  transaction: Writer,
  account: string,
  alias: string,
): Promise<void> {
  await transaction.run(
    sql`INSERT INTO account_aliases (account_id, alias) VALUES (${account}, ${alias})
        ON CONFLICT (account_id) DO UPDATE SET alias = excluded.alias`,
  )
}

/** Takes its alias from an account; answers whether it had this one. */
export async function deleteAccountAlias(
  transaction: Writer,
  account: string,
  alias: string,
): Promise<boolean> {
  const touched = await transaction.run(
    sql`DELETE FROM account_aliases WHERE account_id = ${account} AND alias = ${alias}`,
  )
  return touched > 0
}
