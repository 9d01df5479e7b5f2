/**
 * A simulation, put together of what is asked for: who calls, under which policies, in which circumstances.
 */
import { parseArn } from '../api/arn.ts'
import type { IdentityFacts } from '../identities/identity-directory.ts'
import type { QueryCall } from '../server/query-action.ts'
import { invalidInput } from '../server/query-error.ts'
import { simulatedCaller, simulatedContext } from './simulate-caller.ts'
import type { Simulation } from './simulate-decision.ts'
import type { SimulationInput } from './simulate-rules.ts'
import { compileGiven, givenPolicies, policiesOf } from './simulate-sources.ts'

/** Whose policies are simulated, and those that come with the request. */
export interface Sources {
  readonly source: IdentityFacts | undefined
  readonly texts: readonly string[]
}

/** Puts a simulation together. Throws InvalidInput for what does not go together. */
export function simulationOf(
  call: QueryCall,
  input: SimulationInput,
  { source, texts }: Sources,
): Simulation {
  const { PermissionsBoundaryPolicyInputList: bounds, ResourcePolicy, ResourceOwner } = input
  if ((bounds?.length ?? 0) > 1) throw invalidInput('There can be one permissions boundary.')
  const caller = simulatedCaller(call, input, source)
  const boundaries =
    bounds === undefined || bounds.length === 0
      ? source && policiesOf(source, 'boundary')
      : givenPolicies(bounds, 'PermissionsBoundaryPolicyInputList', 'boundary')
  return {
    caller: caller.caller,
    context: simulatedContext(call, caller, input),
    identity: [
      ...(source === undefined ? [] : policiesOf(source, 'identity')),
      ...givenPolicies(texts, 'PolicyInputList', 'identity'),
    ],
    boundary: boundaries?.[0],
    resourcePolicy:
      ResourcePolicy === undefined
        ? undefined
        : {
            name: 'ResourcePolicy',
            text: ResourcePolicy,
            policy: compileGiven(ResourcePolicy, 'key'),
          },
    resourceOwner: ResourceOwner === undefined ? undefined : accountOf(ResourceOwner),
  }
}

/** The account of ResourceOwner, which is the ARN of an account. */
function accountOf(owner: string): string {
  const account = parseArn(owner)?.account ?? owner
  if (!/^\d{12}$/.test(account)) throw invalidInput(`ARN ${owner} is not valid.`)
  return account
}
