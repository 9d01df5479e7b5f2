/**
 * Checks the parameters of a Query request against an action's rules, which are data, and makes typed input of them. All
 * violations of constraints are told at once, in AWS's words.
 */
import { malformedInput, validationError } from './query-error.ts'
import type { QueryParams } from './query-params.ts'

/** How a parameter is read. It adds what is wrong to the problems and then answers undefined. */
export interface Rule<Value> {
  readonly read: (at: Place) => Value | undefined
  readonly required?: boolean
  /** The parameter's name on the wire, where it is not that of the member. */
  readonly wire?: string
}

/** A rule for a parameter that has to be there. */
export interface RequiredRule<Value> extends Rule<Value> {
  readonly required: true
}

/** Where a rule reads. */
export interface Place {
  readonly params: QueryParams
  /** The parameter's name on the wire. */
  readonly name: string
  /** How constraints name it: `tags.1.member.key`. */
  readonly path: string
  readonly problems: Problems
}

/** What was found wrong so far. */
export interface Problems {
  /** Whether messages show the value, as STS does and IAM does not. */
  readonly showValues: boolean
  /** Whether of one value the pattern is told before the length, as by STS and not by IAM. */
  readonly patternsFirst: boolean
  /** The violated constraints, whole: `Value at 'x' failed to satisfy constraint: ...`. */
  readonly constraints: string[]
  /** Sentences that stand alone. They are told only when every constraint holds. */
  readonly sentences: string[]
}

/** Rules by the members of the input that they make. */
export type AnyRules = Readonly<Record<string, Rule<unknown>>>

/** The input that rules make. */
export type Input<Rules extends AnyRules> = {
  readonly [Name in keyof Rules]: Rules[Name] extends RequiredRule<infer Value>
    ? Value
    : Rules[Name] extends Rule<infer Value>
      ? Value | undefined
      : never
}

/** Makes a parameter one that has to be there. */
export const required = <Value>(rule: Rule<Value>): RequiredRule<Value> => ({
  ...rule,
  required: true,
})

/** Reads the parameters by the rules. Throws ValidationError for whatever is wrong with them. */
export function readInput<Rules extends AnyRules>(
  params: QueryParams,
  rules: Rules,
  { showValues = false }: { readonly showValues?: boolean } = {},
): Input<Rules> {
  const problems: Problems = {
    showValues,
    patternsFirst: showValues,
    constraints: [],
    sentences: [],
  }
  const input = readMembers({ params, path: '', problems }, rules)
  const { length } = problems.constraints
  if (length > 0) {
    const errors = length === 1 ? 'error' : 'errors'
    throw validationError(
      `${length} validation ${errors} detected: ${problems.constraints.join('; ')}`,
    )
  }
  const [sentence] = problems.sentences
  if (sentence !== undefined) throw validationError(sentence)
  return input
}

function readMembers<Rules extends AnyRules>(at: Omit<Place, 'name'>, rules: Rules): Input<Rules> {
  const input: Record<string, unknown> = {}
  for (const [member, rule] of Object.entries(rules)) {
    const name = rule.wire ?? member
    const place = { ...at, name, path: at.path + name.charAt(0).toLowerCase() + name.slice(1) }
    const before = at.problems.constraints.length + at.problems.sentences.length
    const value = rule.read(place)
    const found = at.problems.constraints.length + at.problems.sentences.length > before
    if (value === undefined && !found && rule.required === true) {
      violated(place, undefined, 'Member must not be null')
    }
    input[member] = value
  }
  return input as Input<Rules>
}

/** What a text has to be. */
export interface TextRule<Value extends string = string> {
  readonly min?: number
  readonly max?: number
  /** The whole of it has to match; `source` is how AWS spells the pattern. */
  readonly pattern?: { readonly source: string; readonly regex: RegExp }
  readonly values?: readonly Value[]
  /** The sentence for a text that does not match, where it is no constraint that says so. */
  readonly sentence?: { readonly regex: RegExp; readonly text: string }
}

/** A text. */
export function text<Value extends string = string>(rule: TextRule<Value> = {}): Rule<Value> {
  return {
    read: (place) => {
      const value = place.params.text(place.name)
      if (value === undefined) return
      for (const constraint of inOrder(place, textConstraints(value, rule))) {
        violated(place, value, constraint)
      }
      if (rule.sentence?.regex.test(value) === false) {
        place.problems.sentences.push(rule.sentence.text)
      }
      return value as Value
    },
  }
}

/** The constraints that a text violates. */
function textConstraints(value: string, rule: TextRule): string[] {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern, values } = rule
  const violations: string[] = []
  const length = lengthOf(value)
  if (length > max) violations.push(`Member must have length less than or equal to ${max}`)
  if (length < min) violations.push(`Member must have length greater than or equal to ${min}`)
  if (pattern?.regex.test(value) === false) violations.push(patternConstraint(pattern.source))
  if (values?.includes(value) === false) violations.push('Member must satisfy enum value set')
  return violations
}

/** Characters are counted as Unicode has them. */
const lengthOf = (text: string): number => Array.from(text).length

const patternConstraint = (source: string) => `${patternStart}${source}`
const patternStart = 'Member must satisfy regular expression pattern: '

function inOrder({ problems }: Place, constraints: readonly string[]): readonly string[] {
  if (!problems.patternsFirst) return constraints
  const isPattern = (constraint: string) => constraint.startsWith(patternStart)
  return [...constraints.filter(isPattern), ...constraints.filter((each) => !isPattern(each))]
}

/** An integer of 32 bits in decimal. Throws MalformedInput, without a word unless it is empty, for anything else. */
export function integer(rule: {
  readonly min: number
  readonly max: number
  readonly showValue?: boolean
}): Rule<number> {
  return {
    read: (place) => {
      const given = place.params.text(place.name)
      if (given === undefined) return
      if (given === '') throw malformedInput('missing value for decimal type')
      const value = /^[+-]?\d+$/.test(given) ? Number(given) : Number.NaN
      if (!(value >= -(2 ** 31) && value < 2 ** 31)) throw malformedInput()
      const problems = {
        ...place.problems,
        showValues: rule.showValue ?? place.problems.showValues,
      }
      const at = { ...place, problems }
      if (value > rule.max) {
        violated(at, given, `Member must have value less than or equal to ${rule.max}`)
      }
      if (value < rule.min) {
        violated(at, given, `Member must have value greater than or equal to ${rule.min}`)
      }
      return value
    },
  }
}

/** `true` or `false`. Throws MalformedInput, without a word, for anything else. */
export const boolean: Rule<boolean> = {
  read: ({ params, name }) => {
    const given = params.text(name)
    if (given === undefined) return
    if (given !== 'true' && given !== 'false') throw malformedInput()
    return given === 'true'
  },
}

/**
 * A list of texts. A member that violates anything is reported on the list, with all that is asked of members: for most
 * lists also that none is null.
 */
export function texts<Value extends string = string>(
  member: TextRule<Value>,
  { max, sayNotNull = true }: { readonly max?: number; readonly sayNotNull?: boolean } = {},
): Rule<readonly Value[]> {
  return {
    read: (place) => {
      const values = place.params.list(place.name)
      if (values === undefined) return
      checkCount(place, values.length, max)
      if (values.some((value) => textConstraints(value, member).length > 0)) {
        violated(place, `[${values.join(', ')}]`, memberConstraint(member, sayNotNull))
      }
      return values as readonly Value[]
    },
  }
}

function memberConstraint({ min, max, pattern, values }: TextRule, sayNotNull: boolean): string {
  const asked = [
    ...(max === undefined ? [] : [`Member must have length less than or equal to ${max}`]),
    ...(min === undefined ? [] : [`Member must have length greater than or equal to ${min}`]),
    ...(pattern === undefined ? [] : [patternConstraint(pattern.source)]),
    ...(values === undefined ? [] : ['Member must satisfy enum value set']),
    ...(sayNotNull ? ['Member must not be null'] : []),
  ]
  return `Member must satisfy constraint: [${asked.join(', ')}]`
}

/** A list of structures, each with rules of its own. */
export function structures<Rules extends AnyRules>(
  rules: Rules,
  { max }: { readonly max?: number } = {},
): Rule<readonly Input<Rules>[]> {
  return {
    read: (place) => {
      const { params, name, path, problems } = place
      const members = params.structures(name)
      if (members === undefined) return
      checkCount(place, members.length, max)
      return members.map((member, index) =>
        readMembers({ params: member, path: `${path}.${index + 1}.member.`, problems }, rules),
      )
    },
  }
}

function checkCount(place: Place, count: number, max: number | undefined): void {
  if (max === undefined || count <= max) return
  violated(place, `[${count} members]`, `Member must have length less than or equal to ${max}`)
}

/** Adds a violated constraint; there is no value where the parameter is absent. */
function violated({ path, problems }: Place, value: string | undefined, constraint: string): void {
  const told = value === undefined ? ' null' : ` '${value}'`
  const shown = problems.showValues ? told : ''
  problems.constraints.push(
    `Value${shown} at '${path}' failed to satisfy constraint: ${constraint}`,
  )
}
