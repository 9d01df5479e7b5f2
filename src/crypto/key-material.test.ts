import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  generateKeyPair,
  generateMaterial,
  privateKeyFromMaterial,
  spkiOf,
} from './key-material.ts'
import { keySpecRow, keySpecs } from './key-specs.ts'
import { rsaPlaintextLimit } from './rsa-encryption.ts'

const spkiSizes = {
  RSA_2048: 294,
  RSA_3072: 422,
  RSA_4096: 550,
  ECC_NIST_P256: 91,
  ECC_NIST_P384: 120,
  ECC_NIST_P521: 158,
  ECC_SECG_P256K1: 88,
  ECC_NIST_EDWARDS25519: 44,
  ML_DSA_44: 1334,
  ML_DSA_65: 1974,
  ML_DSA_87: 2614,
  ML_KEM_512: 822,
  ML_KEM_768: 1206,
  ML_KEM_1024: 1590,
}

for (const [spec, size] of Object.entries(spkiSizes)) {
  test(`the public key of ${spec} has ${size} bytes, and its material is a key once and then zeroes`, () => {
    const pair = generateKeyPair(spec)
    assert.equal(pair.publicKey.length, size)
    const key = privateKeyFromMaterial(spec, pair.privateKey)
    assert.equal(key.type, 'private')
    assert.deepEqual(spkiOf(key), pair.publicKey)
    assert.ok(pair.privateKey.every((byte) => byte === 0))
  })
}

test('secret keys have the length of their spec, and no two are equal', () => {
  const lengths = { SYMMETRIC_DEFAULT: 32, HMAC_224: 28, HMAC_256: 32, HMAC_384: 48, HMAC_512: 64 }
  for (const [spec, length] of Object.entries(lengths)) {
    const material = generateMaterial(spec)
    assert.equal(material.length, length)
    assert.notDeepEqual(material, generateMaterial(spec))
    assert.equal(privateKeyFromMaterial(spec, material).symmetricKeySize, length)
    assert.throws(() => generateKeyPair(spec))
  }
  assert.equal(Object.keys(lengths).length + Object.keys(spkiSizes).length, keySpecs().length)
})

test('data key pairs are offered of RSA, the curves and ML-KEM, import for all but the post-quantum keys', () => {
  const having = (what: 'dataKeyPair' | 'importable') =>
    keySpecs().filter((spec) => keySpecRow(spec)?.[what])
  assert.deepEqual(having('dataKeyPair'), [
    ...Object.keys(spkiSizes).slice(0, 8),
    ...keySpecs().filter((spec) => spec.startsWith('ML_KEM')),
  ])
  assert.deepEqual(
    having('importable'),
    keySpecs().filter((spec) => !spec.startsWith('ML_')),
  )
  assert.equal(keySpecRow('SM2'), undefined)
  assert.throws(() => generateMaterial('SM2'), /no key spec SM2/)
})

test('the longest plaintexts of RSA are those that AWS documents', () => {
  const limit = (spec: string) =>
    ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'].map((algorithm) =>
      rsaPlaintextLimit(spec, algorithm),
    )
  assert.deepEqual(limit('RSA_2048'), [214, 190])
  assert.deepEqual(limit('RSA_3072'), [342, 318])
  assert.deepEqual(limit('RSA_4096'), [470, 446])
})
