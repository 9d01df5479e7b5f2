import { federatedUserArn } from '../identities/arns.ts'
import { requestTags } from '../policies/context-values.ts'
import type { QueryCall } from '../server/query-action.ts'
import { signedAction } from './action.ts'
import { authorizeSts } from './authorize-sts.ts'
import { userSeconds } from './durations.ts'
import { issueCredentials } from './issue.ts'
import { longTermCaller } from './long-term-caller.ts'
import { federatedName, policy, policyArns, tags, userDuration } from './rules.ts'
import { checkSessionPolicies, findSessionPolicies, packedPercent } from './session-policies.ts'
import { sessionTags } from './session-tags.ts'

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
export const getFederationToken = signedAction(
  'GetFederationToken',
  {
    Name: federatedName,
    Policy: policy,
    PolicyArns: policyArns,
    DurationSeconds: userDuration,
    Tags: tags,
  },
  async (input, call) => {
    const { caller } = call
    const { Name: name } = input
    const { account } = caller
    const id = longTermCaller(caller, 'GetFederationToken')
    const { given } = sessionTags(input)
    checkSessionPolicies(input)
    const Arn = federatedUserArn(call.partition, { account, name })
    if (caller.type !== 'Root') authorize(call, Arn, given)
    const policies = await findSessionPolicies(call, account, input)
    const PackedPolicySize = packedPercent(input, given)
    const Credentials = issueCredentials(call, userSeconds(caller, input.DurationSeconds), {
      of: 'federated',
      account,
      id,
      name,
      tags: given,
      policies,
    })
    const FederatedUser = { FederatedUserId: `${account}:${name}`, Arn }
    return { Credentials, FederatedUser, PackedPolicySize }
  },
)

/** A policy can say for which names tokens may be had: the resource is the federated user. */
function authorize(
  call: QueryCall,
  resource: string,
  given: readonly { readonly key: string; readonly value: string }[],
): void {
  const context = requestTags(given)
  authorizeSts(call, { action: 'sts:GetFederationToken', resource, context })
  if (given.length > 0) authorizeSts(call, { action: 'sts:TagSession', resource, context })
}
