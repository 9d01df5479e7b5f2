import { updateKey } from '../database/keys.ts'
import type { Operation } from '../operation.ts'
import { trailingDays } from './trailing-days.ts'
import { notSwitchable } from './key-state.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html */
export const disableKey: Operation<'DisableKey'> = async (request, call) =>
  call.changeKey(
    request.KeyId,
    { action: 'kms:DisableKey', conditions: trailingDays(call), refused: notSwitchable },
    async (transaction, key) => {
      await updateKey(transaction, key, { state: 'Disabled' })
    },
  )
