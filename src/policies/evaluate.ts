/**
 * What one policy says of a request: deny before allow, and nothing where no statement applies. With a trace every
 * statement is asked every question, by the same functions, and the answers are the explanation.
 */
import type { CompiledPolicy } from './compile.ts'
import { type CallerName, type NamedAs, rankOf } from './principals.ts'
import { visitCandidates } from './statement-index.ts'
import type { AccessRequest, CompiledStatement, Element, ElementName } from './statement.ts'

/** A policy's verdict. Of several allowing statements it is the one that leaves least to be asked of other policies. */
export type Evaluation =
  | {
      readonly verdict: 'deny' | 'allow'
      readonly statement: DecidingStatement
      readonly as: NamedAs
    }
  | { readonly verdict: 'none' }

/** Which statement it was. */
export interface DecidingStatement {
  readonly index: number
  readonly sid: string | undefined
  readonly effect: 'Allow' | 'Deny'
  readonly start: number
  readonly end: number
}

/** What was asked of a statement, and what came out. */
export interface StatementTrace extends DecidingStatement {
  readonly applies: boolean
  readonly elements: readonly ElementTrace[]
}

/** What one element wanted, what the request had, and whether that fits. */
export interface ElementTrace {
  readonly element: ElementName
  readonly operator?: string
  readonly key?: string
  readonly wanted: readonly string[]
  /** Undefined where the request has no such condition key. */
  readonly found: readonly string[] | undefined
  readonly matched: boolean
}

/** Asks a policy. A trace is filled with every statement, in the policy's order. */
export function evaluate(
  policy: CompiledPolicy,
  request: AccessRequest,
  trace?: StatementTrace[],
): Evaluation {
  const { Allow, Deny } =
    trace === undefined
      ? { Allow: search(policy, request, 'Allow'), Deny: search(policy, request, 'Deny') }
      : explain(policy, request, trace)
  if (Deny !== undefined) return { verdict: 'deny', ...Deny }
  if (Allow !== undefined) return { verdict: 'allow', ...Allow }
  return nothing
}

const nothing: Evaluation = { verdict: 'none' }

/** A statement that applies, and how it named the caller. */
interface Match {
  readonly statement: CompiledStatement
  readonly as: NamedAs
}

/** Asks the statements that cover the action and name the caller, or might. */
function search(
  policy: CompiledPolicy,
  request: AccessRequest,
  effect: 'Allow' | 'Deny',
): Match | undefined {
  let best: Match | undefined
  const visit = (statement: CompiledStatement, name: CallerName | undefined) => {
    if (!restMatches(statement, request)) return
    const as = name === undefined ? statement.names(request.caller) : name.as
    if (as !== undefined) best = better(best, { statement, as })
  }
  visitCandidates(policy.about(request.action)[effect], request, { effect, visit })
  return best
}

function restMatches(statement: CompiledStatement, request: AccessRequest): boolean {
  for (const element of statement.rest) if (!element.matches(request)) return false
  return true
}

/** A deny is a deny however it names the caller; an allow is worth more the less it leaves to be asked. */
function better(best: Match | undefined, other: Match): Match {
  if (best === undefined) return other
  const isDeny = other.statement.effect === 'Deny'
  const rank = isDeny ? 0 : rankOf(other.as) - rankOf(best.as)
  return rank < 0 || (rank === 0 && other.statement.index < best.statement.index) ? other : best
}

/** The same, but of every statement and with every answer kept. */
function explain(
  policy: CompiledPolicy,
  request: AccessRequest,
  trace: StatementTrace[],
): Partial<Record<'Allow' | 'Deny', Match>> {
  const best: Partial<Record<'Allow' | 'Deny', Match>> = {}
  for (const statement of policy.statements) {
    const elements = statement.elements.map((element) => traceElement(element, request))
    const applies = elements.every(({ matched }) => matched)
    const { index, sid, effect, start, end } = statement
    trace.push({ index, sid, effect, start, end, applies, elements })
    const as = statement.names(request.caller)
    if (applies && as !== undefined) best[effect] = better(best[effect], { statement, as })
  }
  return best
}

function traceElement(element: Element, request: AccessRequest): ElementTrace {
  return {
    element: element.element,
    ...(element.operator !== undefined && { operator: element.operator }),
    ...(element.key !== undefined && { key: element.key }),
    wanted: element.wanted,
    found: element.found(request),
    matched: element.matches(request),
  }
}
