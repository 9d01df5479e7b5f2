/**
 * The only source of randomness: OpenSSL's generator through `node:crypto`.
 */
import { randomBytes as cryptographicBytes, randomUUID } from 'node:crypto'

/** `length` bytes that nobody can foresee. Short ones are cut from a larger draw, and wiped there as they leave. */
export function randomBytes(length: number): Buffer {
  if (length > drawLength / 16) return cryptographicBytes(length)
  if (place + length > draw.length) {
    draw = cryptographicBytes(drawLength)
    place = 0
  }
  // Not from Node's own pool, where other buffers would be its neighbours.
  const bytes = Buffer.allocUnsafeSlow(length)
  draw.copy(bytes, 0, place, place + length)
  draw.fill(0, place, place + length)
  place += length
  return bytes
}

const drawLength = 4096
let draw = Buffer.alloc(0)
let place = 0

/** A random UUID (RFC 9562 version 4), as AWS names keys, requests and events. */
export function uuid(): string {
  return randomUUID()
}

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
