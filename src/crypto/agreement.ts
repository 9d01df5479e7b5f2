/**
 * Elliptic-curve Diffie-Hellman (NIST SP 800-56A section 5.7.1.2): the shared x coordinate as it is, the length of the field.
 */
import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { isCurveIdentifier } from './curves.ts'
import { derTag, readSequence } from './der.ts'
import { requireKeySpec } from './key-specs.ts'

/** The shared secret with a peer's SubjectPublicKeyInfo; undefined if and only if that is no point of the key's curve. */
export function agree(spec: string, privateKey: KeyObject, peer: Uint8Array): Buffer | undefined {
  const { material } = requireKeySpec(spec)
  if (material.type !== 'ec') throw new Error(`${spec} agrees on nothing`)
  const identifier = readSequence(peer)?.[0]
  // Only a curve by its name: one spelt out in parameters may be any curve, with the same name's size.
  if (identifier?.tag !== derTag.sequence) return undefined
  if (!isCurveIdentifier(material.curve, identifier.content)) return undefined
  try {
    const key = Buffer.from(peer)
    const publicKey = createPublicKey({ key, format: 'der', type: 'spki' })
    return diffieHellman({ privateKey, publicKey })
  } catch {
    return undefined
  }
}
