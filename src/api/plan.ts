/**
 * The shapes of `shapes.ts` made ready for the hot path, once, when the module is loaded: patterns
 * compiled, enums as sets, names in the spelling that messages use. All plans have the same fields,
 * so that the engine sees one kind of object.
 */
import { shapes } from './shapes.ts'
import type { Members, RequiredUnless, Shape } from './shapes-named.ts'
import type { OperationName } from './types.ts'

export interface Plan {
  readonly type: Shape['type']
  readonly sensitive: boolean
  /** The least length or value; minus infinity where there is none. */
  readonly min: number
  readonly max: number
  /** The pattern as the service prints it, beside the expression that tests it. */
  readonly pattern: string
  readonly expression: RegExp | undefined
  readonly values: ReadonlySet<string> | undefined
  /** The enum list as the service prints it. */
  readonly printed: string
  /** Of a list: what each item has to be. */
  readonly item: Plan | undefined
  /** Of a structure. */
  readonly members: readonly MemberPlan[]
}

export interface MemberPlan {
  readonly name: string
  /** The name as messages spell it, `keyId` for `KeyId`. */
  readonly path: string
  readonly required: boolean
  readonly requiredUnless: RequiredUnless | undefined
  readonly plan: Plan
}

/** The members of an operation's input, ready to be checked. */
export function planOf(name: OperationName): readonly MemberPlan[] {
  const members = plans.get(name)
  if (members === undefined) throw new Error(`no shape for ${name}`)
  return members
}

function planMembers(members: Members): readonly MemberPlan[] {
  return Object.entries(members).map(([name, shape]) => ({
    name,
    path: name.charAt(0).toLowerCase() + name.slice(1),
    required: shape.required === true,
    requiredUnless: shape.requiredUnless,
    plan: planShape(shape),
  }))
}

function planShape(shape: Shape): Plan {
  const pattern = 'pattern' in shape ? (shape.pattern ?? '') : ''
  return {
    type: shape.type,
    sensitive: 'sensitive' in shape && shape.sensitive,
    min: 'min' in shape ? (shape.min ?? -Infinity) : -Infinity,
    max: 'max' in shape ? (shape.max ?? Infinity) : Infinity,
    pattern,
    expression: pattern === '' ? undefined : compile(pattern),
    values: 'enum' in shape ? new Set([...shape.enum, ...(shape.accepts ?? [])]) : undefined,
    printed: 'enum' in shape ? `[${(shape.printed ?? shape.enum).join(', ')}]` : '',
    item: 'item' in shape ? planShape(shape.item) : undefined,
    members: 'members' in shape ? planMembers(shape.members) : [],
  }
}

/**
 * The service matches the whole value, with or without anchors, and in Java, whose `\s` is the six
 * ASCII spaces only. None of the patterns can backtrack more than once per character.
 */
function compile(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern.replaceAll(String.raw`\s`, String.raw` \t\n\v\f\r`)})$`, 'u')
}

const plans: ReadonlyMap<string, readonly MemberPlan[]> = new Map(
  Object.entries(shapes).map(([name, members]) => [name, planMembers(members)]),
)
