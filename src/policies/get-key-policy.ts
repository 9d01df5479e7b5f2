import { partitionOf } from '../api/arn.ts'
import { findKeyPolicy } from '../database/policies.ts'
import type { Operation } from '../operation.ts'
import { noSuchPolicy } from './accept-policy.ts'
import { shownPolicy } from './shown-policy.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html */
export const getKeyPolicy: Operation<'GetKeyPolicy'> = async (request, call) => {
  const key = await call.findKey(request.KeyId, { action: 'kms:GetKeyPolicy' })
  if ((request.PolicyName ?? 'default') !== 'default') throw noSuchPolicy()
  const stored = await findKeyPolicy(call.read, key)
  return {
    Policy: await shownPolicy(call.read, stored, partitionOf(key.region)),
    PolicyName: 'default',
  }
}
