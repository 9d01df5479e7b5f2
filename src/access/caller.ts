/**
 * A principal as policies and grants see it.
 */
import type { Principal } from '../identities/principal.ts'
import type { Caller } from '../policies/principals.ts'

/** The caller that a principal is; one object for as long as the principal is in memory. */
export function callerOf(principal: Principal): Caller {
  const before = known.get(principal)
  if (before !== undefined) return before
  const caller = readCaller(principal)
  known.set(principal, caller)
  return caller
}

const known = new WeakMap<Principal, Caller>()

function readCaller(principal: Principal): Caller {
  const { account, arn } = principal
  switch (principal.type) {
    case 'Root':
      return { type: 'root', account, arn }
    case 'IAMUser':
      return { type: 'user', account, arn, id: principal.userId }
    case 'AssumedRole':
      return {
        type: 'session',
        account,
        arn,
        role: { arn: principal.roleArn, id: principal.roleId },
      }
  }
}
