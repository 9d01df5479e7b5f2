/**
 * A signer for the tests, written from AWS's description and sharing no code with what it tests, and its own proof: the
 * two requests that botocore signed.
 */
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { KmsError } from '../api/errors.ts'
import { type Claim, type Expected, readClaim } from './claim.ts'
import type { SignedRequest } from './signed-request.ts'
import { deriveSigningKey } from './signing-key.ts'
import { signatureHolds } from './verify.ts'

export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
export const NOW = Date.UTC(2015, 7, 30, 12, 36, 0)
export const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
export const SCOPE = '20150830/us-east-1/kms/aws4_request'

export const expected: Expected = {
  service: 'kms',
  regions: new Set(['us-east-1', 'eu-west-1']),
  now: NOW,
  skew: 300_000,
}

export interface ToSign {
  readonly method?: string
  readonly query?: readonly (readonly [string, string])[]
  /** Headers to sign, in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly unsigned?: Readonly<Record<string, string>>
  readonly body?: string
  readonly scope?: string
  readonly date?: string
  readonly dateHeader?: string
  readonly token?: string
  /** Null sends none. */
  readonly expires?: string | null
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

export function signature(scope: string, date: string, canonical: string): string {
  const key = scope
    .split('/')
    .reduce<Buffer>(
      (last, element) => createHmac('sha256', last).update(element).digest(),
      Buffer.from(`AWS4${SECRET}`),
    )
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`
  return createHmac('sha256', key).update(text).digest('hex')
}

function queryText(query: readonly (readonly [string, string])[]): string {
  return query
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
}

function canonical(request: {
  method: string
  query: readonly (readonly [string, string])[]
  headers: Readonly<Record<string, string>>
  body: string
}): string {
  const names = Object.keys(request.headers).sort()
  const sorted = [...request.query].sort(([a], [b]) => (a < b ? -1 : 1))
  const lines = names.map((name) => `${name}:${request.headers[name]}\n`).join('')
  return [
    request.method,
    '/',
    queryText(sorted),
    lines,
    names.join(';'),
    request.headers['x-amz-content-sha256'] ?? sha256(request.body),
  ].join('\n')
}

const usualHeaders = {
  'content-type': 'application/x-amz-json-1.1',
  host: 'kms.us-east-1.amazonaws.com',
  'x-amz-target': 'TrentService.ListKeys',
}

const signedUsual = ({ unsigned = {} }: ToSign): Record<string, string> =>
  Object.fromEntries(Object.entries(usualHeaders).filter(([name]) => !(name in unsigned)))

/** A request signed in its Authorization header. */
export function signHeader(options: ToSign = {}): SignedRequest {
  const { method = 'POST', query = [], body = '{}', scope = SCOPE } = options
  const date = options.date ?? '20150830T123600Z'
  const token = options.token === undefined ? {} : { 'x-amz-security-token': options.token }
  const { dateHeader = 'x-amz-date' } = options
  const headers = { ...signedUsual(options), [dateHeader]: date, ...token, ...options.headers }
  const proof = signature(scope, date, canonical({ method, query, headers, body }))
  const names = Object.keys(headers).sort().join(';')
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${names}, Signature=${proof}`
  return {
    method,
    path: '/',
    query: queryText(query),
    headers: Object.entries({ ...headers, ...options.unsigned, authorization }).flat(),
    body: Buffer.from(body),
  }
}

/** A request signed in its query. */
export function presign(options: ToSign = {}): SignedRequest {
  const { method = 'POST', body = '{}', scope = SCOPE, expires = '3600' } = options
  const date = options.date ?? '20150830T123600Z'
  const headers = { ...signedUsual(options), ...options.headers }
  const query: (readonly [string, string])[] = [
    ...(options.query ?? []),
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `AKIDEXAMPLE/${scope}`],
    ['X-Amz-Date', date],
    ...(expires === null ? [] : [['X-Amz-Expires', expires] as const]),
    ['X-Amz-SignedHeaders', Object.keys(headers).sort().join(';')],
  ]
  if (options.token !== undefined) query.push(['X-Amz-Security-Token', options.token])
  const proof = signature(scope, date, canonical({ method, query, headers, body }))
  return {
    method,
    path: '/',
    query: queryText([...query, ['X-Amz-Signature', proof]]),
    headers: Object.entries({ ...headers, ...options.unsigned }).flat(),
    body: Buffer.from(body),
  }
}

/** Whether the request's signature holds; throws as readClaim does. */
export function holds(request: SignedRequest, changes: Partial<Expected> = {}): boolean {
  const claim: Claim = readClaim(request, { ...expected, ...changes })
  return signatureHolds(claim, deriveSigningKey(SECRET, claim.date, claim.region, claim.service))
}

/** `code: message` of the error that reading the request throws, or 'read' where it throws none. */
export function refusal(request: SignedRequest, changes: Partial<Expected> = {}): string {
  try {
    readClaim(request, { ...expected, ...changes })
    return 'read'
  } catch (error) {
    if (!(error instanceof KmsError)) throw error
    assert.equal(error.status, 400)
    return `${error.code}: ${error.text}`
  }
}

/** The request with one of its headers set, or removed where the value is undefined. */
export function withHeader(
  request: SignedRequest,
  name: string,
  value: string | undefined,
): SignedRequest {
  const headers: string[] = []
  for (let i = 0; i < request.headers.length; i += 2) {
    if (request.headers[i] !== name) headers.push(...request.headers.slice(i, i + 2))
  }
  return { ...request, headers: value === undefined ? headers : [...headers, name, value] }
}

/** The value of one of the request's headers. */
export function headerOf(request: SignedRequest, name: string): string {
  return request.headers[request.headers.indexOf(name) + 1] ?? ''
}

test('two requests that botocore signed for kms', () => {
  const plain = signHeader()
  assert.match(
    headerOf(plain, 'authorization'),
    /SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=07499af8ab2ef3d35030bf049520b6c0de4a040bfc6c24cd89fc4dab8a531f56$/,
  )
  assert.match(
    readClaim(plain, expected).stringToSign,
    /\nfac0768db6416b2c921a90d480fc05bc039b5cf91c330ea10e7eb7f1f242910b$/,
  )
  assert.equal(holds(plain), true)
  const session = signHeader({
    body: '{"KeyId":"alias/test"}',
    token: 'TOKENEXAMPLE',
    headers: { 'x-amz-target': 'TrentService.DescribeKey' },
  })
  assert.match(
    headerOf(session, 'authorization'),
    /Signature=e7d856604a04e70838709330f838c368a48417b673ea73bc428a83472e73c218$/,
  )
  const claim = readClaim(session, expected)
  assert.match(
    claim.stringToSign,
    /\na928edaa5b51d17b6ea2926df6754ab5cf59b54fa4466b285ab5d28822f124a1$/,
  )
  assert.equal(holds(session), true)
  assert.deepEqual(
    { ...claim, signature: '', stringToSign: '' },
    {
      accessKeyId: 'AKIDEXAMPLE',
      date: '20150830',
      region: 'us-east-1',
      service: 'kms',
      sessionToken: 'TOKENEXAMPLE',
      signature: '',
      stringToSign: '',
    },
  )
})
