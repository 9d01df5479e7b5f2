/** The header form of a signature: `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. */
import { incompleteSignature } from '../api/errors.ts'
import { type Headers, trimBlanks } from './canonical-request.ts'
import { hideLong, shorten } from './echo.ts'

/** What a request says of its own signature, in either form; nothing of it is checked yet. */
export interface SigningParameters {
  readonly credential: string
  readonly signature: string
  /** The names, joined by semicolons. */
  readonly signedHeaders: string
  readonly date: string
  /** Seconds, in decimal; only the query form has it, and need not. */
  readonly expires: string | undefined
  readonly sessionToken: string | undefined
}

/**
 * Reads the Authorization header (step 6 of AWS's order of checks). Of duplicate parameters the last wins; X-Amz-Date
 * goes before Date. Throws IncompleteSignatureException, naming everything that is missing at once.
 */
export function readAuthorization(authorization: string, headers: Headers): SigningParameters {
  const before = recallPublic(authorization)
  const date = headers.get('x-amz-date') ?? headers.get('date')
  if (before !== undefined && date !== undefined) {
    return {
      credential: before.credential,
      signature: authorization.slice(-signatureLength),
      signedHeaders: before.signedHeaders,
      date,
      expires: undefined,
      sessionToken: headers.get('x-amz-security-token'),
    }
  }
  const space = authorization.indexOf(' ')
  const algorithm = space === -1 ? authorization : authorization.slice(0, space)
  if (algorithm !== ALGORITHM) {
    throw incompleteSignature(`Unsupported AWS 'algorithm': '${echoAlgorithm(algorithm, space)}'.`)
  }
  const { Credential, Signature, SignedHeaders } = splitParameters(authorization)
  if (
    Credential === undefined ||
    Signature === undefined ||
    SignedHeaders === undefined ||
    date === undefined
  ) {
    throw missing({ Credential, Signature, SignedHeaders }, date, authorization)
  }
  keepPublic(authorization, { credential: Credential, signedHeaders: SignedHeaders })
  return {
    credential: Credential,
    signature: Signature,
    signedHeaders: SignedHeaders,
    date,
    expires: undefined,
    sessionToken: headers.get('x-amz-security-token'),
  }
}

/** The part of a header that says who signed and what, and not the signature. */
interface PublicParameters {
  readonly credential: string
  readonly signedHeaders: string
}

/**
 * What headers said before their signatures: of a client, the same in all requests of a day. Anybody can send one, so that
 * only short ones are kept, and not many.
 */
const kept = new Map<string, PublicParameters>()
const mostKept = 1000
const longestKept = 512

const signatureLength = 64
const endsWithSignature = /,[ \t]*Signature=[0-9a-f]{64}$/

/** What is known of a header that ends with a signature of the usual length; what begins another parameter is none. */
function recallPublic(authorization: string): PublicParameters | undefined {
  const known = kept.get(authorization.slice(0, -signatureLength))
  if (known === undefined) return undefined
  const signature = authorization.slice(-signatureLength)
  return signature.includes(',') || trimBlanks(signature) !== signature ? undefined : known
}

function keepPublic(authorization: string, parameters: PublicParameters): void {
  if (authorization.length > longestKept || !endsWithSignature.test(authorization)) return
  if (kept.size >= mostKept) kept.clear()
  kept.set(authorization.slice(0, -signatureLength), parameters)
}

interface HeaderParameters {
  Credential: string | undefined
  Signature: string | undefined
  SignedHeaders: string | undefined
}

function splitParameters(authorization: string): HeaderParameters {
  const found: HeaderParameters = {
    Credential: undefined,
    Signature: undefined,
    SignedHeaders: undefined,
  }
  for (const piece of authorization.slice(ALGORITHM.length).split(',')) {
    const parameter = trimBlanks(piece)
    if (parameter === '') continue
    const equals = parameter.indexOf('=')
    if (equals === -1) {
      throw incompleteSignature(
        `'${hideLong(parameter)}' not a valid key=value pair (missing equal-sign) in Authorization header: '${redact(authorization)}'.`,
      )
    }
    const name = parameter.slice(0, equals)
    if (name === 'Credential' || name === 'Signature' || name === 'SignedHeaders') {
      found[name] = parameter.slice(equals + 1)
    }
  }
  return found
}

function missing(found: HeaderParameters, date: string | undefined, authorization: string) {
  const problems: string[] = []
  for (const name of ['Credential', 'Signature', 'SignedHeaders'] as const) {
    if (found[name] === undefined) {
      problems.push(`Authorization header requires '${name}' parameter.`)
    }
  }
  if (date === undefined) {
    problems.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    )
  }
  problems.push(`Authorization=${redact(authorization)}`)
  return incompleteSignature(problems.join(' '))
}

/** The header for a message: only Credential and SignedHeaders, which are public, keep their values. */
function redact(authorization: string): string {
  const parameters = authorization
    .slice(ALGORITHM.length)
    .split(',')
    .map((piece) => {
      const parameter = trimBlanks(piece)
      const equals = parameter.indexOf('=')
      if (equals === -1) return hideLong(parameter)
      const name = parameter.slice(0, equals)
      const open = name === 'Credential' || name === 'SignedHeaders'
      return open ? parameter : `${hideLong(name)}=***`
    })
  return shorten(`${ALGORITHM} ${parameters.join(', ')}`.trimEnd())
}

/** A scheme is worth repeating; the whole of a header that has no scheme may be a token meant for another server. */
function echoAlgorithm(algorithm: string, space: number): string {
  return space !== -1 || algorithm.startsWith('AWS') ? hideLong(algorithm) : '***'
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
