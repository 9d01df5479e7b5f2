import { updateKey } from '../../database/keys.ts'
import type { Operation } from '../../operation.ts'
import type { Key } from '../key.ts'
import { refuseStates } from '../key-state.ts'
import { refuseReplica, relatedKeys } from '../multi-region/related-keys.ts'
import { refuseOrigin } from './rotation-rules.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html */
export const disableKeyRotation: Operation<'DisableKeyRotation'> = async (request, call) => {
  await call.changeKey(
    request.KeyId,
    { action: 'kms:DisableKeyRotation', check },
    async (transaction, key) => {
      refuseReplica(key)
      for (const related of await relatedKeys(transaction, key)) {
        await updateKey(transaction, related, {
          rotationEnabled: false,
          rotationPeriodInDays: undefined,
          rotationNextAt: undefined,
        })
      }
    },
  )
}

/** It succeeds on keys of every spec, which have no rotation to disable. */
function check(key: Key): void {
  refuseStates(key, ['Disabled', 'PendingDeletion', 'PendingReplicaDeletion', 'Creating'])
  refuseOrigin(key)
}
