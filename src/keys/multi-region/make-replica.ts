/**
 * A replica, made beside its primary key.
 */
import { alreadyExists } from '../../api/errors.ts'
import type { Writer } from '../../database/database.ts'
import { findKey, insertKey } from '../../database/keys.ts'
import { listEntries, putEntry } from '../../database/material-entries.ts'
import { type Key, newKey } from '../key.ts'
import { refuseKeyBeyondQuota } from '../key-quota.ts'
import { relatedKeys } from './related-keys.ts'

/** What a replica does not share with its primary; the time is milliseconds since 1970. */
export interface Replica {
  readonly region: string
  readonly description: string
  readonly createdAt: number
  /** How many keys the account may have in the region. */
  readonly quota: number
}

/** A replica shares id, spec, usage, origin, material and rotation with its primary; it has a state of its own. */
export function replicaOf(primary: Key, given: Omit<Replica, 'quota'>): Key {
  const imported = primary.origin === 'EXTERNAL'
  return newKey(
    { account: primary.account, region: given.region },
    {
      id: primary.id,
      createdAt: given.createdAt,
      description: given.description,
      spec: primary.spec,
      usage: primary.usage,
      origin: primary.origin,
      state: imported ? 'PendingImport' : 'Enabled',
      multiRegion: true,
      primaryRegion: primary.region,
      currentMaterialId: primary.currentMaterialId,
      rotationEnabled: primary.rotationEnabled,
      rotationPeriodInDays: primary.rotationPeriodInDays,
      rotationNextAt: primary.rotationNextAt,
      importedOnce: primary.importedOnce,
    },
  )
}

/** Makes the replica. Throws AlreadyExistsException where the region has one. */
export async function makeReplica(transaction: Writer, primary: Key, given: Replica): Promise<Key> {
  if ((await findKey(transaction, given.region, primary.id)) !== undefined) {
    throw alreadyExists(`Multi-region key ${primary.id} already exists in Region ${given.region}.`)
  }
  const replica = replicaOf(primary, given)
  await refuseKeyBeyondQuota(transaction, replica, given.quota)
  await insertKey(transaction, replica)
  if (primary.origin === 'EXTERNAL') await expectMaterials(transaction, primary, given.region)
  return replica
}

/**
 * The replica of an imported key has to be given the same materials, one by one; what waits for a rotation then waits for
 * the replica, too.
 */
async function expectMaterials(transaction: Writer, primary: Key, region: string): Promise<void> {
  const entries = await listEntries(transaction, { keyId: primary.id, region: primary.region })
  for (const entry of entries) {
    await putEntry(transaction, {
      ...entry,
      region,
      importState: 'PENDING_IMPORT',
      expirationModel: undefined,
      validTo: undefined,
    })
  }
  for (const related of await relatedKeys(transaction, primary)) {
    const own = await listEntries(transaction, { keyId: related.id, region: related.region })
    for (const entry of own.filter(({ state }) => state === 'PENDING_ROTATION')) {
      await putEntry(transaction, { ...entry, state: 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION' })
    }
  }
}
