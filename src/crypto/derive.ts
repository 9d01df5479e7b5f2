/**
 * Keys derived from one root: HKDF-SHA-256 (RFC 5869) with a label for each purpose, so that no two purposes share a key.
 */
import { createHmac, createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto'
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

/** 32 bytes for one purpose. Whoever takes them zeroes them after use. */
export function deriveBytes(root: KeyObject, purpose: Purpose): Buffer {
  return Buffer.from(hkdfSync('sha256', root, '', `trent v1 ${purpose}`, 32))
}

/** HMAC-SHA-256 over framed parts. */
export function mac(key: KeyObject | Uint8Array, parts: readonly (string | Uint8Array)[]): Buffer {
  return createHmac('sha256', key).update(frame(parts)).digest()
}

/** The Ed25519 private key of a 32-byte seed (RFC 8032), wrapped as PKCS #8 for OpenSSL (RFC 8410). The seed is zeroed. */
export function ed25519FromSeed(seed: Buffer): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  seed.fill(0)
  return key
}
