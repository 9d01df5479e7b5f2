/**
 * Related multi-Region keys: the same key id and material in several regions, one of them the primary (Developer Guide,
 * "Multi-Region keys"). What they share is changed in all of them in one transaction.
 */
import { partitionOf } from '../../api/arn.ts'
import { type KmsError, unsupportedOperation, validation } from '../../api/errors.ts'
import type { Reader } from '../../database/database.ts'
import { findRelatedKeys, listRegionsOfKey } from '../../database/keys.ts'
import type { Call } from '../../operation.ts'
import { isPrimary, type Key } from '../key.ts'

/** The regions that hold a key. */
export async function relatedRegions(reader: Reader, key: Key): Promise<readonly string[]> {
  return key.multiRegion ? listRegionsOfKey(reader, key.id) : [key.region]
}

/** The key itself and, of a multi-Region key, every key that shares its material. */
export async function relatedKeys(reader: Reader, key: Key): Promise<readonly Key[]> {
  return key.multiRegion ? findRelatedKeys(reader, key.id) : [key]
}

/** Throws unless shared properties may be set on this key: on a replica they are the primary's. */
export function refuseReplica(key: Key): void {
  if (key.multiRegion && !isPrimary(key)) throw notPrimary(key)
}

/** The error of what only a multi-Region primary key can do. */
export function notPrimary(key: Key): KmsError {
  return unsupportedOperation(`${key.arn} is not a multi-region primary key.`)
}

/** Throws unless a primary key can be replicated into a region: one that is served, of the same partition. */
export function refuseReplicaRegion(region: string, key: Key, call: Call): void {
  if (!isPrimary(key)) throw notPrimary(key)
  if (!call.regions.has(region) || partitionOf(region) !== partitionOf(call.scope.region)) {
    throw validation(`Region ${region} is not supported.`)
  }
}
