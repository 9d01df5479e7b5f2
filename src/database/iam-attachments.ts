/**
 * Rows of which managed policy is attached to whom, and whose boundary it is.
 */
import type { Reader, Writer } from './database.ts'
import { type IdentityKind, identityRowName } from './iam-identities.ts'
import { sql } from './sql.ts'

/** A managed policy and the user, group or role that has it, by their unique ids. */
export interface Attachment {
  readonly identityId: string
  readonly policyId: string
  /** The account of the identity; the policy may be AWS's own. */
  readonly account: string
}

/** An attached policy as lists show it. */
export interface AttachedPolicy {
  readonly id: string
  readonly account: string
  readonly name: string
  readonly path: string
}

/** An identity that uses a policy. */
export interface PolicyUser {
  readonly id: string
  readonly kind: IdentityKind
  readonly name: string
}

/** Attaches a policy; once is as good as twice. */
export async function attachPolicy(transaction: Writer, attachment: Attachment): Promise<void> {
  transaction.changed(identityRowName(attachment.identityId))
  await transaction.run(
    sql`INSERT INTO policy_attachments (identity_id, policy_id, account_id)
        VALUES (${attachment.identityId}, ${attachment.policyId}, ${attachment.account})
        ON CONFLICT DO NOTHING`,
  )
}

/** Detaches a policy; answers whether it was attached. */
export async function detachPolicy(
  transaction: Writer,
  identityId: string,
  policyId: string,
): Promise<boolean> {
  transaction.changed(identityRowName(identityId))
  const touched = await transaction.run(
    sql`DELETE FROM policy_attachments WHERE identity_id = ${identityId} AND policy_id = ${policyId}`,
  )
  return touched > 0
}

/** The policies attached to an identity, by id behind `after`, with paths of this prefix. */
export async function listAttachedPolicies(
  reader: Reader,
  identityId: string,
  page: { readonly after: string; readonly limit: number; readonly pathPrefix: string } = {
    after: '',
    limit: 1000,
    pathPrefix: '',
  },
): Promise<readonly AttachedPolicy[]> {
  const { length } = page.pathPrefix
  const rows = await reader.all<{
    policy_id: string
    account_id: string
    name: string
    path: string
  }>(
    sql`SELECT managed_policies.policy_id, managed_policies.account_id, name, path
        FROM policy_attachments JOIN managed_policies ON managed_policies.policy_id = policy_attachments.policy_id
        WHERE identity_id = ${identityId} AND managed_policies.policy_id > ${page.after}
          AND substr(path, 1, ${length}) = ${page.pathPrefix}
        ORDER BY managed_policies.policy_id LIMIT ${page.limit}`,
  )
  return rows.map((row) => ({
    id: row.policy_id,
    account: row.account_id,
    name: row.name,
    path: row.path,
  }))
}

/** How many identities of an account have the policy, and of how many it is the boundary. */
export async function countPolicyUses(
  reader: Reader,
  policyId: string,
  account: string,
): Promise<{ readonly attachments: number; readonly boundaries: number }> {
  const row = await reader.first<{ attachments: number; boundaries: number }>(
    sql`SELECT
          (SELECT COUNT(*) FROM policy_attachments
            WHERE policy_id = ${policyId} AND account_id = ${account}) AS attachments,
          (SELECT COUNT(*) FROM identities
            WHERE boundary_id = ${policyId} AND account_id = ${account}) AS boundaries`,
  )
  return { attachments: Number(row?.attachments ?? 0), boundaries: Number(row?.boundaries ?? 0) }
}

/** The identities of an account that have the policy, by unique id behind `after`. */
export async function listPolicyHolders(
  reader: Reader,
  policy: { readonly id: string; readonly account: string },
  page: { readonly after: string; readonly limit: number; readonly pathPrefix: string },
): Promise<readonly PolicyUser[]> {
  const { length } = page.pathPrefix
  const rows = await reader.all<{ identity_id: string; kind: IdentityKind; name: string }>(
    sql`SELECT identities.identity_id, kind, name
        FROM policy_attachments JOIN identities ON identities.identity_id = policy_attachments.identity_id
        WHERE policy_id = ${policy.id} AND policy_attachments.account_id = ${policy.account}
          AND identities.identity_id > ${page.after} AND substr(path, 1, ${length}) = ${page.pathPrefix}
        ORDER BY identities.identity_id LIMIT ${page.limit}`,
  )
  return rows.map(({ identity_id, kind, name }) => ({ id: identity_id, kind, name }))
}

/** The identities of an account whose boundary the policy is, by unique id behind `after`. */
export async function listBoundedIdentities(
  reader: Reader,
  policy: { readonly id: string; readonly account: string },
  page: { readonly after: string; readonly limit: number; readonly pathPrefix: string },
): Promise<readonly PolicyUser[]> {
  const { length } = page.pathPrefix
  const rows = await reader.all<{ identity_id: string; kind: IdentityKind; name: string }>(
    sql`SELECT identity_id, kind, name FROM identities
        WHERE boundary_id = ${policy.id} AND account_id = ${policy.account}
          AND identity_id > ${page.after} AND substr(path, 1, ${length}) = ${page.pathPrefix}
        ORDER BY identity_id LIMIT ${page.limit}`,
  )
  return rows.map(({ identity_id, kind, name }) => ({ id: identity_id, kind, name }))
}
