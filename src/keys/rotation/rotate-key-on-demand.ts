import { conflict, invalidState, limitExceeded } from '../../api/errors.ts'
import type { Reader, Writer } from '../../database/database.ts'
import { importStateAt, listEntries, materialRegion } from '../../database/material-entries.ts'
import type { PreparedMaterial } from '../../key-stores/key-store.ts'
import type { Operation } from '../../operation.ts'
import type { Key } from '../key.ts'
import { refuseStates, unusable } from '../key-state.ts'
import { refuseReplica, relatedKeys } from '../multi-region/related-keys.ts'
import { rotateToImported, rotateToNew } from './rotate.ts'
import { refuseSpec } from './rotation-rules.ts'

/** How often a key may be rotated on demand; it is not adjustable. */
const limit = 25
/** How near an automatic rotation may be, in milliseconds. */
const margin = 20 * 60_000

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html */
export const rotateKeyOnDemand: Operation<'RotateKeyOnDemand'> = async (request, call) => {
  const look = { action: 'kms:RotateKeyOnDemand', check } as const
  const found = await call.findKey(request.KeyId, look)
  const made = found.origin === 'EXTERNAL' ? undefined : await call.keyStore.prepare(found)
  return call.changeKey(request.KeyId, look, async (transaction, key) => {
    refuseReplica(key)
    await refuseLimit(transaction, key)
    const { rotationNextAt } = key
    if (rotationNextAt !== undefined && rotationNextAt - call.now <= margin) throw conflict()
    await rotate(transaction, key, { at: call.now, made })
    return { KeyId: key.arn }
  })
}

/** The state is looked at before the spec. */
function check(key: Key): void {
  refuseStates(key, unusable)
  refuseSpec(key)
}

async function rotate(
  transaction: Writer,
  key: Key,
  to: { readonly at: number; readonly made: PreparedMaterial | undefined },
): Promise<void> {
  const rotation = { at: to.at, type: 'ON_DEMAND' } as const
  if (to.made !== undefined) {
    await rotateToNew(transaction, key, { ...rotation, material: to.made })
    return
  }
  let materialId: string | undefined
  // A related key may have lost the material again since every one of them had it.
  for (const related of await relatedKeys(transaction, key)) {
    const entries = await listEntries(transaction, { keyId: key.id, region: related.region })
    const pending = entries.find(({ state }) => state === 'PENDING_ROTATION')
    if (pending === undefined || importStateAt(pending, to.at) !== 'IMPORTED') {
      throw invalidState(`No available key material pending rotation for the key: ${key.arn}.`)
    }
    materialId = pending.materialId
  }
  if (materialId === undefined) throw new Error('a key is related to itself')
  await rotateToImported(transaction, key, { ...rotation, materialId })
}

async function refuseLimit(reader: Reader, key: Key): Promise<void> {
  const entries = await listEntries(reader, { keyId: key.id, region: materialRegion(key) })
  if (entries.filter((entry) => entry.rotationType === 'ON_DEMAND').length < limit) return
  throw limitExceeded(
    `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
  )
}
