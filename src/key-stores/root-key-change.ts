/**
 * A change of the root key, as it stands in the database until the last row is sealed anew. Custodian and database cannot
 * change in one step, so that a crash may leave either at the old key: `begun` is before the custodian has the new one
 * for certain, and nothing is sealed under that yet.
 */
import type { RowName } from '../database/database.ts'
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
  /** The root key that is to come, on a database that nodes share; behind it and a slash, what each node says of it. */
  next: 'root-key-next',
} as const

/** What the feed names when nodes have to look at the values again. */
export const ringRow: RowName = 'root-key/ring'

/** Why a change cannot be made now, for people: lower case, no full stop. */
export class RootKeyChangeRefused extends Error {}

/** Reads a change; undefined if and only if there is none. */
export function parseChange(text: string | undefined): RootKeyChange | undefined {
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as RootKeyChange)
}

/** The root key that is to come, and the question to the nodes whether they hold it. */
export interface NextRootKey {
  readonly id: string
  /** Each question has a name of its own, so that an old answer is none. */
  readonly asked: string
}

/** Reads what is to come; undefined if and only if nothing is. */
export function parseNext(text: string | undefined): NextRootKey | undefined {
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as NextRootKey)
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
