import { validation } from '../api/errors.ts'
import { setKeyState } from '../database/keys.ts'
import type { Operation } from '../operation.ts'
import { seconds } from './key.ts'
import { goingAway } from './key-state.ts'

const day = 86_400_000

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
export const scheduleKeyDeletion: Operation<'ScheduleKeyDeletion'> = async (request, call) => {
  const days = request.PendingWindowInDays ?? 30
  if (days < 7 || days > 30) throw validation('PendingWindowInDays must be between 7 and 30')
  return call.changeKey(
    request.KeyId,
    { action: 'kms:ScheduleKeyDeletion', refused: [...goingAway, 'Updating'] },
    async (transaction, key) => {
      const deletionAt = call.now + days * day
      await setKeyState(transaction, key, {
        state: 'PendingDeletion',
        deletionAt,
        pendingWindowInDays: days,
      })
      return {
        KeyId: key.arn,
        DeletionDate: seconds(deletionAt),
        KeyState: 'PendingDeletion' as const,
        PendingWindowInDays: days,
      }
    },
  )
}
