import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import fc from 'fast-check'
import { keyOfScalar, scalarOf } from './curves.ts'
import { derTag, writeDer } from './der.ts'
import { canonicalMaterial, checkImportedMaterial } from './imported-material.ts'
import {
  generateKeyPair,
  generateMaterial,
  privateKeyFromMaterial,
  spkiOf,
} from './key-material.ts'
import { keySpecRow, keySpecs } from './key-specs.ts'

const imported = keySpecs().filter((spec) => keySpecRow(spec)?.importable)
const curves = ['ECC_NIST_P256', 'ECC_NIST_P384', 'ECC_NIST_P521', 'ECC_SECG_P256K1'] as const

/** PKCS #8 of an EC key as somebody else might write it. */
function pkcs8(identifier: Uint8Array, scalar: Uint8Array, ...more: readonly Uint8Array[]): Buffer {
  const [one, number] = [Buffer.of(1), writeDer(derTag.octetString, scalar)]
  const inner = writeDer(derTag.sequence, writeDer(derTag.integer, one), number, ...more)
  const version = writeDer(derTag.integer, Buffer.of(0))
  return writeDer(derTag.sequence, version, identifier, writeDer(derTag.octetString, inner))
}

const ecP256 = Buffer.from('301306072a8648ce3d020106082a8648ce3d030107', 'hex')

test('material of a spec passes as that and as no other', () => {
  for (const spec of imported) {
    if (spec === 'RSA_4096') continue
    const material = generateMaterial(spec)
    const before = Buffer.from(material)
    for (const other of keySpecs()) {
      const form = keySpecRow(other)?.material
      // To a secret key any bytes of its length are as good: an Ed25519 key passes for 48 bytes of HMAC_384.
      const alike = form?.type === 'secret' && form.bytes === material.length
      assert.equal(checkImportedMaterial(other, material), other === spec || alike, other)
    }
    assert.deepEqual(material, before)
    assert.deepEqual(canonicalMaterial(spec, material), material)
    assert.ok(!checkImportedMaterial(spec, material.subarray(1)))
    assert.ok(!checkImportedMaterial(spec, Buffer.concat([material, Buffer.of(0)])))
  }
})

test('post-quantum keys are not imported', () => {
  assert.ok(!checkImportedMaterial('ML_DSA_44', generateMaterial('ML_DSA_44')))
  assert.ok(!checkImportedMaterial('ML_KEM_512', generateMaterial('ML_KEM_512')))
})

test('no bytes make the check throw', () => {
  const specs = ['RSA_2048', 'ECC_NIST_P384', 'ECC_NIST_EDWARDS25519', 'HMAC_384']
  const sound = new Map(specs.map((spec) => [spec, generateMaterial(spec)]))
  fc.assert(
    fc.property(fc.constantFrom(...specs), fc.nat(), fc.nat(255), (spec, place, byte) => {
      const bytes = Buffer.from(sound.get(spec) ?? [])
      bytes[place % bytes.length] = byte
      checkImportedMaterial(spec, bytes)
      checkImportedMaterial(spec, bytes.subarray(place % bytes.length))
    }),
    { numRuns: 300 },
  )
})

test('an RSA key whose halves are not of one key, or whose exponent is small, is refused', () => {
  const material = generateMaterial('RSA_2048')
  // The modulus begins where 02 82 01 01 00 stands first; its last byte stays odd.
  const modulus = material.indexOf(Buffer.from('0282010100', 'hex')) + 5
  const other = Buffer.from(material)
  other[modulus + 100] = (other[modulus + 100] ?? 0) ^ 1
  assert.ok(!checkImportedMaterial('RSA_2048', other))
  for (const publicExponent of [3, 17]) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent })
    const small = privateKey.export({ format: 'der', type: 'pkcs8' })
    assert.ok(!checkImportedMaterial('RSA_2048', small))
  }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2040 })
  const short = privateKey.export({ format: 'der', type: 'pkcs8' })
  assert.ok(!checkImportedMaterial('RSA_2048', short))
})

test('only numbers from 1 to n - 1 are keys on a curve', () => {
  const orders = [p256, p384, p521, secp256k1].map(({ Point }) => Point.Fn)
  for (const [index, { ORDER, BYTES }] of orders.entries()) {
    const row = keySpecRow(curves[index] ?? '')
    assert.ok(row?.material.type === 'ec')
    const bytes = (number: bigint) =>
      Buffer.from(number.toString(16).padStart(2 * BYTES, '0'), 'hex')
    const { curve } = row.material
    for (const number of [0n, ORDER, ORDER + 1n, 2n ** BigInt(8 * BYTES) - 1n]) {
      assert.equal(keyOfScalar(curve, bytes(number)), undefined)
    }
    for (const number of [1n, 2n, ORDER - 1n]) {
      const key = keyOfScalar(curve, bytes(number)) ?? assert.fail()
      assert.deepEqual(scalarOf(key), bytes(number))
    }
    assert.equal(keyOfScalar(curve, bytes(1n).subarray(1)), undefined)
  }
  assert.ok(checkImportedMaterial('ECC_NIST_P256', pkcs8(ecP256, Buffer.alloc(32, 9))))
  assert.ok(!checkImportedMaterial('ECC_NIST_P256', pkcs8(ecP256, Buffer.alloc(32))))
  assert.ok(!checkImportedMaterial('ECC_NIST_P256', pkcs8(ecP256, Buffer.alloc(32, 0xff))))
})

test('a key on a curve that comes with the point of another is refused; without one it is completed', () => {
  const scalar = randomBytes(32).fill(1, 0, 1)
  const point = (of: Uint8Array, compressed: boolean) =>
    writeDer(0xa1, writeDer(0x03, Buffer.of(0), p256.getPublicKey(of, compressed)))
  const bare = pkcs8(ecP256, scalar)
  const whole = canonicalMaterial('ECC_NIST_P256', bare)
  assert.equal(spkiOf(privateKeyFromMaterial('ECC_NIST_P256', Buffer.from(whole))).length, 91)
  for (const compressed of [true, false]) {
    const same = pkcs8(ecP256, scalar, point(scalar, compressed))
    assert.deepEqual(canonicalMaterial('ECC_NIST_P256', same), whole)
    const wrong = pkcs8(ecP256, scalar, point(Buffer.alloc(32, 3), compressed))
    assert.ok(!checkImportedMaterial('ECC_NIST_P256', wrong))
    assert.throws(() => canonicalMaterial('ECC_NIST_P256', wrong))
  }
})

test('a public key beside an Ed25519 seed (RFC 8410 section 10.3) must be its own', () => {
  const { privateKey, publicKey } = generateKeyPair('ECC_NIST_EDWARDS25519')
  const written = (half: Uint8Array) =>
    writeDer(
      derTag.sequence,
      writeDer(derTag.integer, Buffer.of(1)),
      privateKey.subarray(5),
      writeDer(derTag.publicKey, Buffer.of(0), half),
    )
  const own = written(publicKey.subarray(-32))
  assert.deepEqual(canonicalMaterial('ECC_NIST_EDWARDS25519', own), privateKey)
  assert.ok(!checkImportedMaterial('ECC_NIST_EDWARDS25519', written(Buffer.alloc(32, 1))))
})
