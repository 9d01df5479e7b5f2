/** Grant tokens name what they were made for, and nobody else makes or changes one. */
import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import type { MacKeys } from '../crypto/derive.ts'
import { makeGrantToken, readGrantToken } from './grant-token.ts'

const keys: MacKeys = () => [createSecretKey(Buffer.alloc(32, 1))]
const subject = fc.record(
  {
    account: fc.stringMatching(/^\d{12}$/),
    region: fc.constantFrom('us-east-1', 'eu-west-1', 'us-gov-west-1'),
    keyId: fc.oneof(fc.uuid(), fc.stringMatching(/^mrk-[0-9a-f]{32}$/)),
    id: fc.stringMatching(/^[0-9a-f]{64}$/),
  },
  { noNullPrototype: true },
)

test('a token is read as what it was made for', () => {
  fc.assert(
    fc.property(subject, (grant) => {
      const token = makeGrantToken(keys, grant)
      assert.match(token, /^[A-Za-z0-9_-]+$/)
      assert.deepEqual(readGrantToken(keys, token), grant)
    }),
  )
})

test('no two tokens of a grant are the same', () => {
  const [grant] = fc.sample(subject, 1)
  assert.ok(grant)
  const tokens = Array.from({ length: 100 }, () => makeGrantToken(keys, grant))
  assert.equal(new Set(tokens).size, 100)
})

test('a token with one character changed, added or left out is none', () => {
  const [grant] = fc.sample(subject, 1)
  assert.ok(grant)
  const token = makeGrantToken(keys, grant)
  const alphabet = fc.stringMatching(/^[A-Za-z0-9_=+/ -]$/)
  fc.assert(
    fc.property(fc.nat(token.length - 1), alphabet, fc.nat(2), (at, character, how) => {
      const after = token.slice(how === 0 ? at : at + 1)
      const changed = token.slice(0, at) + (how === 2 ? '' : character) + after
      if (changed !== token) assert.equal(readGrantToken(keys, changed), undefined)
    }),
    { numRuns: 2000 },
  )
})

test('a token under another key is none', () => {
  const [grant] = fc.sample(subject, 1)
  assert.ok(grant)
  const other: MacKeys = () => [createSecretKey(Buffer.alloc(32, 2))]
  assert.equal(readGrantToken(keys, makeGrantToken(other, grant)), undefined)
})

test('arbitrary text is no token', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 300 }), fc.base64String()), (text) => {
      assert.equal(readGrantToken(keys, text), undefined)
    }),
  )
})
