/**
 * The parameters that SimulatePrincipalPolicy and SimulateCustomPolicy share.
 */
import { invalidInput } from '../server/query-error.ts'
import { type Input, required, structures, text, texts } from '../server/query-input.ts'
import { arn, paging } from './rules.ts'

/** Policies that are given with the request. */
export const policyInputList = texts({ min: 1, max: 131_072 })

/** The user, group or role whose policies are meant. */
export const policySourceArn = required(arn)

export const simulationRules = {
  ActionNames: required(texts({ min: 3, max: 128 })),
  ResourceArns: texts({ min: 1, max: 2048 }),
  PermissionsBoundaryPolicyInputList: policyInputList,
  ResourcePolicy: text({ min: 1, max: 131_072 }),
  ResourceOwner: text({ min: 1, max: 2048 }),
  CallerArn: text({ min: 1, max: 2048 }),
  ContextEntries: structures({
    ContextKeyName: required(text({ min: 5, max: 256 })),
    ContextKeyValues: texts({}),
    ContextKeyType: text({
      values: ['string', 'numeric', 'boolean', 'ip', 'binary', 'date'].flatMap((type) => [
        type,
        `${type}List`,
      ]),
    }),
  }),
  ResourceHandlingOption: text({ min: 1, max: 64 }),
  ...paging,
} as const

/** A simulation as it is asked for. */
export type SimulationInput = Input<typeof simulationRules>

/** Throws InvalidInput for actions and resources that no request could have. */
export function checkSimulated({ ActionNames, ResourceArns = [] }: SimulationInput): void {
  for (const action of ActionNames) {
    if (/^[\w.-]+:\w+$/.test(action)) continue
    throw invalidInput(`The action ${action} is not valid. It must be a service and an operation.`)
  }
  for (const resource of ResourceArns) {
    if (resource === '*' || /^arn:[^:]*:[^:]*:[^:]*:[^:]*:/.test(resource)) continue
    throw invalidInput(`The resource ${resource} is not valid. It must be an ARN or *.`)
  }
}
