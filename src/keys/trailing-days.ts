/**
 * How long a key has not been used, for the condition key `kms:TrailingDaysWithoutKeyUsage` of DisableKey and
 * ScheduleKeyDeletion. A key that was never used counts from its creation.
 */
import type { Call, KeyConditions } from '../operation.ts'
import { day } from './day.ts'

/** The condition key, in whole days. */
export function trailingDays(call: Pick<Call, 'lastUse' | 'now'>): KeyConditions {
  return async (key) => {
    const since = (await call.lastUse(key))?.usedAt ?? key.createdAt
    const days = Math.max(0, Math.floor((call.now - since) / day))
    return { 'kms:trailingdayswithoutkeyusage': [String(days)] }
  }
}
