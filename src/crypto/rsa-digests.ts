/**
 * RSA signatures of a digest that is ready, which `node:crypto` would hash again: the encodings of RFC 8017 section 9, and
 * OpenSSL's bare RSA operation on them.
 */
import {
  constants,
  hash as digestOf,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  timingSafeEqual,
} from 'node:crypto'
import { digestLength, type Hash, type SigningRow } from './algorithms.ts'
import { randomBytes } from './random.ts'

/** A digest and the signature to be verified. */
interface SignedDigest {
  readonly message: Uint8Array
  readonly signature: Uint8Array
}

/** Signs a digest as RSASSA-PSS or RSASSA-PKCS1-v1_5 does (RFC 8017 sections 8.1.1 and 8.2.1, from step 2 of the encoding). */
export function signRsaDigest(row: SigningRow, key: KeyObject, digest: Uint8Array): Buffer {
  const { hash, bits } = parameters(row, key)
  const encoded =
    row.scheme === 'pss'
      ? pssEncode(hash, digest, bits - 1)
      : pkcs1Encode(hash, digest, Math.ceil(bits / 8))
  // The encoded message of PSS is a byte shorter than the modulus when that has a bit over.
  const padded = Buffer.concat([Buffer.alloc(Math.ceil(bits / 8) - encoded.length), encoded])
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, padded)
}

/** Whether a signature is of this digest (RFC 8017 sections 8.1.2 and 8.2.2). */
export function verifyRsaDigest(row: SigningRow, key: KeyObject, signed: SignedDigest): boolean {
  const { hash, bits } = parameters(row, key)
  const length = Math.ceil(bits / 8)
  if (signed.signature.length !== length) return false
  const encoded = opened(key, signed.signature)
  if (encoded === undefined) return false
  if (row.scheme === 'pkcs1') return encoded.equals(pkcs1Encode(hash, signed.message, length))
  const emLength = Math.ceil((bits - 1) / 8)
  if (encoded.subarray(0, length - emLength).some((byte) => byte !== 0)) return false
  return isPssEncoding(encoded.subarray(length - emLength), {
    hash,
    digest: signed.message,
    bits: bits - 1,
  })
}

function parameters(row: SigningRow, key: KeyObject): { hash: Hash; bits: number } {
  const bits = key.asymmetricKeyDetails?.modulusLength
  if (row.hash === undefined || bits === undefined) throw new Error('this is no RSA signature')
  return { hash: row.hash, bits }
}

/** The signature's number to the public exponent; undefined when it is not below the modulus. */
function opened(key: KeyObject, signature: Uint8Array): Buffer | undefined {
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature)
  } catch {
    return undefined
  }
}

/** EMSA-PKCS1-v1_5 (RFC 8017 section 9.2) of a digest. A signature's encoding is compared with it, never parsed. */
function pkcs1Encode(hash: Hash, digest: Uint8Array, length: number): Buffer {
  const prefix = digestInfos[hash]
  if (prefix === undefined) throw new Error(`no RSA signature uses ${hash}`)
  const info = Buffer.concat([Buffer.from(prefix, 'hex'), digest])
  const filling = Buffer.alloc(length - info.length - 3, 0xff)
  return Buffer.concat([Buffer.of(0, 1), filling, Buffer.of(0), info])
}

/** EMSA-PSS-ENCODE (RFC 8017 section 9.1.1) of a digest, the salt as long as the digest. */
function pssEncode(hash: Hash, digest: Uint8Array, bits: number): Buffer {
  const length = Math.ceil(bits / 8)
  const salt = randomBytes(digestLength(hash))
  const checked = pssHash(hash, digest, salt)
  const block = Buffer.alloc(length - checked.length - 1)
  block[block.length - salt.length - 1] = 1
  block.set(salt, block.length - salt.length)
  const masked = exclusiveOr(block, mgf1(hash, checked, block.length))
  masked[0] = (masked[0] ?? 0) & topMask(bits)
  return Buffer.concat([masked, checked, Buffer.of(0xbc)])
}

/** EMSA-PSS-VERIFY (RFC 8017 section 9.1.2) of a digest; a salt of any other length is refused. */
function isPssEncoding(
  encoded: Buffer,
  expected: { readonly hash: Hash; readonly digest: Uint8Array; readonly bits: number },
): boolean {
  const { hash, digest, bits } = expected
  const hashLength = digestLength(hash)
  const masked = encoded.subarray(0, encoded.length - hashLength - 1)
  const checked = encoded.subarray(masked.length, encoded.length - 1)
  if (encoded.at(-1) !== 0xbc || ((masked[0] ?? 0) & ~topMask(bits)) !== 0) return false
  const block = exclusiveOr(masked, mgf1(hash, checked, masked.length))
  block[0] = (block[0] ?? 0) & topMask(bits)
  const start = block.length - hashLength
  if (block.subarray(0, start - 1).some((byte) => byte !== 0) || block[start - 1] !== 1)
    return false
  return timingSafeEqual(checked, pssHash(hash, digest, block.subarray(start)))
}

function pssHash(hash: Hash, digest: Uint8Array, salt: Uint8Array): Buffer {
  return digestOf(hash, Buffer.concat([Buffer.alloc(8), digest, salt]), 'buffer')
}

/** MGF1 (RFC 8017 appendix B.2.1). */
function mgf1(hash: Hash, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let index = 0; index * digestLength(hash) < length; index += 1) {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(index)
    blocks.push(digestOf(hash, Buffer.concat([seed, counter]), 'buffer'))
  }
  return Buffer.concat(blocks).subarray(0, length)
}

function exclusiveOr(one: Uint8Array, other: Uint8Array): Buffer {
  return Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)))
}

/** The bits of the first byte that belong to the encoded message. */
function topMask(bits: number): number {
  return 0xff >> (8 * Math.ceil(bits / 8) - bits)
}

/** The DigestInfo of RFC 8017 section 9.2, note 1, up to the digest. */
const digestInfos: Readonly<Partial<Record<Hash, string>>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}
