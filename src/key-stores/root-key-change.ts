/**
 * A change of the root key, as it stands in the database until the last row is sealed anew. Custodian and database cannot
 * change in one step, so that a crash may leave either at the old key: `begun` is before the custodian has the new one
 * for certain, and nothing is sealed under that yet.
 */
import type { RootKeyRing, SealedPlace } from './root-key-ring.ts'
import { type RootKeys, rootKeys } from './root-key.ts'

/** One change. The root key before is sealed under the next one: whoever has that can finish, and nobody else. */
export interface RootKeyChange {
  /** `rewrapped`: no row is left, and the one before stays for tokens that were made under it. */
  readonly stage: 'begun' | 'switched' | 'rewrapped'
  /** Milliseconds since 1970. */
  readonly since: number
  readonly previousId: string
  readonly nextId: string
  readonly nextCheck: string
  /** Base64. */
  readonly previous: string
  /** The seed of the record's signing key, likewise. */
  readonly audit: string
}

/** The names of the values in the database. An empty value is none. */
export const metaNames = {
  storeId: 'store-id',
  check: 'root-key-check',
  change: 'root-key-change',
  audit: 'root-key-audit',
} as const

/** Reads a change; undefined if and only if there is none. */
export function parseChange(text: string | undefined): RootKeyChange | undefined {
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as RootKeyChange)
}

/** Opens the root key before. Throws when it does not open: rows under it would be lost without a word. */
export function openPrevious(ring: RootKeyRing, change: RootKeyChange): RootKeys {
  const sealed = Buffer.from(change.previous, 'base64')
  const bytes = ring.open('sealedKeys', sealed, previousPlace(change.previousId))
  if (bytes === undefined) throw new Error('the root key before the current one does not open')
  return rootKeys(bytes)
}

/** Where the root key before stands. */
export function previousPlace(previousId: string): SealedPlace {
  return (rootKeyId) => ['previous root key', rootKeyId, previousId]
}

/** Where the seed of the record's signing key stands. */
export const auditPlace: SealedPlace = (rootKeyId) => ['record signing key', rootKeyId]
