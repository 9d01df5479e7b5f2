import type { Operation } from '../../operation.ts'
import { type Key, seconds } from '../key.ts'
import { goingAway } from '../key-state.ts'
import { refuseOrigin } from './rotation-rules.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html */
export const getKeyRotationStatus: Operation<'GetKeyRotationStatus'> = async (request, call) => {
  const key = await call.findKey(request.KeyId, { action: 'kms:GetKeyRotationStatus', check })
  // A key on its way out does not rotate; what was set is there again if its deletion is cancelled.
  const enabled = key.rotationEnabled && !goingAway.includes(key.state)
  return {
    KeyId: key.arn,
    KeyRotationEnabled: enabled,
    ...(enabled &&
      key.rotationPeriodInDays !== undefined &&
      key.rotationNextAt !== undefined && {
        RotationPeriodInDays: key.rotationPeriodInDays,
        NextRotationDate: seconds(key.rotationNextAt),
      }),
  }
}

/** A key that has no material yet has no status either (Developer Guide, "Key states of AWS KMS keys"). */
function check(key: Key): void {
  if (key.state === 'PendingImport') refuseOrigin(key)
}
