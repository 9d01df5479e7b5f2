/**
 * What only long-term credentials may ask for: temporary ones cannot be stretched into others.
 */
import type { Principal } from '../identities/principal.ts'
import { accessDenied } from '../server/query-error.ts'

/** The unique id of a user, the account id of the root user. Throws AccessDenied for a caller with temporary credentials. */
export function longTermCaller(caller: Principal, action: string): string {
  if (caller.session === undefined) {
    if (caller.type === 'Root') return caller.account
    if (caller.type === 'IAMUser') return caller.userId
  }
  throw accessDenied(`Cannot call ${action} with session credentials`)
}
