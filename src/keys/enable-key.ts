import { updateKey } from '../database/keys.ts'
import type { Operation } from '../operation.ts'
import { notSwitchable } from './key-state.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html */
export const enableKey: Operation<'EnableKey'> = async (request, call) =>
  call.changeKey(
    request.KeyId,
    { action: 'kms:EnableKey', refused: notSwitchable },
    async (transaction, key) => {
      await updateKey(transaction, key, { state: 'Enabled' })
    },
  )
