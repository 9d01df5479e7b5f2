/**
 * The chain: each line of the record ends in a member `trent` with its place and the hash of the line before. The hash
 * is SHA-256 over a line's bytes without the newline, so that `sha256sum` can check it.
 */
import { hash } from 'node:crypto'

/** The end of a chain at some time, as the database keeps it. */
export interface ChainHead {
  readonly chain: string
  readonly sequence: number
  /** SHA-256 of the line of that sequence, in hex. */
  readonly hash: string
  /** Milliseconds since 1970. */
  readonly time: number
}

/** Where a chain ends: what the next line links to. */
export interface ChainEnd {
  readonly sequence: number
  readonly hash: string
}

/** What a line says of its place. */
export interface Link {
  readonly chain: string
  readonly sequence: number
  readonly previous: string
}

/** The end of a chain that has no line yet. */
export const EMPTY_CHAIN: ChainEnd = { sequence: 0, hash: '0'.repeat(64) }

/** What takes the place of an event's last brace, in the line that follows `end`. */
export function linkText(chain: string, end: ChainEnd): string {
  return `,"trent":{"chain":"${chain}","sequence":${end.sequence + 1},"previous":"${end.hash}"}}`
}

/** The hash that the next line carries. */
export function lineHash(line: string | Uint8Array): string {
  return hash('sha256', line, 'hex')
}

/** The link at the end of a line, or undefined when it has none. Says nothing about the rest of the line. */
export function readLink(line: Buffer): Link | undefined {
  const found = LINK.exec(line.toString('latin1', Math.max(0, line.length - LONGEST_LINK)))
  if (found === null) return undefined
  const sequence = Number(found[2])
  if (!Number.isSafeInteger(sequence) || sequence < 1) return undefined
  return { chain: String(found[1]), sequence, previous: String(found[3]) }
}

/** True of a line that was written whole: JSON with a link of this chain. */
export function wholeLine(line: Buffer, chain: string): boolean {
  if (readLink(line)?.chain !== chain) return false
  try {
    JSON.parse(line.toString('utf8'))
    return true
  } catch {
    return false
  }
}

/** Whether a chain may be called so: the name stands in file names and unescaped in every line. */
export function goodChainName(chain: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(chain)
}

const LINK =
  /,"trent":\{"chain":"([A-Za-z0-9][A-Za-z0-9._-]{0,63})","sequence":([1-9]\d{0,15}),"previous":"([0-9a-f]{64})"\}\}$/
const LONGEST_LINK = 256
