/**
 * Sealing secrets for the database: XAES-256-GCM under a wrapping key, with additional data that say which row the secret
 * belongs to, so that a row moved to another place does not open.
 *
 *     version (1 byte, 0x01) | nonce (24) | ciphertext | tag (16)
 */
import { frame } from './framing.ts'
import { randomBytes } from './random.ts'
import { type XaesKey, xaesNonceLength, xaesOpen, xaesSeal } from './xaes.ts'

const version = 1

/** Seals `secret`; `place` names the row that it belongs to. */
export function wrap(key: XaesKey, secret: Uint8Array, place: readonly string[]): Buffer {
  const nonce = randomBytes(xaesNonceLength)
  const sealed = xaesSeal(key, secret, { nonce, additionalData: additionalData(place) })
  return Buffer.concat([Buffer.of(version), nonce, sealed])
}

/** Opens what `wrap` sealed for the same place; undefined if and only if key, place or bytes differ. The caller zeroes it. */
export function unwrap(
  key: XaesKey,
  wrapped: Uint8Array,
  place: readonly string[],
): Buffer | undefined {
  if (wrapped[0] !== version || wrapped.length < 1 + xaesNonceLength) return undefined
  const nonce = wrapped.subarray(1, 1 + xaesNonceLength)
  return xaesOpen(key, wrapped.subarray(1 + xaesNonceLength), {
    nonce,
    additionalData: additionalData(place),
  })
}

function additionalData(place: readonly string[]): Buffer {
  return frame(['trent wrap', String(version), ...place])
}
