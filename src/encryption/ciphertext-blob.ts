/**
 * The symmetric CiphertextBlob, version 1 (docs/ciphertext-format.md). A blob of any version decrypts for ever.
 *
 *      0  "Tr"             2 bytes   marks a blob of Trent
 *      2  version          1         0x01
 *      3  kind of key id   1         0x00 a UUID, 0x01 a multi-Region id (mrk-)
 *      4  key id          16         the 128 bits of the id
 *     20  key material id 32
 *     52  nonce           24         XAES-256-GCM
 *     76  ciphertext       n
 *   76+n  tag             16
 *
 * The first 52 bytes and the canonical encryption context are the additional data. The header names exactly one key and
 * one material, so that nothing is ever decrypted by trial: GCM does not commit to its key.
 */
import type { EncryptionContext } from '../api/types.ts'
import { fillRandomly } from '../crypto/random.ts'
import {
  type XaesKey,
  xaesNonceLength,
  xaesOpen,
  xaesSealInto,
  xaesTagLength,
} from '../crypto/xaes.ts'
import { canonicalContext } from './encryption-context.ts'

/** What a blob says of itself, before anything of it is believed. */
export interface BlobHeader {
  readonly keyId: string
  readonly materialId: string
}

const headerLength = 52
const sealedFrom = headerLength + xaesNonceLength
const shortest = headerLength + xaesNonceLength + xaesTagLength + 1

/** Encrypts under one material of one key. */
export function sealBlob(
  material: { readonly key: XaesKey; readonly header: BlobHeader },
  plaintext: Uint8Array,
  context: EncryptionContext | undefined,
): Buffer {
  const { key } = material
  const blob = Buffer.allocUnsafe(sealedFrom + plaintext.length + xaesTagLength)
  blob.set(headerBytes(key, material.header))
  const nonce = blob.subarray(headerLength, sealedFrom)
  fillRandomly(nonce)
  const message = {
    nonce,
    additionalData: canonicalContext(context, blob.subarray(0, headerLength)),
  }
  xaesSealInto(blob.subarray(sealedFrom), { key, plaintext, message })
  return blob
}

/** Decrypts; undefined if and only if blob, key or context is not what was sealed. The caller zeroes the plaintext. */
export function openBlob(
  key: XaesKey,
  blob: Uint8Array,
  context: EncryptionContext | undefined,
): Buffer | undefined {
  if (blob.length < shortest) return undefined
  const nonce = blob.subarray(headerLength, sealedFrom)
  const additionalData = canonicalContext(context, blob.subarray(0, headerLength))
  return xaesOpen(key, blob.subarray(sealedFrom), { nonce, additionalData })
}

/** Reads the header; undefined if and only if the bytes are no blob of a version that this Trent knows. */
export function readBlobHeader(blob: Uint8Array): BlobHeader | undefined {
  if (blob.length < shortest) return undefined
  if (blob[0] !== 0x54 || blob[1] !== 0x72 || blob[2] !== 1 || (blob[3] ?? 2) > 1) return undefined
  const hex = Buffer.from(blob.buffer, blob.byteOffset, headerLength).toString('hex', 4)
  const id = hex.slice(0, 32)
  return {
    keyId:
      blob[3] === 1
        ? `mrk-${id}`
        : `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`,
    materialId: hex.slice(32),
  }
}

/** A material seals under one header, whose bytes are kept with it. */
const headers = new WeakMap<XaesKey, { readonly header: BlobHeader; readonly bytes: Buffer }>()

function headerBytes(key: XaesKey, header: BlobHeader): Buffer {
  const known = headers.get(key)
  const { keyId, materialId } = header
  if (known?.header.keyId === keyId && known.header.materialId === materialId) return known.bytes
  const bytes = encodeHeader(header)
  headers.set(key, { header, bytes })
  return bytes
}

function encodeHeader(header: BlobHeader): Buffer {
  const multiRegion = header.keyId.startsWith('mrk-')
  const bytes = Buffer.alloc(headerLength)
  bytes.set([0x54, 0x72, 1, multiRegion ? 1 : 0])
  const id = multiRegion ? header.keyId.slice(4) : header.keyId.replaceAll('-', '')
  const written = bytes.write(id, 4, 'hex') + bytes.write(header.materialId, 20, 'hex')
  if (written !== headerLength - 4) throw new Error('a key id or key material id is malformed')
  return bytes
}
