/**
 * Keys derived from one root: HKDF-SHA-256 (RFC 5869) with a label for each purpose, so that no two purposes share a key.
 */
import {
  createHmac,
  createPrivateKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import { frame } from './framing.ts'

/** What a derived key is for. */
export type Purpose =
  | 'root-key-id'
  | 'root-key-check'
  | 'material'
  | 'credentials'
  | 'session-tokens'
  | 'markers'
  | 'import-tokens'
  | 'grant-tokens'
  | 'audit'
  | 'backup'
  | 'sealed-keys'

/** 32 bytes for one purpose. Whoever takes them zeroes them after use. */
export function deriveBytes(root: KeyObject, purpose: Purpose): Buffer {
  return Buffer.from(hkdfSync('sha256', root, '', `trent v1 ${purpose}`, 32))
}

/** HMAC-SHA-256 over framed parts. */
export function mac(key: KeyObject | Uint8Array, parts: readonly (string | Uint8Array)[]): Buffer {
  return createHmac('sha256', key).update(frame(parts)).digest()
}

/** The keys of one purpose at this moment: the first makes MACs, and what any of them made holds. */
export type MacKeys = () => readonly [KeyObject, ...KeyObject[]]

/** The MAC over framed parts, or its first `length` bytes. */
export function makeMac(
  keys: MacKeys,
  parts: readonly (string | Uint8Array)[],
  length = 32,
): Buffer {
  return mac(keys()[0], parts).subarray(0, length)
}

/** Whether a MAC of as many bytes was made over these parts; compared in constant time. */
export function holdsMac(
  keys: MacKeys,
  parts: readonly (string | Uint8Array)[],
  given: { readonly mac: Uint8Array; readonly length: number },
): boolean {
  if (given.mac.length !== given.length) return false
  const holding = keys().filter((key) =>
    timingSafeEqual(mac(key, parts).subarray(0, given.length), given.mac),
  )
  return holding.length > 0
}

/** The Ed25519 private key of a 32-byte seed (RFC 8032), wrapped as PKCS #8 for OpenSSL (RFC 8410). The seed is zeroed. */
export function ed25519FromSeed(seed: Buffer): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  seed.fill(0)
  return key
}

/** The seed of an Ed25519 private key, which the caller zeroes: the end of its PKCS #8. */
export function seedOfEd25519(key: KeyObject): Buffer {
  const der = key.export({ format: 'der', type: 'pkcs8' })
  const seed = Buffer.from(der.subarray(-32))
  der.fill(0)
  return seed
}
