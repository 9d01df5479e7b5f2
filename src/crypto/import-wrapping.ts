/**
 * How material travels to ImportKeyMaterial: RSAES-OAEP of the material itself, or (RSA_AES_KEY_WRAP_*) RSAES-OAEP of an
 * AES-256 key and behind it the material under that key, wrapped with padding (RFC 5649). Wrapping keys are RSA key pairs of
 * `generateKeyPair`.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto'
import { algorithmRow, type Hash } from './algorithms.ts'
import { randomBytes } from './random.ts'

/** What was wrapped; undefined on every failure, which is all that anybody learns. The caller zeroes it. */
export function unwrapImported(
  wrappingKey: KeyObject,
  algorithm: string,
  wrapped: Uint8Array,
): Buffer | undefined {
  const { oaepHash, keyWrap } = method(algorithm)
  const length = (wrappingKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  try {
    const head = keyWrap ? wrapped.subarray(0, length) : wrapped
    const opened = privateDecrypt({ key: wrappingKey, padding, oaepHash }, head)
    return keyWrap ? unwrapPadded(opened, wrapped.subarray(length)) : opened
  } catch {
    return undefined
  }
}

/** Wraps material under a wrapping key, as whoever imports does. */
export function wrapForImport(
  wrappingKey: KeyObject,
  algorithm: string,
  material: Uint8Array,
): Buffer {
  const { oaepHash, keyWrap } = method(algorithm)
  const key = wrappingKey.type === 'private' ? createPublicKey(wrappingKey) : wrappingKey
  const oaep = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }
  if (!keyWrap) return publicEncrypt(oaep, material)
  const aesKey = randomBytes(32)
  const head = publicEncrypt(oaep, aesKey)
  return Buffer.concat([head, wrapPadded(aesKey, material)])
}

/** AES-256 key wrap with padding (RFC 5649 section 4.1). The wrapping key is zeroed. */
export function wrapPadded(key: Uint8Array, secret: Uint8Array): Buffer {
  const cipher = createCipheriv(keyWrapCipher, key, alternativeInitialValue)
  key.fill(0)
  return Buffer.concat([cipher.update(secret), cipher.final()])
}

/** Undoes `wrapPadded` (RFC 5649 section 4.2); undefined if and only if it does not open. The wrapping key is zeroed. */
export function unwrapPadded(key: Uint8Array, wrapped: Uint8Array): Buffer | undefined {
  try {
    const decipher = createDecipheriv(keyWrapCipher, key, alternativeInitialValue)
    // Two semiblocks at least; OpenSSL answers nothing at all to nothing at all.
    if (wrapped.length < 16) return undefined
    const secret = decipher.update(wrapped)
    decipher.final()
    return secret
  } catch {
    return undefined
  } finally {
    key.fill(0)
  }
}

function method(algorithm: string): { oaepHash: Hash; keyWrap: boolean } {
  const row = algorithmRow(algorithm)
  if (row?.for === 'encryption') return { oaepHash: row.hash, keyWrap: false }
  if (row?.for === 'wrapping') return { oaepHash: row.hash, keyWrap: true }
  throw new Error(`nothing is wrapped by ${algorithm}`)
}

const keyWrapCipher = 'id-aes256-wrap-pad'
const alternativeInitialValue = Buffer.from('a65959a6', 'hex')
