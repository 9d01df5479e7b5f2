/**
 * One statement, compiled: its elements in order, each a question to a request. Deciding asks them until one says no;
 * explaining asks all of them and writes the answers down.
 */
import { compileArn, matchesArn } from './arn-pattern.ts'
import { compileCondition } from './conditions.ts'
import type { Listed, Statement } from './document.ts'
import { compileGlob, matchesGlob } from './glob.ts'
import type { PolicyKind } from './policy-error.ts'
import {
  type Caller,
  escapesList,
  type NamedAs,
  namesOf,
  type Pins,
  principalName,
} from './principals.ts'
import {
  type ContextLookup,
  fillTemplate,
  parseTemplate,
  type Template,
  type VariableRules,
} from './template.ts'

/** What is asked of a policy. */
export interface AccessRequest {
  /** As AWS spells it, `kms:Encrypt`. */
  readonly action: string
  /** An ARN, or `*` for what concerns no resource. */
  readonly resource: string
  readonly caller: Caller
  readonly context: ContextLookup
}

/** One element of a statement. */
export interface Element {
  readonly element: ElementName
  /** Of a condition alone. */
  readonly operator?: string
  readonly key?: string
  /** What the policy says. */
  readonly wanted: readonly string[]
  /** What the request has; undefined where it has no such condition key. */
  readonly found: (request: AccessRequest) => readonly string[] | undefined
  readonly matches: (request: AccessRequest) => boolean
  /** Set where the element cannot match without a condition key. */
  readonly guard?: Guard
}

/** A condition key, in lower case, that a request must have, and of which values one at least; any if undefined. */
export interface Guard {
  readonly key: string
  readonly values: readonly string[] | undefined
}

/** The names of elements, as they stand in policies. */
export type ElementName = `${'' | 'Not'}${'Principal' | 'Action' | 'Resource'}` | 'Condition'

/** A statement, compiled. */
export interface CompiledStatement {
  readonly index: number
  readonly sid: string | undefined
  readonly effect: 'Allow' | 'Deny'
  /** Where the statement stands in the policy's text. */
  readonly start: number
  readonly end: number
  /** The names of a Principal element, under which the statement can be found; undefined if it has none. */
  readonly principals: ReadonlySet<string> | undefined
  /** How the Principal element names a caller; undefined if and only if it does not. */
  readonly names: (caller: Caller) => NamedAs | undefined
  readonly coversAction: (action: string) => boolean
  /** All elements, in the order in which they are told. */
  readonly elements: readonly Element[]
  /** The elements that are still to be asked once action and principal are known to fit. */
  readonly rest: readonly Element[]
}

/** What all statements of a policy share. */
export interface StatementRules extends VariableRules {
  readonly kind: PolicyKind
  readonly pins: Pins | undefined
}

/** Compiles a statement that has passed the checks of its kind. */
export function compileStatement(
  statement: Statement,
  index: number,
  rules: StatementRules,
): CompiledStatement {
  const effect = statement.effect === 'Allow' ? 'Allow' : 'Deny'
  const listed = new Set(statement.principal?.values.map((each) => principalName(each, rules.pins)))
  const names = namesFor(statement, effect, listed)
  const action = compileActions(statement.action)
  const resource = resourceElements(statement, effect, rules)
  const conditions = statement.conditions.map((each) => compileCondition(each, rules))
  return {
    index,
    sid: statement.sid,
    effect,
    start: statement.start,
    end: statement.end,
    principals: statement.principal?.negated === false ? listed : undefined,
    names,
    coversAction: action.covers,
    elements: [...principalElements(statement, names), action.element, ...resource, ...conditions],
    rest: [...resource.filter((each) => !isEverything(each)), ...conditions],
  }
}

function namesFor(
  statement: Statement,
  effect: 'Allow' | 'Deny',
  listed: ReadonlySet<string>,
): CompiledStatement['names'] {
  if (statement.principal === undefined) return () => 'everyone'
  if (statement.principal.negated) {
    return (caller) => (escapesList(caller, effect, listed) ? 'everyone' : undefined)
  }
  return (caller) => namesOf(caller, effect).find(({ name }) => listed.has(name))?.as
}

function principalElements(statement: Statement, names: CompiledStatement['names']): Element[] {
  if (statement.principal === undefined) return []
  return [
    {
      element: statement.principal.negated ? 'NotPrincipal' : 'Principal',
      wanted: statement.principal.values.map(({ value }) => value),
      found: ({ caller }) => [caller.arn],
      matches: ({ caller }) => names(caller) !== undefined,
    },
  ]
}

/** Actions know no case. An element that is absent or empty, which key policies may have, covers nothing. */
function compileActions(listed: Listed<string> | undefined) {
  const values = listed?.values ?? []
  const globs = values.map((value) => compileGlob([{ text: value.toLowerCase(), literal: false }]))
  const covers = (action: string) => {
    if (globs.length === 0) return false
    const lower = action.toLowerCase()
    return globs.some((glob) => matchesGlob(glob, lower)) !== listed?.negated
  }
  const element: Element = {
    element: listed?.negated === true ? 'NotAction' : 'Action',
    wanted: values,
    found: ({ action }) => [action],
    matches: ({ action }) => covers(action),
  }
  return { covers, element }
}

/** A trust policy has no Resource: it stands on its role. A key policy's statement without one covers nothing. */
function resourceElements(
  statement: Statement,
  effect: 'Allow' | 'Deny',
  rules: StatementRules,
): Element[] {
  if (statement.resource === undefined && rules.kind === 'trust') return []
  const { negated, values } = statement.resource ?? { negated: false, values: [] }
  const tests = values.map((value) => compileResource(value, rules))
  const matches = ({ resource, context }: AccessRequest) => {
    const answers = tests.map((test) => test(resource, context))
    if (!negated) return answers.includes(true)
    if (answers.length === 0 || answers.includes(true)) return false
    // What a variable without a value stands for nobody knows; it does not widen an Allow, nor narrow a Deny.
    return effect === 'Deny' || !answers.includes(undefined)
  }
  const element = negated ? 'NotResource' : 'Resource'
  return [{ element, wanted: values, found: ({ resource }) => [resource], matches }]
}

const isEverything = ({ element, wanted }: Element) =>
  element === 'Resource' && wanted.includes('*')

/** Answers undefined where the pattern has a variable without a value. */
type ResourceTest = (resource: string, context: ContextLookup) => boolean | undefined

function compileResource(value: string, rules: VariableRules): ResourceTest {
  if (/^\*+$/.test(value)) return () => true
  const template = parseTemplate(value, rules)
  if (template.fixed !== undefined) {
    const pattern = compileArn(template.fixed, true)
    return (resource) => matchesArn(pattern, resource)
  }
  if (!variablesLast(template)) return () => undefined
  return (resource, context) => {
    const filled = fillTemplate(template, context)
    return filled && matchesArn(compileArn(filled, true), resource)
  }
}

/** Variables stand behind the fifth colon of a Resource, or they have no value. */
function variablesLast(template: Template): boolean {
  const first = template.parts.findIndex((part) => !('text' in part))
  const before = template.parts.slice(0, first).map((part) => ('text' in part ? part.text : ''))
  return before.join('').split(':').length > 5
}
