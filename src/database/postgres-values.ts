/**
 * Values on their way to PostgreSQL and back, in one place. The rows' code knows text, numbers, bytes and null, whichever
 * engine they come from.
 */
import { types } from 'pg'
import type { Statement, Value } from './sql.ts'

/** A statement as the driver takes it. */
export interface PostgresQuery {
  readonly text: string
  readonly values: unknown[]
}

/** The text of each place in the source that wrote a statement. */
const texts = new WeakMap<TemplateStringsArray, string>()

/** The statement with PostgreSQL's placeholders. */
export function toQuery({ parts, values }: Statement): PostgresQuery {
  const kept = texts.get(parts)
  const text = kept ?? parts.reduce((before, part, index) => `${before}$${String(index)}${part}`)
  if (kept === undefined) texts.set(parts, text)
  return { text, values: values.map(toParameter) }
}

function toParameter(value: Value): unknown {
  if (typeof value === 'string') return escapeText(value)
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value
}

/**
 * PostgreSQL's text cannot hold U+0000, which a description may. It is written as U+0001 U+0001, and U+0001 as
 * U+0001 U+0002: so every text has one form, and the forms sort as the texts do.
 */
export function escapeText(text: string): string {
  if (!text.includes('\0') && !text.includes('\u0001')) return text
  return text.replaceAll('\u0001', '\u0001\u0002').replaceAll('\0', '\u0001\u0001')
}

/** The text that `escapeText` was given. */
export function unescapeText(text: string): string {
  if (!text.includes('\u0001')) return text
  return text.replaceAll('\u0001\u0001', '\0').replaceAll('\u0001\u0002', '\u0001')
}

/** Numbers of every width are numbers: times, counters and sequences are far below 2^53. */
function parseInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`the column holds ${text}`)
  return value
}

const parsers = new Map<number, (text: string) => unknown>([
  [types.builtins.INT2, parseInteger],
  [types.builtins.INT4, parseInteger],
  [types.builtins.INT8, parseInteger],
  [types.builtins.NUMERIC, parseInteger],
  [types.builtins.TEXT, unescapeText],
  [types.builtins.VARCHAR, unescapeText],
  [types.builtins.BYTEA, (text) => Buffer.from(text.slice('\\x'.length), 'hex')],
])

/** What the driver reads columns with. */
export const columnTypes = {
  getTypeParser: (type: number): ((text: string) => unknown) =>
    parsers.get(type) ?? ((text) => text),
}
