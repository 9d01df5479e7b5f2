/**
 * May they? The gate in front of everything. Until policies and grants are evaluated, a principal may do what AWS's
 * default key policy allows the root user of the account, and nothing across accounts.
 */
import { accessDenied } from '../api/errors.ts'
import type { KeyManager } from '../api/types.ts'
import type { Principal } from '../identities/principal.ts'
import type { Action } from '../operation.ts'

/** What is asked: an action, on a resource of an account; without one, on the caller's account itself. */
export interface Question {
  readonly action: Action
  readonly resource?: {
    readonly arn: string
    readonly account: string
    readonly manager?: KeyManager
  }
}

/**
 * Throws AccessDeniedException unless the caller may. Across accounts the sentence is the same whether or not there is
 * such a resource, so that nobody learns what another account has.
 */
export function authorize(caller: Principal, question: Question): void {
  const { action, resource } = question
  // Users and roles wait for their policies to be evaluated here: until then they may do nothing.
  if (caller.type !== 'Root') {
    const on = resource === undefined ? '' : ` on resource: ${resource.arn}`
    throw accessDenied(
      `User: ${caller.arn} is not authorized to perform: ${action}${on} because no identity-based policy allows the ${action} action`,
    )
  }
  if (resource === undefined) return
  if (resource.account !== caller.account) {
    throw accessDenied(
      `User: ${caller.arn} is not authorized to perform: ${action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
      'the resource belongs to another account',
    )
  }
  if (resource.manager === 'AWS' && !allowedOnAwsManagedKey.test(action)) {
    throw accessDenied(
      `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource.arn} because no resource-based policy allows the ${action} action`,
      'the key is managed by AWS',
    )
  }
}

/** What the policy of an AWS managed key lets its account do; its use is the service's, on the account's behalf. */
const allowedOnAwsManagedKey = /^kms:(?:Describe|Get|List|RevokeGrant$)/

/** The refusal of a ciphertext whose key is unknown here, belongs to another account, or is not for the caller. */
export function ciphertextDenied(caller: Principal, action: Action) {
  return accessDenied(
    `User: ${caller.arn} is not authorized to perform: ${action} on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
  )
}
