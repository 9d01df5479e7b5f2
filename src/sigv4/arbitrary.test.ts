/** Whatever arrives, reading it ends soon, in a claim or a KmsError. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KmsError } from '../api/errors.ts'
import { readClaim } from './claim.ts'
import type { SignedRequest } from './signed-request.ts'
import { deriveSigningKey } from './signing-key.ts'
import { expected, headerOf, presign, SECRET, signHeader, withHeader } from './signer.test.ts'
import { signatureHolds } from './verify.ts'

const key = deriveSigningKey(SECRET, '20150830', 'us-east-1', 'kms')

/** Whether the signature holds, and false for a KmsError; anything else fails the test. */
function accepted(request: SignedRequest): boolean {
  try {
    return signatureHolds(readClaim(request, expected), key)
  } catch (error) {
    if (error instanceof KmsError) return false
    throw error
  }
}

const text = fc.string({ unit: 'binary', maxLength: 200 })
const words = [
  'AWS4-HMAC-SHA256',
  ' ',
  ',',
  '=',
  '/',
  ';',
  '%',
  '%4',
  '%2F',
  '&',
  '+',
  '\t',
  'é',
  'Credential',
  'Signature',
  'SignedHeaders',
  'host',
  'X-Amz-Algorithm',
  'X-Amz-Date',
  'AKIDEXAMPLE/20150830/us-east-1/kms/aws4_request',
  '20150830T123600Z',
  '__proto__',
]
const tokens = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(''))
const anyText = fc.oneof(text, tokens)

/** A text with one stretch of it replaced. */
const mutated = (original: string) =>
  fc
    .tuple(fc.nat(original.length), fc.nat(8), anyText)
    .map(([at, length, put]) => original.slice(0, at) + put + original.slice(at + length))

test('random requests', () => {
  const requests = fc.record({
    method: anyText,
    path: anyText,
    query: anyText,
    headers: fc.array(fc.oneof(fc.constantFrom('Authorization', 'X-Amz-Date', 'Host'), anyText)),
    body: fc.uint8Array(),
  })
  fc.assert(
    fc.property(requests, (request) => {
      assert.equal(accepted(request), false)
    }),
    { numRuns: 2000 },
  )
})

test('mutated Authorization headers', () => {
  const request = signHeader({ token: 'TOKENEXAMPLE' })
  const original = headerOf(request, 'authorization')
  fc.assert(
    fc.property(mutated(original), (authorization) => {
      accepted(withHeader(request, 'authorization', authorization))
    }),
    { numRuns: 3000 },
  )
})

test('mutated queries', () => {
  const request = presign({ token: 'TOKENEXAMPLE' })
  fc.assert(
    fc.property(mutated(request.query), (query) => {
      accepted({ ...request, query })
    }),
    { numRuns: 3000 },
  )
})

test('mutated headers', () => {
  const request = signHeader({ token: 'TOKENEXAMPLE' })
  fc.assert(
    fc.property(fc.nat(request.headers.length - 1), anyText, (at, put) => {
      accepted({ ...request, headers: request.headers.with(at, put) })
    }),
    { numRuns: 3000 },
  )
})

test('a hundred thousand characters anywhere take no time to speak of', () => {
  const size = 100_000
  const hostile = [
    '=',
    ',',
    ';',
    '%',
    '%4',
    '%41',
    '/',
    '../',
    ' ',
    '\t',
    '&',
    '+',
    'a=,',
    '&a=%20',
    'é',
  ]
  for (const piece of hostile) {
    const long = piece.repeat(size / piece.length)
    const requests = [
      { ...signHeader(), path: `/${long}` },
      { ...signHeader(), query: long },
      withHeader(signHeader(), 'authorization', `AWS4-HMAC-SHA256 ${long}`),
      withHeader(signHeader(), 'authorization', `AWS4-HMAC-SHA256 Credential=${long}`),
      withHeader(signHeader(), 'authorization', long),
      withHeader(signHeader(), 'x-amz-date', long),
      withHeader(signHeader(), 'x-amz-target', `a${long}b`),
      withHeader(
        signHeader(),
        'authorization',
        headerOf(signHeader(), 'authorization').replace('Headers=', `Headers=${long};`),
      ),
      { ...presign(), query: `${presign().query}&${long}` },
      {
        ...signHeader(),
        headers: [
          ...signHeader().headers,
          ...Array.from({ length: 4000 }, (_, i) => (i % 2 ? long.slice(0, 25) : `x-amz-${i % 7}`)),
        ],
      },
    ]
    for (const [i, request] of requests.entries()) {
      const start = performance.now()
      accepted(request)
      const took = performance.now() - start
      assert.ok(took < 250, `${JSON.stringify(piece)} in request ${i} took ${took} ms`)
    }
  }
})
