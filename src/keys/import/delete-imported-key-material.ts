import { notFound } from '../../api/errors.ts'
import type { Writer } from '../../database/database.ts'
import {
  deleteEntry,
  listEntries,
  type MaterialEntry,
  putEntry,
} from '../../database/material-entries.ts'
import type { Call, Operation } from '../../operation.ts'
import { isPrimary, type Key } from '../key.ts'
import { refuseStates } from '../key-state.ts'
import { relatedKeys } from '../multi-region/related-keys.ts'
import { refuseOwnMaterial } from './import-rules.ts'
import { settleImported } from './settle-imported.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html */
export const deleteImportedKeyMaterial: Operation<'DeleteImportedKeyMaterial'> = async (
  request,
  call,
) => {
  const answer = await call.changeKey(
    request.KeyId,
    { action: 'kms:DeleteImportedKeyMaterial', check },
    async (transaction, key) => {
      const entries = await listEntries(transaction, { keyId: key.id, region: key.region })
      const id = request.KeyMaterialId ?? key.currentMaterialId
      const entry = entries.find((each) => each.materialId === id)
      if (entry === undefined && request.KeyMaterialId !== undefined) {
        throw notFound(`Key material '${request.KeyMaterialId}' does not exist`)
      }
      if (entry !== undefined) await erase(transaction, key, { entry, call })
      return {
        KeyId: key.arn,
        ...(key.spec === 'SYMMETRIC_DEFAULT' && id !== undefined && { KeyMaterialId: id }),
      }
    },
  )
  await call.purge()
  return answer
}

function check(key: Key): void {
  refuseOwnMaterial(key)
  refuseStates(key, ['Creating', 'Updating'])
}

/** Material that waits for a rotation is withdrawn; material of the key's own leaves its entry, to be imported again. */
async function erase(
  transaction: Writer,
  key: Key,
  at: { readonly entry: MaterialEntry; readonly call: Call },
): Promise<void> {
  const { entry, call } = at
  const waiting = entry.state.startsWith('PENDING')
  const keys = waiting && isPrimary(key) ? await relatedKeys(transaction, key) : [key]
  for (const each of keys) {
    await call.keyStore.destroyMaterial(transaction, each, entry.materialId)
    const own = { ...entry, region: each.region }
    await (waiting && (isPrimary(key) || !key.multiRegion)
      ? deleteEntry(transaction, own)
      : putEntry(transaction, {
          ...own,
          importState: 'PENDING_IMPORT',
          expirationModel: undefined,
          validTo: undefined,
        }))
    await settleImported(transaction, each)
  }
}
