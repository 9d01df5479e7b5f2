/**
 * HMAC (RFC 2104, FIPS 198-1) with the hash of an algorithm, untruncated as AWS answers it.
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { algorithmRow } from './algorithms.ts'

/** The MAC of a message under a secret key. */
export function hmac(key: KeyObject, algorithm: string, message: Uint8Array): Buffer {
  const row = algorithmRow(algorithm)
  if (row?.for !== 'mac') throw new Error(`${algorithm} is no MAC algorithm`)
  return createHmac(row.hash, key).update(message).digest()
}

/** Whether two MACs are equal, in a time that tells nothing but whether their lengths are. */
export function macsEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
