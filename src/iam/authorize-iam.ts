/**
 * May they? The permission for an action of IAM, by the same decision as for keys: what IAM has is governed by the caller's
 * own policies alone.
 */
import { type AccessQuestion, decide } from '../access/decide.ts'
import { listed } from '../access/request-context.ts'
import { callerOf, layersOf } from '../policies/caller-policies.ts'
import {
  type ContextValues,
  lookUp,
  principalContext,
  requestContext,
  tagValues,
} from '../policies/context-values.ts'
import type { QueryCall } from '../server/query-action.ts'
import { accessDenied } from '../server/query-error.ts'

/** What is asked. */
export interface IamQuestion {
  readonly action: `iam:${string}`
  /** An ARN of the caller's account, or `*` for what concerns nothing in particular. */
  readonly resource: string
  readonly context?: ContextValues
}

/** Throws AccessDenied unless the caller may. */
export function authorizeIam(call: QueryCall, question: IamQuestion): void {
  const { action, resource, context = {} } = question
  const values: ContextValues = {
    ...requestContext({ now: call.now, region: call.region, ...call.http }),
    ...principalContext(call.caller),
    'aws:resourceaccount': [call.account],
    ...context,
  }
  const asked: AccessQuestion = {
    on: resource === '*' ? 'account' : 'identity',
    request: { action, resource, caller: callerOf(call.caller), context: lookUp(values) },
    owner: call.account,
    acrossAccounts: false,
    layers: { resource: undefined, ...layersOf(call.caller) },
  }
  const decision = decide(asked)
  call.judged({ question: asked, decision, context: listed(values) })
  if (!decision.allowed) throw accessDenied(decision.text)
}

/** The condition keys of the tags that a user or role has. */
export function resourceTags(
  tags: readonly { readonly key: string; readonly value: string }[],
): ContextValues {
  return { ...tagValues('aws:resourcetag/', tags), ...tagValues('iam:resourcetag/', tags) }
}
