import { conflict, invalidState, limitExceeded } from '../../api/errors.ts'
import type { Reader, Writer } from '../../database/database.ts'
import { everyRegion } from '../../database/key-material.ts'
import { listEntries } from '../../database/material-entries.ts'
import type { PreparedMaterial } from '../../key-stores/key-store.ts'
import type { Operation } from '../../operation.ts'
import type { Key } from '../key.ts'
import { refuseStates, unusable } from '../key-state.ts'
import { refuseReplica } from '../multi-region/related-keys.ts'
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
  const entries = await listEntries(transaction, { keyId: key.id, region: key.region })
  const pending = entries.find(
    ({ state, validTo }) =>
      state === 'PENDING_ROTATION' && (validTo === undefined || validTo > to.at),
  )
  if (pending === undefined) {
    throw invalidState(`No available key material pending rotation for the key: ${key.arn}.`)
  }
  await rotateToImported(transaction, key, { ...rotation, materialId: pending.materialId })
}

async function refuseLimit(reader: Reader, key: Key): Promise<void> {
  const region = key.origin === 'EXTERNAL' ? key.region : everyRegion
  const entries = await listEntries(reader, { keyId: key.id, region })
  if (entries.filter((entry) => entry.rotationType === 'ON_DEMAND').length < limit) return
  throw limitExceeded(
    `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
  )
}
