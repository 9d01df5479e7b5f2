/**
 * A decision, explained: from the same walk over the same policies and grants, written down step by step. An allow that is
 * written for the file names what decided; a refusal, and what is still in memory, every statement and grant.
 */
import type { Judgement } from '../access/authorize.ts'
import { type Decision, decide, type DecisionTrace, type GrantTrace } from '../access/decide.ts'
import type { UserIdentity } from '../audit/user-identity.ts'
import type { DecidingStatement } from '../policies/evaluate.ts'
import type { Deciding, PolicyTrace } from '../policies/layers.ts'

/** A call and every decision on it. */
export interface ExplainedCall {
  readonly requestId: string
  /** ISO 8601. */
  readonly time: string
  readonly operation: string
  readonly region: string
  readonly principal: UserIdentity
  readonly decisions: readonly ExplainedDecision[]
}

/** One decision. */
export interface ExplainedDecision {
  readonly action: string
  readonly resource: string
  readonly verdict: 'allowed' | 'denied'
  readonly because: Because
  /** AWS's sentence, of a refusal. */
  readonly message?: string
  /** Condition keys with their values; what is not there was absent from the request. */
  readonly context: Readonly<Record<string, readonly string[]>>
  /** Every policy with each of its statements; absent where an allow was read from the file. */
  readonly policies?: readonly PolicyTrace[]
  readonly grants?: readonly GrantTrace[]
}

/** What decided. */
export interface Because {
  readonly kind: 'statements' | 'grant' | 'explicitDeny' | 'noAllow' | 'otherAccount'
  /** The kind of policy that would have had to allow it. */
  readonly layer?: string
  readonly grantId?: string
  readonly statements?: readonly Deciding[]
}

/** The decision as JSON text without a trace: what a file keeps of an allow. */
export function briefText(judgement: Judgement): string {
  return decisionText(judgement, '')
}

/** The same with every statement and grant, by asking again. */
export function wholeText(judgement: Judgement): string {
  const trace: DecisionTrace = { policies: [], grants: [] }
  decide(judgement.question, trace)
  const { policies, grants } = trace
  return decisionText(
    judgement,
    `,"policies":${JSON.stringify(policies)},"grants":${JSON.stringify(grants)}`,
  )
}

function decisionText(judgement: Judgement, trace: string): string {
  return `{${outcomeText(judgement)},"context":${judgement.context.text()}${trace}}`
}

/** What was decided and why. A decision that is shared by many requests, and therefore frozen, is spelt out once. */
function outcomeText({ question, decision }: Judgement): string {
  const before = outcomes.get(decision)
  if (before !== undefined) return before
  const { action, resource } = question.request
  const verdict = decision.allowed ? 'allowed' : 'denied'
  const message = decision.allowed ? '' : `,"message":${JSON.stringify(decision.text)}`
  const text =
    `"action":"${action}","resource":${JSON.stringify(resource)},"verdict":"${verdict}"` +
    `,"because":${becauseText(decision)}${message}`
  if (Object.isFrozen(decision)) outcomes.set(decision, text)
  return text
}

const outcomes = new WeakMap<Decision, string>()

/** A `Because`, as JSON. */
function becauseText({ because }: Decision): string {
  if (!('kind' in because)) {
    const { statements, grantId } = because
    if (grantId === undefined) return `{"kind":"statements",${statementsText(statements)}}`
    const behind = statements.length === 0 ? '' : `,${statementsText(statements)}`
    return `{"kind":"grant","grantId":"${grantId}"${behind}}`
  }
  switch (because.kind) {
    case 'explicitDeny':
      return `{"kind":"explicitDeny",${statementsText([because.deciding])}}`
    case 'noAllow':
      return `{"kind":"noAllow","layer":"${because.layer}"}`
    case 'otherAccount':
      return '{"kind":"otherAccount"}'
  }
}

function statementsText(statements: readonly Deciding[]): string {
  let text = '"statements":['
  let separator = ''
  for (const deciding of statements) {
    text += separator + decidingText(deciding)
    separator = ','
  }
  return `${text}]`
}

function decidingText({ layer, policy, statement }: Deciding): string {
  return `{"layer":"${layer}","policy":${JSON.stringify(policy)},"statement":${statementText(statement)}}`
}

/** Statements are compiled once, and decide over and over. */
const texts = new WeakMap<DecidingStatement, string>()

function statementText(statement: DecidingStatement): string {
  const before = texts.get(statement)
  if (before !== undefined) return before
  const { index, sid, effect, start, end } = statement
  const text = JSON.stringify({ index, sid, effect, start, end })
  texts.set(statement, text)
  return text
}
