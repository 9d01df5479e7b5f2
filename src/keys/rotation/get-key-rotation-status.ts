import type { Operation } from '../../operation.ts'
import { seconds } from '../key.ts'
import { goingAway } from '../key-state.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html */
export const getKeyRotationStatus: Operation<'GetKeyRotationStatus'> = async (request, call) => {
  const key = await call.findKey(request.KeyId, { action: 'kms:GetKeyRotationStatus' })
  const awsManaged = key.manager === 'AWS'
  // A key on its way out does not rotate; what was set is there again if its deletion is cancelled.
  const enabled = (key.rotationEnabled || awsManaged) && !goingAway.includes(key.state)
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
