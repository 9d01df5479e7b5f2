/**
 * scrypt (RFC 7914): 32 bytes from a passphrase. The cost stands beside the salt, so that it can grow without a new format.
 */
import { scryptSync } from 'node:crypto'

/** How much work a guess is: `blocks` is N, a power of two; `size` is r; `lanes` is p. */
export interface ScryptCost {
  readonly blocks: number
  readonly size: number
  readonly lanes: number
}

/** 128 MiB and about half a second for a guess. */
export const usualCost: ScryptCost = { blocks: 2 ** 17, size: 8, lanes: 1 }

/** What a file may ask for: more would hold up the machine, less would let passphrases be guessed. */
export function isBearable({ blocks, size, lanes }: ScryptCost): boolean {
  return (
    Number.isInteger(Math.log2(blocks)) &&
    blocks >= 2 ** 15 &&
    blocks <= 2 ** 20 &&
    size === 8 &&
    Number.isInteger(lanes) &&
    lanes >= 1 &&
    lanes <= 16
  )
}

/** The key of a passphrase; the caller zeroes it. */
export function stretch(passphrase: Uint8Array, salt: Uint8Array, cost: ScryptCost): Buffer {
  const { blocks: N, size: r, lanes: p } = cost
  const maxmem = 128 * r * (N + p) + 2 ** 20
  return scryptSync(passphrase, salt, 32, { N, r, p, maxmem })
}
