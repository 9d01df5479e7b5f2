/**
 * ARNs compared part by part: the first five colons split, the sixth part keeps its own, and a wildcard never reaches
 * over a colon of the first five parts (IAM User Guide, "ARN condition operators").
 */
import { compileGlob, type Glob, matchesGlob, type Piece } from './glob.ts'
import { rememberLast } from '../remember-last.ts'

/** A compiled pattern; undefined parts mean that nothing matches. */
export type ArnPattern =
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'every' }
  | { readonly kind: 'parts'; readonly globs: readonly Glob[] }
  | { readonly kind: 'none' }

/** Compiles a pattern. `padded` fills the parts that are left out with `*`, as AWS does in Resource elements. */
export function compileArn(pieces: readonly Piece[], padded = false): ArnPattern {
  const [only] = pieces
  // A value that came whole from a variable is an ARN and no pattern.
  if (pieces.length === 1 && only?.literal === true) return { kind: 'exact', text: only.text }
  if (pieces.length === 1 && only !== undefined && /^\*+$/.test(only.text)) return { kind: 'every' }
  const parts = split(pieces)
  if (padded && parts.length > 1) while (parts.length < 6) parts.push([star])
  return parts.length === 6
    ? { kind: 'parts', globs: parts.map((part) => compileGlob(part)) }
    : { kind: 'none' }
}

/** Whether an ARN fits; what has not six parts fits nothing. */
export function matchesArn(pattern: ArnPattern, arn: string): boolean {
  if (pattern.kind === 'none') return false
  const parts = splitLast(arn)
  if (parts === undefined) return false
  if (pattern.kind === 'exact') return pattern.text === arn
  if (pattern.kind === 'every') return true
  // From behind: what tells ARNs apart stands at their end.
  for (let index = 5; index >= 0; index -= 1) {
    const glob = pattern.globs[index]
    if (glob === undefined || !matchesGlob(glob, parts[index] ?? '')) return false
  }
  return true
}

const star: Piece = { text: '*', literal: false }

/** Splits at the first five colons of the pattern's own text; the colons of a variable's value split nothing. */
function split(pieces: readonly Piece[]): Piece[][] {
  const parts: Piece[][] = [[]]
  for (const piece of pieces) {
    if (piece.literal) {
      parts.at(-1)?.push(piece)
      continue
    }
    const texts = piece.text.split(':')
    const room = 6 - parts.length
    const rest = texts.slice(room).join(':')
    const own = texts.length > room ? [...texts.slice(0, room), rest] : texts
    own.forEach((text, index) => {
      if (index > 0) parts.push([])
      parts.at(-1)?.push({ text, literal: false })
    })
  }
  return parts
}

const splitLast = rememberLast(splitArn)

function splitArn(arn: string): readonly string[] | undefined {
  const parts: string[] = []
  let from = 0
  for (let colon = 0; colon < 5; colon += 1) {
    const at = arn.indexOf(':', from)
    if (at < 0) return undefined
    parts.push(arn.slice(from, at))
    from = at + 1
  }
  parts.push(arn.slice(from))
  return parts
}
