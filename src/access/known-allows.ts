/**
 * Allows that are known already. What policies decide without a grant follows from the principal, the action, what is known
 * of the key, and the values of the condition keys that they looked at on the way; it is decided once for each of these, and
 * forgotten when one of the objects is another.
 */
import type { Principal } from '../identities/principal.ts'
import type { Asking } from './authorize.ts'
import { type Decision, decide } from './decide.ts'
import type { KeyFacts } from './key-facts.ts'
import type { RequestContext } from './request-context.ts'

/** The allows of a principal and an action on a key, by the values of the condition keys that had a part in any of them. */
interface KnownAllows {
  readonly keys: readonly string[]
  readonly decisions: Map<string, Decision>
  /** How often one of them was known since they were last forgotten. */
  hits: number
  /** How many requests are still decided each time, because values were other ones in nearly every request. */
  rest: number
}

/** By what is known of a key, by principal, by action. */
const known = new WeakMap<KeyFacts, WeakMap<Principal, Map<string, KnownAllows>>>()

/** Policies that ask for more are decided each time. */
const mostKeys = 8
const mostDecisions = 8
const longestValues = 1024
/** To keep what is never asked again costs more than to decide again: after so many requests it is tried anew. */
const longRest = 1000

/** Decides, or knows. Grants are not asked. */
export function decideOnce(asking: Asking, facts: KeyFacts, principal: Principal): Decision {
  const { question, context } = asking
  const { action } = question.request
  const before = known.get(facts)?.get(principal)?.get(action)
  if (before !== undefined && before.rest > 0) {
    before.rest -= 1
    return decide(question)
  }
  const kept = before?.decisions.get(valuesOf(context, before.keys))
  if (before !== undefined && kept !== undefined) {
    before.hits += 1
    return kept
  }
  const decision = decide(question)
  if (decision.allowed) {
    const keys = [...new Set([...(before?.keys ?? []), ...context.consulted])]
    const values = valuesOf(context, keys)
    if (keys.length <= mostKeys && values.length <= longestValues) {
      const same = before?.keys.length === keys.length
      const allows = same ? before : { keys, decisions: new Map(), hits: 0, rest: 0 }
      if (allows.decisions.size >= mostDecisions) forget(allows)
      // Frozen, as a sign to whoever spells it out that it is shared by many requests.
      allows.decisions.set(values, Object.freeze(decision))
      if (allows !== before) keep(allows, action, { facts, principal })
    }
  }
  return decision
}

function forget(allows: KnownAllows): void {
  allows.decisions.clear()
  if (allows.hits < mostDecisions) allows.rest = longRest
  allows.hits = 0
}

function keep(
  allows: KnownAllows,
  action: string,
  { facts, principal }: { readonly facts: KeyFacts; readonly principal: Principal },
): void {
  const byPrincipal = known.get(facts) ?? new WeakMap<Principal, Map<string, KnownAllows>>()
  known.set(facts, byPrincipal)
  const byAction = byPrincipal.get(principal) ?? new Map<string, KnownAllows>()
  byPrincipal.set(principal, byAction.set(action, allows))
}

/** The values of some condition keys in one text, each behind its length: no two sequences of values have the same. */
function valuesOf(context: RequestContext, keys: readonly string[]): string {
  let text = ''
  for (const key of keys) {
    const values = context.find(key)
    text += values === undefined ? 'none;' : `${values.length};`
    if (values !== undefined) for (const value of values) text += `${value.length}:${value}`
  }
  return text
}
