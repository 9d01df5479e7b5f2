/**
 * The form of a backup: a header in the clear, then chunks, sealed under the backup key of the root key.
 *
 *     "trent-backup-v1\n" | length (4) | header (JSON)
 *     final (1 byte, 0 or 1) | length (4) | nonce (24) | ciphertext | tag (16)      once for each chunk
 *
 * A chunk is bound to the whole header, whose id no other file has, to its number, and to whether it is the last: chunks
 * cannot be taken out, put elsewhere or into another backup, and a file that was cut off does not end. Inside are lines:
 * a JSON array for each row, behind the name of its table, and at the end the manifest.
 */
import { frame } from '../crypto/framing.ts'
import { randomBytes } from '../crypto/random.ts'
import { type XaesKey, xaesNonceLength, xaesOpen, xaesSeal, xaesTagLength } from '../crypto/xaes.ts'

/** What is to be known of a backup before it can be opened. Nobody vouches for it until the first chunk opens. */
export interface BackupHeader {
  readonly backupId: string
  readonly rootKeyId: string
  readonly storeId: string
  /** Milliseconds since 1970: the moment that the backup shows. */
  readonly time: number
  /** The newest step of the schema. */
  readonly schema: string
}

/** How many rows a table has, and the SHA-256 of their lines. */
export interface TableSum {
  readonly rows: number
  readonly sha256: string
}

/** The last line: what the backup holds. */
export interface Manifest {
  readonly tables: Readonly<Record<string, TableSum>>
}

/** What the file begins with. */
export const magic = Buffer.from('trent-backup-v1\n', 'latin1')

/** How much plaintext a chunk holds, about, and how much a reader takes at most. */
export const chunkBytes = 256 * 1024
export const mostChunkBytes = 64 * 1024 * 1024
export const mostHeaderBytes = 64 * 1024

/** The length of what stands before a chunk. */
export const chunkHeadLength = 5

/** The bytes of a header. */
export function headerBytes(header: BackupHeader): Buffer {
  const json = Buffer.from(JSON.stringify(header), 'utf8')
  return Buffer.concat([magic, lengthOf(json), json])
}

/** Where a chunk belongs. */
export interface ChunkPlace {
  /** The header's bytes as they stand in the file. */
  readonly header: Buffer
  readonly number: number
  readonly isLast: boolean
}

/** Seals a chunk. */
export function sealChunk(key: XaesKey, plaintext: Buffer, place: ChunkPlace): Buffer {
  const nonce = randomBytes(xaesNonceLength)
  const sealed = xaesSeal(key, plaintext, { nonce, additionalData: bound(place) })
  const body = Buffer.concat([nonce, sealed])
  return Buffer.concat([Buffer.of(place.isLast ? 1 : 0), lengthOf(body), body])
}

/** Opens the body of a chunk; undefined if and only if it is not what was sealed for this place. */
export function openChunk(key: XaesKey, body: Buffer, place: ChunkPlace): Buffer | undefined {
  if (body.length < xaesNonceLength + xaesTagLength) return undefined
  const nonce = body.subarray(0, xaesNonceLength)
  return xaesOpen(key, body.subarray(xaesNonceLength), { nonce, additionalData: bound(place) })
}

function bound({ header, number, isLast }: ChunkPlace): Buffer {
  return frame(['trent backup chunk', header, String(number), isLast ? 'last' : 'more'])
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return length
}
