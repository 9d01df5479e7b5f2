/**
 * Ciphertexts that are to decrypt for ever: one file for each version of the blob, written once by
 * `tools/make-blob-corpus.ts`. A failure here is data that a customer cannot read any more.
 */
import assert from 'node:assert/strict'
import { createHash, createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { xaesKey } from '../../src/crypto/xaes.ts'
import { openBlob, readBlobHeader } from '../../src/encryption/ciphertext-blob.ts'

interface Corpus {
  readonly version: number
  readonly blobs: readonly {
    readonly material: string
    readonly keyId: string
    readonly materialId: string
    readonly context: readonly (readonly [name: string, value: string])[] | null
    readonly plaintext: string
    readonly blob: string
  }[]
}

const text = readFileSync(join(import.meta.dirname, 'blobs', 'v1.json'), 'utf8')
const corpus = JSON.parse(text) as Corpus

describe('Ciphertexts of version 1', () => {
  test('the corpus is the one that was written', () => {
    assert.equal(corpus.version, 1)
    assert.equal(corpus.blobs.length, 42)
    assert.equal(createHash('sha256').update(text).digest('hex'), corpusDigest)
  })

  for (const [index, each] of corpus.blobs.entries()) {
    const { keyId, materialId, context } = each
    const pairs = context === null ? 'no context' : `a context of ${context.length} pairs`
    const blob = Buffer.from(each.blob, 'base64')
    const key = xaesKey(createSecretKey(Buffer.from(each.material, 'hex')))

    test(`ciphertext ${index} decrypts: ${keyId}, ${pairs}`, () => {
      assert.deepEqual(readBlobHeader(blob), { keyId, materialId })
      const under = context === null ? undefined : new Map(context)
      assert.equal(openBlob(key, blob, under)?.toString('base64'), each.plaintext)
      const turned = new Map(context?.toReversed() ?? [])
      assert.equal(openBlob(key, blob, turned)?.toString('base64'), each.plaintext)
    })

    test(`ciphertext ${index} decrypts under no other context`, () => {
      const more = new Map([...(context ?? []), ['another', 'pair'] as const])
      assert.equal(openBlob(key, blob, more), undefined)
      const less = new Map(context?.slice(1) ?? [['another', 'pair']])
      if (context?.length !== 0) assert.equal(openBlob(key, blob, less), undefined)
    })
  }
})

const corpusDigest = '26d4142c6e367966f63dcf88e68cad3b938484bfbeb708b2377f366587d20571'
