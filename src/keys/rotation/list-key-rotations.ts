import {
  importStateAt,
  listEntries,
  type MaterialEntry,
  materialRegion,
} from '../../database/material-entries.ts'
import type { Response } from '../../api/types.ts'
import type { Operation } from '../../operation.ts'
import { type Key, seconds } from '../key.ts'
import { refuseSpec } from './rotation-rules.ts'

type Entry = NonNullable<Response<'ListKeyRotations'>['Rotations']>[number]

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html */
export const listKeyRotations: Operation<'ListKeyRotations'> = async (request, call) => {
  const key = await call.findKey(request.KeyId, { action: 'kms:ListKeyRotations' })
  refuseSpec(key)
  const view = request.IncludeKeyMaterial ?? 'ROTATIONS_ONLY'
  const filter = `${key.id}/${view}`
  const list = { operation: 'ListKeyRotations', defaultLimit: 100, filter } as const
  const page = call.page(request, list)
  const region = materialRegion(key)
  // A key has at most a few dozen materials: the fixed limit of on-demand rotations and one a quarter.
  const entries = await listEntries(call.read, { keyId: key.id, region })
  const behind = entries.filter(
    (entry) =>
      entry.position > Number(page.after) &&
      (view === 'ALL_KEY_MATERIAL' || entry.rotatedAt !== undefined),
  )
  const rows = behind.slice(0, page.limit)
  const cut = call.cut(rows, page, { ...list, position: (entry) => String(entry.position) })
  return { Rotations: cut.rows.map((entry) => shown(key, entry, call.now)), ...cut.paging }
}

function shown(key: Key, entry: MaterialEntry, now: number): Entry {
  const importState = importStateAt(entry, now)
  const expiry = importState === 'IMPORTED' ? entry : undefined
  return {
    KeyId: key.id,
    KeyMaterialId: entry.materialId,
    ...(entry.description !== undefined && { KeyMaterialDescription: entry.description }),
    ...(importState !== undefined && { ImportState: importState }),
    KeyMaterialState: entry.state,
    ...(expiry?.expirationModel !== undefined && { ExpirationModel: expiry.expirationModel }),
    ...(expiry?.validTo !== undefined && { ValidTo: seconds(expiry.validTo) }),
    ...(entry.rotatedAt !== undefined && { RotationDate: seconds(entry.rotatedAt) }),
    ...(entry.rotationType !== undefined && { RotationType: entry.rotationType }),
  }
}
