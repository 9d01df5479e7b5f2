import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html */
export const listKeyPolicies: Operation<'ListKeyPolicies'> = async (request, call) => {
  await call.findKey(request.KeyId, { action: 'kms:ListKeyPolicies' })
  // A key has the one policy, so that there is one page. The model gives no error for a marker that is none of ours.
  return { PolicyNames: ['default'], Truncated: false }
}
