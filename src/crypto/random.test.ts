import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fillRandomly, randomBytes, uuid } from './random.ts'

/** More than two draws' worth, so that the seam between draws is crossed. */
const many = 1000

describe('uuid', () => {
  test('is of version 4 and of the variant of RFC 9562', () => {
    for (let index = 0; index < many; index += 1) {
      assert.match(uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
  })

  test('is another one each time', () => {
    assert.equal(new Set(Array.from({ length: many }, uuid)).size, many)
  })

  test('has every digit at every place that is random', () => {
    const seen = Array.from({ length: 36 }, () => new Set<string>())
    for (let index = 0; index < many; index += 1) {
      for (const [place, digit] of uuid().split('').entries()) seen[place]?.add(digit)
    }
    const sizes = seen.map(({ size }) => size)
    const group = (length: number) => Array.from({ length }, () => 16)
    const expected = [
      [...group(8), 1, ...group(4), 1],
      [1, ...group(3), 1],
      [4, ...group(3), 1, ...group(12)],
    ].flat()
    assert.deepEqual(sizes, expected)
  })
})

describe('Random bytes', () => {
  test('of any length are as many as asked for, and others each time', () => {
    for (const length of [16, 24, 32, 255, 256, 257, 5000]) {
      const drawn = Array.from({ length: 40 }, () => randomBytes(length))
      assert.ok(drawn.every((bytes) => bytes.length === length))
      assert.equal(new Set(drawn.map((bytes) => bytes.toString('hex'))).size, drawn.length)
    }
  })

  test('fill what they are given and nothing beside it', () => {
    const memory = Buffer.alloc(64)
    const nonces = new Set<string>()
    for (let index = 0; index < many; index += 1) {
      fillRandomly(memory.subarray(20, 44))
      nonces.add(memory.toString('hex', 20, 44))
    }
    assert.equal(nonces.size, many)
    assert.deepEqual(memory.subarray(0, 20), Buffer.alloc(20))
    assert.deepEqual(memory.subarray(44), Buffer.alloc(20))
  })

  test('that are too many for a short draw are refused rather than left out', () => {
    assert.throws(() => {
      fillRandomly(new Uint8Array(257))
    }, /more than a short draw/)
  })
})
