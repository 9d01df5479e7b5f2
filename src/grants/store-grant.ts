/**
 * Puts a new grant among those of its key, or finds that it is there by its name.
 */
import type { Writer } from '../database/database.ts'
import { countBucket } from '../database/grant-lookups.ts'
import { findGrantByIdentity, insertGrant } from '../database/grants.ts'
import type { Grant, GrantedKey } from './grant.ts'
import { bucketsFor, type GrantPlace, identityOf, placeIn } from './grant-place.ts'

/** The id of the grant of the same name that a request with the same parameters made before, if there is one. */
export async function findSameGrant(
  transaction: Writer,
  key: GrantedKey,
  grant: Grant,
): Promise<string | undefined> {
  const identity = identityOf(grant)
  return identity === undefined ? undefined : findGrantByIdentity(transaction, key, identity)
}

/** Adds a grant. */
export async function storeGrant(
  transaction: Writer,
  key: GrantedKey,
  grant: Grant,
): Promise<void> {
  const place = await choosePlace(transaction, key, grant)
  await insertGrant(transaction, key, { grant, place, identity: identityOf(grant) })
}

/** Of the buckets where the grant may stand, the one with the fewest grants: none is to grow with the key's. */
async function choosePlace(
  transaction: Writer,
  key: GrantedKey,
  grant: Grant,
): Promise<GrantPlace> {
  const [first = '', ...others] = bucketsFor(grant.constraints)
  let place = placeIn(first, grant)
  if (others.length === 0) return place
  let fewest = await countIn(transaction, key, place)
  for (const bucket of others) {
    const other = placeIn(bucket, grant)
    const count = await countIn(transaction, key, other)
    if (count < fewest) [place, fewest] = [other, count]
  }
  return place
}

const countIn = (transaction: Writer, key: GrantedKey, { holder, bucket }: GrantPlace) =>
  countBucket(transaction, { key, holder }, { bucket, most: 1000 })
