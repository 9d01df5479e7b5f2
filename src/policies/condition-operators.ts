/**
 * The condition operators (IAM User Guide, "IAM JSON policy elements: Condition operators"): for each, how the values of
 * a policy become a test of one value of the request. Negated operators are the negation of their twin.
 */
import { isInside, parseAddress, parseNetwork } from './addresses.ts'
import { compileArn, matchesArn } from './arn-pattern.ts'
import { rememberLast } from '../remember-last.ts'
import { parseDate } from './dates.ts'
import { compileGlob, matchesGlob, type Piece } from './glob.ts'
import { canonicalBase64, parseBoolean, parseNumber } from './scalars.ts'
import {
  type ContextLookup,
  fillTemplate,
  parseTemplate,
  textOf,
  type VariableRules,
} from './template.ts'

/** Whether a value of the request equals, resembles or is below one of the policy's values. */
export type ValueTest = (value: string, context: ContextLookup) => boolean

/** An operator as it is spelt in a policy, taken apart. */
export interface Operator {
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined
  readonly ifExists: boolean
  readonly negated: boolean
  /** Undefined for `Null`, which asks for the key and not for its values. */
  readonly compile: ((values: readonly string[], rules: VariableRules) => ValueTest) | undefined
  readonly isDate: boolean
  /** Of exact texts alone: the values, of which the request must have one; undefined if a variable is among them. */
  readonly fixedTexts: FixedTexts | undefined
}

type FixedTexts = (values: readonly string[], rules: VariableRules) => readonly string[] | undefined

/** Takes an operator apart; undefined if and only if there is none of this name. Names are compared as documented. */
export function readOperator(name: string): Operator | undefined {
  if (name === 'Null') return nullOperator
  const [, quantifier, base = '', ifExists] = spelling.exec(name) ?? []
  const found = bases.get(base)
  if (found === undefined) return undefined
  return {
    quantifier:
      quantifier === 'ForAllValues' || quantifier === 'ForAnyValue' ? quantifier : undefined,
    ifExists: ifExists !== undefined,
    negated: base.includes('Not'),
    compile: found,
    isDate: base.startsWith('Date'),
    fixedTexts: base === 'StringEquals' ? fixedTexts : undefined,
  }
}

const spelling = /^(?:(ForAllValues|ForAnyValue):)?(.+?)(IfExists)?$/

const nullOperator: Operator = {
  quantifier: undefined,
  ifExists: false,
  negated: false,
  compile: undefined,
  isDate: false,
  fixedTexts: undefined,
}

type Compile = NonNullable<Operator['compile']>

function fixedTexts(
  values: readonly string[],
  rules: VariableRules,
): readonly string[] | undefined {
  const texts = values.map((value) => parseTemplate(value, rules).fixed)
  return texts.some((each) => each === undefined)
    ? undefined
    : texts.flatMap((each) => (each === undefined ? [] : [textOf(each)]))
}

/** Equality of texts after folding, which may refuse them. Values without variables are looked up, however many there are. */
function texts(fold: (text: string) => string | undefined): Compile {
  return (values, rules) => {
    const { fixed, open } = sortTemplates(values, rules)
    const known = new Set(fixed.map((pieces) => fold(textOf(pieces))))
    return (value, context) => {
      const folded = fold(value)
      if (folded === undefined) return false
      if (known.has(folded)) return true
      for (const template of open) {
        const filled = fillTemplate(template, context)
        if (filled !== undefined && fold(textOf(filled)) === folded) return true
      }
      return false
    }
  }
}

/** Patterns, compiled at once unless there is a variable in them. */
function patterns<Pattern>(
  compile: (pieces: readonly Piece[]) => Pattern,
  matches: (pattern: Pattern, value: string) => boolean,
): Compile {
  return (values, rules) => {
    const { fixed, open } = sortTemplates(values, rules)
    const known = fixed.map(compile)
    return (value, context) => {
      for (const pattern of known) if (matches(pattern, value)) return true
      for (const template of open) {
        const filled = fillTemplate(template, context)
        if (filled !== undefined && matches(compile(filled), value)) return true
      }
      return false
    }
  }
}

function sortTemplates(values: readonly string[], rules: VariableRules) {
  const templates = values.map((value) => parseTemplate(value, rules))
  return {
    fixed: templates.map((each) => each.fixed).filter((each) => each !== undefined),
    open: templates.filter((each) => each.fixed === undefined),
  }
}

/** Typed values without variables. What cannot be read as the type, on either side, matches nothing. */
function typed<Given, Wanted>(
  read: {
    readonly given: (text: string) => Given | undefined
    readonly wanted: (text: string) => Wanted | undefined
  },
  matches: (given: Given, wanted: Wanted) => boolean,
): Compile {
  const readGiven = rememberLast(read.given)
  return (values) => {
    const wanted = values.map(read.wanted).filter((each) => each !== undefined)
    return (value) => {
      const given = readGiven(value)
      if (given === undefined) return false
      for (const each of wanted) if (matches(given, each)) return true
      return false
    }
  }
}

const numbers = { given: parseNumber, wanted: parseNumber }
const dates = { given: parseDate, wanted: parseDate }
const base64 = { given: canonicalBase64, wanted: canonicalBase64 }
const addresses = { given: parseAddress, wanted: parseNetwork }

const exactly = texts((text) => text)
const ignoringCase = texts((text) => text.toLowerCase())
const like = patterns(compileGlob, matchesGlob)
const arns = patterns((pieces) => compileArn(pieces), matchesArn)
const inside = typed(addresses, isInside)
const bool = texts(parseBoolean)

const comparisons: readonly (readonly [
  name: string,
  matches: <Value extends number | bigint>(a: Value, b: Value) => boolean,
])[] = [
  ['Equals', (a, b) => a === b],
  ['NotEquals', (a, b) => a === b],
  ['LessThan', (a, b) => a < b],
  ['LessThanEquals', (a, b) => a <= b],
  ['GreaterThan', (a, b) => a > b],
  ['GreaterThanEquals', (a, b) => a >= b],
]

const bases: ReadonlyMap<string, Compile> = new Map([
  ['StringEquals', exactly],
  ['StringNotEquals', exactly],
  ['StringEqualsIgnoreCase', ignoringCase],
  ['StringNotEqualsIgnoreCase', ignoringCase],
  ['StringLike', like],
  ['StringNotLike', like],
  ['Bool', bool],
  ['BinaryEquals', typed(base64, (a, b) => a === b)],
  ['IpAddress', inside],
  ['NotIpAddress', inside],
  ['ArnEquals', arns],
  ['ArnLike', arns],
  ['ArnNotEquals', arns],
  ['ArnNotLike', arns],
  ...comparisons.map(([name, matches]) => [`Numeric${name}`, typed(numbers, matches)] as const),
  ...comparisons.map(([name, matches]) => [`Date${name}`, typed(dates, matches)] as const),
])
