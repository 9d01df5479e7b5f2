/**
 * Grant ids: 64 hexadecimal digits in lower case.
 */
import { invalidGrantId, notFound } from '../api/errors.ts'
import { randomBytes } from '../crypto/random.ts'

/** A new grant id. */
export function newGrantId(): string {
  return randomBytes(32).toString('hex')
}

/**
 * Throws InvalidGrantIdException for what has not the form of a grant id. ListGrants alone asks: to RevokeGrant and
 * RetireGrant what names no grant is one that is not there, whatever its form.
 */
export function checkGrantId(id: string): void {
  if (!/^[0-9a-f]{64}$/.test(id)) throw invalidGrantId('The grant ID is not valid.')
}

/** The error of a grant that is not there, or no longer. */
export const noSuchGrant = (id: string) => notFound(`Grant ID ${id} not found`)
