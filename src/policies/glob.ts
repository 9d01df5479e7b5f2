/**
 * `*` for any run of characters and `?` for one. A pattern is cut at its stars when a policy is compiled, and matched
 * from left to right without ever going back behind a star. The time is bounded by the text's length times a constant
 * (a long piece between two stars is searched for 32 characters at a time), whatever the pattern.
 */

/** A part of a pattern; in a literal one, `*` and `?` stand for themselves. */
export interface Piece {
  readonly text: string
  readonly literal: boolean
}

/** A compiled pattern: what stands between its stars. */
export interface Glob {
  readonly segments: readonly Segment[]
  /** The characters that a text needs at least. */
  readonly least: number
}

interface Segment {
  readonly text: string
  /** Whether the character at a place is any; undefined where none is. */
  readonly any: readonly boolean[] | undefined
  /** Bits by character, for a segment too long to be compared place by place. */
  readonly bits: Bits | undefined
}

interface Bits {
  readonly words: number
  readonly of: ReadonlyMap<string, Uint32Array>
  readonly other: Uint32Array
}

/** Compiles a pattern of pieces. */
export function compileGlob(pieces: readonly Piece[]): Glob {
  const segments: Segment[] = []
  let text = ''
  let any: boolean[] = []
  const close = () => {
    segments.push(segment(text, any))
    text = ''
    any = []
  }
  for (const piece of pieces) {
    for (let at = 0; at < piece.text.length; at += 1) {
      const character = piece.text.charAt(at)
      if (character === '*' && !piece.literal) {
        close()
        continue
      }
      text += character
      any.push(character === '?' && !piece.literal)
    }
  }
  close()
  return { segments, least: segments.reduce((sum, each) => sum + each.text.length, 0) }
}

/** Whether the whole text fits the pattern. */
export function matchesGlob(glob: Glob, text: string): boolean {
  const { segments } = glob
  const first = segments[0]
  const last = segments.at(-1)
  if (first === undefined || last === undefined || text.length < glob.least) return false
  if (!fits(first, text, 0)) return false
  if (segments.length === 1) return text.length === first.text.length
  const end = text.length - last.text.length
  if (!fits(last, text, end)) return false
  let at = first.text.length
  for (let index = 1; index < segments.length - 1; index += 1) {
    const piece = segments[index]
    if (piece === undefined || piece.text === '') continue
    const found = find(piece, text, at)
    if (found < 0) return false
    at = found + piece.text.length
  }
  return at <= end
}

/** Longer pieces than these are searched for by bits: one with a question mark, and one without. */
const longest = { wild: 8, plain: 64 }

function segment(text: string, any: readonly boolean[]): Segment {
  const wild = any.includes(true)
  return {
    text,
    any: wild ? any : undefined,
    bits: text.length > longest[wild ? 'wild' : 'plain'] ? bitsOf(text, any) : undefined,
  }
}

function fits(piece: Segment, text: string, at: number): boolean {
  if (piece.any === undefined) return text.startsWith(piece.text, at)
  for (let index = 0; index < piece.text.length; index += 1) {
    if (piece.any[index] !== true && piece.text[index] !== text[at + index]) return false
  }
  return true
}

/** The first place at or behind `from` where the piece stands; -1 if and only if there is none. */
function find(piece: Segment, text: string, from: number): number {
  if (piece.bits !== undefined) return findByBits(piece, piece.bits, { text, from })
  if (piece.any === undefined) return text.indexOf(piece.text, from)
  for (let at = from; at <= text.length - piece.text.length; at += 1) {
    if (fits(piece, text, at)) return at
  }
  return -1
}

function bitsOf(text: string, any: readonly boolean[]): Bits {
  const words = Math.ceil(text.length / 32)
  const other = new Uint32Array(words)
  const set = (bits: Uint32Array, place: number) => {
    bits[place >>> 5] = (bits[place >>> 5] ?? 0) | (1 << (place & 31))
  }
  any.forEach((wild, place) => {
    if (wild) set(other, place)
  })
  const of = new Map<string, Uint32Array>()
  any.forEach((wild, place) => {
    if (wild) return
    const character = text.charAt(place)
    const bits = of.get(character) ?? Uint32Array.from(other)
    of.set(character, bits)
    set(bits, place)
  })
  return { words, of, other }
}

/** Shift-And: bit i says that the last i+1 characters fit the piece's first i+1. */
function findByBits(
  piece: Segment,
  bits: Bits,
  where: { readonly text: string; readonly from: number },
): number {
  const state = new Uint32Array(bits.words)
  const goal = piece.text.length - 1
  for (let at = where.from; at < where.text.length; at += 1) {
    const mask = bits.of.get(where.text.charAt(at)) ?? bits.other
    let carry = 1
    for (let word = 0; word < bits.words; word += 1) {
      const before = state[word] ?? 0
      state[word] = ((before << 1) | carry) & (mask[word] ?? 0)
      carry = before >>> 31
    }
    if ((((state[goal >>> 5] ?? 0) >>> (goal & 31)) & 1) === 1) return at - goal
  }
  return -1
}
