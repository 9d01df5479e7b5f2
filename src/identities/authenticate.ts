/**
 * Whose signature is it? Signature first, in AWS's order; then the principal behind the access key.
 */
import { partitionOf } from '../api/arn.ts'
import { expiredToken, type KmsError, unrecognizedClient } from '../api/errors.ts'
import { type Claim, type Expected, readClaim } from '../sigv4/claim.ts'
import type { SignedRequest } from '../sigv4/signed-request.ts'
import { signatureHolds, signatureMismatch } from '../sigv4/verify.ts'
import { goOn, type Soon } from '../soon.ts'
import type { AccessKey, AccessKeys } from './access-key.ts'
import type { AccessKeyUsage } from './access-key-usage.ts'
import type { IdentityDirectory, IdentityFacts } from './identity-directory.ts'
import { type Principal, rootUser } from './principal.ts'
import { userPrincipal } from './principals.ts'
import { isSessionKeyId } from './session-key-id.ts'
import { sessionPrincipal } from './session-principal.ts'
import type { Sessions } from './sessions.ts'

/** A caller whose signature was verified, and the region of its credential scope. */
export interface Authenticated {
  readonly caller: Principal
  readonly region: string
}

/** Where signers are looked up. */
export interface Signers {
  readonly accessKeys: AccessKeys
  readonly accessKeyUsage: AccessKeyUsage
  readonly sessions: Sessions
  readonly identities: IdentityDirectory
}

/**
 * Verifies a request's signature. Throws AWS's error for whatever is wrong with it: syntax, clock, scope, an access key
 * that is unknown or inactive, a session token that is missing, foreign or expired, and last the signature itself.
 */
export function authenticate(
  request: SignedRequest,
  expected: Expected,
  signers: Signers,
): Soon<Authenticated> {
  const claim = readClaim(request, expected)
  const { accessKeyId, region, service, sessionToken } = claim
  if (sessionToken !== undefined || isSessionKeyId(accessKeyId)) {
    return bearerOf(claim, expected.now, signers).then((caller) => ({ region, caller }))
  }
  return goOn(signerOf(claim, signers), (caller) => {
    signers.accessKeyUsage.note({ accessKeyId, usedAt: expected.now, service, region })
    return { region, caller }
  })
}

/** The principal whose temporary credentials made a signature that holds. A long-term key has no token, a short one must. */
async function bearerOf(claim: Claim, now: number, signers: Signers): Promise<Principal> {
  const { sessions, identities } = signers
  const { accessKeyId, sessionToken, region } = claim
  if (sessionToken === undefined || !isSessionKeyId(accessKeyId)) throw invalidToken()
  const session = sessions.find(accessKeyId, sessionToken)
  if (session === undefined) throw brokenToken()
  if (session.claims.expiresAt <= now) {
    throw expiredToken('The security token included in the request is expired')
  }
  const signingKey = sessions.signingKey(session, claim)
  if (!signatureHolds(claim, signingKey)) throw signatureMismatch()
  sessions.keep(session, claim, signingKey)
  const place = { region, partition: partitionOf(region) }
  const principal = await sessionPrincipal(session, place, identities)
  // The role or user was deleted, and its sessions with it.
  if (principal === undefined) throw invalidToken()
  return principal
}

/** The principal whose access key made a signature that holds. */
function signerOf(claim: Claim, signers: Signers): Soon<Principal> {
  const { accessKeys, identities } = signers
  return goOn(accessKeys.find(claim.accessKeyId), (accessKey) => {
    if (accessKey === undefined || !accessKey.active) throw invalidToken()
    const signingKey = accessKeys.signingKey(accessKey, claim)
    if (!signatureHolds(claim, signingKey)) throw signatureMismatch()
    accessKeys.keep(accessKey, claim, signingKey)
    if (accessKey.userId === accessKey.account) return rootOf(accessKey, claim.region)
    const partition = partitionOf(claim.region)
    return goOn(identities.find(accessKey.userId, partition), (user) => {
      // A user that was deleted while its key was in use; its keys go before it does.
      if (user === undefined) throw invalidToken()
      return userOf(accessKey, user, partition)
    })
  })
}

const invalidToken = (): KmsError =>
  unrecognizedClient('The security token included in the request is invalid.')

/** AWS leaves the full stop out where a token is not whole, or is that of other credentials. */
const brokenToken = (): KmsError =>
  unrecognizedClient('The security token included in the request is invalid')

/** The principal of an access key is made once for all that it is made from, so that what is remembered of it lasts. */
function rootOf(accessKey: AccessKey, region: string): Principal {
  const partition = partitionOf(region)
  const known = accessKey.principals.get(partition)
  if (known !== undefined) return known.principal
  const principal = rootUser(accessKey.account, { accessKeyId: accessKey.id, region })
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
