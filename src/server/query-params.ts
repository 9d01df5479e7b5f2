/**
 * The parameters of a request of AWS's Query protocol: pairs in the query string or in a form. Lists are spelt
 * `Tags.member.1.Key=a`; an empty list is the bare name with an empty value.
 */
import { QueryError } from './query-error.ts'

/** What the record may show of the parameters that were read. */
export type Seen = string | readonly Seen[] | { [name: string]: Seen }

/** Parameters by name. What an action reads is remembered for the record; what nobody reads is not repeated there. */
export class QueryParams {
  /** The parameters that were read, as CloudTrail would nest them. */
  readonly seen: { [name: string]: Seen } = {}
  readonly #pairs: ReadonlyMap<string, string>
  readonly #prefix: string

  constructor(pairs: ReadonlyMap<string, string>, prefix = '') {
    this.#pairs = pairs
    this.#prefix = prefix
  }

  /** The value of a parameter, which may be the empty string; undefined if and only if it is absent. */
  text(name: string): string | undefined {
    const value = this.#pairs.get(this.#prefix + name)
    if (value !== undefined) this.seen[name] = value
    return value
  }

  /** The values of a list of strings, up to the first gap in its numbers; undefined if and only if it is absent. */
  list(name: string): readonly string[] | undefined {
    const values: string[] = []
    for (;;) {
      const value = this.#pairs.get(`${this.#prefix}${name}.member.${values.length + 1}`)
      if (value === undefined) break
      values.push(value)
    }
    if (values.length === 0 && !this.#pairs.has(this.#prefix + name)) return undefined
    this.seen[name] = values
    return values
  }

  /** The structures of a list, each with parameters of its own; undefined if and only if it is absent. */
  structures(name: string): readonly QueryParams[] | undefined {
    const numbers = this.#numbers(name)
    const structures: QueryParams[] = []
    while (numbers.has(String(structures.length + 1))) {
      const prefix = `${this.#prefix}${name}.member.${structures.length + 1}.`
      structures.push(new QueryParams(this.#pairs, prefix))
    }
    if (structures.length === 0 && !this.#pairs.has(this.#prefix + name)) return undefined
    this.seen[name] = structures.map((structure) => structure.seen)
    return structures
  }

  /** The numbers of the list's members that have parameters. */
  #numbers(name: string): ReadonlySet<string> {
    const start = `${this.#prefix}${name}.member.`
    const numbers = new Set<string>()
    for (const key of this.#pairs.keys()) {
      if (!key.startsWith(start)) continue
      const end = key.indexOf('.', start.length)
      if (end > 0) numbers.add(key.slice(start.length, end))
    }
    return numbers
  }
}

/**
 * Reads the pairs of a query string and of a form, which are given as they came, one character for each byte. A name in
 * both means the query's. Throws MalformedQueryString for bad escapes, bytes that are no UTF-8, and a name given twice.
 */
export function parsePairs(query: string, form: string): ReadonlyMap<string, string> {
  const pairs = readPairs(query)
  for (const [name, value] of readPairs(form)) {
    if (!pairs.has(name)) pairs.set(name, value)
  }
  return pairs
}

function readPairs(text: string): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const piece of text.split('&')) {
    if (piece === '') continue
    const equals = piece.indexOf('=')
    const name = decode(equals < 0 ? piece : piece.slice(0, equals))
    if (pairs.has(name)) throw malformedQueryString('A parameter is given more than once')
    pairs.set(name, equals < 0 ? '' : decode(piece.slice(equals + 1)))
  }
  return pairs
}

function decode(text: string): string {
  const at = text.search(/%(?![0-9A-Fa-f]{2})/)
  if (at >= 0) {
    const triple = text.slice(at, at + 3)
    throw malformedQueryString(
      triple.length < 3
        ? 'Incomplete trailing escape % sequence'
        : `Illegal hex character in escape % pattern: ${triple}`,
    )
  }
  const bytes = text
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'))
  } catch {
    throw malformedQueryString('The parameters are not valid UTF-8')
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const malformedQueryString = (text: string) => new QueryError('MalformedQueryString', text)
