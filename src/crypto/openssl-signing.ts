/**
 * The signatures that OpenSSL makes: of whole messages by every scheme but Ed25519ph, and of digests by RSA.
 */
import { constants, type KeyObject, sign, verify } from 'node:crypto'
import type { SigningRow } from './algorithms.ts'
import { signRsaDigest, verifyRsaDigest } from './rsa-digests.ts'
import { type SigningInput, signingRow, type VerifyingInput } from './signing-input.ts'

/** Whether OpenSSL signs messages of this kind; `noble-signing.ts` has the others. */
export function isOpensslsOwn(input: SigningInput): boolean {
  const { scheme } = signingRow(input)
  if (scheme === 'pkcs1' || scheme === 'pss') return true
  return input.messageType === 'RAW'
}

/** Signs by OpenSSL. */
export function signByOpenssl(_spec: string, privateKey: KeyObject, input: SigningInput): Buffer {
  const row = signingRow(input)
  if (!isOpensslsOwn(input)) throw new Error(`OpenSSL does not sign ${input.messageType} so`)
  if (input.messageType === 'DIGEST') return signRsaDigest(row, privateKey, input.message)
  return sign(row.hash, input.message, { key: privateKey, ...options(row) })
}

/** Verifies by OpenSSL. */
export function verifyByOpenssl(
  _spec: string,
  publicKey: KeyObject,
  input: VerifyingInput,
): boolean {
  const row = signingRow(input)
  if (!isOpensslsOwn(input)) throw new Error(`OpenSSL does not verify ${input.messageType} so`)
  if (input.messageType === 'DIGEST') return verifyRsaDigest(row, publicKey, input)
  try {
    return verify(row.hash, input.message, { key: publicKey, ...options(row) }, input.signature)
  } catch {
    return false
  }
}

/** PSS with a salt as long as the digest, as AWS documents; MGF1 follows the hash. */
function options({ scheme }: SigningRow): { padding?: number; saltLength?: number } {
  if (scheme === 'pkcs1') return { padding: constants.RSA_PKCS1_PADDING }
  if (scheme !== 'pss') return {}
  return {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  }
}
