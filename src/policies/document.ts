/**
 * The grammar of a policy document (IAM User Guide, "Grammar of the IAM JSON policy language"), for key policies.
 */
import { malformedPolicyDocument } from '../api/errors.ts'

/** One value of a Principal element: what kind of principal, and its name. */
export interface PolicyPrincipal {
  readonly kind: 'AWS' | 'Service' | 'Federated'
  readonly value: string
}

/** A statement taken apart. An element that is absent is an empty list, which matches nothing. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny'
  readonly principals: readonly PolicyPrincipal[]
  readonly principalsNegated: boolean
  readonly actions: readonly string[]
  readonly actionsNegated: boolean
  readonly resources: readonly string[]
  readonly resourcesNegated: boolean
  /** Operator, then condition key, then the values. */
  readonly conditions: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
}

const statementElements = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])

const operators =
  /^(?:ForAllValues:|ForAnyValue:)?(?:String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)|Numeric(?:Not)?Equals|Numeric(?:Less|Greater)Than(?:Equals)?|Date(?:Not)?Equals|Date(?:Less|Greater)Than(?:Equals)?|Bool|BinaryEquals|(?:Not)?IpAddress|Arn(?:Not)?(?:Equals|Like))(?:IfExists)?$|^Null$/i

/** Takes a key policy apart. Throws MalformedPolicyDocumentException for what is no policy. */
export function parsePolicy(text: string): readonly Statement[] {
  const document = parseJson(text)
  if (!isObject(document)) throw syntaxError()
  for (const element of Object.keys(document)) {
    if (!['Version', 'Id', 'Statement'].includes(element)) throw syntaxError()
  }
  const version = document['Version']
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    throw syntaxError()
  }
  if (document['Id'] !== undefined && typeof document['Id'] !== 'string') throw syntaxError()
  const statements = document['Statement']
  if (isObject(statements)) return [parseStatement(statements)]
  if (!Array.isArray(statements) || statements.length === 0) throw syntaxError()
  return statements.map(parseStatement)
}

/** AWS's text for what does not parse; it varies, and this is the one most seen. */
export const syntaxError = () => malformedPolicyDocument('Syntax errors in policy.')

function parseStatement(statement: unknown): Statement {
  if (!isObject(statement)) throw syntaxError()
  for (const element of Object.keys(statement)) {
    if (!statementElements.has(element)) throw syntaxError()
  }
  if (statement['Sid'] !== undefined && typeof statement['Sid'] !== 'string') throw syntaxError()
  const effect = statement['Effect']
  if (effect !== 'Allow' && effect !== 'Deny') throw syntaxError()
  const principals = either(statement, 'Principal', parsePrincipals)
  const actions = either(statement, 'Action', strings)
  const resources = either(statement, 'Resource', strings)
  return {
    effect,
    principals: principals.values,
    principalsNegated: principals.negated,
    actions: actions.values,
    actionsNegated: actions.negated,
    resources: resources.values,
    resourcesNegated: resources.negated,
    conditions: parseConditions(statement['Condition']),
  }
}

/** An element or its Not- twin, never both. */
function either<Value>(
  statement: Record<string, unknown>,
  element: string,
  parse: (value: unknown) => readonly Value[],
): { readonly values: readonly Value[]; readonly negated: boolean } {
  const plain = statement[element]
  const negated = statement[`Not${element}`]
  if (plain !== undefined && negated !== undefined) throw syntaxError()
  const given = plain ?? negated
  return { values: given === undefined ? [] : parse(given), negated: negated !== undefined }
}

function parsePrincipals(value: unknown): readonly PolicyPrincipal[] {
  if (value === '*') return [{ kind: 'AWS', value: '*' }]
  if (!isObject(value)) throw syntaxError()
  return Object.entries(value).flatMap(([kind, names]) => {
    if (kind !== 'AWS' && kind !== 'Service' && kind !== 'Federated') {
      throw malformedPolicyDocument(
        'Policy contains a statement with one or more invalid principals.',
      )
    }
    return strings(names).map((name) => ({ kind, value: name }) as const)
  })
}

function parseConditions(value: unknown): Statement['conditions'] {
  if (value === undefined) return new Map()
  if (!isObject(value)) throw syntaxError()
  return new Map(
    Object.entries(value).map(([operator, keys]) => {
      if (!operators.test(operator) || !isObject(keys)) throw syntaxError()
      return [operator, new Map(Object.entries(keys).map(([key, given]) => [key, scalars(given)]))]
    }),
  )
}

/** One string or a list of them; a single value and a list of one are the same everywhere. */
function strings(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map((item) => {
    if (typeof item !== 'string') throw syntaxError()
    return item
  })
}

/** Condition values: strings, or numbers and booleans without quotes. */
function scalars(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map((item) => {
    if (typeof item === 'string') return item
    if (typeof item === 'number' || typeof item === 'boolean') return String(item)
    throw syntaxError()
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw syntaxError()
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
