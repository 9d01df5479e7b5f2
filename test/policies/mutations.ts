/** Texts with something done to them that whoever wrote them did not mean. */
import fc from 'fast-check'
import type { Situation } from './reference.ts'

/** What somebody hostile would put somewhere. */
const tokens = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
  '${aws:username}',
  '${',
  '}',
  '{',
  '[',
  ']',
  '"',
  ',',
  ':',
  '*',
  '?',
  '\\',
  ' ',
  '\n',
  '\u00a0',
  '\ud800',
  '\\u0000',
  '\\ud800',
  '\\u212a',
  '\\u0130',
  'Not',
  'IfExists',
  'ForAllValues:',
  'ForAnyValue:',
  'null',
  'true',
  '1e400',
  '-0',
  '__proto__',
  'constructor',
  '"__proto__":{"Effect":"Allow"},',
  '"Effect":"Allow",',
  '"effect":"Allow",',
  '"Sid":"a",',
] as const

interface Edit {
  readonly kind: 'insert' | 'delete' | 'repeat' | 'replace' | 'case'
  readonly at: number
  readonly length: number
  readonly token: string
}

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('insert', 'insert', 'delete', 'repeat', 'replace', 'case'),
  at: fc.nat(2000),
  length: fc.integer({ min: 1, max: 12 }),
  token: fc.constantFrom(...tokens),
})

function apply(text: string, { kind, at, length, token }: Edit): string {
  const start = at % (text.length + 1)
  const [before, piece, after] = [
    text.slice(0, start),
    text.slice(start, start + length),
    text.slice(start + length),
  ]
  switch (kind) {
    case 'insert':
      return before + token + piece + after
    case 'delete':
      return before + after
    case 'repeat':
      return before + piece + piece + after
    case 'replace':
      return before + token + after
    case 'case':
      return (
        before + (piece === piece.toLowerCase() ? piece.toUpperCase() : piece.toLowerCase()) + after
      )
  }
}

/** A few edits. */
export const edits = fc.array(edit, { minLength: 1, maxLength: 3 })

/** A text with a few edits made. */
export const edited = (text: string, all: readonly Edit[]): string => all.reduce(apply, text)

/** A situation one of whose policies has a few edits in it. */
export function editedSituation<Given extends Situation>(
  given: Given,
  layer: 'key' | 'identity' | 'boundary' | 'session',
  all: readonly Edit[],
): Given {
  const change = (text: string) => edited(text, all)
  switch (layer) {
    case 'key':
    case 'boundary': {
      const text = given[layer]
      return text === undefined ? given : { ...given, [layer]: change(text) }
    }
    case 'identity':
    case 'session':
      return { ...given, [layer]: given[layer]?.map(change) }
  }
}
