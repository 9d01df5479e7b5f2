/**
 * AWS's own Signature Version 4 vectors (awslabs/aws-c-auth, aws-signing-test-suite/v4): canonical request, string to
 * sign and signature of every case, in header and in query form, read off the signed request as a server would.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { KmsError } from '../../src/api/errors.ts'
import { canonicalQuery, parseQuery, withoutSignature } from '../../src/sigv4/canonical-query.ts'
import {
  canonicalPath,
  canonicalRequest,
  payloadHash,
  readHeaders,
  stringToSign,
} from '../../src/sigv4/canonical-request.ts'
import { type Expected, readClaim } from '../../src/sigv4/claim.ts'
import type { SignedRequest } from '../../src/sigv4/signed-request.ts'
import { deriveSigningKey } from '../../src/sigv4/signing-key.ts'
import { signatureHolds } from '../../src/sigv4/verify.ts'

type Form = 'header' | 'query'

interface Context {
  readonly credentials: { readonly secret_access_key: string }
  readonly normalize: boolean
  readonly omit_session_token?: boolean
}

const root = resolve(import.meta.dirname, '../..')
const folder = join(resolve(root, process.env['TRENT_VECTORS'] ?? '../shared/vectors'), 'sigv4')

// AWS signs for a service named so; readClaim takes only the services that Trent is.
const expected = {
  service: 'service' as Expected['service'],
  regions: new Set(['us-east-1']),
  now: Date.UTC(2015, 7, 30, 12, 36, 0),
  skew: 300_000,
}

const SKIPPED: Readonly<Record<string, string>> = {
  'get-header-value-multiline':
    "folded header lines are obsolete (RFC 9112, 5.2): node's parser refuses them, so none gets here",
}

function read(name: string, file: string): string {
  // One character for each byte, as node's parser hands over paths, queries and headers.
  return readFileSync(join(folder, name, file), 'latin1')
}

function parse(text: string): SignedRequest {
  const [head = '', ...rest] = text.split('\n\n')
  const [start = '', ...lines] = head.split('\n')
  const target = start.slice(start.indexOf(' ') + 1, start.lastIndexOf(' '))
  const mark = target.indexOf('?')
  return {
    method: start.slice(0, start.indexOf(' ')),
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
    headers: lines.flatMap((line) => [
      line.slice(0, line.indexOf(':')),
      line.slice(line.indexOf(':') + 1),
    ]),
    body: Buffer.from(rest.join('\n\n').trimEnd(), 'latin1'),
  }
}

function signedNames(form: Form, request: SignedRequest): string[] {
  const names =
    form === 'header'
      ? /SignedHeaders=([^,]*)/.exec(readHeaders(request.headers).get('authorization') ?? '')?.[1]
      : decodeURIComponent(/X-Amz-SignedHeaders=([^&]*)/.exec(request.query)?.[1] ?? '')
  return (names ?? '').split(';')
}

/** The token that this signer adds to the query after signing is no part of what it signed. */
function asSigned(query: string, context: Context): string {
  return context.omit_session_token === true
    ? query.replace(/&X-Amz-Security-Token=[^&]*/, '')
    : query
}

function check(name: string, form: Form): void {
  const context = JSON.parse(read(name, 'context.json')) as Context
  const request = parse(read(name, `${form}-signed-request.txt`))
  const headers = readHeaders(request.headers)
  const canonical = canonicalRequest({
    method: request.method,
    path: canonicalPath(request.path, context.normalize),
    query: canonicalQuery(withoutSignature(parseQuery(asSigned(request.query, context)))),
    headers,
    signedHeaders: signedNames(form, request),
    payloadHash: payloadHash(request.body, headers.get('x-amz-content-sha256')),
  })
  assert.equal(canonical, read(name, `${form}-canonical-request.txt`))
  const toSign = stringToSign(
    '20150830T123600Z',
    '20150830/us-east-1/service/aws4_request',
    canonical,
  )
  assert.equal(toSign, read(name, `${form}-string-to-sign.txt`))
  const secret = context.credentials.secret_access_key
  const key = deriveSigningKey(secret, '20150830', 'us-east-1', 'service')
  const proof = { stringToSign: toSign, signature: read(name, `${form}-signature.txt`) }
  assert.equal(
    signatureHolds({ ...proof, ...scope, accessKeyId: '', sessionToken: undefined }, key),
    true,
  )
  if (context.normalize && context.omit_session_token !== true) {
    assert.equal(signatureHolds(readClaim(request, expected), key), true)
  }
}

const scope = { date: '20150830', region: 'us-east-1', service: 'service' }

function requireVectors(): boolean {
  if (existsSync(folder)) return true
  test('AWS signature vectors', { skip: `NOT TESTED: no vectors at ${folder}` }, () => {})
  console.error(`\n*** The signature vectors are NOT TESTED: nothing at ${folder} ***\n`)
  return false
}

if (requireVectors()) {
  const names = readdirSync(folder)
  test('all cases are there', () => {
    assert.equal(names.length, 38)
  })
  for (const name of names) {
    for (const form of ['header', 'query'] as const) {
      const skip = SKIPPED[name]
      test(`${name}, ${form} form`, skip === undefined ? {} : { skip }, () => check(name, form))
    }
  }
  test('a token added after signing is refused, as KMS wants it signed', () => {
    const name = 'post-sts-header-after'
    const request = parse(read(name, 'header-signed-request.txt'))
    assert.throws(
      () => readClaim(request, expected),
      (error) =>
        error instanceof KmsError &&
        error.text === "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.",
    )
    const context = JSON.parse(read(name, 'context.json')) as Context
    const secret = context.credentials.secret_access_key
    const key = deriveSigningKey(secret, '20150830', 'us-east-1', 'service')
    const presigned = parse(read(name, 'query-signed-request.txt'))
    assert.equal(signatureHolds(readClaim(presigned, expected), key), false)
  })
}
