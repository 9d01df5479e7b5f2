/** Percent-encoding as Signature Version 4 has it: RFC 3986's unreserved set, upper-case digits, byte by byte. */
import { serialization } from '../api/errors.ts'

/** Encodes all bytes of a path but unreserved ones and `/`; a `%` is encoded again, as all services but S3 want. */
export function encodePath(path: string): string {
  return PLAIN_PATH.test(path) ? path : path.replace(NOT_PLAIN_PATH, encodeCharacter)
}

/**
 * Brings a name or value of a query into its canonical form, however the sender escaped it. `+` is a space, as in every
 * reader of queries; otherwise a signed `a+b` and a signed `a b` could be exchanged.
 */
export function canonicalComponent(text: string): string {
  if (PLAIN.test(text)) return text
  checkEscapes(text)
  return text.replace(COMPONENT_PIECE, (piece) => {
    if (piece === '+') return '%20'
    if (piece.length === 3) {
      return encodeCharacter(String.fromCharCode(Number.parseInt(piece.slice(1), 16)))
    }
    return encodeCharacter(piece)
  })
}

/** The bytes behind a canonical component, one character for each. */
export function decodeComponent(canonical: string): string {
  if (!canonical.includes('%')) return canonical
  return canonical.replace(ESCAPE, (triple) =>
    String.fromCharCode(Number.parseInt(triple.slice(1), 16)),
  )
}

/** Throws SerializationException, with AWS's words for a malformed query string, at a `%` without two hex digits. */
export function checkEscapes(text: string): void {
  const at = text.search(BAD_ESCAPE)
  if (at === -1) return
  const triple = text.slice(at, at + 3)
  throw serialization(
    triple.length < 3
      ? 'Incomplete trailing escape % sequence'
      : `Illegal hex character in escape % pattern: ${triple}`,
  )
}

// A character that is no byte cannot have come off the wire: a bare % stands in nobody's canonical request.
const encodeCharacter = (character: string): string => encoded[character.charCodeAt(0)] ?? '%'

const PLAIN = /^[A-Za-z0-9\-._~]*$/
const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/
const NOT_PLAIN_PATH = /[^A-Za-z0-9\-._~/]/g
const COMPONENT_PIECE = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~]/g
const ESCAPE = /%[0-9A-F]{2}/g
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/

const encoded: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return PLAIN.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})
