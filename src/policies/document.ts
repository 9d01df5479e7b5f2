/**
 * The grammar of a policy document (IAM User Guide, "Grammar of the IAM JSON policy language"): what is where. Whether
 * that suits the kind of policy is the matter of the checks.
 */
import { type JsonNode, type JsonObject, readJson } from './json-tree.ts'
import { jsonFault, type PolicyKind, syntaxFault } from './policy-error.ts'
import { readOperator } from './condition-operators.ts'

/** A policy taken apart. */
export interface PolicyDocument {
  readonly version: string | undefined
  readonly statements: readonly Statement[]
}

/** One value of a Principal element: what kind of principal, and its name. */
export interface PolicyPrincipal {
  readonly kind: string
  readonly value: string
}

/** The values of an element or of its Not- twin. */
export interface Listed<Value> {
  readonly negated: boolean
  readonly values: readonly Value[]
}

/** One key under one operator. */
export interface Condition {
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

/** A statement taken apart; `start` and `end` are where it stands in the text. */
export interface Statement {
  readonly sid: string | undefined
  /** As it is written, in whatever case. */
  readonly effect: string | undefined
  readonly principal: Listed<PolicyPrincipal> | undefined
  readonly action: Listed<string> | undefined
  readonly resource: Listed<string> | undefined
  readonly conditions: readonly Condition[]
  readonly start: number
  readonly end: number
}

/** Takes a policy apart. Throws PolicyError for what is no policy of any kind. */
export function parsePolicy(text: string, kind: PolicyKind = 'key'): PolicyDocument {
  const node = readJson(text)
  if (node === 'invalid') throw jsonFault(kind)
  if (node === 'refused') throw syntaxFault(kind)
  const { members } = object(node, kind, policyElements)
  string(members.get('Id'), kind)
  const given = members.get('Statement')
  return {
    version: string(members.get('Version'), kind),
    statements: given === undefined ? [] : list(given).map((each) => parseStatement(each, kind)),
  }
}

const policyElements = ['Version', 'Id', 'Statement']
const twins = ['Principal', 'Action', 'Resource'].flatMap((name) => [name, `Not${name}`])
const statementElements = ['Sid', 'Effect', 'Condition', ...twins]

function parseStatement(node: JsonNode, kind: PolicyKind): Statement {
  const statement = object(node, kind, statementElements)
  const { members, start, end } = statement
  return {
    sid: string(members.get('Sid'), kind),
    effect: string(members.get('Effect'), kind),
    principal: either(statement, 'Principal', { kind, read: principals }),
    action: either(statement, 'Action', { kind, read: strings }),
    resource: either(statement, 'Resource', { kind, read: strings }),
    conditions: conditions(members.get('Condition'), kind),
    start,
    end,
  }
}

/** An element or its Not- twin, never both. */
function either<Value>(
  { members }: JsonObject,
  element: string,
  as: {
    readonly kind: PolicyKind
    readonly read: (node: JsonNode, kind: PolicyKind) => readonly Value[]
  },
): Listed<Value> | undefined {
  const plain = members.get(element)
  const negated = members.get(`Not${element}`)
  if (plain !== undefined && negated !== undefined) throw syntaxFault(as.kind)
  const node = plain ?? negated
  return node && { negated: negated !== undefined, values: as.read(node, as.kind) }
}

function principals(node: JsonNode, kind: PolicyKind): readonly PolicyPrincipal[] {
  if (node.type === 'string' && node.text === '*') return [{ kind: 'AWS', value: '*' }]
  return [...object(node, kind).members].flatMap(([of, names]) =>
    strings(names, kind).map((value) => ({ kind: of, value })),
  )
}

function conditions(node: JsonNode | undefined, kind: PolicyKind): readonly Condition[] {
  if (node === undefined) return []
  return [...object(node, kind).members].flatMap(([operator, keys]) => {
    const { members } = object(keys, kind)
    // AWS was seen to let an operator pass that it does not know, as long as nothing stands under it.
    if (members.size > 0 && readOperator(operator) === undefined) throw syntaxFault(kind)
    return [...members].map(([key, values]) => ({ operator, key, values: scalars(values, kind) }))
  })
}

/** An object, with no other members than those of the names. */
function object(node: JsonNode, kind: PolicyKind, names?: readonly string[]): JsonObject {
  if (node.type !== 'object') throw syntaxFault(kind)
  for (const name of node.members.keys()) {
    if (names !== undefined && !names.includes(name)) throw syntaxFault(kind)
  }
  return node
}

/** One string or a list of them; a single value and a list of one are the same everywhere. */
function strings(node: JsonNode, kind: PolicyKind): readonly string[] {
  return list(node).map((each) => {
    if (each.type !== 'string') throw syntaxFault(kind)
    return each.text
  })
}

/** Condition values: strings, or numbers and booleans without quotes. */
function scalars(node: JsonNode, kind: PolicyKind): readonly string[] {
  return list(node).map((each) => {
    if (!('text' in each)) throw syntaxFault(kind)
    return each.text
  })
}

function list(node: JsonNode): readonly JsonNode[] {
  return node.type === 'array' ? node.items : [node]
}

function string(node: JsonNode | undefined, kind: PolicyKind): string | undefined {
  if (node === undefined) return undefined
  if (node.type !== 'string') throw syntaxFault(kind)
  return node.text
}
