import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { xaesKeyFromBytes, xaesOpen, xaesSeal } from './xaes.ts'

const nonce = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX')
const message = Buffer.from('XAES-256-GCM')

test('XAES-256-GCM gives the published vector in which L has no carry', () => {
  const key = xaesKeyFromBytes(Buffer.alloc(32, 1))
  assert.equal(
    xaesSeal(key, message, { nonce, additionalData: Buffer.alloc(0) }).toString('hex'),
    'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271',
  )
})

test('XAES-256-GCM gives the published vector with additional data', () => {
  const key = xaesKeyFromBytes(Buffer.alloc(32, 3))
  const additionalData = Buffer.from('c2sp.org/XAES-256-GCM')
  assert.equal(
    xaesSeal(key, message, { nonce, additionalData }).toString('hex'),
    '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d',
  )
})

test('XAES-256-GCM gives the published digest of 10,000 random messages', () => {
  const stream = createHash('shake128', { outputLength: 4_000_000 }).digest()
  const result = createHash('shake128', { outputLength: 32 })
  let offset = 0
  const take = (length: number): Buffer => {
    offset += length
    return Buffer.from(stream.subarray(offset - length, offset))
  }
  for (let round = 0; round < 10_000; round += 1) {
    const key = xaesKeyFromBytes(take(32))
    const roundNonce = take(24)
    const plaintext = take(take(1)[0] ?? 0)
    const additionalData = take(take(1)[0] ?? 0)
    const sealed = xaesSeal(key, plaintext, { nonce: roundNonce, additionalData })
    assert.deepEqual(xaesOpen(key, sealed, { nonce: roundNonce, additionalData }), plaintext)
    result.update(sealed)
  }
  assert.equal(
    result.digest('hex'),
    'e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939',
  )
})

test('a message that was changed anywhere does not open', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  fc.assert(
    fc.property(
      bytes(32),
      bytes(24),
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 32 }),
      fc.nat(),
      (key, drawn, plaintext, additionalData, place) => {
        const ready = xaesKeyFromBytes(Buffer.from(key))
        const sealed = xaesSeal(ready, plaintext, { nonce: drawn, additionalData })
        const position = place % (sealed.length + drawn.length)
        if (position < sealed.length) sealed[position] = (sealed[position] ?? 0) ^ 1
        else drawn[position - sealed.length] = (drawn[position - sealed.length] ?? 0) ^ 128
        assert.equal(xaesOpen(ready, sealed, { nonce: drawn, additionalData }), undefined)
      },
    ),
  )
})

test('nothing shorter than a tag opens, and the bytes a key was made from are zeroed', () => {
  const bytes = Buffer.alloc(32, 7)
  const key = xaesKeyFromBytes(bytes)
  assert.deepEqual(bytes, Buffer.alloc(32))
  for (let length = 0; length < 17; length += 1) {
    const sealed = Buffer.alloc(length)
    assert.equal(xaesOpen(key, sealed, { nonce, additionalData: Buffer.alloc(0) }), undefined)
  }
})
