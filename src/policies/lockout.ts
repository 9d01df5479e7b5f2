/**
 * The lockout safety check (Developer Guide, "PutKeyPolicy": BypassPolicyLockoutSafetyCheck): whoever stores a key policy
 * must be allowed to store another one afterwards, by the new policy together with his own.
 */
import { type Layers, askLayers, firstDeny, missingLayer } from './layers.ts'
import { malformed, type PolicyError } from './policy-error.ts'
import type { AccessRequest } from './statement.ts'

/** Who stores the policy, on which key, and with which policies of his own. */
export interface Keeper {
  /** The request that he makes now: its resource, caller and context. The action is replaced. */
  readonly request: Omit<AccessRequest, 'action'>
  readonly layers: Omit<Layers, 'resource'>
}

/** Whether the keeper could not change the policy any more. Grants never confer kms:PutKeyPolicy, and are not asked. */
export function locksOut(
  policy: NonNullable<Layers['resource']>['policy'],
  keeper: Keeper,
): boolean {
  const request = { ...keeper.request, action: 'kms:PutKeyPolicy' }
  const layers = { ...keeper.layers, resource: { name: 'default', policy } }
  const verdicts = askLayers(layers, request)
  const { as } = verdicts.resource
  if (firstDeny(verdicts) !== undefined || as === undefined) return true
  return missingLayer(verdicts, as, request.caller.type === 'root') !== undefined
}

/** AWS's refusal of a policy that locks its keeper out. */
export const lockedOut = (): PolicyError =>
  malformed('The new key policy will not allow you to update the key policy in the future.')
