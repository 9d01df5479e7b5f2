/**
 * The material that a key begins with.
 */
import type { Writer } from '../database/database.ts'
import { everyRegion, newEntry, putEntry } from '../database/material-entries.ts'
import type { PreparedMaterial } from '../key-stores/key-store.ts'
import type { Key } from './key.ts'

/** Stores material that Trent made, as the first and current one of a key. */
export async function storeFirstMaterial(
  transaction: Writer,
  key: Key,
  material: PreparedMaterial,
): Promise<void> {
  await material.store(transaction)
  const { materialId } = material
  await putEntry(transaction, newEntry({ keyId: key.id, region: everyRegion, materialId }))
}
