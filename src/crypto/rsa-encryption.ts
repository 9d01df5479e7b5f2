/**
 * RSAES-OAEP (RFC 8017 section 7.1): MGF1 with the same hash, and no label.
 */
import { constants, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto'
import { algorithmRow, digestLength, type Hash } from './algorithms.ts'
import { requireKeySpec } from './key-specs.ts'

/** The longest plaintext, k - 2 hLen - 2 (RFC 8017 section 7.1.1); it is itself allowed. */
export function rsaPlaintextLimit(spec: string, algorithm: string): number {
  const { material } = requireKeySpec(spec)
  if (material.type !== 'rsa') throw new Error(`${spec} is no RSA spec`)
  return material.bits / 8 - 2 * digestLength(oaepHash(algorithm)) - 2
}

/** Encrypts under a public key. Throws when the plaintext is beyond the limit, which the caller has checked. */
export function rsaEncrypt(publicKey: KeyObject, algorithm: string, plaintext: Uint8Array): Buffer {
  return publicEncrypt(padding(publicKey, algorithm), plaintext)
}

/** Decrypts; undefined on every failure, which is all that anybody learns (RFC 8017 section 7.1.2, note). */
export function rsaDecrypt(
  privateKey: KeyObject,
  algorithm: string,
  ciphertext: Uint8Array,
): Buffer | undefined {
  const options = padding(privateKey, algorithm)
  // RFC 8017 section 7.1.2, step 1: OpenSSL takes a ciphertext whose leading zeros were cut off.
  const modulusBytes = Math.ceil((privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
  if (ciphertext.length !== modulusBytes) return undefined
  try {
    return privateDecrypt(options, ciphertext)
  } catch {
    return undefined
  }
}

function padding(key: KeyObject, algorithm: string) {
  return { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaepHash(algorithm) }
}

function oaepHash(algorithm: string): Hash {
  const row = algorithmRow(algorithm)
  if (row?.for !== 'encryption') throw new Error(`${algorithm} is no RSA encryption algorithm`)
  return row.hash
}
