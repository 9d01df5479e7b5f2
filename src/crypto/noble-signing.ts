/**
 * The signatures that `node:crypto` cannot make: ECDSA of a digest that is ready, Ed25519ph, and ML-DSA of an external mu. They
 * take a thread, not for their time alone: this module costs a start-up that fast work shall not pay.
 */
import type { KeyObject } from 'node:crypto'
import { ed25519ph } from '@noble/curves/ed25519.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { scalarOf } from './curves.ts'
import { subjectPublicKey } from './der.ts'
import { type Curve, type Material, type MlDsa, requireKeySpec } from './key-specs.ts'
import { spkiOf } from './key-material.ts'
import { randomBytes } from './random.ts'
import { type SigningInput, signingRow, type VerifyingInput } from './signing-input.ts'

/** Signs by noble. Nonces are hedged: derived from key and message as RFC 6979 section 3.6 does, with randomness in it. */
export function signByNoble(spec: string, privateKey: KeyObject, input: SigningInput): Buffer {
  signingRow(input)
  const { material } = requireKeySpec(spec)
  const secret = secretOf(material, privateKey)
  try {
    return Buffer.from(signWith(material, secret, input.message))
  } finally {
    secret.fill(0)
  }
}

/** Verifies by noble. */
export function verifyByNoble(spec: string, publicKey: KeyObject, input: VerifyingInput): boolean {
  signingRow(input)
  const { material } = requireKeySpec(spec)
  const key = subjectPublicKey(spkiOf(publicKey))
  try {
    return verifyWith(material, key, input)
  } catch {
    return false
  }
}

function signWith(material: Material, secret: Uint8Array, message: Uint8Array): Uint8Array {
  if (material.type === 'ec') {
    const entropy = { extraEntropy: randomBytes(secret.length) }
    return curves[material.curve].sign(message, secret, { ...overDigest, ...entropy })
  }
  // RFC 8032 section 5.1: the pre-hash is part of the scheme, so that the 64 bytes given are hashed once more, as at AWS.
  if (material.type === 'ed25519') return ed25519ph.sign(message, secret)
  const scheme = mlDsa(material)
  const keys = scheme.keygen(secret)
  try {
    const extraEntropy = randomBytes(32)
    return scheme.internal.sign(message, keys.secretKey, { externalMu: true, extraEntropy })
  } finally {
    keys.secretKey.fill(0)
  }
}

function verifyWith(material: Material, key: Uint8Array, input: VerifyingInput): boolean {
  const { message, signature } = input
  if (material.type === 'ec') {
    return curves[material.curve].verify(signature, message, key, overDigest)
  }
  // FIPS 186-5 section 7.7.2 asks for canonical points; ZIP 215 is noble's laxer default.
  if (material.type === 'ed25519') {
    return ed25519ph.verify(signature, message, key, { zip215: false })
  }
  return mlDsa(material).internal.verify(signature, message, key, { externalMu: true })
}

/** The secret number or seed: the last 32 bytes of the only PKCS #8 that OpenSSL writes for either (RFC 8410, RFC 9881). */
function secretOf(material: Material, privateKey: KeyObject): Uint8Array {
  if (material.type === 'ec') return scalarOf(privateKey)
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  try {
    if (der.length !== (material.type === 'ed25519' ? 48 : 54)) {
      throw new Error('this private key is not written as a seed')
    }
    return Uint8Array.from(der.subarray(-32))
  } finally {
    der.fill(0)
  }
}

function mlDsa(material: Material): typeof ml_dsa44 {
  const scheme = mlDsas.get(material.type)
  if (scheme === undefined) throw new Error(`noble signs nothing with ${material.type}`)
  return scheme
}

const overDigest = { prehash: false, lowS: false, format: 'der' } as const

const curves: Readonly<Record<Curve, typeof p256>> = {
  prime256v1: p256,
  secp384r1: p384,
  secp521r1: p521,
  secp256k1,
}

const mlDsas: ReadonlyMap<string, typeof ml_dsa44> = new Map<MlDsa, typeof ml_dsa44>([
  ['ml-dsa-44', ml_dsa44],
  ['ml-dsa-65', ml_dsa65],
  ['ml-dsa-87', ml_dsa87],
])
