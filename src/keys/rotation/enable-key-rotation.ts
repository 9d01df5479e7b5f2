import { updateKey } from '../../database/keys.ts'
import type { Operation } from '../../operation.ts'
import { refuseReplica, relatedKeys } from '../multi-region/related-keys.ts'
import { day } from '../day.ts'
import { refuseAutomaticRotation } from './rotation-rules.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html */
export const enableKeyRotation: Operation<'EnableKeyRotation'> = async (request, call) => {
  const days = request.RotationPeriodInDays ?? 365
  await call.changeKey(
    request.KeyId,
    { action: 'kms:EnableKeyRotation', check: refuseAutomaticRotation },
    async (transaction, key) => {
      refuseReplica(key)
      for (const related of await relatedKeys(transaction, key)) {
        await updateKey(transaction, related, {
          rotationEnabled: true,
          rotationPeriodInDays: days,
          rotationNextAt: call.now + days * day,
        })
      }
    },
  )
}
