/**
 * Everything that is to be known about an algorithm, in one table; which keys go with it stands in `key-specs.ts`.
 * AWS KMS Developer Guide, "Key spec reference", and the documentation of `MessageType`.
 */

/** The hash functions, by OpenSSL's names. */
export type Hash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

/** What the message of Sign and Verify is: itself, its digest, or the message representative of FIPS 204. */
export type MessageType = 'RAW' | 'DIGEST' | 'EXTERNAL_MU'

/** How signatures are made. */
export type SigningScheme = 'pkcs1' | 'pss' | 'ecdsa' | 'ed25519' | 'ed25519ph' | 'ml-dsa'

/** One algorithm, by what it is for. */
export type AlgorithmRow =
  | SigningRow
  | EncryptionRow
  | MacRow
  | WrappingRow
  | { readonly for: 'symmetric-encryption' | 'agreement' | 'encapsulation' }

/** A signing algorithm. */
export interface SigningRow {
  readonly for: 'signing'
  readonly scheme: SigningScheme
  /** The hash of the message; undefined where the scheme takes the message whole. */
  readonly hash?: Hash
  /** The types of message that it takes, each with the only length allowed; undefined: any. */
  readonly messageTypes: Readonly<Partial<Record<MessageType, number | undefined>>>
}

/** RSAES-OAEP with MGF1 by the same hash and no label. */
export interface EncryptionRow {
  readonly for: 'encryption'
  readonly hash: Hash
}

/** HMAC. */
export interface MacRow {
  readonly for: 'mac'
  readonly hash: Hash
}

/** How imported material is wrapped: by RSAES-OAEP itself, or under an AES key that is. */
export interface WrappingRow {
  readonly for: 'wrapping'
  readonly hash: Hash
}

/** The row of an algorithm; undefined if and only if Trent does not offer it. */
export function algorithmRow(algorithm: string): AlgorithmRow | undefined {
  return rows.get(algorithm)
}

/** Whether a signing algorithm takes messages of a type; false for every other algorithm. */
export function takesMessageType(algorithm: string, messageType: string): boolean {
  const row = rows.get(algorithm)
  return row?.for === 'signing' && Object.hasOwn(row.messageTypes, messageType)
}

/** The length that a message of this type must have; undefined if and only if any does. */
export function messageLength(algorithm: string, messageType: MessageType): number | undefined {
  const row = rows.get(algorithm)
  return row?.for === 'signing' ? row.messageTypes[messageType] : undefined
}

/** The length of a digest in bytes. */
export function digestLength(hash: Hash): number {
  return digestLengths[hash]
}

const digestLengths: Readonly<Record<Hash, number>> = {
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}

const hashed = (scheme: SigningScheme, hash: Hash): SigningRow => ({
  for: 'signing',
  scheme,
  hash,
  messageTypes: { RAW: undefined, DIGEST: digestLengths[hash] },
})

const rows: ReadonlyMap<string, AlgorithmRow> = new Map<string, AlgorithmRow>([
  ['SYMMETRIC_DEFAULT', { for: 'symmetric-encryption' }],
  ['RSAES_OAEP_SHA_1', { for: 'encryption', hash: 'sha1' }],
  ['RSAES_OAEP_SHA_256', { for: 'encryption', hash: 'sha256' }],
  ['RSA_AES_KEY_WRAP_SHA_1', { for: 'wrapping', hash: 'sha1' }],
  ['RSA_AES_KEY_WRAP_SHA_256', { for: 'wrapping', hash: 'sha256' }],
  ['RSASSA_PKCS1_V1_5_SHA_256', hashed('pkcs1', 'sha256')],
  ['RSASSA_PKCS1_V1_5_SHA_384', hashed('pkcs1', 'sha384')],
  ['RSASSA_PKCS1_V1_5_SHA_512', hashed('pkcs1', 'sha512')],
  ['RSASSA_PSS_SHA_256', hashed('pss', 'sha256')],
  ['RSASSA_PSS_SHA_384', hashed('pss', 'sha384')],
  ['RSASSA_PSS_SHA_512', hashed('pss', 'sha512')],
  ['ECDSA_SHA_256', hashed('ecdsa', 'sha256')],
  ['ECDSA_SHA_384', hashed('ecdsa', 'sha384')],
  ['ECDSA_SHA_512', hashed('ecdsa', 'sha512')],
  ['ED25519_SHA_512', { for: 'signing', scheme: 'ed25519', messageTypes: { RAW: undefined } }],
  ['ED25519_PH_SHA_512', { for: 'signing', scheme: 'ed25519ph', messageTypes: { DIGEST: 64 } }],
  [
    'ML_DSA_SHAKE_256',
    // FIPS 204 section 6.2: mu is 64 bytes of SHAKE256.
    { for: 'signing', scheme: 'ml-dsa', messageTypes: { RAW: undefined, EXTERNAL_MU: 64 } },
  ],
  ['HMAC_SHA_224', { for: 'mac', hash: 'sha224' }],
  ['HMAC_SHA_256', { for: 'mac', hash: 'sha256' }],
  ['HMAC_SHA_384', { for: 'mac', hash: 'sha384' }],
  ['HMAC_SHA_512', { for: 'mac', hash: 'sha512' }],
  ['ECDH', { for: 'agreement' }],
  ['ML_KEM', { for: 'encapsulation' }],
])
