/**
 * Rows of OpenID Connect providers: issuers whose tokens an account trusts.
 */
import type { Reader, RowName, Writer } from './database.ts'
import { sql } from './sql.ts'

/** A provider's row. */
export interface OidcProvider {
  readonly account: string
  /** The issuer without `https://`, as the provider's ARN has it. */
  readonly url: string
  readonly createdAt: number
  /** The audiences that are taken. */
  readonly clientIds: readonly string[]
  readonly thumbprints: readonly string[]
}

interface Raw {
  readonly account_id: string
  readonly url: string
  readonly created_at: number
  readonly client_ids: string
  readonly thumbprints: string
}

/** The name of a provider's row in the feed; its tags go by it too. */
export function oidcProviderRowName(account: string, url: string): RowName {
  return `oidc-provider/${account}/${url}`
}

/** The account's provider of this URL; undefined if and only if there is none. */
export async function findOidcProvider(
  reader: Reader,
  account: string,
  url: string,
): Promise<OidcProvider | undefined> {
  const row = await reader.first<Raw>(
    sql`SELECT account_id, url, created_at, client_ids, thumbprints FROM oidc_providers
        WHERE account_id = ${account} AND url = ${url}`,
  )
  return row && fromRow(row)
}

/** An account's providers; there are at most a hundred. */
export async function listOidcProviders(
  reader: Reader,
  account: string,
): Promise<readonly OidcProvider[]> {
  const rows = await reader.all<Raw>(
    sql`SELECT account_id, url, created_at, client_ids, thumbprints FROM oidc_providers
        WHERE account_id = ${account} ORDER BY url LIMIT 1000`,
  )
  return rows.map(fromRow)
}

/** Creates a provider, or writes what of it can change. */
export async function putOidcProvider(transaction: Writer, row: OidcProvider): Promise<void> {
  transaction.changed(oidcProviderRowName(row.account, row.url))
  const clientIds = JSON.stringify(row.clientIds)
  const thumbprints = JSON.stringify(row.thumbprints)
  await transaction.run(
    sql`INSERT INTO oidc_providers (account_id, url, created_at, client_ids, thumbprints)
        VALUES (${row.account}, ${row.url}, ${row.createdAt}, ${clientIds}, ${thumbprints})
        ON CONFLICT (account_id, url) DO UPDATE
          SET client_ids = excluded.client_ids, thumbprints = excluded.thumbprints`,
  )
}

/** Deletes a provider; answers whether there was one. */
export async function deleteOidcProvider(
  transaction: Writer,
  account: string,
  url: string,
): Promise<boolean> {
  transaction.changed(oidcProviderRowName(account, url))
  const touched = await transaction.run(
    sql`DELETE FROM oidc_providers WHERE account_id = ${account} AND url = ${url}`,
  )
  return touched > 0
}

function fromRow(row: Raw): OidcProvider {
  return {
    account: row.account_id,
    url: row.url,
    createdAt: Number(row.created_at),
    clientIds: JSON.parse(row.client_ids) as string[],
    thumbprints: JSON.parse(row.thumbprints) as string[],
  }
}
