import { updateKey } from '../database/keys.ts'
import type { Operation } from '../operation.ts'
import { goingAway } from './key-state.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html */
export const updateKeyDescription: Operation<'UpdateKeyDescription'> = async (request, call) =>
  call.changeKey(
    request.KeyId,
    { action: 'kms:UpdateKeyDescription', refused: goingAway },
    async (transaction, key) => {
      await updateKey(transaction, key, { description: request.Description })
    },
  )
