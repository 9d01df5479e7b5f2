/**
 * May they? The permission for what STS does on behalf of its caller alone; roles are assumed by trust.ts.
 */
import { type AccessQuestion, decide } from '../access/decide.ts'
import { listed } from '../access/request-context.ts'
import { callerOf, layersOf } from '../policies/caller-policies.ts'
import {
  type ContextValues,
  lookUp,
  principalContext,
  requestContext,
} from '../policies/context-values.ts'
import type { QueryCall, UnsignedQueryCall } from '../server/query-action.ts'
import { accessDenied } from '../server/query-error.ts'

/** What is asked. */
export interface StsQuestion {
  readonly action: `sts:${string}`
  /** An ARN of the caller's account, or `*` for what concerns nothing in particular. */
  readonly resource: string
  readonly context?: ContextValues
}

/** Throws AccessDenied unless the caller's own policies allow it. */
export function authorizeSts(call: QueryCall, question: StsQuestion): void {
  const { action, resource, context = {} } = question
  const { caller } = call
  if (isBarred(call)) {
    const name = action.slice('sts:'.length)
    throw accessDenied(`Cannot call ${name} with session credentials`)
  }
  const values = {
    ...arrivalContext(call),
    ...principalContext(caller),
    'aws:resourceaccount': [call.account],
    ...context,
  }
  const asked: AccessQuestion = {
    on: resource === '*' ? 'account' : 'identity',
    request: { action, resource, caller: callerOf(caller), context: lookUp(values) },
    owner: call.account,
    acrossAccounts: false,
    layers: { resource: undefined, ...layersOf(caller) },
  }
  const decision = decide(asked)
  call.judged({ question: asked, decision, context: listed(values) })
  if (!decision.allowed) throw accessDenied(decision.text)
}

/** The temporary credentials of users may do nothing here that is not said to be theirs, whatever the policies say. */
function isBarred({ caller }: QueryCall): boolean {
  return caller.type !== 'AssumedRole' && caller.session !== undefined
}

/** The condition keys of where and when a request came in. */
export const arrivalContext = (call: UnsignedQueryCall): ContextValues =>
  requestContext({ now: call.now, region: call.region, ...call.http })
