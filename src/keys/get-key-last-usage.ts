import type { Response } from '../api/types.ts'
import type { Operation } from '../operation.ts'
import { seconds } from './key.ts'

type Usage = NonNullable<Response<'GetKeyLastUsage'>['KeyLastUsage']>

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html */
export const getKeyLastUsage: Operation<'GetKeyLastUsage'> = async (request, call) => {
  const key = await call.findKey(request.KeyId, { action: 'kms:GetKeyLastUsage' })
  const use = await call.lastUse(key)
  return {
    KeyId: key.arn,
    // A key that was never used has an empty structure.
    KeyLastUsage:
      use === undefined
        ? {}
        : {
            Operation: use.operation as Usage['Operation'],
            Timestamp: seconds(use.usedAt),
            CloudTrailEventId: use.eventId,
            KmsRequestId: use.requestId,
          },
    TrackingStartDate: seconds(key.createdAt),
    KeyCreationDate: seconds(key.createdAt),
  }
}
