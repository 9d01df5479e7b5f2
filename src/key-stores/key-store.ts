/**
 * The contract of a key store: AWS's word for the place where key material lives. The default one keeps it in the
 * database, wrapped under the root key (`local.ts`); a token or an external proxy will be others.
 */
import type { EncryptionContext } from '../api/types.ts'
import type { Writer } from '../database/database.ts'
import type { Key } from '../keys/key.ts'

/** New material, sealed and ready to be stored in the transaction that makes its key. */
export interface PreparedMaterial {
  readonly materialId: string
  /** Stores the material; it is durable when the transaction is. */
  store(transaction: Writer): Promise<void>
}

/** What every key store does. Plaintext goes in and out; key material never comes out. */
export interface KeyStore {
  /** Makes new material for a key that is about to be created, or rotated. */
  prepare(key: Pick<Key, 'id' | 'account' | 'region' | 'spec'>): PreparedMaterial
  /** Encrypts under the key's current material: a CiphertextBlob that names key and material. */
  encrypt(key: Key, plaintext: Uint8Array, context: EncryptionContext | undefined): Promise<Buffer>
  /**
   * Decrypts a blob whose header names `key`. Throws InvalidCiphertextException, without a word on why, if and only if
   * the material that it names is not there, or blob or context were changed. The caller zeroes the plaintext.
   */
  decrypt(key: Key, blob: Uint8Array, context: EncryptionContext | undefined): Promise<Buffer>
  /** Destroys every material of a key in the given transaction; the bytes are gone after `Database.purge`. */
  destroy(transaction: Writer, key: Key): Promise<void>
}
