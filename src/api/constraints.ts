/**
 * The second phase of the framework: every constraint that the request violates, as an entry of
 * AWS's grammar and in declaration order. A sensitive value or a blob is never shown.
 */
import type { Structure, Value } from './deserialization.ts'
import type { MemberPlan, Plan } from './plan.ts'

/** The entries of the ValidationException; none when the request has its shape. */
export function violations(members: readonly MemberPlan[], request: Structure): readonly string[] {
  const entries: string[] = []
  checkMembers(members, request, { prefix: '', entries })
  return entries
}

/** Where the member under test is, and the entries found so far. */
interface Place {
  readonly prefix: string
  readonly entries: string[]
}

interface Violation {
  /** Undefined for a member that is missing. */
  readonly value: Value | undefined
  readonly constraint: string
}

function checkMembers(members: readonly MemberPlan[], structure: Structure, place: Place): void {
  for (const member of members) {
    if (place.entries.length >= mostEntries) return
    const value = structure[member.name]
    if (value !== undefined) checkValue(member, value, place)
    else if (isMissing(member, structure)) {
      report(member, place, { value, constraint: 'Member must not be null' })
    }
  }
}

function isMissing(member: MemberPlan, structure: Structure): boolean {
  if (member.requiredUnless === undefined) return member.required
  return !Object.entries(member.requiredUnless).every(([name, wanted]) => {
    const value = structure[name]
    return Array.isArray(value) ? value.includes(wanted) : value === wanted
  })
}

/** The first phase has made the value one of the member's type, so its own type tells which. */
function checkValue(member: MemberPlan, value: Value, place: Place): void {
  if (typeof value === 'string') checkString(member, value, place)
  else if (typeof value === 'number') checkNumber(member, value, place)
  else if (typeof value === 'boolean') return
  else if (value instanceof Uint8Array) checkLength(member, value, place)
  else if (Array.isArray(value)) checkList(member, value, place)
  else if (value instanceof Map) checkMap(member, value, place)
  else {
    const prefix = `${place.prefix}${member.path}.`
    checkMembers(member.plan.members, value, { prefix, entries: place.entries })
  }
}

/** Length before pattern: the order measured for an empty KeyId. */
function checkString(member: MemberPlan, value: string, place: Place): void {
  const { plan } = member
  checkLength(member, value, place)
  if (!matches(plan, value)) report(member, place, { value, constraint: patternOf(plan) })
  if (!isListed(plan, value)) report(member, place, { value, constraint: enumOf(plan) })
}

function checkLength(member: MemberPlan, value: string | Uint8Array | Value[], place: Place): void {
  const { plan } = member
  if (value.length > plan.max) report(member, place, { value, constraint: atMost('length', plan) })
  if (value.length < plan.min) report(member, place, { value, constraint: atLeast('length', plan) })
}

function checkNumber(member: MemberPlan, value: number, place: Place): void {
  const { plan } = member
  if (value > plan.max) report(member, place, { value, constraint: atMost('value', plan) })
  if (value < plan.min) report(member, place, { value, constraint: atLeast('value', plan) })
}

/** Strings are reported once, at the list; structures each at their own, one-based place. */
function checkList(member: MemberPlan, list: Value[], place: Place): void {
  const { item } = member.plan
  checkLength(member, list, place)
  if (item === undefined) return
  if (item.type === 'structure') checkStructures(member, item, { list, place })
  else if (!list.every((value) => isAllowed(item, value))) {
    const constraint = `Member must satisfy constraint: [${constraintsOf(item).join(', ')}]`
    report(member, place, { value: list, constraint })
  }
}

function checkStructures(
  member: MemberPlan,
  plan: Plan,
  { list, place }: { list: Value[]; place: Place },
): void {
  for (const [index, value] of list.entries()) {
    if (place.entries.length >= mostEntries) return
    checkValue({ ...member, path: `${member.path}.${index + 1}.member`, plan }, value, place)
  }
}

function checkMap(member: MemberPlan, map: Map<string, string | null>, place: Place): void {
  if (!holdsNull(map)) return
  const constraint = 'Map value must satisfy constraint: [Member must not be null]'
  report(member, place, { value: map, constraint })
}

function holdsNull(map: Map<string, string | null>): boolean {
  for (const value of map.values()) if (value === null) return true
  return false
}

function isAllowed(plan: Plan, value: Value): boolean {
  if (typeof value !== 'string') return true
  const { length } = value
  return length <= plan.max && length >= plan.min && matches(plan, value) && isListed(plan, value)
}

function matches(plan: Plan, value: string): boolean {
  return plan.expression === undefined || plan.expression.test(value)
}

function isListed(plan: Plan, value: string): boolean {
  return plan.values === undefined || plan.values.has(value)
}

/** All constraints of a list's item, whichever of them it violates. */
function constraintsOf(plan: Plan): readonly string[] {
  const constraints: string[] = []
  if (plan.max !== Infinity) constraints.push(atMost('length', plan))
  if (plan.min !== -Infinity) constraints.push(atLeast('length', plan))
  if (plan.expression !== undefined) constraints.push(patternOf(plan))
  if (plan.values !== undefined) constraints.push(enumOf(plan))
  return constraints
}

function atMost(what: 'length' | 'value', plan: Plan): string {
  return `Member must have ${what} less than or equal to ${plan.max}`
}

function atLeast(what: 'length' | 'value', plan: Plan): string {
  return `Member must have ${what} greater than or equal to ${plan.min}`
}

function patternOf(plan: Plan): string {
  return `Member must satisfy regular expression pattern: ${plan.pattern}`
}

function enumOf(plan: Plan): string {
  return `Member must satisfy enum value set: ${plan.printed}`
}

function report(member: MemberPlan, place: Place, { value, constraint }: Violation): void {
  const path = place.prefix + member.path
  place.entries.push(
    `Value ${shown(member.plan, value)}at '${path}' failed to satisfy constraint: ${constraint}`,
  )
}

/** Not even the absence of a sensitive value is shown; of a blob that is all that is. */
function shown(plan: Plan, value: Value | undefined): string {
  if (plan.sensitive) return ''
  if (value === undefined) return 'null '
  return value instanceof Uint8Array ? '' : `'${javaText(value)}' `
}

/** The value as Java's `toString` prints it, in full. */
function javaText(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`
  if (value instanceof Map) {
    return `{${Array.from(value, ([key, text]) => `${key}=${text}`).join(', ')}}`
  }
  return typeof value === 'object' ? '' : String(value)
}

/** A megabyte of empty tags must not become seventy of complaints. */
const mostEntries = 100
