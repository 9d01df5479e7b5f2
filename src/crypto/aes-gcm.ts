/**
 * AES-256-GCM (NIST SP 800-38D) with nonces of 96 bits and whole tags, which stand at the end of the ciphertext. XAES derives a
 * key for each message, so that nothing here needs a `KeyObject`.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'

/** The tag's length in bytes. */
export const gcmTagLength = 16

/** One message: its nonce of 12 bytes and what is authenticated beside it. */
export interface GcmMessage {
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
}

/** Encrypts: ciphertext and tag. */
export function gcmSeal(key: Uint8Array, plaintext: Uint8Array, message: GcmMessage): Buffer {
  const sealed = Buffer.allocUnsafe(plaintext.length + gcmTagLength)
  gcmSealInto(sealed, { key, plaintext, message })
  return sealed
}

/** The same, into memory that is there and as long as ciphertext and tag. */
export function gcmSealInto(
  sealed: Uint8Array,
  of: { readonly key: Uint8Array; readonly plaintext: Uint8Array; readonly message: GcmMessage },
): void {
  const { key, plaintext, message } = of
  if (sealed.length !== plaintext.length + gcmTagLength) throw new Error('no room for a message')
  const cipher = createCipheriv('aes-256-gcm', key, message.nonce)
  cipher.setAAD(message.additionalData)
  sealed.set(cipher.update(plaintext))
  cipher.final()
  sealed.set(cipher.getAuthTag(), plaintext.length)
}

/** Decrypts; undefined if and only if anything of key, nonce, additional data, ciphertext or tag is not what was sealed. */
export function gcmOpen(
  key: Uint8Array,
  sealed: Uint8Array,
  message: GcmMessage,
): Buffer | undefined {
  if (sealed.length < gcmTagLength) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, message.nonce, {
    authTagLength: gcmTagLength,
  })
  decipher.setAAD(message.additionalData)
  decipher.setAuthTag(sealed.subarray(sealed.length - gcmTagLength))
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - gcmTagLength))
  try {
    decipher.final()
    return plaintext
  } catch {
    plaintext.fill(0)
    return undefined
  }
}
