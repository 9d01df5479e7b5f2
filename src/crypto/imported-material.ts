/**
 * Whether material that somebody brings is a key of its spec. What OpenSSL's decoders let through is asked here: its size or
 * curve, a sane public exponent, a private half that belongs to the public one, and nothing behind the end.
 */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
} from 'node:crypto'
import { keyOfScalar, scalarOf } from './curves.ts'
import { derTag, readSequence, subjectPublicKey } from './der.ts'
import { type Curve, type Material, requireKeySpec } from './key-specs.ts'
import { randomBytes } from './random.ts'

/** Whether the bytes are material of a spec: raw bytes of its length, or one PKCS #8 of its type. They stay as they are. */
export function checkImportedMaterial(spec: string, bytes: Uint8Array): boolean {
  const { material, importable } = requireKeySpec(spec)
  if (!importable) return false
  if (material.type === 'secret') return bytes.length === material.bytes
  return importedKey(material, bytes) !== undefined
}

/** Material that passed the check, in the one form in which equal keys have equal bytes. The caller zeroes both. */
export function canonicalMaterial(spec: string, bytes: Uint8Array): Buffer {
  const { material } = requireKeySpec(spec)
  if (material.type === 'secret') return Buffer.from(bytes)
  const key = importedKey(material, bytes)
  if (key === undefined) throw new Error(`this is no material of ${spec}`)
  return key.export({ format: 'der', type: 'pkcs8' })
}

/** The key in a PKCS #8 (RFC 5958 section 2) if it is what it should be, and whole. */
function importedKey(material: Material, bytes: Uint8Array): KeyObject | undefined {
  const parts = readSequence(bytes)
  if (parts === undefined) return undefined
  try {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const key = createPrivateKey({ key: view, format: 'der', type: 'pkcs8' })
    if (key.asymmetricKeyType !== material.type) return undefined
    const sound = material.type === 'ec' ? soundCurveKey(material.curve, key) : key
    const said = parts.find((part) => part.tag === derTag.publicKey)
    if (sound === undefined || (said !== undefined && !isPublicHalf(sound, said.content)))
      return undefined
    return material.type !== 'rsa' || isSoundRsaKey(material.bits, key) ? sound : undefined
  } catch {
    return undefined
  }
}

/** Whether the public key beside a private one is its own: OpenSSL does not read that member. */
function isPublicHalf(key: KeyObject, said: Uint8Array): boolean {
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return said[0] === 0 && Buffer.from(subjectPublicKey(spki)).equals(said.subarray(1))
}

/** The key made anew of its number, if the point that it came with is the one that belongs to it. */
function soundCurveKey(curve: Curve, key: KeyObject): KeyObject | undefined {
  if (key.asymmetricKeyDetails?.namedCurve !== curve) return undefined
  const scalar = scalarOf(key)
  const made = keyOfScalar(curve, scalar)
  scalar.fill(0)
  return made && createPublicKey(key).equals(createPublicKey(made)) ? made : undefined
}

/** The modulus as long as the spec says, an odd exponent in 2^16 < e < 2^256 (FIPS 186-5 A.1.1), and both halves of one key. */
function isSoundRsaKey(bits: number, key: KeyObject): boolean {
  const { modulusLength, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (modulusLength !== bits || publicExponent % 2n === 0n) return false
  if (publicExponent <= 1n << 16n || publicExponent >= 1n << 256n) return false
  const number = randomBytes(bits / 8)
  number[0] = 0
  const padding = constants.RSA_NO_PADDING
  const answer = privateEncrypt({ key, padding }, number)
  return publicDecrypt({ key: createPublicKey(key), padding }, answer).equals(number)
}
