/**
 * Whose signature is it? Signature first, in AWS's order; then the principal behind the access key.
 */
import { partitionOf } from '../api/arn.ts'
import { type KmsError, unrecognizedClient } from '../api/errors.ts'
import { type Claim, type Expected, readClaim } from '../sigv4/claim.ts'
import type { SignedRequest } from '../sigv4/signed-request.ts'
import { signatureHolds, signatureMismatch } from '../sigv4/verify.ts'
import type { AccessKey, AccessKeys } from './access-key.ts'
import type { AccessKeyUsage } from './access-key-usage.ts'
import type { IdentityDirectory, IdentityFacts } from './identity-directory.ts'
import { type Principal, rootUser } from './principal.ts'
import { userPrincipal } from './principals.ts'

/** A caller whose signature was verified, and the region of its credential scope. */
export interface Authenticated {
  readonly caller: Principal
  readonly region: string
}

/** Where signers are looked up. */
export interface Signers {
  readonly accessKeys: AccessKeys
  readonly accessKeyUsage: AccessKeyUsage
  readonly identities: IdentityDirectory
}

/**
 * Verifies a request's signature. Throws AWS's error for whatever is wrong with it: syntax, clock, scope, an access key
 * that is unknown or inactive, and last the signature itself. No session tokens have been issued yet, so any is invalid.
 */
export async function authenticate(
  request: SignedRequest,
  expected: Expected,
  signers: Signers,
): Promise<Authenticated> {
  const claim = readClaim(request, expected)
  if (claim.sessionToken !== undefined) throw invalidToken()
  const caller = await signerOf(claim, signers)
  const { accessKeyId, region, service } = claim
  signers.accessKeyUsage.note({ accessKeyId, usedAt: expected.now, service, region })
  return { region, caller }
}

/** The principal whose access key made a signature that holds. */
async function signerOf(claim: Claim, signers: Signers): Promise<Principal> {
  const { accessKeys, identities } = signers
  const accessKey = await accessKeys.find(claim.accessKeyId)
  if (accessKey === undefined || !accessKey.active) throw invalidToken()
  const signingKey = accessKeys.signingKey(accessKey, claim)
  if (!signatureHolds(claim, signingKey)) throw signatureMismatch()
  accessKeys.keep(accessKey, claim, signingKey)
  if (accessKey.userId === accessKey.account) return rootOf(accessKey, claim.region)
  const partition = partitionOf(claim.region)
  const user = await identities.find(accessKey.userId, partition)
  // A user that was deleted while its key was in use; its keys go before it does.
  if (user === undefined) throw invalidToken()
  return userOf(accessKey, user, partition)
}

const invalidToken = (): KmsError =>
  unrecognizedClient('The security token included in the request is invalid.')

/** The principal of an access key is made once for all that it is made from, so that what is remembered of it lasts. */
function rootOf(accessKey: AccessKey, region: string): Principal {
  const partition = partitionOf(region)
  const known = accessKey.principals.get(partition)
  if (known !== undefined) return known.principal
  const principal = rootUser(accessKey.account, accessKey.id, region)
  accessKey.principals.set(partition, { principal, facts: undefined })
  return principal
}

function userOf(accessKey: AccessKey, facts: IdentityFacts, partition: string): Principal {
  const known = accessKey.principals.get(partition)
  if (known !== undefined && known.facts === facts) return known.principal
  const principal = userPrincipal(facts, { accessKeyId: accessKey.id, partition })
  accessKey.principals.set(partition, { principal, facts })
  return principal
}
