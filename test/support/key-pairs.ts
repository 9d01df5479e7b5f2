/**
 * The key pairs that GenerateDataKeyPair makes: what a pair of each spec is, read by other hands than those that made it.
 */
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { DataKeyPairSpec } from '@aws-sdk/client-kms'

/** Every spec that data key pairs are made of, with the length of its SubjectPublicKeyInfo. */
export const pairSpecs: readonly (readonly [spec: DataKeyPairSpec, publicKey: number])[] = [
  ['RSA_2048', 294],
  ['RSA_3072', 422],
  ['RSA_4096', 550],
  ['ECC_NIST_P256', 91],
  ['ECC_NIST_P384', 120],
  ['ECC_NIST_P521', 158],
  ['ECC_SECG_P256K1', 88],
  ['ECC_NIST_EDWARDS25519', 44],
  ['ML_KEM_512', 822],
  ['ML_KEM_768', 1206],
  ['ML_KEM_1024', 1590],
]

/** The values that the SDK's model has for a key pair's spec, as they are printed. */
export const printedPairSpecs =
  '[RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, SM2, ECC_NIST_EDWARDS25519, ML_KEM_512, ML_KEM_768, ML_KEM_1024]'

/** Asserts that the bytes are the two halves of one pair: PKCS #8 and SubjectPublicKeyInfo, and nothing behind them. */
export function assertPair(privateKey: Uint8Array, publicKey: Uint8Array): void {
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' })
  assert.equal(privateKey.length, key.export({ format: 'der', type: 'pkcs8' }).length)
  const ours = createPublicKey(key).export({ format: 'der', type: 'spki' })
  assert.deepEqual(ours, Buffer.from(publicKey))
}
