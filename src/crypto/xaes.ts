/**
 * XAES-256-GCM (C2SP, xaes-256-gcm.md): AES-256-GCM under a key derived for each message from a 256-bit key and a 192-bit
 * nonce. Nonces can be drawn at random for any number of messages, and the key is only ever used as a `KeyObject`.
 */
import { type Cipheriv, createCipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { type GcmMessage, gcmOpen, gcmSealInto, gcmTagLength } from './aes-gcm.ts'

/** The nonce's length in bytes. */
export const xaesNonceLength = 24
/** The tag's length in bytes, at the end of every ciphertext. */
export const xaesTagLength = gcmTagLength

/** A key made ready: AES under the 256-bit key, and the CMAC subkey K1, which depends on the key alone. */
export interface XaesKey {
  /** The block function, each block by itself; kept, because making it costs more than using it. */
  readonly aes: Cipheriv
  readonly subkey: Buffer
}

/** One message of XAES: its nonce and what is authenticated beside it. */
export interface XaesMessage {
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
}

/** Makes a key ready. Throws when it is not 32 bytes long. */
export function xaesKey(key: KeyObject): XaesKey {
  if (key.symmetricKeySize !== 32) throw new Error('an XAES-256-GCM key has 32 bytes')
  // AES on whole blocks, each by itself: what the construction is made of, never a mode for data.
  const aes = createCipheriv('aes-256-ecb', key, null)
  aes.setAutoPadding(false)
  const block = aes.update(Buffer.alloc(16))
  // NIST SP 800-38B: K1 is L shifted left by one bit, with 0x87 folded in when a bit falls out.
  const carry = (block[0] ?? 0) >> 7
  const subkey = Buffer.alloc(16)
  for (let index = 0; index < 16; index += 1) {
    subkey[index] = ((block[index] ?? 0) << 1) | ((block[index + 1] ?? 0) >> 7)
  }
  subkey[15] = (subkey[15] ?? 0) ^ (carry * 0x87)
  return { aes, subkey }
}

/** Makes a key ready from its 32 bytes, which are zeroed. */
export function xaesKeyFromBytes(bytes: Buffer): XaesKey {
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return xaesKey(key)
}

/** Encrypts: ciphertext and tag, 16 bytes longer than the plaintext. */
export function xaesSeal(key: XaesKey, plaintext: Uint8Array, message: XaesMessage): Buffer {
  const sealed = Buffer.allocUnsafe(plaintext.length + xaesTagLength)
  xaesSealInto(sealed, { key, plaintext, message })
  return sealed
}

/** The same, into memory that is there and as long as ciphertext and tag. */
export function xaesSealInto(
  sealed: Uint8Array,
  of: { readonly key: XaesKey; readonly plaintext: Uint8Array; readonly message: XaesMessage },
): void {
  const { plaintext, message } = of
  const key = deriveKey(of.key, message.nonce)
  try {
    gcmSealInto(sealed, { key, plaintext, message: innerMessage(message) })
  } finally {
    key.fill(0)
  }
}

/** Decrypts; undefined if and only if anything of key, nonce, additional data, ciphertext or tag is not what was sealed. */
export function xaesOpen(
  key: XaesKey,
  sealed: Uint8Array,
  message: XaesMessage,
): Buffer | undefined {
  const derived = deriveKey(key, message.nonce)
  try {
    return gcmOpen(derived, sealed, innerMessage(message))
  } finally {
    derived.fill(0)
  }
}

/** The first half of the nonce is in the key; GCM takes the second. */
function innerMessage(message: XaesMessage): GcmMessage {
  return { nonce: message.nonce.subarray(12), additionalData: message.additionalData }
}

/** Kx = AES(M1 ^ K1) || AES(M2 ^ K1), with Mi = 0x00 i 'X' 0x00 and the first twelve bytes of the nonce. */
function deriveKey(key: XaesKey, nonce: Uint8Array): Buffer {
  if (nonce.length !== xaesNonceLength) throw new Error('an XAES-256-GCM nonce has 24 bytes')
  blocks[0] = 0
  blocks[1] = 1
  blocks[2] = 0x58
  blocks[3] = 0
  blocks.set(nonce.subarray(0, 12), 4)
  blocks.copyWithin(16, 0, 16)
  blocks[17] = 2
  const { subkey } = key
  for (let index = 0; index < 32; index += 1) {
    blocks[index] = (blocks[index] as number) ^ (subkey[index & 15] as number)
  }
  const derived = key.aes.update(blocks)
  blocks.fill(0)
  return derived
}

/** Where a derivation, which awaits nothing, puts its two blocks; empty before and after. */
const blocks = Buffer.alloc(32)
