/**
 * The resource quota of keys (Developer Guide, "Resource quotas"): customer managed keys in an account and region.
 */
import type { Scope } from '../api/arn.ts'
import { limitExceeded } from '../api/errors.ts'
import type { Reader } from '../database/database.ts'
import { countKeys } from '../database/keys.ts'

/** Throws LimitExceededException when an account has as many keys in a region as it may. */
export async function refuseKeyBeyondQuota(
  reader: Reader,
  scope: Scope,
  quota: number,
): Promise<void> {
  const count = await countKeys(reader, scope)
  if (count < quota) return
  throw limitExceeded(
    `KMS keys quota for this account in this region is ${quota}, current usage is ${count}.`,
  )
}
