/**
 * The policy that a new key, or a new replica, begins with.
 */
import type { Tag } from '../api/types.ts'
import type { StoredPolicy } from '../database/policies.ts'
import type { Key } from '../keys/key.ts'
import type { Call } from '../operation.ts'
import { acceptPolicy } from './accept-policy.ts'
import { defaultKeyPolicy } from './default-key-policy.ts'

/** The members of CreateKey and ReplicateKey that say it. */
export interface PolicyRequest {
  readonly Policy?: string | undefined
  readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined
  readonly Tags?: readonly Tag[] | undefined
}

/** The policy that was given, once it is accepted, or AWS's default; `key` is the one that is to be made. */
export async function newKeyPolicy(
  request: PolicyRequest,
  key: Key,
  call: Call,
): Promise<StoredPolicy> {
  const { Policy: text, BypassPolicyLockoutSafetyCheck: bypass, Tags: tags = [] } = request
  if (text === undefined) return { text: defaultKeyPolicy(key), pins: new Map() }
  return acceptPolicy({ text, bypassLockout: bypass === true }, call.read, () =>
    call.keeperOf(key, tags),
  )
}
