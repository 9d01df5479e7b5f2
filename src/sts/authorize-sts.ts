/**
 * May they? The permission for what STS does on behalf of its caller alone; roles are assumed by trust.ts.
 */
import { judgeOwn, type OwnQuestion } from '../access/judge-own.ts'
import { type ContextValues, requestContext } from '../policies/context-values.ts'
import type { QueryCall, UnsignedQueryCall } from '../server/query-action.ts'
import { accessDenied } from '../server/query-error.ts'

/** What is asked. */
export interface StsQuestion extends OwnQuestion {
  readonly action: `sts:${string}`
}

/** Throws AccessDenied unless the caller's own policies allow it. */
export function authorizeSts(call: QueryCall, question: StsQuestion): void {
  if (isBarred(call)) {
    const name = question.action.slice('sts:'.length)
    throw accessDenied(`Cannot call ${name} with session credentials`)
  }
  const decision = judgeOwn(call, question)
  if (!decision.allowed) throw accessDenied(decision.text)
}

/** The temporary credentials of users may do nothing here that is not said to be theirs, whatever the policies say. */
function isBarred({ caller }: QueryCall): boolean {
  return caller.type !== 'AssumedRole' && caller.session !== undefined
}

/** The condition keys of where and when a request came in. */
export const arrivalContext = (call: UnsignedQueryCall): ContextValues =>
  requestContext({ now: call.now, region: call.region, ...call.http })
