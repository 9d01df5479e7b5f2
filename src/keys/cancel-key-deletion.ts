import { invalidState } from '../api/errors.ts'
import { updateKey } from '../database/keys.ts'
import type { Operation } from '../operation.ts'
import { lacksMaterial } from './key.ts'
import { goingAway } from './key-state.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html */
export const cancelKeyDeletion: Operation<'CancelKeyDeletion'> = async (request, call) =>
  call.changeKey(request.KeyId, { action: 'kms:CancelKeyDeletion' }, async (transaction, key) => {
    if (!goingAway.includes(key.state)) {
      throw invalidState(`${key.arn} is not pending deletion.`)
    }
    await updateKey(transaction, key, {
      // Without its imported material a key could be enabled, but not used.
      state: lacksMaterial(key) ? 'PendingImport' : 'Disabled',
      deletionAt: undefined,
      pendingWindowInDays: undefined,
    })
    return { KeyId: key.arn }
  })
