/**
 * The condition keys that a simulation has to be given.
 */
import { reads } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { contextKeysOf } from './context-key-names.ts'
import { required } from '../server/query-input.ts'
import { policyInputList, policySourceArn } from './simulate-rules.ts'
import { findSource, givenPolicies, policiesOf, type SourcePolicy } from './simulate-sources.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html */
export const getContextKeysForCustomPolicy = reads(
  'GetContextKeysForCustomPolicy',
  { PolicyInputList: required(policyInputList) },
  async ({ PolicyInputList }, call) => {
    authorizeIam(call, { action: 'iam:GetContextKeysForCustomPolicy', resource: '*' })
    return namesIn(givenPolicies(PolicyInputList, 'PolicyInputList', 'identity'))
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html */
export const getContextKeysForPrincipalPolicy = reads(
  'GetContextKeysForPrincipalPolicy',
  { PolicySourceArn: policySourceArn, PolicyInputList: policyInputList },
  async ({ PolicySourceArn: arn, PolicyInputList = [] }, call) => {
    const source = await findSource(call, arn, 'iam:GetContextKeysForPrincipalPolicy')
    return namesIn([
      ...policiesOf(source, 'identity'),
      ...givenPolicies(PolicyInputList, 'PolicyInputList', 'identity'),
    ])
  },
)

const namesIn = (sources: readonly SourcePolicy[]) => ({
  ContextKeyNames: contextKeysOf(sources.map(({ policy }) => policy)),
})
