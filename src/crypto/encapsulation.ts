/**
 * ML-KEM (FIPS 203).
 */
import {
  type KeyObject,
  decapsulate as opensslDecapsulate,
  encapsulate as opensslEncapsulate,
} from 'node:crypto'

/** A fresh secret of 32 bytes, and what tells it to the holder of the private key. */
export interface Encapsulated {
  readonly ciphertext: Buffer
  readonly sharedSecret: Buffer
}

/** Encapsulates to a public key (FIPS 203 section 7.2). */
export function encapsulate(publicKey: KeyObject): Encapsulated {
  const { ciphertext, sharedKey } = opensslEncapsulate(publicKey)
  return { ciphertext, sharedSecret: sharedKey }
}

/**
 * The secret in a ciphertext; undefined if and only if the ciphertext's length is not that of the key's parameter set
 * (FIPS 203 section 7.3). Of any other ciphertext comes a secret, equal to the sender's only if nothing was changed.
 */
export function decapsulate(privateKey: KeyObject, ciphertext: Uint8Array): Buffer | undefined {
  try {
    return opensslDecapsulate(privateKey, ciphertext)
  } catch {
    return undefined
  }
}
