/**
 * What importing does to a key: its first material, the same material again, or, for symmetric encryption keys, new
 * material that waits for a rotation.
 */
import { incorrectKeyMaterial, invalidState } from '../../api/errors.ts'
import type { ExpirationModel } from '../../api/types.ts'
import type { Writer } from '../../database/database.ts'
import { updateKey } from '../../database/keys.ts'
import {
  listEntries,
  type MaterialEntry,
  newEntry,
  putEntry,
} from '../../database/material-entries.ts'
import type { PreparedMaterial } from '../../key-stores/key-store.ts'
import { isPrimary, type Key } from '../key.ts'
import { notPrimary, relatedKeys } from '../multi-region/related-keys.ts'
import { nextPosition } from '../rotation/rotate.ts'
import { settleImported } from './settle-imported.ts'

/** What was imported, and what was said of it. */
export interface Import {
  readonly material: PreparedMaterial
  readonly expirationModel: ExpirationModel
  readonly validTo: number | undefined
  readonly importType: 'NEW_KEY_MATERIAL' | 'EXISTING_KEY_MATERIAL' | undefined
  /** The material that the request says it is. */
  readonly materialId: string | undefined
  readonly description: string | undefined
}

/** Takes material into a key, whose state then follows from what it has. */
export async function takeMaterial(transaction: Writer, key: Key, taken: Import): Promise<void> {
  const entries = await listEntries(transaction, { keyId: key.id, region: key.region })
  const id = taken.material.materialId
  const known = entries.find((entry) => entry.materialId === id)
  const type =
    taken.importType ?? (entries.length === 0 ? 'NEW_KEY_MATERIAL' : 'EXISTING_KEY_MATERIAL')
  const differs = taken.materialId !== undefined && taken.materialId !== id
  if (differs || (known === undefined) !== (type === 'NEW_KEY_MATERIAL')) {
    throw incorrectKeyMaterial()
  }
  await (known === undefined
    ? addMaterial(transaction, key, { ...taken, entries })
    : putEntry(transaction, imported(known, taken)))
  if (taken.description !== undefined) await describeMaterial(transaction, key, taken)
  await taken.material.store(transaction)
  // Importing what is its own enables a disabled key, as AWS documents it; what waits for a rotation does not.
  const enables = key.state === 'Disabled' && known !== undefined && !isWaiting(known)
  await settleImported(transaction, enables ? { ...key, state: 'PendingImport' } : key)
}

/** The first material is current at once; a later one waits, on a multi-Region key until every replica has it too. */
async function addMaterial(
  transaction: Writer,
  key: Key,
  taken: Import & { readonly entries: readonly MaterialEntry[] },
): Promise<void> {
  if (key.multiRegion && !isPrimary(key)) throw notPrimary(key)
  refuseSecondPending(key, taken)
  const related = await relatedKeys(transaction, key)
  const first = taken.entries.length === 0
  const waiting =
    related.length > 1 ? 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION' : 'PENDING_ROTATION'
  for (const other of related) {
    const entry = newEntry({
      keyId: key.id,
      region: other.region,
      materialId: taken.material.materialId,
      position: nextPosition(taken.entries),
      state: first ? 'CURRENT' : waiting,
      importState: 'PENDING_IMPORT',
    })
    await putEntry(transaction, other.region === key.region ? imported(entry, taken) : entry)
    if (first) {
      await updateKey(transaction, other, {
        currentMaterialId: entry.materialId,
        importedOnce: true,
      })
    }
  }
}

function refuseSecondPending(
  key: Key,
  taken: Import & { readonly entries: readonly MaterialEntry[] },
): void {
  const pending = taken.entries.find(isWaiting)
  if (pending === undefined) return
  throw invalidState(
    `New key material (id: ${taken.material.materialId}) cannot be imported into KMS key ${key.arn}, because another key material (id: ${pending.materialId}) is pending rotation.`,
  )
}

/** A description is that of the material, in whichever region it is looked at. */
async function describeMaterial(
  transaction: Writer,
  key: Key,
  { material, description }: Import,
): Promise<void> {
  for (const related of await relatedKeys(transaction, key)) {
    const entries = await listEntries(transaction, { keyId: key.id, region: related.region })
    const entry = entries.find(({ materialId }) => materialId === material.materialId)
    if (entry !== undefined) await putEntry(transaction, { ...entry, description })
  }
}

function isWaiting(entry: MaterialEntry): boolean {
  return entry.state.startsWith('PENDING')
}

function imported(entry: MaterialEntry, taken: Import): MaterialEntry {
  return {
    ...entry,
    importState: 'IMPORTED',
    expirationModel: taken.expirationModel,
    validTo: taken.validTo,
  }
}
