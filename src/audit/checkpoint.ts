/**
 * Checkpoints: the head of a chain, signed with Ed25519, one JSON line each in a file beside the record. A checkpoint
 * names the one before, so that none can be taken out of the middle.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { ChainHead } from './chain.ts'

/** A signed head. */
export interface Checkpoint extends ChainHead {
  /** The sequence of the checkpoint before; 0 for the first. */
  readonly after: number
  /** `publicKeyId` of the key that signed. */
  readonly publicKey: string
  /** Base64. */
  readonly signature: string
}

/** Signs a head. */
export function signCheckpoint(head: ChainHead, after: number, signingKey: KeyObject): Checkpoint {
  const signature = sign(null, signedText(head, after), signingKey).toString('base64')
  return { ...head, after, publicKey: publicKeyId(createPublicKey(signingKey)), signature }
}

/** The one spelling of a checkpoint, without the newline. */
export function checkpointLine(checkpoint: Checkpoint): string {
  const { chain, sequence, hash, time, after, publicKey, signature } = checkpoint
  return JSON.stringify({ chain, sequence, hash, time, after, publicKey, signature })
}

/** Reads a line; undefined unless it is spelt exactly as `checkpointLine` spells it. Does not check the signature. */
export function parseCheckpoint(line: Buffer): Checkpoint | undefined {
  const text = line.toString('utf8')
  try {
    const checkpoint = JSON.parse(text) as Checkpoint
    const numbers = [checkpoint.sequence, checkpoint.time, checkpoint.after]
    if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) return undefined
    return checkpointLine(checkpoint) === text ? checkpoint : undefined
  } catch {
    return undefined
  }
}

/** Whether the checkpoint was signed with the private half of this key. */
export function goodSignature(checkpoint: Checkpoint, publicKey: KeyObject): boolean {
  const signature = Buffer.from(checkpoint.signature, 'base64')
  // Node decodes base64 leniently; two spellings of one signature must not both pass.
  if (signature.toString('base64') !== checkpoint.signature) return false
  return verify(null, signedText(checkpoint, checkpoint.after), publicKey, signature)
}

/** A short name of a public key: the first 128 bits of SHA-256 over its SubjectPublicKeyInfo, in hex. */
export function publicKeyId(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 32)
}

/** The first line keeps the signature from meaning anything elsewhere; no field can contain a newline. */
function signedText(head: ChainHead, after: number): Buffer {
  const fields = [head.chain, head.sequence, head.hash, head.time, after]
  return Buffer.from(`trent audit checkpoint 1\n${fields.join('\n')}\n`)
}
