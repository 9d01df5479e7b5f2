/**
 * The state of an imported key follows from its materials: it can be used when every material that is permanently its own
 * is there, until the first of them expires.
 */
import type { Writer } from '../../database/database.ts'
import { updateKey } from '../../database/keys.ts'
import { listEntries, type MaterialEntry, putEntry } from '../../database/material-entries.ts'
import type { Key } from '../key.ts'
import { goingAway } from '../key-state.ts'
import { relatedKeys } from '../multi-region/related-keys.ts'

/** Brings a key's state, expiry and waiting materials into line with what has been imported, or erased. */
export async function settleImported(transaction: Writer, key: Key): Promise<void> {
  const entries = await listEntries(transaction, { keyId: key.id, region: key.region })
  const own = entries.filter((entry) => !entry.state.startsWith('PENDING'))
  const whole = own.length > 0 && own.every((entry) => entry.importState === 'IMPORTED')
  const expiring = own.flatMap((entry) => (entry.validTo === undefined ? [] : [entry.validTo]))
  await updateKey(transaction, key, {
    state: stateOf(key, whole),
    expirationModel: whole ? modelOf(own) : undefined,
    // What expires is erased also while another material of the key is missing.
    validTo: expiring.length === 0 ? undefined : Math.min(...expiring),
  })
  await releaseWaiting(transaction, key)
}

/** A key that is disabled, or on its way out, does not come back because it has its material. */
function stateOf(key: Key, whole: boolean): Key['state'] {
  if (goingAway.includes(key.state)) return key.state
  if (!whole) return 'PendingImport'
  return key.state === 'PendingImport' ? 'Enabled' : key.state
}

function modelOf(own: readonly MaterialEntry[]): Key['expirationModel'] {
  const expires = own.some((entry) => entry.expirationModel === 'KEY_MATERIAL_EXPIRES')
  return expires ? 'KEY_MATERIAL_EXPIRES' : 'KEY_MATERIAL_DOES_NOT_EXPIRE'
}

/** New material of a multi-Region key may be rotated to when every related key has it. */
export async function releaseWaiting(transaction: Writer, key: Key): Promise<void> {
  if (!key.multiRegion) return
  const waiting: MaterialEntry[] = []
  for (const other of await relatedKeys(transaction, key)) {
    const entries = await listEntries(transaction, { keyId: key.id, region: other.region })
    waiting.push(
      ...entries.filter((entry) => entry.state === 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION'),
    )
  }
  if (waiting.length === 0 || waiting.some((entry) => entry.importState !== 'IMPORTED')) return
  for (const entry of waiting) {
    await putEntry(transaction, { ...entry, state: 'PENDING_ROTATION' })
  }
}
