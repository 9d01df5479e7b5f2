/** Whoever alters any part of a signed request, in either form, is refused; what the signature leaves free is not. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmsError } from '../api/errors.ts'
import type { SignedRequest } from './signed-request.ts'
import { deriveSigningKey } from './signing-key.ts'
import {
  expected,
  headerOf,
  holds,
  MISMATCH,
  presign,
  SECRET,
  signHeader,
  withHeader,
} from './signer.test.ts'
import { readClaim } from './claim.ts'
import { signatureHolds, signatureMismatch } from './verify.ts'

const sha256OfBody = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'

const options = {
  token: 'TOKENEXAMPLE',
  query: [
    ['Action', 'a b+c'],
    ['Empty', ''],
  ] as const,
  headers: { 'x-amz-meta': 'a b', 'x-empty': '' },
}
const inHeader = signHeader({
  ...options,
  headers: { ...options.headers, 'x-amz-content-sha256': sha256OfBody },
})
const inQuery = presign(options)

type Alteration = readonly [string, (request: SignedRequest) => SignedRequest]

const requery =
  (from: string | RegExp, to: string) =>
  (request: SignedRequest): SignedRequest => ({
    ...request,
    query: request.query.replace(from, to),
  })

const reauthorize =
  (from: string | RegExp, to: string) =>
  (request: SignedRequest): SignedRequest =>
    withHeader(request, 'authorization', headerOf(request, 'authorization').replace(from, to))

const common: readonly Alteration[] = [
  ['method', (request) => ({ ...request, method: 'GET' })],
  ['path', (request) => ({ ...request, path: '/a' })],
  ['encoded path', (request) => ({ ...request, path: '/%41' })],
  ['body', (request) => ({ ...request, body: Buffer.from('{ }') })],
  ['no body', (request) => ({ ...request, body: Buffer.alloc(0) })],
  ['value in the query', requery('a%20b', 'a%20c')],
  ['name in the query', requery('Action', 'action')],
  ['parameter added', requery(/^/, 'More=1&')],
  ['same parameter again', requery(/^/, 'Action=a%20b%2Bc&')],
  ['parameter removed', requery(/Empty=&?/, '')],
  ['plus for its escape', requery('%2B', '+')],
  [
    'header added to a signed one',
    (request) => ({
      ...request,
      headers: [...request.headers, 'X-Amz-Meta', 'more'],
    }),
  ],
]

const headerForm: readonly Alteration[] = [
  ['region', reauthorize('us-east-1', 'eu-west-1')],
  ['day of the scope', reauthorize('20150830', '20150831')],
  ['service', reauthorize('/kms/', '/iam/')],
  ['terminator', reauthorize('aws4_request', 'aws4')],
  ['signed headers: one left out', reauthorize(';x-empty', '')],
  ['signed headers: content-type left out', reauthorize('content-type;', '')],
  ['signed headers: one more', reauthorize(';x-empty', ';x-empty;x-more')],
  ['signed headers: one twice', reauthorize(';x-empty', ';x-empty;x-empty')],
  ['signature: a digit', reauthorize(/.$/, 'g')],
  ['signature: cut', reauthorize(/.$/, '')],
  ['signature: longer', reauthorize(/$/, '0')],
  ['signature: empty', reauthorize(/Signature=.*/, 'Signature=')],
  ['signature: zeros', reauthorize(/Signature=.*/, `Signature=${'0'.repeat(64)}`)],
  ['token', (request) => withHeader(request, 'x-amz-security-token', 'OTHER')],
  ['date', (request) => withHeader(request, 'x-amz-date', '20150830T123601Z')],
  ['date in extended form', (request) => withHeader(request, 'x-amz-date', '2015-08-30T12:36:00Z')],
  ['query form on top', (request) => ({ ...request, query: inQuery.query })],
]

const queryForm: readonly Alteration[] = [
  ['region', requery('us-east-1', 'eu-west-1')],
  ['day of the scope', requery('20150830%2F', '20150831%2F')],
  ['date', requery('20150830T123600Z', '20150830T123601Z')],
  ['lifetime', requery('Expires=3600', 'Expires=7200')],
  ['signed headers: one left out', requery('%3Bx-empty', '')],
  ['signed headers: one more', requery('%3Bx-empty', '%3Bx-empty%3Bx-more')],
  ['signature: cut', requery(/.$/, '')],
  ['signature: a digit', requery(/.$/, 'g')],
  ['signature: sent again', requery(/$/, '&X-Amz-Signature=0')],
  ['token', requery('TOKENEXAMPLE', 'OTHER')],
  ['token removed', requery('&X-Amz-Security-Token=TOKENEXAMPLE', '')],
  ['token sent again', requery(/$/, '&X-Amz-Security-Token=OTHER')],
  [
    'credential sent again, first',
    requery(/^/, 'X-Amz-Credential=A%2F20150830%2Fus-east-1%2Fkms%2Faws4_request&'),
  ],
]

function refused(request: SignedRequest): boolean {
  try {
    return !holds(request)
  } catch (error) {
    assert.ok(error instanceof KmsError)
    return true
  }
}

for (const [form, signed, alterations] of [
  ['header', inHeader, [...common, ...headerForm]],
  ['query', inQuery, [...common, ...queryForm]],
] as const) {
  test(`${form} form: the request as signed holds`, () => {
    assert.equal(holds(signed), true)
  })
  for (const [name, alter] of alterations) {
    test(`${form} form altered: ${name}`, () => {
      const altered = alter(signed)
      assert.notDeepEqual(altered, signed)
      assert.equal(refused(altered), true)
    })
  }
  for (let i = 0; i < signed.headers.length; i += 2) {
    const name = signed.headers[i] as string
    test(`${form} form: ${name} removed or altered`, () => {
      assert.equal(refused(withHeader(signed, name, undefined)), true)
      assert.equal(refused(withHeader(signed, name, `${headerOf(signed, name)}x`)), true)
      assert.equal(refused(withHeader(signed, name, `${headerOf(signed, name)}\u00a0`)), true)
    })
  }
}

test('what changes on the way without changing the request is taken', () => {
  const same: readonly Alteration[] = [
    [
      'an unsigned header',
      (request) => ({ ...request, headers: [...request.headers, 'Via', 'x'] }),
    ],
    [
      'names in capitals',
      (request) => ({
        ...request,
        headers: request.headers.map((text, i) => (i % 2 === 0 ? text.toUpperCase() : text)),
      }),
    ],
    ['spaces', (request) => withHeader(request, 'x-amz-meta', ' \ta   b  ')],
    ['escapes', requery('Action', '%41ction')],
    ['lower-case escapes', requery('%2B', '%2b')],
    ['plus for a space', requery('%20', '+')],
    ['no equals sign', requery('Empty=', 'Empty')],
    ['order of the query', requery(/^(Action=[^&]*)&(.*)$/, '$2&$1')],
    ['dot segments', (request) => ({ ...request, path: '/a/.././/' })],
  ]
  for (const [name, alter] of same) {
    for (const signed of [inHeader, inQuery]) assert.equal(holds(alter(signed)), true, name)
  }
})

test('content-type may be unsigned', () => {
  for (const sign of [signHeader, presign]) {
    const request = sign({ unsigned: { 'content-type': 'application/x-amz-json-1.1' } })
    assert.equal(holds(request), true)
    assert.equal(holds(withHeader(request, 'content-type', 'text/plain')), true)
  }
})

test('x-amz-content-sha256 says the truth or the request is refused', () => {
  for (const value of [
    'UNSIGNED-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    '0'.repeat(64),
    '',
  ]) {
    for (const sign of [signHeader, presign]) {
      const request = sign({ headers: { 'x-amz-content-sha256': value } })
      assert.throws(() => holds(request), { message: MISMATCH, code: 'InvalidSignatureException' })
    }
  }
})

test('a signature is 64 lower-case digits under the one key, or false', () => {
  const claim = readClaim(signHeader(), expected)
  const key = deriveSigningKey(SECRET, '20150830', 'us-east-1', 'kms')
  assert.equal(signatureHolds(claim, key), true)
  for (const signature of [
    '',
    claim.signature.toUpperCase(),
    `${claim.signature}\n`,
    `\u0130${claim.signature.slice(1)}`,
    '\ud800'.repeat(64),
    'é'.repeat(32),
  ]) {
    assert.equal(signatureHolds({ ...claim, signature }, key), false)
  }
  for (const other of [
    deriveSigningKey(`${SECRET}x`, '20150830', 'us-east-1', 'kms'),
    deriveSigningKey(SECRET, '20150831', 'us-east-1', 'kms'),
    deriveSigningKey(SECRET, '20150830', 'us-east-2', 'kms'),
    deriveSigningKey(SECRET, '20150830', 'us-east-1', 'iam'),
  ]) {
    assert.equal(signatureHolds(claim, other), false)
  }
  assert.equal(
    signatureMismatch().body(),
    JSON.stringify({ __type: 'InvalidSignatureException', message: MISMATCH }),
  )
})
