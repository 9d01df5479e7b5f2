/**
 * What a request claims about who signed it: everything that can be checked without a secret, in AWS's order, so that
 * clock and scope errors are told even to an unknown access key. Content type and method are the server's to check.
 */
import { invalidSignature, missingAuthenticationToken } from '../api/errors.ts'
import { readAuthorization, type SigningParameters } from './authorization-header.ts'
import {
  canonicalQuery,
  parseQuery,
  type QueryParameter,
  queryValue,
  withoutSignature,
} from './canonical-query.ts'
import {
  canonicalPath,
  canonicalRequest,
  type Headers,
  payloadHash,
  readHeaders,
  stringToSign,
} from './canonical-request.ts'
import { readCredential } from './credential-scope.ts'
import { shorten } from './echo.ts'
import { checkEscapes } from './percent-encoding.ts'
import { readPresigned } from './presigned.ts'
import { checkTime, readLifetime, readTime } from './request-time.ts'
import type { SignedRequest } from './signed-request.ts'
import { signatureMismatch } from './verify.ts'

/** What a signature has to be made for to be taken here. */
export interface Expected {
  readonly service: 'kms' | 'iam' | 'sts'
  readonly regions: ReadonlySet<string>
  /** Milliseconds since 1970. */
  readonly now: number
  /** Milliseconds by which the clocks may differ: 5 minutes for kms. */
  readonly skew: number
}

/** A signature that is complete, current and scoped to this endpoint, but not yet verified. */
export interface Claim {
  readonly accessKeyId: string
  /** The yyyymmdd of the scope. */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly sessionToken: string | undefined
  readonly signature: string
  readonly stringToSign: string
}

/**
 * Reads and checks the claim of a request. Throws, in this order: SerializationException for malformed escapes in the
 * URL; MissingAuthenticationTokenException; IncompleteSignatureException for what is missing or malformed;
 * InvalidSignatureException for what must be signed, for time, for scope, and for a body that is not as announced.
 */
export function readClaim(request: SignedRequest, expected: Expected): Claim {
  if (request.path !== '/') checkEscapes(request.path)
  const query = parseQuery(request.query)
  const headers = readHeaders(request.headers)
  const parameters = readParameters(headers, query)
  const signedHeaders = readNames(parameters.signedHeaders)
  requireSigned(headers, signedHeaders.sent)
  const time = readTime(parameters.date)
  const lifetime = readLifetime(parameters.expires, expected.skew)
  checkTime(time, { now: expected.now, lifetime, skew: expected.skew })
  const credential = readCredential(parameters.credential, { ...expected, time })
  const { accessKeyId, date, region, service } = credential
  const canonical = canonicalRequest({
    method: request.method,
    path: canonicalPath(request.path),
    query: canonicalQuery(headers.has('authorization') ? query : withoutSignature(query)),
    headers,
    signedHeaders: signedHeaders.sorted,
    payloadHash: payloadHash(request.body, headers.get('x-amz-content-sha256')),
  })
  return {
    accessKeyId,
    date,
    region,
    service,
    sessionToken: parameters.sessionToken,
    signature: parameters.signature,
    stringToSign: stringToSign(time.basic, `${date}/${region}/${service}/aws4_request`, canonical),
  }
}

/** The one place that holds the signature. A request with two leaves open which one counts, so it is refused. */
function readParameters(headers: Headers, query: readonly QueryParameter[]): SigningParameters {
  const authorization = headers.get('authorization')
  const algorithm = queryValue(query, 'X-Amz-Algorithm')
  if (authorization !== undefined) {
    if (algorithm !== undefined) throw signatureMismatch()
    return readAuthorization(authorization, headers)
  }
  if (algorithm === undefined) {
    throw missingAuthenticationToken('Request is missing Authentication Token')
  }
  const parameters = readPresigned(algorithm, query)
  if (headers.has('x-amz-security-token')) throw signatureMismatch()
  return parameters
}

/**
 * Host and every x-amz-* header must be signed: X-Amz-Target names the operation, so it could otherwise be exchanged.
 * HTTP/1 has no `:authority` header, so a signature that names it alone covers no host.
 */
function requireSigned(headers: Headers, signedHeaders: readonly string[]): void {
  const signed = lookUp(signedHeaders)
  if (!signed.has('host') || !headers.has('host')) {
    throw invalidSignature(
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )
  }
  for (const name of headers.keys()) {
    if (name.startsWith('x-amz-') && !signed.has(name)) {
      throw invalidSignature(
        `'${shorten(name)}' must be a 'SignedHeader' in the AWS Authorization.`,
      )
    }
  }
}

/** The names that a signature says it covers, as they were sent and in order. */
interface SignedNames {
  readonly text: string
  readonly sent: readonly string[]
  readonly sorted: readonly string[]
}

function readNames(text: string): SignedNames {
  if (text === newest.text) return newest
  const sent = text.split(';')
  newest = { text, sent, sorted: ascending(sent) }
  return newest
}

/** The last list that was read: the requests of a client all have the same. */
let newest: SignedNames = { text: '', sent: [''], sorted: [''] }

/** A short list is read through sooner than a set is made; a sender who makes it long must not have us read it often. */
function lookUp(names: readonly string[]): { has(name: string): boolean } {
  return names.length > 16 ? new Set(names) : { has: (name) => names.includes(name) }
}

function ascending(names: readonly string[]): readonly string[] {
  for (let i = 1; i < names.length; i += 1) {
    if ((names[i] as string) < (names[i - 1] as string)) return names.toSorted()
  }
  return names
}
