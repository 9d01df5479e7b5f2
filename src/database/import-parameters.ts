/**
 * Rows of import parameters: the wrapping keys that GetParametersForImport gave out, sealed, until they are erased.
 */
import type { Reader, Writer } from './database.ts'
import { sql } from './sql.ts'

/** One wrapping key; `validTo` is milliseconds since 1970. */
export interface ImportParametersRow {
  readonly tokenId: string
  readonly keyId: string
  readonly region: string
  readonly account: string
  readonly algorithm: string
  readonly sealed: Uint8Array
  readonly validTo: number
}

/** The parameters of a token; undefined if and only if there are none, or they were erased. */
export async function findImportParameters(
  reader: Reader,
  tokenId: string,
): Promise<ImportParametersRow | undefined> {
  const row = await reader.first<{
    key_id: string
    region: string
    account_id: string
    algorithm: string
    sealed: Uint8Array
    valid_to: number
  }>(
    sql`SELECT key_id, region, account_id, algorithm, sealed, valid_to FROM import_parameters
        WHERE token_id = ${tokenId}`,
  )
  if (row === undefined) return undefined
  return {
    tokenId,
    keyId: row.key_id,
    region: row.region,
    account: row.account_id,
    algorithm: row.algorithm,
    sealed: row.sealed,
    validTo: Number(row.valid_to),
  }
}

/** Adds parameters. */
export async function insertImportParameters(
  transaction: Writer,
  row: ImportParametersRow,
): Promise<void> {
  await transaction.run(
    sql`INSERT INTO import_parameters (token_id, key_id, region, account_id, algorithm, sealed, valid_to)
        VALUES (${row.tokenId}, ${row.keyId}, ${row.region}, ${row.account}, ${row.algorithm}, ${row.sealed},
          ${row.validTo})`,
  )
}

/** Erases parameters that are over; answers how many. */
export async function deleteOverdueParameters(transaction: Writer, now: number): Promise<number> {
  return transaction.run(sql`DELETE FROM import_parameters WHERE valid_to <= ${now}`)
}

/** Erases the parameters of a key in one region. */
export async function deleteParametersOfKey(
  transaction: Writer,
  key: { readonly id: string; readonly region: string },
): Promise<void> {
  await transaction.run(
    sql`DELETE FROM import_parameters WHERE key_id = ${key.id} AND region = ${key.region}`,
  )
}

/** Parameters whose sealed bytes begin otherwise than `header`, behind the token `after`, at most `limit`. */
export async function listParametersBut(
  reader: Reader,
  header: Uint8Array,
  page: { readonly after: string; readonly limit: number },
): Promise<
  readonly Pick<ImportParametersRow, 'tokenId' | 'keyId' | 'region' | 'account' | 'sealed'>[]
> {
  const rows = await reader.all<{
    token_id: string
    key_id: string
    region: string
    account_id: string
    sealed: Uint8Array
  }>(
    sql`SELECT token_id, key_id, region, account_id, sealed FROM import_parameters
        WHERE token_id > ${page.after} AND substr(sealed, 1, ${header.length}) <> ${header}
        ORDER BY token_id LIMIT ${page.limit}`,
  )
  return rows.map((row) => ({
    tokenId: row.token_id,
    keyId: row.key_id,
    region: row.region,
    account: row.account_id,
    sealed: row.sealed,
  }))
}

/** Puts other sealed bytes of the same key in the place of `was`. */
export async function resealParameters(
  transaction: Writer,
  row: { readonly tokenId: string; readonly was: Uint8Array; readonly sealed: Uint8Array },
): Promise<void> {
  await transaction.run(
    sql`UPDATE import_parameters SET sealed = ${row.sealed}
        WHERE token_id = ${row.tokenId} AND sealed = ${row.was}`,
  )
}
