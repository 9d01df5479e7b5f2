/**
 * Rows of inline policies: documents that belong to one user, group or role.
 */
import type { Reader, Writer } from './database.ts'
import { identityRowName } from './iam-identities.ts'
import { sql } from './sql.ts'

/** An inline policy. */
export interface InlinePolicy {
  readonly name: string
  readonly document: string
}

/** The inline policy of this name; undefined if and only if there is none. */
export async function findInlinePolicy(
  reader: Reader,
  identityId: string,
  name: string,
): Promise<InlinePolicy | undefined> {
  return reader.first<InlinePolicy>(
    sql`SELECT name, document FROM inline_policies WHERE identity_id = ${identityId} AND name = ${name}`,
  )
}

/** An identity's inline policies by name. Together they are as small as the quota of their sizes, so that all can be read. */
export async function listInlinePolicies(
  reader: Reader,
  identityId: string,
  page: { readonly after: string; readonly limit: number } = { after: '', limit: 10_000 },
): Promise<readonly InlinePolicy[]> {
  return reader.all<InlinePolicy>(
    sql`SELECT name, document FROM inline_policies WHERE identity_id = ${identityId} AND name > ${page.after}
        ORDER BY name LIMIT ${page.limit}`,
  )
}

/** Creates or replaces an inline policy. */
export async function putInlinePolicy(
  transaction: Writer,
  identityId: string,
  { name, document }: InlinePolicy,
): Promise<void> {
  transaction.changed(identityRowName(identityId))
  await transaction.run(
    sql`INSERT INTO inline_policies (identity_id, name, document) VALUES (${identityId}, ${name}, ${document})
        ON CONFLICT (identity_id, name) DO UPDATE SET document = excluded.document`,
  )
}

/** Deletes an inline policy; answers whether there was one. */
export async function deleteInlinePolicy(
  transaction: Writer,
  identityId: string,
  name: string,
): Promise<boolean> {
  transaction.changed(identityRowName(identityId))
  const touched = await transaction.run(
    sql`DELETE FROM inline_policies WHERE identity_id = ${identityId} AND name = ${name}`,
  )
  return touched > 0
}
