/**
 * Whose signature is it? Signature first, in AWS's order; then the principal behind the access key.
 */
import { partitionOf } from '../api/arn.ts'
import { unrecognizedClient } from '../api/errors.ts'
import { type Expected, readClaim } from '../sigv4/claim.ts'
import type { SignedRequest } from '../sigv4/signed-request.ts'
import { signatureHolds, signatureMismatch } from '../sigv4/verify.ts'
import type { AccessKey, AccessKeys } from './access-key.ts'
import { type Principal, rootUser } from './principal.ts'

/** A caller whose signature was verified, and the region of its credential scope. */
export interface Authenticated {
  readonly caller: Principal
  readonly region: string
}

/**
 * Verifies a request's signature. Throws AWS's error for whatever is wrong with it: syntax, clock, scope, an access key
 * that is unknown or inactive, and last the signature itself. No session tokens have been issued yet, so any is invalid.
 */
export async function authenticate(
  request: SignedRequest,
  expected: Expected,
  accessKeys: AccessKeys,
): Promise<Authenticated> {
  const claim = readClaim(request, expected)
  const accessKey = await accessKeys.find(claim.accessKeyId)
  if (accessKey === undefined || !accessKey.active || claim.sessionToken !== undefined) {
    throw unrecognizedClient('The security token included in the request is invalid.')
  }
  const signingKey = accessKeys.signingKey(accessKey, claim)
  if (!signatureHolds(claim, signingKey)) throw signatureMismatch()
  accessKeys.keep(accessKey, claim, signingKey)
  return { region: claim.region, caller: principalOf(accessKey, claim.region) }
}

function principalOf(accessKey: AccessKey, region: string): Principal {
  const partition = partitionOf(region)
  const known = accessKey.principals.get(partition)
  if (known !== undefined) return known
  const principal = rootUser(accessKey.account, accessKey.id, region)
  accessKey.principals.set(partition, principal)
  return principal
}
