/**
 * The policy that a new key, or a new replica, begins with.
 */
import type { Scope } from '../api/arn.ts'
import type { Call } from '../operation.ts'
import { acceptPolicy } from './accept-policy.ts'
import { defaultKeyPolicy } from './default-key-policy.ts'

/** The members of CreateKey and ReplicateKey that say it. */
export interface PolicyRequest {
  readonly Policy?: string | undefined
  readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined
}

/** The policy that was given, once it is accepted, or AWS's default. */
export async function newKeyPolicy(
  request: PolicyRequest,
  scope: Scope,
  call: Call,
): Promise<string> {
  if (request.Policy === undefined) return defaultKeyPolicy(scope)
  return acceptPolicy(request.Policy, request.BypassPolicyLockoutSafetyCheck === true, call)
}
