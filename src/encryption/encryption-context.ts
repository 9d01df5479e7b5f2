/**
 * The canonical form of an encryption context: what is authenticated beside the plaintext.
 *
 *     number of pairs | key length | key | value length | value | ...      (lengths: 4 bytes, big-endian; UTF-8)
 *
 * Pairs are sorted by the UTF-8 bytes of their keys and every string stands behind its length, so that the order in
 * which a client sends them does not matter and no two contexts have the same form.
 */
import type { EncryptionContext } from '../api/types.ts'

/** The canonical bytes of a context, behind a prefix; an absent one and an empty one are the same. */
export function canonicalContext(
  context: EncryptionContext | undefined,
  prefix: Uint8Array = nothing,
): Buffer {
  const pairs = context === undefined ? noPairs : inOrder(context)
  // No character takes more than three bytes of UTF-8.
  let most = prefix.length + 4
  for (const [key, value] of pairs) most += 8 + 3 * (key.length + value.length)
  const form = Buffer.allocUnsafe(most)
  form.set(prefix)
  let offset = form.writeUInt32BE(pairs.length, prefix.length)
  for (const [key, value] of pairs) {
    offset = writeText(form, key, offset)
    offset = writeText(form, value, offset)
  }
  return form.subarray(0, offset)
}

type Pair = readonly [key: string, value: string]

const nothing = new Uint8Array()
const noPairs: readonly Pair[] = []

/** The pairs by the UTF-8 bytes of their keys. Most contexts are short and written in order. */
function inOrder(context: EncryptionContext): readonly Pair[] {
  const pairs = [...context]
  for (let index = 1; index < pairs.length; index += 1) {
    if (compareKeys(pairs[index - 1] as Pair, pairs[index] as Pair) > 0)
      return pairs.sort(compareKeys)
  }
  return pairs
}

/** UTF-8 sorts as code points do; UTF-16 units do so as far as neither text has a surrogate. */
function compareKeys([one]: Pair, [other]: Pair): number {
  if (one === other) return 0
  if (surrogate.test(one) || surrogate.test(other)) {
    return Buffer.compare(Buffer.from(one, 'utf8'), Buffer.from(other, 'utf8'))
  }
  return one < other ? -1 : 1
}

const surrogate = /[\ud800-\udfff]/

/** Writes a text behind its length; returns where it ends. */
function writeText(form: Buffer, text: string, offset: number): number {
  const length = form.write(text, offset + 4)
  form.writeUInt32BE(length, offset)
  return offset + 4 + length
}
