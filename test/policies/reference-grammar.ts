/**
 * What is a policy of which kind, once more, by another hand: from the grammar of the IAM User Guide, the checks of key
 * policies, and the answers of IAM that were recorded. Over plain parsed JSON, rule by rule in the order of the answers.
 */
import { actionFaults, isBadDate, principalFaults, resourceFaults } from './reference-values.ts'

type Members = Readonly<Record<string, unknown>>
type Rule = (policy: Members, statements: readonly Members[]) => string | undefined

const syntax = 'Syntax errors in policy.'

/** What is wrong with a key policy; undefined if nothing is. */
export const keyPolicyFault = (text: string) => firstFault(text, syntax, keyRules)

/** What is wrong with an identity policy; undefined if nothing is. */
export const identityPolicyFault = (text: string, isManaged: boolean) =>
  firstFault(
    text,
    syntax,
    isManaged ? [...identityRules.slice(0, 1), isNewer, ...identityRules.slice(1)] : identityRules,
  )

function firstFault(text: string, noJson: string, rules: readonly Rule[]): string | undefined {
  let policy: unknown
  try {
    policy = JSON.parse(text)
  } catch {
    return noJson
  }
  if (!isObject(policy) || !hasOnly(policy, ['Version', 'Id', 'Statement'])) return syntax
  const statements = list(policy['Statement'])
  if (!statements.every(isObject)) return syntax
  if (!isShape(policy, statements)) return syntax
  for (const rule of rules) {
    const fault = rule(policy, statements)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** The grammar that all kinds share. */
function isShape(policy: Members, statements: readonly Members[]): boolean {
  return (
    isTextOrNothing(policy['Version']) &&
    isTextOrNothing(policy['Id']) &&
    statements.every(
      (each) =>
        hasOnly(each, elements) &&
        ['Sid', 'Effect'].every((name) => isTextOrNothing(each[name])) &&
        ['Principal', 'Action', 'Resource'].every(
          (name) => !(name in each && `Not${name}` in each),
        ) &&
        ['Action', 'NotAction', 'Resource', 'NotResource'].every((name) => isTexts(each[name])) &&
        ['Principal', 'NotPrincipal'].every((name) => isPrincipalShape(each[name])) &&
        isConditionShape(each['Condition']),
    )
  )
}

const elements = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]

const isTextOrNothing = (value: unknown) => value === undefined || typeof value === 'string'
const isTexts = (value: unknown) =>
  value === undefined || list(value).every((each) => typeof each === 'string')
const isPrincipalShape = (value: unknown) =>
  value === undefined ||
  value === '*' ||
  (isObject(value) &&
    differ(value) &&
    Object.values(value).every((each) => each !== undefined && isTexts(each)))

function isConditionShape(value: unknown): boolean {
  if (value === undefined) return true
  if (!isObject(value) || !differ(value)) return false
  return Object.entries(value).every(
    ([operator, keys]) =>
      isObject(keys) &&
      differ(keys) &&
      (Object.keys(keys).length === 0 || isOperator(operator)) &&
      Object.values(keys).every((values) =>
        list(values).every((each) => ['string', 'number', 'boolean'].includes(typeof each)),
      ),
  )
}

const operatorForm =
  /^(ForAllValues:|ForAnyValue:)?(String(Not)?(Equals|Like|EqualsIgnoreCase)|(Numeric|Date)((Not)?Equals|(Less|Greater)Than(Equals)?)|Bool|BinaryEquals|(Not)?IpAddress|Arn(Not)?(Equals|Like))(IfExists)?$/
const isOperator = (name: string) => name === 'Null' || operatorForm.test(name)

const hasVersion: Rule = ({ Version }, statements) =>
  (Version === undefined || Version === '2008-10-17' || Version === '2012-10-17') &&
  statements.length > 0
    ? undefined
    : syntax
const isNewer: Rule = ({ Version }) =>
  Version === '2012-10-17' ? undefined : 'Policy document must be version 2012-10-17 or greater.'

const badDates = (statement: Members) =>
  Object.entries(object(statement['Condition'])).some(
    ([operator, keys]) =>
      /^(ForAllValues:|ForAnyValue:)?Date/.test(operator) &&
      Object.values(object(keys)).some((values) =>
        list(values).some((each) => isBadDate(String(each))),
      ),
  )

const principalsOf = (statement: Members): readonly (readonly [string, string])[] => {
  const element = statement['Principal'] ?? statement['NotPrincipal']
  if (element === '*') return [['AWS', '*']]
  return Object.entries(object(element)).flatMap(([kind, values]) =>
    list(values).map((each) => [kind, String(each)] as const),
  )
}

const keyRules: readonly Rule[] = [
  hasVersion,
  (_, all) =>
    all.every(({ Effect }) => Effect === 'Allow' || Effect === 'Deny') ? undefined : syntax,
  (_, all) => (all.some(badDates) ? syntax : undefined),
  (_, all) => {
    for (const statement of all) {
      const principals = principalsOf(statement)
      if (principals.length === 0) return 'Policy contains a statement with no principal.'
      for (const [kind, value] of principals) {
        const fault = principalFaults(kind, value)
        if (fault !== undefined) return fault
      }
    }
    return undefined
  },
  (_, all) => {
    for (const { Effect, Condition } of all) {
      for (const [operator, keys] of Object.entries(object(Condition))) {
        if (Effect !== 'Allow' || !operator.startsWith('ForAllValues:')) continue
        for (const key of Object.keys(object(keys))) {
          if (/^kms:EncryptionContext:/i.test(key)) return overlyPermissive.context
          if (/^aws:RequestTag\//i.test(key)) return overlyPermissive.any
        }
      }
    }
    return undefined
  },
]

const overlyPermissive = {
  context:
    'OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified encryption context or with an unspecified encryption context. To fix, remove ForAllValues.',
  any: 'OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified [encryption context or tag] or with an unspecified [encryption context or tag]. To fix, remove ForAllValues.',
}

const valuesOf = (all: readonly Members[], name: string) =>
  all.flatMap((each) => list(each[name] ?? each[`Not${name}`])).map(String)
const lacks = (name: string) => (each: Members) =>
  list(each[name] ?? each[`Not${name}`]).length === 0
const legacy = 'The policy failed legacy parsing'

const identityRules: readonly Rule[] = [
  (policy, all) =>
    hasVersion(policy, all) ??
    (all.every(({ Effect }) => /^(allow|deny)$/i.test(String(Effect))) ? undefined : syntax),
  (_, all) => {
    const isLegacy =
      all.some(({ Effect }) => Effect !== 'Allow' && Effect !== 'Deny') ||
      all.some(badDates) ||
      valuesOf(all, 'Resource').some((each) => resourceFaults(each) === 'legacy')
    return isLegacy ? legacy : undefined
  },
  (_, all) => {
    const sids = all.map(({ Sid }) => Sid ?? '').filter((each) => each !== '')
    if (new Set(sids).size !== sids.length)
      return 'Statement IDs (SID) in a single policy must be unique.'
    return sids.every((each) => typeof each === 'string' && /^[A-Za-z0-9]+$/.test(each))
      ? undefined
      : 'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*'
  },
  (_, all) => (all.some(lacks('Action')) ? 'Policy statement must contain actions.' : undefined),
  (_, all) =>
    all.some(lacks('Resource')) ? 'Policy statement must contain resources.' : undefined,
  (_, all) =>
    valuesOf(all, 'Resource')
      .map(resourceFaults)
      .find((each) => each !== undefined),
  (_, all) =>
    valuesOf(all, 'Action')
      .map(actionFaults)
      .find((each) => each !== undefined),
  (_, all) =>
    all.some((each) => 'Principal' in each || 'NotPrincipal' in each)
      ? 'Policy document should not specify a principal.'
      : undefined,
]

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const object = (value: unknown): Members => (isObject(value) ? value : {})
const hasOnly = (value: Members, names: readonly string[]) =>
  Object.keys(value).every((name) => names.includes(name))
const list = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]
const differ = (value: Members) =>
  new Set(Object.keys(value).map((name) => name.toLowerCase())).size === Object.keys(value).length
