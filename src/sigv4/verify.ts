/** The comparison that everything else in this folder prepares. */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { invalidSignature, type KmsError } from '../api/errors.ts'
import type { Claim } from './claim.ts'

/**
 * Whether the claim was signed with the key. Takes the same time wherever the first difference lies; a signature that
 * is not 64 lower-case hex digits is simply false.
 */
export function signatureHolds(claim: Claim, signingKey: KeyObject): boolean {
  const ours = createHmac('sha256', signingKey).update(claim.stringToSign, 'latin1').digest('hex')
  if (claim.signature.length !== ours.length) return false
  const theirs = Buffer.from(claim.signature, 'utf8')
  return theirs.length === ours.length && timingSafeEqual(theirs, Buffer.from(ours, 'utf8'))
}

/**
 * InvalidSignatureException as AWS words it for a signature that differs. AWS may append the canonical request; this
 * does not, since it would repeat the session token.
 */
export function signatureMismatch(): KmsError {
  return invalidSignature(
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  )
}
