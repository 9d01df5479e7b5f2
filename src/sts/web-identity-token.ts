/**
 * Web identity tokens: JSON Web Tokens of OpenID Connect issuers, verified in AWS's order (AWS, "AssumeRoleWithWebIdentity",
 * errors). Nothing of a token is repeated in an error but what names its issuer and its time.
 */
import type { CompactVerifyResult, JSONWebKeySet } from 'jose'
import { findOidcProvider, type OidcProvider } from '../database/iam-oidc-providers.ts'
import type { UnsignedQueryCall } from '../server/query-action.ts'
import { QueryError } from '../server/query-error.ts'
import { UnknownCertificate } from './fetch-document.ts'
import type { TrustedIssuer } from './issuer-keys.ts'

/** A token whose signature holds and whose time is now. */
export interface WebIdentityToken {
  readonly provider: OidcProvider
  readonly issuer: string
  readonly subject: string
  /** The audience that counts: the authorized party, where there is one. */
  readonly audience: string
  /** The audience beside an authorized party. */
  readonly originalAudience: readonly string[] | undefined
  readonly claims: Claims
}

/** The claims of a token, as they stand in it. */
export type Claims = Readonly<Record<string, unknown>>

/** The token could not be used: AWS's code for all but expired ones. */
export const invalidIdentityToken = (text: string): QueryError =>
  new QueryError('InvalidIdentityToken', text)

/** Verifies a token for an account. Throws InvalidIdentityToken or ExpiredTokenException. */
export async function verifyWebIdentityToken(
  call: UnsignedQueryCall,
  account: string,
  token: string,
): Promise<WebIdentityToken> {
  const jose = await import('jose')
  const unverified = readClaims(() => {
    jose.decodeProtectedHeader(token)
    return jose.decodeJwt(token)
  })
  const { provider, issuer } = await findProvider(call, account, unverified)
  const audience = audienceOf(unverified)
  if (!provider.clientIds.includes(audience)) throw invalidIdentityToken('Incorrect token audience')
  const trusted = { issuer, account, thumbprints: provider.thumbprints }
  const { payload } = await verifySignature(call, trusted, token)
  const claims = readClaims(() => JSON.parse(new TextDecoder().decode(payload)) as Claims)
  checkTimes(claims, call.now)
  const { sub: subject, azp } = claims
  if (typeof subject !== 'string' || subject === '') throw missingClaim('sub')
  if (subject.length > 255) throw notValid()
  const originalAudience = azp === undefined ? undefined : listOf(claims['aud'])
  return { provider, issuer, subject, audience, originalAudience, claims }
}

function readClaims(read: () => unknown): Claims {
  try {
    const claims = read()
    if (typeof claims === 'object' && claims !== null) return claims as Claims
  } catch {
    // What does not parse is no token; nothing of it is repeated.
  }
  throw invalidIdentityToken(
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
  )
}

/** The provider of the token's issuer in the account. A URL without TLS is one that the operator has listed. */
async function findProvider(
  call: UnsignedQueryCall,
  account: string,
  { iss }: Claims,
): Promise<{ readonly provider: OidcProvider; readonly issuer: string }> {
  if (typeof iss !== 'string') throw missingClaim('iss')
  const isPlain = iss.startsWith('http://') && call.service.issuers.isListed(iss)
  const url = iss.startsWith('https://') || isPlain ? iss.replace(/^https?:\/\//, '') : undefined
  const provider = url === undefined ? undefined : await findOidcProvider(call.read, account, url)
  if (provider !== undefined) return { provider, issuer: iss }
  throw invalidIdentityToken(
    `No OpenIDConnect provider found in your account for ${iss.slice(0, 255)}`,
  )
}

function audienceOf({ aud, azp }: Claims): string {
  const audiences = listOf(aud)
  if (typeof azp === 'string') return azp
  if (audiences.length > 1) {
    throw invalidIdentityToken(
      'Token audience contains more than one audience while authorized party is not present',
    )
  }
  const [audience] = audiences
  if (audience === undefined) throw missingClaim('aud')
  return audience
}

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string')

/** Algorithms with a key pair: with a shared secret, whoever knows the public key could make tokens. */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512']

async function verifySignature(
  call: UnsignedQueryCall,
  issuer: TrustedIssuer,
  token: string,
): Promise<CompactVerifyResult> {
  const { issuers } = call.service
  const jose = await import('jose')
  const verify = (keys: JSONWebKeySet) =>
    jose.compactVerify(token, jose.createLocalJWKSet(keys), { algorithms })
  try {
    const keys = await issuers.keys(issuer).catch(unreachable)
    try {
      return await verify(keys)
    } catch (error) {
      if (!(error instanceof jose.errors.JWKSNoMatchingKey)) throw error
      const newer = await issuers.newerKeys(issuer, keys).catch(unreachable)
      if (newer === undefined) throw noKey()
      return await verify(newer)
    }
  } catch (error) {
    if (error instanceof QueryError) throw error
    throw error instanceof jose.errors.JWKSNoMatchingKey ? noKey() : notValid()
  }
}

/** Whatever was in the way to the issuer's keys: without them nobody gets in. */
function unreachable(error: unknown): never {
  if (!(error instanceof UnknownCertificate)) throw noKey()
  throw invalidIdentityToken(
    "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
  )
}

/** With the two spaces that AWS has there. */
const noKey = () =>
  invalidIdentityToken(
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
  )

const notValid = () => invalidIdentityToken('The web identity token could not be validated')

const missingClaim = (name: string) => invalidIdentityToken(`Missing a required claim: ${name}.`)

/** Five minutes: how far the issuer's clock may be from ours, in seconds. */
const leeway = 300

function checkTimes({ exp, iat, nbf }: Claims, milliseconds: number): void {
  const now = Math.floor(milliseconds / 1000)
  if (typeof exp !== 'number') throw missingClaim('exp')
  if (now >= exp + leeway) {
    throw new QueryError(
      'ExpiredTokenException',
      `Token expired: current date/time ${now} must be before the expiration date/time ${exp}`,
    )
  }
  if (typeof iat !== 'number') throw missingClaim('iat')
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf <= now + leeway)) throw notValid()
}
