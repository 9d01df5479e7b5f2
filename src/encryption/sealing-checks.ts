/**
 * The checks of Encrypt, Decrypt and ReEncrypt, in AWS's order.
 */
import { validation } from '../api/errors.ts'
import { requireKeySpec } from '../crypto/key-specs.ts'
import { rsaPlaintextLimit } from '../crypto/rsa-encryption.ts'
import type { Key } from '../keys/key.ts'
import { usualChecks } from '../keys/key-checks.ts'
import type { KeyCheck } from '../operation.ts'

/** Only symmetric encryption keys take an encryption context. */
const contextFits: KeyCheck = (key, use) => {
  if (key.spec === 'SYMMETRIC_DEFAULT' || (use.encryptionContext?.size ?? 0) === 0) return
  throw validation(
    'EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.',
  )
}

/** The checks before decrypting. */
export const openingChecks: readonly KeyCheck[] = [...usualChecks, contextFits]

/** The checks before encrypting so many bytes of plaintext. */
export function sealingChecks(length: number): readonly KeyCheck[] {
  return [
    ...openingChecks,
    (key, use) => {
      refuseTooLong(key, { algorithm: use.algorithm ?? '', length })
    },
  ]
}

/** An RSA key encrypts no more than its padding leaves room for. */
export function refuseTooLong(
  key: Key,
  plaintext: { readonly algorithm: string; readonly length: number },
): void {
  if (requireKeySpec(key.spec).material.type !== 'rsa') return
  const limit = rsaPlaintextLimit(key.spec, plaintext.algorithm)
  if (plaintext.length <= limit) return
  throw validation(
    `Algorithm ${plaintext.algorithm} and key spec ${key.spec} cannot encrypt data larger than ${limit} bytes.`,
  )
}
