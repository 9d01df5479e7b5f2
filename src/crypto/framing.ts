/**
 * Length-prefixed framing: a sequence of byte strings becomes one, and no two sequences become the same.
 */

/** The parts one after the other, each behind its length as four bytes, big-endian. Strings are UTF-8. */
export function frame(parts: readonly (string | Uint8Array)[]): Buffer {
  const lengths = parts.map((part) => Buffer.byteLength(part))
  const framed = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0))
  let offset = 0
  for (const [index, part] of parts.entries()) {
    offset = framed.writeUInt32BE(lengths[index] ?? 0, offset)
    if (typeof part === 'string') offset += framed.write(part, offset)
    else {
      framed.set(part, offset)
      offset += part.length
    }
  }
  return framed
}
