import { validation } from '../api/errors.ts'
import { listRegionsOfKey, updateKey } from '../database/keys.ts'
import type { Operation } from '../operation.ts'
import { trailingDays } from './trailing-days.ts'
import { day } from './day.ts'
import { isPrimary, seconds } from './key.ts'
import { goingAway } from './key-state.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
export const scheduleKeyDeletion: Operation<'ScheduleKeyDeletion'> = async (request, call) => {
  const days = request.PendingWindowInDays ?? 30
  if (days < 7 || days > 30) throw validation('PendingWindowInDays must be between 7 and 30')
  return call.changeKey(
    request.KeyId,
    {
      action: 'kms:ScheduleKeyDeletion',
      conditions: trailingDays(call),
      refused: [...goingAway, 'Updating'],
    },
    async (transaction, key) => {
      // A primary key waits for its replicas; its own window begins when the last of them is gone.
      const waits = isPrimary(key) && (await listRegionsOfKey(transaction, key.id)).length > 1
      const state = waits ? 'PendingReplicaDeletion' : 'PendingDeletion'
      const deletionAt = waits ? undefined : call.now + days * day
      await updateKey(transaction, key, { state, deletionAt, pendingWindowInDays: days })
      return {
        KeyId: key.arn,
        ...(deletionAt !== undefined && { DeletionDate: seconds(deletionAt) }),
        KeyState: state,
        PendingWindowInDays: days,
      }
    },
  )
}
