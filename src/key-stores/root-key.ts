/**
 * The root key and the keys that come from it. A custodian holds the root key; it is read once, at start, and only the
 * keys derived from it stay in memory. It seals nothing itself.
 */
import { createPublicKey, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { deriveBytes, ed25519FromSeed, mac } from '../crypto/derive.ts'
import { type XaesKey, xaesKeyFromBytes } from '../crypto/xaes.ts'

/** The keys of one root key, one for each purpose. */
export interface RootKeys {
  /** Names the root key in rows and messages; says nothing about it. */
  readonly id: string
  /** Wraps key material. */
  readonly material: XaesKey
  /** Wraps secret access keys. */
  readonly credentials: XaesKey
  /** Seals the tokens of temporary credentials. */
  readonly sessionTokens: XaesKey
  /** Seals the root key before this one, and the record's signing key when that came from another. */
  readonly sealedKeys: XaesKey
  /** Seals backups. */
  readonly backup: XaesKey
  /** Authenticates pagination markers. */
  readonly markers: KeyObject
  /** Authenticates import tokens. */
  readonly importTokens: KeyObject
  /** Authenticates grant tokens. */
  readonly grantTokens: KeyObject
  /** Signs the record's checkpoints (Ed25519). */
  readonly audit: KeyObject
  /** Whether a check value was made by this root key for this store. */
  matches(storeId: string, check: string): boolean
  /** The check value that stands in the database. */
  check(storeId: string): string
}

/** Derives the keys of a root key of 32 bytes, which are zeroed. */
export function rootKeys(bytes: Buffer): RootKeys {
  if (bytes.length !== 32) throw new Error('a root key has 32 bytes')
  const root = createSecretKey(bytes)
  bytes.fill(0)
  const checkKey = secret(deriveBytes(root, 'root-key-check'))
  const check = (storeId: string) => mac(checkKey, ['root key check', storeId])
  return {
    id: deriveBytes(root, 'root-key-id').toString('hex').slice(0, 16),
    material: xaesKeyFromBytes(deriveBytes(root, 'material')),
    credentials: xaesKeyFromBytes(deriveBytes(root, 'credentials')),
    sessionTokens: xaesKeyFromBytes(deriveBytes(root, 'session-tokens')),
    sealedKeys: xaesKeyFromBytes(deriveBytes(root, 'sealed-keys')),
    backup: xaesKeyFromBytes(deriveBytes(root, 'backup')),
    markers: secret(deriveBytes(root, 'markers')),
    importTokens: secret(deriveBytes(root, 'import-tokens')),
    grantTokens: secret(deriveBytes(root, 'grant-tokens')),
    audit: ed25519FromSeed(deriveBytes(root, 'audit')),
    check: (storeId) => check(storeId).toString('hex'),
    matches: (storeId, value) => {
      const given = Buffer.from(value, 'hex')
      const expected = check(storeId)
      return given.length === expected.length && timingSafeEqual(given, expected)
    },
  }
}

/** The public half of the record's key, as PEM: what `trent audit verify --public-key` takes. */
export function auditPublicKey(keys: Pick<RootKeys, 'audit'>): string {
  return createPublicKey(keys.audit).export({ type: 'spki', format: 'pem' }).toString()
}

function secret(bytes: Buffer): KeyObject {
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return key
}
