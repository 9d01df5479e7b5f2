/**
 * The principals of a policy must exist: AWS resolves each one when the policy is stored (Developer Guide, "Key policy
 * principals"). Their form is known to be right by then.
 */
import { parseArn } from '../api/arn.ts'
import type { Reader } from '../database/database.ts'
import { findPrincipal } from '../database/iam-principals.ts'
import { findAccount } from '../database/identities.ts'
import type { PolicyPrincipal } from './document.ts'
import { invalidPrincipals } from './key-policy-checks.ts'
import type { Pins } from './principals.ts'

/**
 * Throws PolicyError unless each of the principals exists. Answers the unique ids of the users and roles among them, by
 * the ARNs that they have now.
 */
export async function checkPrincipals(
  principals: readonly PolicyPrincipal[],
  reader: Reader,
): Promise<Pins> {
  const pins = new Map<string, string>()
  for (const { kind, value } of principals) {
    // Services and `*` need no looking up.
    if (kind !== 'AWS' || value === '*') continue
    const found = await find(value, reader)
    if (found === undefined) throw invalidPrincipals()
    if (found.id !== undefined) pins.set(value, found.id)
  }
  return pins
}

/** A federated user is nobody's entry: its account vouches for it. */
async function find(value: string, reader: Reader) {
  const arn = parseArn(value)
  if (arn?.service !== 'sts' || !arn.resource.startsWith('federated-user/')) {
    return findPrincipal(reader, value)
  }
  const account = await findAccount(reader, arn.account)
  return account && { id: undefined }
}
