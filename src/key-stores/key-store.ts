/**
 * The contract of a key store: AWS's word for the place where key material lives. The default one keeps it in the
 * database, wrapped under the root key (`local.ts`); a token or an external proxy will be others.
 */
import type {
  EncryptionAlgorithm,
  EncryptionContext,
  MacAlgorithm,
  MessageType,
  SigningAlgorithm,
} from '../api/types.ts'
import type { Writer } from '../database/database.ts'
import type { Key } from '../keys/key.ts'
import type { Soon } from '../soon.ts'

/** New material, sealed and ready to be stored in the transaction that makes its key. */
export interface PreparedMaterial {
  readonly materialId: string
  /** Stores the material; it is durable when the transaction is. */
  store(transaction: Writer): Promise<void>
}

/** The key that material is made for. */
export type MaterialOwner = Pick<Key, 'id' | 'account' | 'region' | 'spec' | 'origin'>

/** What is encrypted or decrypted, and how. The context is for symmetric encryption keys alone. */
export interface Sealing {
  readonly algorithm: EncryptionAlgorithm
  /** Plaintext, or the ciphertext blob. */
  readonly bytes: Uint8Array
  readonly context: EncryptionContext | undefined
}

/** What is signed or verified, and how. */
export interface Signing {
  readonly algorithm: SigningAlgorithm
  readonly message: Uint8Array
  readonly messageType: MessageType
}

/** What every key store does. Plaintext goes in and out; key material never comes out. */
export interface KeyStore {
  /** Makes new material for a key that is about to be created, or rotated. */
  prepare(key: MaterialOwner): Promise<PreparedMaterial>
  /** Takes imported material, checked; the bytes are zeroed. The same bytes for the same key have the same id. */
  prepareImported(key: MaterialOwner, bytes: Buffer): PreparedMaterial
  /** Encrypts under the key's current material: a CiphertextBlob that names key and material, or an RSA ciphertext. */
  encrypt(key: Key, sealing: Sealing): Soon<Buffer>
  /**
   * Decrypts. Throws InvalidCiphertextException, without a word on why, if and only if the material that a blob names is
   * not there, or blob or context were changed. The caller zeroes the plaintext.
   */
  decrypt(key: Key, sealing: Sealing): Soon<Buffer>
  sign(key: Key, signing: Signing): Promise<Buffer>
  /** Whether the signature holds; a malformed one, of any length, does not. */
  verify(key: Key, signing: Signing, signature: Uint8Array): Promise<boolean>
  mac(key: Key, algorithm: MacAlgorithm, message: Uint8Array): Promise<Buffer>
  /** The public key, as a DER SubjectPublicKeyInfo (RFC 5280). */
  publicKey(key: Key): Promise<Buffer>
  /** The raw shared secret with a peer's public key (DER SubjectPublicKeyInfo); undefined if that is none of this curve. */
  agree(key: Key, peer: Uint8Array): Promise<Buffer | undefined>
  encapsulate(key: Key): Promise<{ readonly sharedSecret: Buffer; readonly ciphertext: Buffer }>
  /** The shared secret of an ML-KEM ciphertext; undefined if that has the wrong length. */
  decapsulate(key: Key, ciphertext: Uint8Array): Promise<Buffer | undefined>
  /** Destroys every material of a key in the given transaction; the bytes are gone after `Database.purge`. */
  destroy(transaction: Writer, key: Key): Promise<void>
  /** Destroys one material likewise. */
  destroyMaterial(transaction: Writer, key: Key, materialId: string): Promise<void>
}
