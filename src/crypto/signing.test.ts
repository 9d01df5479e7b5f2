import assert from 'node:assert/strict'
import { constants, createHash, hash, type KeyObject, verify as opensslVerify } from 'node:crypto'
import { before, test } from 'node:test'
import { ed25519ph } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { algorithmRow, type MessageType, messageLength, takesMessageType } from './algorithms.ts'
import { subjectPublicKey } from './der.ts'
import { generateMaterial, privateKeyFromMaterial, publicKeyOf, spkiOf } from './key-material.ts'
import { keySpecRow, keySpecs } from './key-specs.ts'
import { sign, verify } from './signing.ts'

interface Pair {
  readonly spec: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly algorithms: readonly string[]
}

const message = Buffer.from('a message of any length')
const pairs: Pair[] = []

before(() => {
  for (const spec of keySpecs()) {
    const algorithms = keySpecRow(spec)?.usages.SIGN_VERIFY ?? []
    // Larger moduli take seconds to make, and nothing here depends on the size but one test of sizes.
    if (algorithms.length === 0 || spec === 'RSA_4096') continue
    const privateKey = privateKeyFromMaterial(spec, generateMaterial(spec))
    pairs.push({ spec, privateKey, publicKey: publicKeyOf(privateKey), algorithms })
  }
})

/** The message as Sign takes it in each type: the same message, however it is said. */
function messageOf(pair: Pair, algorithm: string, type: MessageType): Buffer {
  const row = algorithmRow(algorithm)
  assert.ok(row?.for === 'signing')
  if (type === 'DIGEST') return hash(row.hash ?? 'sha512', message, 'buffer')
  if (type === 'RAW') return message
  const tr = shake256(Buffer.from(subjectPublicKey(spkiOf(pair.publicKey))))
  return shake256(tr, Buffer.of(0, 0), message)
}

function shake256(...parts: readonly Buffer[]): Buffer {
  return createHash('shake256', { outputLength: 64 }).update(Buffer.concat(parts)).digest()
}

function eachWay(run: (pair: Pair, algorithm: string, type: MessageType) => void): void {
  for (const pair of pairs) {
    for (const algorithm of pair.algorithms) {
      for (const type of ['RAW', 'DIGEST', 'EXTERNAL_MU'] as const) {
        if (takesMessageType(algorithm, type)) run(pair, algorithm, type)
      }
    }
  }
}

test('a signature of either message type verifies as the other', () => {
  let count = 0
  eachWay((pair, algorithm, type) => {
    const signed = { algorithm, message: messageOf(pair, algorithm, type), messageType: type }
    const signature = sign(pair.spec, pair.privateKey, signed)
    eachWay((other, same, otherType) => {
      if (other !== pair || same !== algorithm) return
      const said = { algorithm, message: messageOf(pair, algorithm, otherType) }
      const input = { ...said, messageType: otherType, signature }
      assert.ok(verify(pair.spec, pair.publicKey, input), `${pair.spec} ${type} as ${otherType}`)
      count += 1
    })
  })
  assert.equal(count, 2 * 6 * 4 + 4 * 4 + 2 + 3 * 4)
})

test("signatures of digests hold before OpenSSL's own verification of the message", () => {
  eachWay((pair, algorithm, type) => {
    const row = algorithmRow(algorithm)
    if (type === 'RAW' || row?.for !== 'signing' || row.scheme === 'ed25519ph') return
    const signed = { algorithm, message: messageOf(pair, algorithm, type), messageType: type }
    const signature = sign(pair.spec, pair.privateKey, signed)
    const { RSA_PKCS1_PSS_PADDING, RSA_PKCS1_PADDING } = constants
    // OpenSSL takes a salt of exactly this length and no other.
    const saltLength = row.messageTypes.DIGEST ?? 0
    const options =
      row.scheme === 'pss'
        ? { padding: RSA_PKCS1_PSS_PADDING, saltLength }
        : row.scheme === 'pkcs1'
          ? { padding: RSA_PKCS1_PADDING }
          : {}
    const key = { key: pair.publicKey, ...options }
    assert.ok(opensslVerify(row.hash, message, key, signature), `${pair.spec} ${algorithm} ${type}`)
  })
})

test('the salt of PSS is as long as the digest for whole messages, too', () => {
  const pair = pairs.find(({ spec }) => spec === 'RSA_2048') ?? assert.fail()
  for (const [bits, saltLength] of [256, 384, 512].map((size) => [size, size / 8] as const)) {
    const algorithm = `RSASSA_PSS_SHA_${bits}`
    const signature = sign(pair.spec, pair.privateKey, { algorithm, message, messageType: 'RAW' })
    const key = { key: pair.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
    assert.ok(opensslVerify(`sha${bits}`, message, key, signature))
  }
})

test('Ed25519ph hashes the 64 bytes that it is given', () => {
  const pair = pairs.find(({ spec }) => spec === 'ECC_NIST_EDWARDS25519') ?? assert.fail()
  const input = { algorithm: 'ED25519_PH_SHA_512', message: Buffer.alloc(64, 5) } as const
  const ph = { ...input, messageType: 'DIGEST' } as const
  const signature = sign(pair.spec, pair.privateKey, ph)
  assert.equal(signature.length, 64)
  assert.ok(ed25519ph.verify(signature, ph.message, subjectPublicKey(spkiOf(pair.publicKey))))
  assert.ok(verify(pair.spec, pair.publicKey, { ...ph, signature }))
  const plain = { ...ph, algorithm: 'ED25519_SHA_512', messageType: 'RAW' } as const
  assert.ok(!verify(pair.spec, pair.publicKey, { ...plain, signature }))
})

test('signatures have the sizes of their algorithms', () => {
  const sizes: Readonly<Record<string, number>> = {
    RSA_2048: 256,
    RSA_3072: 384,
    ECC_NIST_EDWARDS25519: 64,
    ML_DSA_44: 2420,
    ML_DSA_65: 3309,
    ML_DSA_87: 4627,
  }
  eachWay((pair, algorithm, type) => {
    const input = { algorithm, message: messageOf(pair, algorithm, type), messageType: type }
    const { length } = sign(pair.spec, pair.privateKey, input)
    const size = sizes[pair.spec]
    if (size !== undefined) assert.equal(length, size)
    else assert.ok(length <= 139, 'DER of two numbers')
  })
})

test('no signature makes verification throw, whatever its bytes and length', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom(1, 64, 256, 384, 2420, 6144).map((length) => Buffer.alloc(length, 0x61)),
    fc.constantFrom(64, 256, 384).map((length) => Buffer.alloc(length)),
    fc.constantFrom(64, 256, 384).map((length) => Buffer.alloc(length, 0xff)),
  )
  eachWay((pair, algorithm, type) => {
    const input = { algorithm, message: messageOf(pair, algorithm, type), messageType: type }
    const isRefused = (signature: Uint8Array) =>
      !verify(pair.spec, pair.publicKey, { ...input, signature })
    fc.assert(fc.property(anything, isRefused), { numRuns: 20 })
  })
})

test('a changed message or signature is refused', () => {
  eachWay((pair, algorithm, type) => {
    const input = { algorithm, message: messageOf(pair, algorithm, type), messageType: type }
    const signature = sign(pair.spec, pair.privateKey, input)
    const other = Buffer.from(input.message)
    other[0] = (other[0] ?? 0) ^ 1
    assert.ok(!verify(pair.spec, pair.publicKey, { ...input, message: other, signature }))
    const last = signature.length - 1
    signature[last] = (signature[last] ?? 0) ^ 1
    assert.ok(!verify(pair.spec, pair.publicKey, { ...input, signature }))
  })
})

test('messages of a type or length that the algorithm does not take are a mistake of the caller', () => {
  eachWay((pair, algorithm, type) => {
    const length = messageLength(algorithm, type)
    if (length === undefined) return
    const input = { algorithm, message: Buffer.alloc(length - 1), messageType: type }
    assert.throws(() => sign(pair.spec, pair.privateKey, input), /bytes of/)
    assert.throws(() => verify(pair.spec, pair.publicKey, { ...input, signature: message }))
  })
  const [pair = assert.fail()] = pairs
  const input = { algorithm: 'RSASSA_PSS_SHA_256', message, messageType: 'EXTERNAL_MU' } as const
  assert.throws(() => sign(pair.spec, pair.privateKey, input), /does not sign EXTERNAL_MU/)
})
