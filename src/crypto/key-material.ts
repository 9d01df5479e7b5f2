/**
 * Making keys, and turning the bytes that are sealed at rest into keys that can be used: the raw bytes of a secret key, and
 * PKCS #8 (RFC 5958) of a private one. Bytes travel as DER alone: the strings of a JWK could not be erased.
 */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { type Material, requireKeySpec, type SecretMaterial } from './key-specs.ts'
import { randomBytes } from './random.ts'

/** The two halves of a new key pair, as AWS hands them out: PKCS #8 and SubjectPublicKeyInfo, both DER. */
export interface KeyPairBytes {
  readonly privateKey: Buffer
  readonly publicKey: Buffer
}

/** New material of a spec, as it is sealed: raw bytes of a secret key, PKCS #8 of a private one. The caller zeroes it. */
export function generateMaterial(spec: string): Buffer {
  const { material } = requireKeySpec(spec)
  return material.type === 'secret' ? randomBytes(material.bytes) : newKeyPair(material).privateKey
}

/** A new key pair of an asymmetric spec, for GenerateDataKeyPair and for import. The caller zeroes the private half. */
export function generateKeyPair(spec: string): KeyPairBytes {
  const { material } = requireKeySpec(spec)
  if (material.type === 'secret') throw new Error(`${spec} has no key pairs`)
  return newKeyPair(material)
}

/** The key of sealed material: private, or secret for symmetric and HMAC specs. The bytes are zeroed. */
export function privateKeyFromMaterial(spec: string, bytes: Buffer): KeyObject {
  const { material } = requireKeySpec(spec)
  try {
    if (material.type === 'secret') return createSecretKey(bytes)
    return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
  } finally {
    bytes.fill(0)
  }
}

/** The public half of a private key. */
export function publicKeyOf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey)
}

/** The SubjectPublicKeyInfo (RFC 5280 section 4.1) of a public or private key. */
export function spkiOf(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? publicKeyOf(key) : key
  return publicKey.export({ format: 'der', type: 'spki' })
}

function newKeyPair(material: Exclude<Material, SecretMaterial>): KeyPairBytes {
  switch (material.type) {
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: material.bits, ...encodings })
    case 'ec':
      return generateKeyPairSync('ec', { namedCurve: material.curve, ...encodings })
    case 'ed25519':
      return generateKeyPairSync('ed25519', encodings)
    case 'ml-dsa-44':
    case 'ml-dsa-65':
    case 'ml-dsa-87':
      return generateKeyPairSync(material.type, encodings)
    default:
      return generateKeyPairSync(material.type, encodings)
  }
}

const encodings = {
  privateKeyEncoding: { format: 'der', type: 'pkcs8' },
  publicKeyEncoding: { format: 'der', type: 'spki' },
} as const
