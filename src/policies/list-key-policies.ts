import type { Operation } from '../operation.ts'

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html */
export const listKeyPolicies: Operation<'ListKeyPolicies'> = async (request, call) => {
  const key = await call.findKey(request.KeyId, { action: 'kms:ListKeyPolicies' })
  // A key has the one policy, so that there never is a second page: any marker is not one of ours.
  call.page(request, { operation: 'ListKeyPolicies', defaultLimit: 100, filter: key.id })
  return { PolicyNames: ['default'], Truncated: false }
}
