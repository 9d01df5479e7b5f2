/**
 * As much of DER (X.690) as keys need: single elements, read with their lengths checked, and written.
 */

/** One element: its tag, what is in it, and where the next one begins. */
export interface DerElement {
  readonly tag: number
  readonly content: Uint8Array
  readonly end: number
}

/** The tags that keys are made of; `publicKey` is that of RFC 5958 section 2, `point` that of RFC 5915 section 3. */
export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  sequence: 0x30,
  publicKey: 0x81,
  point: 0xa1,
} as const

/** The element at `offset`; undefined where there is none, or where it reaches beyond the bytes. */
export function readDer(bytes: Uint8Array, offset = 0): DerElement | undefined {
  const tag = bytes[offset]
  const first = bytes[offset + 1]
  if (tag === undefined || first === undefined) return undefined
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  // X.690 8.1.3: 0x80 alone is the indefinite form of BER. No key is longer than two bytes can say.
  if (first >= 0x80 && (lengthBytes === 0 || lengthBytes > 2)) return undefined
  let length = lengthBytes === 0 ? first : 0
  for (let index = 0; index < lengthBytes; index += 1) {
    length = length * 256 + (bytes[offset + 2 + index] ?? 0)
  }
  const start = offset + 2 + lengthBytes
  const end = start + length
  return end > bytes.length ? undefined : { tag, content: bytes.subarray(start, end), end }
}

/** The elements of a sequence that is all there is; undefined for anything else. OpenSSL reads on past neither end nor doubt. */
export function readSequence(bytes: Uint8Array): DerElement[] | undefined {
  const whole = readDer(bytes)
  if (whole?.tag !== derTag.sequence || whole.end !== bytes.length) return undefined
  const elements: DerElement[] = []
  for (let offset = 0; offset < whole.content.length; ) {
    const element = readDer(whole.content, offset)
    if (element === undefined) return undefined
    elements.push(element)
    offset = element.end
  }
  return elements
}

/** One element of these parts. The result is a copy. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length > 0xffff) throw new Error('no key is as long as that')
  const long = length < 0x80 ? [] : length < 0x100 ? [0x81] : [0x82, length >> 8]
  return Buffer.concat([Buffer.of(tag, ...long, length & 0xff), ...parts])
}

/** The key in a SubjectPublicKeyInfo that OpenSSL wrote (RFC 5280 section 4.1): a point, or the bytes of its standard. */
export function subjectPublicKey(spki: Uint8Array): Uint8Array {
  const bits = readSequence(spki)?.[1]
  if (bits?.tag !== derTag.bitString) throw new Error('this is no SubjectPublicKeyInfo')
  // X.690 8.6.2.2: the first byte counts unused bits, of which a key has none.
  return bits.content.subarray(1)
}
