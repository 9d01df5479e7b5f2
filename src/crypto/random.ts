/**
 * The only source of randomness: OpenSSL's generator through `node:crypto`.
 */
import { randomBytes as cryptographicBytes } from 'node:crypto'

/** `length` bytes that nobody can foresee. Short ones are cut from a larger draw, and wiped there as they leave. */
export function randomBytes(length: number): Buffer {
  if (length > longestCut) return cryptographicBytes(length)
  // Not from Node's own pool, where other buffers would be its neighbours.
  const bytes = Buffer.allocUnsafeSlow(length)
  fillRandomly(bytes)
  return bytes
}

/** The same into memory that is there, for a short nonce within something longer. */
export function fillRandomly(bytes: Uint8Array): void {
  const { length } = bytes
  if (length > longestCut) throw new Error('more than a short draw')
  if (place + length > draw.length) {
    draw = cryptographicBytes(drawLength)
    place = 0
  }
  for (let index = 0; index < length; index += 1) {
    bytes[index] = draw[place + index] as number
    draw[place + index] = 0
  }
  place += length
}

const longestCut = 256
const drawLength = 4096
let draw = Buffer.alloc(0)
let place = 0

/** A random UUID (RFC 9562 version 4), as AWS names keys, requests and events. Node's own is glued together from 19 pieces. */
export function uuid(): string {
  fillRandomly(bits)
  bits[6] = ((bits[6] as number) & 0x0f) | 0x40
  bits[8] = ((bits[8] as number) & 0x3f) | 0x80
  let place = 0
  for (let index = 0; index < bits.length; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) digits[place++] = hyphen
    const byte = bits[index] as number
    digits[place++] = hexDigits[byte >> 4] as number
    digits[place++] = hexDigits[byte & 0x0f] as number
  }
  return digits.toString('latin1')
}

const bits = new Uint8Array(16)
const digits = Buffer.alloc(36)
const hexDigits = Buffer.from('0123456789abcdef', 'latin1')
const hyphen = 0x2d

/** Twelve decimal digits: a new AWS account id, drawn evenly, never with a leading zero. */
export function accountId(): string {
  const range = 900_000_000_000n
  // 2^64 is not a multiple of the range; a draw from the short last part is thrown away.
  const limit = (2n ** 64n / range) * range
  for (;;) {
    const draw = cryptographicBytes(8).readBigUInt64BE()
    if (draw < limit) return String(100_000_000_000n + (draw % range))
  }
}

/** `length` characters drawn evenly from `alphabet`, whose size divides 256. */
export function randomText(length: number, alphabet: string): string {
  return Array.from(cryptographicBytes(length), (byte) => alphabet[byte % alphabet.length]).join('')
}
