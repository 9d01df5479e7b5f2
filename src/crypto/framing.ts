/**
 * Length-prefixed framing: a sequence of byte strings becomes one, and no two sequences become the same.
 */

/** The parts one after the other, each behind its length as four bytes, big-endian. Strings are UTF-8. */
export function frame(parts: readonly (string | Uint8Array)[]): Buffer {
  const pieces: Uint8Array[] = []
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32BE(bytes.length)
    pieces.push(length, bytes)
  }
  return Buffer.concat(pieces)
}
