import { setKeyPolicy } from '../database/policies.ts'
import type { Operation } from '../operation.ts'
import { acceptPolicy, noSuchPolicy } from './accept-policy.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html */
export const putKeyPolicy: Operation<'PutKeyPolicy'> = async (request, call) => {
  const look = { action: 'kms:PutKeyPolicy' } as const
  const found = await call.findKey(request.KeyId, look)
  if ((request.PolicyName ?? 'default') !== 'default') throw noSuchPolicy()
  const bypassLockout = request.BypassPolicyLockoutSafetyCheck === true
  const offered = { text: request.Policy, bypassLockout }
  const policy = await acceptPolicy(offered, call.read, () => call.keeperOf(found))
  return call.changeKey(request.KeyId, look, async (transaction, key) => {
    await setKeyPolicy(transaction, key, policy)
  })
}
