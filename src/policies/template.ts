/**
 * Policy variables (IAM User Guide, "IAM policy elements: variables and tags"): `${key}`, `${key, 'default'}` and the
 * escapes `${*}`, `${?}`, `${$}`. Policies of version 2008-10-17 have none: there the text is what it is.
 */
import type { Piece } from './glob.ts'

/** The values of a condition key, by its name in lower case; undefined if and only if the request has no such key. */
export type ContextLookup = (key: string) => readonly string[] | undefined

/** What the policy around a value says of variables. */
export interface VariableRules {
  readonly variables: boolean
  /** Condition keys that are never there for this kind of policy, in lower case. */
  readonly hidden: ReadonlySet<string>
}

/** A value taken apart. */
export interface Template {
  readonly parts: readonly (Piece | Variable)[]
  /** The same without variables; undefined where there are some. */
  readonly fixed: readonly Piece[] | undefined
}

/** A reference to a condition key; `key` is in lower case. */
export interface Variable {
  readonly key: string
  readonly otherwise: string | undefined
}

/** Takes a value apart. */
export function parseTemplate(text: string, rules: VariableRules): Template {
  if (!rules.variables || !text.includes('${')) return template([{ text, literal: false }])
  const parts: (Piece | Variable)[] = []
  let at = 0
  for (;;) {
    const start = text.indexOf('${', at)
    const end = start < 0 ? -1 : text.indexOf('}', start)
    // Where no brace closes there is no further variable: looking for one behind each `${` would take a square of time.
    if (end < 0) break
    if (start > at) parts.push({ text: text.slice(at, start), literal: false })
    parts.push(partOf(text.slice(start + 2, end), rules))
    at = end + 1
  }
  if (at < text.length) parts.push({ text: text.slice(at), literal: false })
  return template(parts)
}

/** Puts the context's values in. Undefined where a variable has no single value and no default: then nothing matches. */
export function fillTemplate(
  given: Template,
  context: ContextLookup,
): readonly Piece[] | undefined {
  if (given.fixed !== undefined) return given.fixed
  const pieces: Piece[] = []
  for (const part of given.parts) {
    if ('text' in part) {
      pieces.push(part)
      continue
    }
    const values = context(part.key)
    const value = values === undefined || values.length === 0 ? part.otherwise : values[0]
    if (value === undefined || (values !== undefined && values.length > 1)) return undefined
    // A wildcard inside of a value is a character like any other: whoever sets a tag does not write policies.
    pieces.push({ text: value, literal: true })
  }
  return pieces
}

/** The pieces as one text, in which wildcards are characters. */
export function textOf(pieces: readonly Piece[]): string {
  return pieces.length === 1 ? (pieces[0]?.text ?? '') : pieces.map((piece) => piece.text).join('')
}

const escapes = ['*', '?', '$']

function partOf(inside: string, rules: VariableRules): Piece | Variable {
  if (escapes.includes(inside)) return { text: inside, literal: true }
  const [, key = inside, otherwise] = /^([^,]*),\s*'([^']*)'$/.exec(inside) ?? []
  const name = key.trim().toLowerCase()
  // What has many values stands for none of them, and neither for its default: it is not absent.
  if (multiValued.has(name)) return { key: '', otherwise: undefined }
  // No condition key has the empty name, so that a hidden one is as absent as any that nobody knows.
  return { key: rules.hidden.has(name) ? '' : name, otherwise }
}

/** The condition keys that are lists, also in requests where the list has one value. */
const multiValued: ReadonlySet<string> = new Set([
  'aws:calledvia',
  'aws:principalorgpaths',
  'aws:principalservicenameslist',
  'aws:resourceorgpaths',
  'aws:sourceorgpaths',
  'aws:tagkeys',
  'kms:encryptioncontextkeys',
  'kms:grantoperations',
  'kms:resourcealiases',
])

function template(parts: readonly (Piece | Variable)[]): Template {
  const pieces = parts.filter((part) => 'text' in part)
  return { parts, fixed: pieces.length === parts.length ? pieces : undefined }
}
