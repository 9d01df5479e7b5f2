import { setKeyPolicy } from '../database/policies.ts'
import type { Operation } from '../operation.ts'
import { acceptPolicy, noSuchPolicy } from './accept-policy.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html */
export const putKeyPolicy: Operation<'PutKeyPolicy'> = async (request, call) => {
  const look = { action: 'kms:PutKeyPolicy' } as const
  await call.findKey(request.KeyId, look)
  if ((request.PolicyName ?? 'default') !== 'default') throw noSuchPolicy()
  const bypass = request.BypassPolicyLockoutSafetyCheck === true
  const policy = await acceptPolicy(request.Policy, bypass, call)
  return call.changeKey(request.KeyId, look, async (transaction, key) => {
    await setKeyPolicy(transaction, key, policy)
  })
}
