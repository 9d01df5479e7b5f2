/**
 * Conditions, patterns and variables once more, by another hand: written from the IAM User Guide as slow and plain as it
 * reads, sharing nothing with the sources. Values are compared character by character, and nothing is compiled.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Condition keys in lower case, with the values that the request has. */
export type Context = ReadonlyMap<string, readonly string[]>

/** What the policy around a value says. */
export interface Language {
  readonly version: string | undefined
  readonly isKeyPolicy: boolean
}

/** A character of a pattern. One that comes from a variable or an escape is no wildcard and splits no ARN. */
interface Character {
  readonly text: string
  readonly own: boolean
}

/** The condition keys that are lists; a variable stands for a single value. */
const lists = ['aws:tagkeys', 'kms:encryptioncontextkeys', 'kms:resourcealiases', 'aws:calledvia']

function valuesOf(key: string, context: Context, language: Language): readonly string[] {
  const name = key.toLowerCase()
  if (language.isKeyPolicy && name === 'kms:resourcealiases') return []
  return context.get(name) ?? []
}

/** The characters of a value with its variables filled in; undefined where one of them has no value. */
export function fill(
  value: string,
  context: Context,
  language: Language,
): readonly Character[] | undefined {
  const characters: Character[] = []
  const push = (text: string, own: boolean) => {
    for (let at = 0; at < text.length; at += 1) characters.push({ text: text.charAt(at), own })
  }
  let rest = value
  while (rest !== '') {
    const end = rest.indexOf('}')
    if (language.version !== '2012-10-17' || !rest.startsWith('${') || end < 0) {
      push(rest.charAt(0), true)
      rest = rest.slice(1)
      continue
    }
    const found = variable(rest.slice(2, end), context, language)
    if (found === undefined) return undefined
    push(found, false)
    rest = rest.slice(end + 1)
  }
  return characters
}

function variable(inside: string, context: Context, language: Language): string | undefined {
  if (inside === '*' || inside === '?' || inside === '$') return inside
  const comma = inside.indexOf(',')
  const quoted = comma < 0 ? '' : inside.slice(comma + 1).trimStart()
  const hasDefault =
    quoted.length >= 2 && quoted.startsWith("'") && quoted.indexOf("'", 1) === quoted.length - 1
  const key = (hasDefault ? inside.slice(0, comma) : inside).trim()
  if (lists.includes(key.toLowerCase())) return undefined
  const values = valuesOf(key, context, language)
  if (values.length > 1) return undefined
  return values[0] ?? (hasDefault ? quoted.slice(1, -1) : undefined)
}

const plain = (characters: readonly Character[]) => characters.map(({ text }) => text).join('')

/** Every way to read every star, remembered in a table. */
export function globs(pattern: readonly Character[], text: string): boolean {
  let row = Array.from({ length: text.length + 1 }, (_, at) => at === 0)
  for (const { text: character, own } of pattern) {
    const isStar = own && character === '*'
    const isAny = own && character === '?'
    const next = [isStar && row[0] === true]
    for (let at = 1; at <= text.length; at += 1) {
      next.push(
        isStar
          ? row[at] === true || next[at - 1] === true
          : row[at - 1] === true && (isAny || character === text.charAt(at - 1)),
      )
    }
    row = next
  }
  return row[text.length] === true
}

/** Splits at the first five colons. */
function parts<Item>(items: readonly Item[], isColon: (item: Item) => boolean): Item[][] {
  const found: Item[][] = [[]]
  for (const item of items) {
    if (isColon(item) && found.length < 6) found.push([])
    else found.at(-1)?.push(item)
  }
  return found
}

/** ARNs, part by part. In Resource elements what is missing is a star. */
export function arnMatches(
  pattern: readonly Character[],
  arn: string,
  place: 'Resource' | 'Condition',
): boolean {
  const isStars = pattern.length > 0 && pattern.every(({ text, own }) => own && text === '*')
  if (isStars && place === 'Resource') return true
  const given = parts(arn.split(''), (character) => character === ':')
  if (given.length < 6) return false
  if (isStars) return true
  if (place === 'Condition' && pattern.every(({ own }) => !own)) return plain(pattern) === arn
  const wanted = parts(pattern, ({ text, own }) => own && text === ':')
  if (wanted.length === 1) return false
  while (place === 'Resource' && wanted.length < 6) wanted.push([{ text: '*', own: true }])
  return (
    wanted.length === 6 && wanted.every((part, index) => globs(part, (given[index] ?? []).join('')))
  )
}

/** Whether one value of the request equals, resembles or is below one of the policy's. */
type Compare = (found: string, wanted: string, context: Context, language: Language) => boolean

const filled =
  (compare: (found: string, wanted: readonly Character[]) => boolean): Compare =>
  (found, wanted, context, language) => {
    const characters = fill(wanted, context, language)
    return characters !== undefined && compare(found, characters)
  }

const same = filled((found, wanted) => found === plain(wanted))
const sameFolded = filled((found, wanted) => found.toLowerCase() === plain(wanted).toLowerCase())
const isBoolean = (text: string) => ['true', 'false'].includes(text.toLowerCase())

const ordered =
  (read: (text: string) => number): ((holds: (a: number, b: number) => boolean) => Compare) =>
  (holds) =>
  (found, wanted) => {
    const [a, b] = [read(found), read(wanted)]
    return !Number.isNaN(a) && !Number.isNaN(b) && holds(a, b)
  }

const readNumber = (text: string) => (/^[-+]?[0-9.]+(e[0-9]+)?$/.test(text) ? Number(text) : NaN)
const readDate = (text: string) =>
  /^[0-9.]+$/.test(text) && text.length !== 4 ? Number(text) * 1000 : Date.parse(text)

function inNetwork(found: string, wanted: string): boolean {
  const [host = '', bits] = wanted.split('/')
  const family = isIPv4(host) ? 'ipv4' : 'ipv6'
  if (!isIPv4(host) && !isIPv6(host)) return false
  if (family === 'ipv4' ? !isIPv4(found) : !isIPv6(found)) return false
  const list = new BlockList()
  list.addSubnet(host, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family)
  return list.check(found, family)
}

function sameBytes(found: string, wanted: string): boolean {
  const isBase64 = (text: string) => /^(?:[A-Za-z0-9+/]{4})*(?:..==|...=)?$/.test(text)
  if (!isBase64(found) || !isBase64(wanted)) return false
  return Buffer.from(found, 'base64').equals(Buffer.from(wanted, 'base64'))
}

const orders: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  Equals: (a, b) => a === b,
  NotEquals: (a, b) => a === b,
  LessThan: (a, b) => a < b,
  LessThanEquals: (a, b) => a <= b,
  GreaterThan: (a, b) => a > b,
  GreaterThanEquals: (a, b) => a >= b,
}

function comparison(base: string): Compare | undefined {
  if (/^String(Not)?Equals$/.test(base)) return same
  if (/^String(Not)?EqualsIgnoreCase$/.test(base)) return sameFolded
  if (/^String(Not)?Like$/.test(base)) return filled((found, wanted) => globs(wanted, found))
  if (/^Arn(Not)?(Equals|Like)$/.test(base)) {
    return filled((found, wanted) => arnMatches(wanted, found, 'Condition'))
  }
  if (base === 'Bool') return (found, ...more) => isBoolean(found) && sameFolded(found, ...more)
  if (base === 'IpAddress' || base === 'NotIpAddress') return inNetwork
  if (base === 'BinaryEquals') return sameBytes
  const order = orders[base.replace(/^(Numeric|Date)/, '')]
  if (order === undefined) return undefined
  if (base.startsWith('Numeric')) return ordered(readNumber)(order)
  return base.startsWith('Date') ? ordered(readDate)(order) : undefined
}

/** Whether one key under one operator holds. */
export function holds(
  { operator, key, wanted }: { operator: string; key: string; wanted: readonly string[] },
  context: Context,
  language: Language,
): boolean {
  const found = valuesOf(key, context, language)
  if (operator === 'Null') {
    return wanted.some((value) => value.toLowerCase() === (found.length === 0 ? 'true' : 'false'))
  }
  const [, quantifier = '', base = '', ifExists = ''] =
    /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(operator) ?? []
  const isNegated = base.includes('Not')
  if (found.length === 0) {
    if (quantifier === 'ForAllValues:') return true
    return ifExists !== '' || (quantifier === '' && isNegated)
  }
  const compare = comparison(base)
  if (compare === undefined) return false
  const matchesSome = (value: string) =>
    wanted.some((each) => compare(value, each, context, language))
  const passes = (value: string) => (isNegated ? !matchesSome(value) : matchesSome(value))
  if (quantifier === 'ForAllValues:') return found.every(passes)
  if (quantifier === 'ForAnyValue:') return found.some(passes)
  return isNegated ? found.every(passes) : found.some(passes)
}
