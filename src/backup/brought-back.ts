/**
 * What a restore has brought back, as a list to check: since the backup, keys may have been disabled, grants revoked and
 * access keys deactivated, and a database of the past knows nothing of it.
 */
import { isoTime } from '../clock.ts'
import type { Reader } from '../database/database.ts'
import { rowsOf, type Table, tables } from '../database/tables.ts'

/** What can act, or waits for its end. */
export interface BroughtBack {
  readonly Keys: readonly Readonly<Record<string, unknown>>[]
  readonly Grants: readonly Readonly<Record<string, unknown>>[]
  readonly ActiveAccessKeys: readonly Readonly<Record<string, unknown>>[]
}

/** Reads the list from a restored database. */
export async function listBroughtBack(reader: Reader): Promise<BroughtBack> {
  const keys = await all(reader, 'keys')
  const grants = await all(reader, 'grants')
  const accessKeys = await all(reader, 'access_keys')
  return {
    Keys: keys.map((key) => ({
      Region: key['region'],
      KeyId: key['key_id'],
      AccountId: key['account_id'],
      KeyState: key['state'],
      ...(typeof key['deletion_at'] === 'number' && { DeletionDate: isoTime(key['deletion_at']) }),
    })),
    Grants: grants.map((grant) => ({
      Region: grant['region'],
      KeyId: grant['key_id'],
      GrantId: grant['grant_id'],
      GranteePrincipal: grant['grantee'],
      Operations: grant['operations'],
    })),
    ActiveAccessKeys: accessKeys
      .filter(({ status }) => status === 'Active')
      .map((key) => ({ AccessKeyId: key['access_key_id'], AccountId: key['account_id'] })),
  }
}

async function all(reader: Reader, name: string): Promise<Readonly<Record<string, unknown>>[]> {
  const table = tables.find((one) => one.name === name)
  if (table === undefined) throw new Error(`there is no table ${name}`)
  const found: Readonly<Record<string, unknown>>[] = []
  for await (const page of rowsOf(reader, table)) {
    found.push(...page.map((row) => byColumn(table, row)))
  }
  return found
}

function byColumn(table: Table, row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(table.columns.map(({ name }, index) => [name, row[index]]))
}
