import assert from 'node:assert/strict'
import { type KeyObject, webcrypto } from 'node:crypto'
import { test } from 'node:test'
import { p256 } from '@noble/curves/nist.js'
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import { agree } from './agreement.ts'
import { subjectPublicKey } from './der.ts'
import { decapsulate, encapsulate } from './encapsulation.ts'
import {
  generateKeyPair,
  generateMaterial,
  privateKeyFromMaterial,
  publicKeyOf,
  spkiOf,
} from './key-material.ts'
import { hmac, macsEqual } from './mac.ts'
import { rsaDecrypt, rsaEncrypt, rsaPlaintextLimit } from './rsa-encryption.ts'

const newKey = (spec: string): KeyObject => privateKeyFromMaterial(spec, generateMaterial(spec))
const curves = { ECC_NIST_P256: 32, ECC_NIST_P384: 48, ECC_NIST_P521: 66 }

for (const [spec, length] of Object.entries(curves)) {
  test(`both sides of ${spec} agree on ${length} bytes, those of WebCrypto`, async () => {
    const key = newKey(spec)
    const { privateKey, publicKey } = generateKeyPair(spec)
    const shared = agree(spec, key, publicKey) ?? assert.fail()
    assert.equal(shared.length, length)
    const algorithm = { name: 'ECDH', namedCurve: spec.replace('ECC_NIST_P', 'P-') }
    const { subtle } = webcrypto
    const ours = await subtle.importKey('pkcs8', new Uint8Array(privateKey), algorithm, false, [
      'deriveBits',
    ])
    const theirs = await subtle.importKey('spki', new Uint8Array(spkiOf(key)), algorithm, false, [])
    const bits = await subtle.deriveBits({ name: 'ECDH', public: theirs }, ours, null)
    assert.deepEqual(Buffer.from(bits), shared)
  })
}

test('nobody agrees with a key of another curve or kind, a point beside the curve, or anything that is no key', () => {
  const key = newKey('ECC_NIST_P256')
  const { publicKey, privateKey } = generateKeyPair('ECC_NIST_P256')
  for (const spec of ['ECC_NIST_P384', 'ECC_SECG_P256K1', 'RSA_2048', 'ECC_NIST_EDWARDS25519']) {
    assert.equal(agree('ECC_NIST_P256', key, generateKeyPair(spec).publicKey), undefined)
  }
  const beside = Buffer.from(publicKey)
  beside[90] = (beside[90] ?? 0) ^ 1
  const infinity = Buffer.from('301906072a8648ce3d020106082a8648ce3d03010703020000', 'hex')
  const trailing = Buffer.concat([publicKey, Buffer.of(0)])
  const pem = Buffer.from('-----BEGIN PUBLIC KEY-----')
  for (const peer of [beside, infinity, trailing, privateKey, pem, Buffer.alloc(0)]) {
    assert.equal(agree('ECC_NIST_P256', key, peer), undefined)
  }
})

test('a compressed point is the same peer', () => {
  const key = newKey('ECC_NIST_P256')
  const { publicKey } = generateKeyPair('ECC_NIST_P256')
  const point = p256.Point.fromBytes(subjectPublicKey(publicKey)).toBytes(true)
  const head = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex')
  const compressed = Buffer.concat([head, point])
  assert.deepEqual(agree('ECC_NIST_P256', key, compressed), agree('ECC_NIST_P256', key, publicKey))
})

const kems = { ML_KEM_512: ml_kem512, ML_KEM_768: ml_kem768, ML_KEM_1024: ml_kem1024 }

for (const [spec, noble] of Object.entries(kems)) {
  test(`${spec} and another implementation open each other's ciphertexts`, () => {
    const material = generateMaterial(spec)
    const keys = noble.keygen(Uint8Array.from(material.subarray(-64)))
    const key = privateKeyFromMaterial(spec, material)
    assert.deepEqual(subjectPublicKey(spkiOf(key)), Buffer.from(keys.publicKey))
    const ours = encapsulate(publicKeyOf(key))
    assert.equal(ours.sharedSecret.length, 32)
    const opened = noble.decapsulate(ours.ciphertext, keys.secretKey)
    assert.deepEqual(Buffer.from(opened), ours.sharedSecret)
    const theirs = noble.encapsulate(keys.publicKey)
    assert.deepEqual(decapsulate(key, theirs.cipherText), Buffer.from(theirs.sharedSecret))
    assert.equal(decapsulate(key, theirs.cipherText.subarray(1)), undefined)
    theirs.cipherText[0] = (theirs.cipherText[0] ?? 0) ^ 1
    const implicit = decapsulate(key, theirs.cipherText) ?? assert.fail()
    assert.deepEqual(implicit, Buffer.from(noble.decapsulate(theirs.cipherText, keys.secretKey)))
  })
}

test('RSA decrypts what it encrypted, up to the limit, and answers every failure with nothing', () => {
  const key = newKey('RSA_2048')
  const publicKey = publicKeyOf(key)
  const other = newKey('RSA_2048')
  for (const algorithm of ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']) {
    const limit = rsaPlaintextLimit('RSA_2048', algorithm)
    const plaintext = Buffer.alloc(limit, 7)
    const ciphertext = rsaEncrypt(publicKey, algorithm, plaintext)
    assert.deepEqual(rsaDecrypt(key, algorithm, ciphertext), plaintext)
    assert.throws(() => rsaEncrypt(publicKey, algorithm, Buffer.alloc(limit + 1)))
    assert.equal(rsaDecrypt(other, algorithm, ciphertext), undefined)
    for (const garbage of [256, 10, 0, 257].map((length) => Buffer.alloc(length, 0xfe))) {
      assert.equal(rsaDecrypt(key, algorithm, garbage), undefined)
    }
  }
  const ciphertext = rsaEncrypt(publicKey, 'RSAES_OAEP_SHA_1', Buffer.alloc(1))
  assert.equal(rsaDecrypt(key, 'RSAES_OAEP_SHA_256', ciphertext), undefined)
})

test('MACs are as long as their hash, and only equal ones are equal', () => {
  for (const bits of [224, 256, 384, 512]) {
    const mac = hmac(newKey(`HMAC_${bits}`), `HMAC_SHA_${bits}`, Buffer.from('message'))
    assert.equal(mac.length, bits / 8)
    const other = Buffer.from(mac)
    assert.ok(macsEqual(mac, other))
    other[3] = (other[3] ?? 0) ^ 1
    assert.ok(!macsEqual(mac, other))
    assert.ok(!macsEqual(mac, mac.subarray(1)))
  }
  assert.throws(() => hmac(newKey('HMAC_256'), 'ECDH', Buffer.alloc(1)))
})
