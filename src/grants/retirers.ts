/**
 * Who may retire a grant (Developer Guide, "Retiring and revoking grants"): its retiring principal, its grantee if it
 * permits RetireGrant, and the account that issued it, for whose principals it leaves the rest to the account's policies.
 */
import type { GrantCandidate } from '../access/decide.ts'
import type { CallerName } from '../policies/principals.ts'
import type { Grant } from './grant.ts'

/** The grant as a decision on RetireGrant takes it, once for each of the caller's names that it gives the right to. */
export function retirers(grant: Grant, names: readonly CallerName[]): readonly GrantCandidate[] {
  const retiring = [
    grant.retiring?.name,
    grant.operations.includes('RetireGrant') ? grant.grantee.name : undefined,
    `AWS:${grant.issuingAccount}`,
  ]
  return names
    .filter(({ name }) => retiring.includes(name))
    .map(({ as }) => ({
      grantId: grant.id,
      operations: ['RetireGrant'],
      constraints: undefined,
      as,
    }))
}
