import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { xaesKey } from '../crypto/xaes.ts'
import { type BlobHeader, openBlob, readBlobHeader, sealBlob } from './ciphertext-blob.ts'

const header: BlobHeader = {
  keyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
  materialId: '5a'.repeat(32),
}
const key = xaesKey(createSecretKey(Buffer.alloc(32, 1)))
const otherKey = xaesKey(createSecretKey(Buffer.alloc(32, 2)))
const context = new Map([['tenant', 'a']])
const plaintext = Buffer.from('plain')
const sealed = sealBlob({ key, header }, plaintext, context)

const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((each) => Buffer.from(each).toString('hex'))
const keyId = fc.oneof(
  fc.uuid({ version: 4 }),
  hex(16).map((id) => id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')),
  hex(16).map((id) => `mrk-${id}`),
)
const headers = fc.record({ keyId, materialId: hex(32) }, { noNullPrototype: true })
const contexts = fc.option(
  fc
    .dictionary(fc.string(), fc.string(), { maxKeys: 3 })
    .map((pairs) => new Map(Object.entries(pairs))),
  { nil: undefined },
)
const plaintexts = fc.uint8Array({ minLength: 1, maxLength: 200 })

describe('A blob', () => {
  test('has the bytes that docs/ciphertext-format.md says', () => {
    assert.equal(sealed.toString('latin1', 0, 2), 'Tr')
    assert.equal(sealed[2], 1)
    assert.equal(sealed[3], 0)
    assert.equal(sealed.toString('hex', 4, 20), '1234abcd12ab34cd56ef1234567890ab')
    assert.equal(sealed.toString('hex', 20, 52), header.materialId)
    assert.equal(sealed.length, 76 + plaintext.length + 16)
  })

  test('of a multi-Region key says so in its fourth byte', () => {
    const keyId = `mrk-${'0f'.repeat(16)}`
    const blob = sealBlob({ key, header: { ...header, keyId } }, plaintext, undefined)
    assert.equal(blob[3], 1)
    assert.equal(blob.toString('hex', 4, 20), '0f'.repeat(16))
    assert.equal(readBlobHeader(blob)?.keyId, keyId)
  })

  test('is 92 bytes longer than its plaintext, so that 4096 bytes stay within 6144', () => {
    for (const length of [1, 32, 4095, 4096]) {
      const blob = sealBlob({ key, header }, Buffer.alloc(length), context)
      assert.equal(blob.length, length + 92)
      assert.ok(blob.length <= 6144)
    }
  })

  test('opens to what was sealed, and says under which key and material', () => {
    fc.assert(
      fc.property(headers, plaintexts, contexts, (of, plain, under) => {
        const blob = sealBlob({ key, header: of }, plain, under)
        assert.deepEqual(readBlobHeader(blob), of)
        assert.deepEqual(openBlob(key, blob, under), Buffer.from(plain))
      }),
    )
  })

  test('is another one each time', () => {
    const blobs = Array.from({ length: 100 }, () =>
      sealBlob({ key, header }, plaintext, context).toString('hex', 52),
    )
    assert.equal(new Set(blobs.map((blob) => blob.slice(0, 48))).size, 100)
    assert.equal(new Set(blobs.map((blob) => blob.slice(48))).size, 100)
  })

  test('is read the same wherever it lies in memory', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (before, behind) => {
        const memory = new Uint8Array(before + sealed.length + behind).fill(0x54)
        memory.set(sealed, before)
        const blob = memory.subarray(before, before + sealed.length)
        assert.deepEqual(readBlobHeader(blob), header)
        assert.deepEqual(openBlob(key, blob, context), plaintext)
      }),
    )
  })

  test('is not made of an id that is none', () => {
    for (const wrong of [
      { keyId: '' },
      { keyId: 'mrk-' },
      { keyId: '1234abcd' },
      { keyId: 'g234abcd-12ab-34cd-56ef-1234567890ab' },
      { materialId: '' },
      { materialId: '5a'.repeat(31) },
    ])
      assert.throws(() => sealBlob({ key, header: { ...header, ...wrong } }, plaintext, context))
  })
})

describe('A blob that is not what was sealed', () => {
  test('does not open with any bit of it flipped', () => {
    for (const index of sealed.keys())
      for (let bit = 0; bit < 8; bit += 1) {
        const blob = Buffer.from(sealed)
        blob[index] = (blob[index] ?? 0) ^ (1 << bit)
        assert.equal(openBlob(key, blob, context), undefined, `byte ${index}, bit ${bit}`)
      }
  })

  test('does not open with any byte of it changed', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (index, mask) => {
        const blob = Buffer.from(sealed)
        blob[index] = (blob[index] ?? 0) ^ mask
        assert.equal(openBlob(key, blob, context), undefined)
      }),
    )
  })

  test('does not open cut at either end, at any length', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      assert.equal(openBlob(key, sealed.subarray(0, length), context), undefined)
      assert.equal(openBlob(key, sealed.subarray(sealed.length - length), context), undefined)
    }
  })

  test('does not open extended at either end, or inside', () => {
    const more = fc.uint8Array({ minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.nat(sealed.length), more, (at, bytes) => {
        const blob = Buffer.concat([sealed.subarray(0, at), bytes, sealed.subarray(at)])
        assert.equal(openBlob(key, blob, context), undefined)
      }),
    )
  })

  test('does not open under another key or context', () => {
    assert.equal(openBlob(otherKey, sealed, context), undefined)
    fc.assert(
      fc.property(contexts, (other) => {
        if (other?.size === 1 && other.get('tenant') === 'a') return
        assert.equal(openBlob(key, sealed, other), undefined)
      }),
    )
  })

  test('does not open with the header or the nonce of another blob', () => {
    const other = sealBlob(
      { key, header: { ...header, materialId: 'a5'.repeat(32) } },
      plaintext,
      context,
    )
    for (const at of [52, 76, sealed.length - 16]) {
      const blob = Buffer.concat([other.subarray(0, at), sealed.subarray(at)])
      assert.equal(openBlob(key, blob, context), undefined)
    }
  })

  test('does not open when it is anything at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), contexts, (bytes, under) => {
        assert.equal(openBlob(key, bytes, under), undefined)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('readBlobHeader', () => {
  test('knows one mark, one version and two kinds of key id', () => {
    for (const [index, known] of [
      [0, [0x54]],
      [1, [0x72]],
      [2, [1]],
      [3, [0, 1]],
    ] as const)
      for (let value = 0; value < 256; value += 1) {
        const blob = Buffer.from(sealed)
        blob[index] = value
        const isKnown = (known as readonly number[]).includes(value)
        assert.equal(readBlobHeader(blob) !== undefined, isKnown, `byte ${index}: ${value}`)
      }
  })

  test('takes nothing shorter than the shortest blob, and a blob of one byte of plaintext', () => {
    for (let length = 0; length < 93; length += 1) {
      assert.equal(readBlobHeader(sealed.subarray(0, length)), undefined)
    }
    const shortest = sealBlob({ key, header }, Buffer.from('x'), context)
    assert.equal(shortest.length, 93)
    assert.deepEqual(readBlobHeader(shortest), header)
  })

  test('answers a header or undefined for any bytes, and never throws', () => {
    const marked = fc
      .uint8Array({ maxLength: 300 })
      .map((bytes) => Buffer.concat([sealed.subarray(0, 4), bytes]))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), marked), (bytes) => {
        const read = readBlobHeader(bytes)
        if (read === undefined) return
        assert.match(
          read.keyId,
          /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/,
        )
        assert.match(read.materialId, /^[0-9a-f]{64}$/)
      }),
      { numRuns: 1000 },
    )
  })

  test('reads only the header: what stands behind it does not matter', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 41, maxLength: 200 }), (bytes) => {
        const blob = Buffer.concat([sealed.subarray(0, 52), bytes])
        assert.deepEqual(readBlobHeader(blob), header)
      }),
    )
  })
})
