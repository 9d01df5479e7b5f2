/**
 * What a rotation does to a key and, in the same transaction, to every related key: the current material becomes one that
 * only decrypts, another becomes current. Nothing is ever taken away.
 */
import type { RotationType } from '../../api/types.ts'
import type { Writer } from '../../database/database.ts'
import { updateKey } from '../../database/keys.ts'
import {
  everyRegion,
  listEntries,
  type MaterialEntry,
  newEntry,
  putEntry,
} from '../../database/material-entries.ts'
import type { PreparedMaterial } from '../../key-stores/key-store.ts'
import { settleImported } from '../import/settle-imported.ts'
import type { Key } from '../key.ts'
import { relatedKeys } from '../multi-region/related-keys.ts'

/** A rotation: when, why, and for automatic ones when the next is due. */
export interface Rotation {
  readonly at: number
  readonly type: RotationType
  readonly nextAt?: number
}

/** Rotates a key to new material that Trent made. */
export async function rotateToNew(
  transaction: Writer,
  key: Key,
  rotation: Rotation & { readonly material: PreparedMaterial },
): Promise<void> {
  const { material } = rotation
  const entries = await listEntries(transaction, { keyId: key.id, region: everyRegion })
  await material.store(transaction)
  await retire(transaction, entries)
  await putEntry(
    transaction,
    newEntry({
      keyId: key.id,
      region: everyRegion,
      materialId: material.materialId,
      position: nextPosition(entries),
      rotatedAt: rotation.at,
      rotationType: rotation.type,
    }),
  )
  await announce(transaction, key, { ...rotation, materialId: material.materialId })
}

/** Rotates a key to material that was imported and waits. */
export async function rotateToImported(
  transaction: Writer,
  key: Key,
  rotation: Rotation & { readonly materialId: string },
): Promise<void> {
  for (const related of await relatedKeys(transaction, key)) {
    const entries = await listEntries(transaction, { keyId: key.id, region: related.region })
    await retire(transaction, entries)
    const pending = entries.find((entry) => entry.materialId === rotation.materialId)
    if (pending === undefined) throw new Error('a related key does not know the material')
    await putEntry(transaction, {
      ...pending,
      state: 'CURRENT',
      rotatedAt: rotation.at,
      rotationType: rotation.type,
    })
  }
  await announce(transaction, key, rotation)
  // What has become a key's own decides from now on until when the key can be used.
  for (const related of await relatedKeys(transaction, key)) {
    await settleImported(transaction, related)
  }
}

/** The place of the next material in a key's history. */
export function nextPosition(entries: readonly MaterialEntry[]): number {
  return Math.max(0, ...entries.map((entry) => entry.position)) + 1
}

async function retire(transaction: Writer, entries: readonly MaterialEntry[]): Promise<void> {
  for (const entry of entries) {
    if (entry.state !== 'CURRENT') continue
    await putEntry(transaction, { ...entry, state: 'NON_CURRENT' })
  }
}

async function announce(
  transaction: Writer,
  key: Key,
  rotation: Rotation & { readonly materialId: string },
): Promise<void> {
  for (const related of await relatedKeys(transaction, key)) {
    await updateKey(transaction, related, {
      currentMaterialId: rotation.materialId,
      ...(rotation.nextAt !== undefined && { rotationNextAt: rotation.nextAt }),
    })
  }
}
