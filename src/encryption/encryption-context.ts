/**
 * The canonical form of an encryption context: what is authenticated beside the plaintext.
 *
 *     number of pairs | key length | key | value length | value | ...      (lengths: 4 bytes, big-endian; UTF-8)
 *
 * Pairs are sorted by the UTF-8 bytes of their keys and every string stands behind its length, so that the order in
 * which a client sends them does not matter and no two contexts have the same form.
 */
import type { EncryptionContext } from '../api/types.ts'

/** The canonical bytes of a context; an absent one and an empty one are the same. */
export function canonicalContext(context: EncryptionContext | undefined): Buffer {
  if (context === undefined || context.size === 0) return empty
  const pairs: [Buffer, Buffer][] = []
  let length = 4
  for (const [key, value] of context) {
    const pair: [Buffer, Buffer] = [Buffer.from(key, 'utf8'), Buffer.from(value, 'utf8')]
    length += 8 + pair[0].length + pair[1].length
    pairs.push(pair)
  }
  pairs.sort((one, other) => Buffer.compare(one[0], other[0]))
  const form = Buffer.allocUnsafe(length)
  let offset = form.writeUInt32BE(pairs.length, 0)
  for (const pair of pairs) {
    for (const part of pair) {
      offset = form.writeUInt32BE(part.length, offset)
      offset += part.copy(form, offset)
    }
  }
  return form
}

const empty = Buffer.alloc(4)
