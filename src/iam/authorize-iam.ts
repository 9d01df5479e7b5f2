/**
 * May they? The permission for an action of IAM, by the same decision as for keys: what IAM has is governed by the caller's
 * own policies alone.
 */
import { judgeOwn, type OwnQuestion } from '../access/judge-own.ts'
import { type ContextValues, tagValues } from '../policies/context-values.ts'
import type { QueryCall } from '../server/query-action.ts'
import { accessDenied } from '../server/query-error.ts'

/** What is asked. */
export interface IamQuestion extends OwnQuestion {
  readonly action: `iam:${string}`
}

/** Throws AccessDenied unless the caller may. */
export function authorizeIam(call: QueryCall, question: IamQuestion): void {
  const decision = judgeOwn(call, question)
  if (!decision.allowed) throw accessDenied(decision.text)
}

/** The condition keys of the tags that a user or role has. */
export function resourceTags(
  tags: readonly { readonly key: string; readonly value: string }[],
): ContextValues {
  return { ...tagValues('aws:resourcetag/', tags), ...tagValues('iam:resourcetag/', tags) }
}
