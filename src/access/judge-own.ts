/**
 * What a caller's own policies alone decide: the actions of IAM and STS, which are on things that have no policy of their
 * own. The judgement is kept for the explanation; who asks refuses in his protocol's words.
 */
import { callerOf, layersOf } from '../policies/caller-policies.ts'
import {
  type ContextValues,
  lookUp,
  principalContext,
  requestContext,
} from '../policies/context-values.ts'
import type { QueryCall } from '../server/query-action.ts'
import { type AccessQuestion, decide, type Decision } from './decide.ts'
import { listed } from './request-context.ts'

/** What is asked. */
export interface OwnQuestion {
  readonly action: string
  /** An ARN of the caller's account, or `*` for what concerns nothing in particular. */
  readonly resource: string
  readonly context?: ContextValues
}

/** Decides. */
export function judgeOwn(call: QueryCall, { action, resource, context }: OwnQuestion): Decision {
  const { caller, account, http, now, region } = call
  const values: ContextValues = {
    ...requestContext({ now, region, ...http }),
    ...principalContext(caller),
    'aws:resourceaccount': [account],
    ...context,
  }
  const question: AccessQuestion = {
    on: resource === '*' ? 'account' : 'identity',
    request: { action, resource, caller: callerOf(caller), context: lookUp(values) },
    owner: account,
    acrossAccounts: false,
    layers: { resource: undefined, ...layersOf(caller) },
  }
  const decision = decide(question)
  call.judged({ question, decision, context: listed(values) })
  return decision
}
