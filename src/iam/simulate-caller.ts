/**
 * Whom a simulation takes for the caller: the source of the policies, or the user of CallerArn, of whom no more is known
 * than the ARN tells. Nobody learns by a condition what tags somebody else has.
 */
import { parseArn } from '../api/arn.ts'
import { isoTime } from '../clock.ts'
import { identityArn } from '../identities/arns.ts'
import type { IdentityFacts } from '../identities/identity-directory.ts'
import { type ContextValues, tagValues } from '../policies/context-values.ts'
import type { Caller } from '../policies/principals.ts'
import type { QueryCall } from '../server/query-action.ts'
import { invalidInput } from '../server/query-error.ts'
import type { SimulationInput } from './simulate-rules.ts'

/** A caller of some account. */
export type AccountCaller = Extract<Caller, { readonly account: string }>

/** A caller and the condition keys that tell of it. */
export interface SimulatedCaller {
  readonly caller: AccountCaller
  readonly context: ContextValues
}

/** The caller of a simulation. A resource's policy can only be asked about a user. */
export function simulatedCaller(
  call: QueryCall,
  { CallerArn, ResourcePolicy }: SimulationInput,
  source: IdentityFacts | undefined,
): SimulatedCaller {
  if (CallerArn !== undefined) return userOfArn(CallerArn)
  if (ResourcePolicy !== undefined && source?.row.kind !== 'user') {
    throw invalidInput('CallerArn must be given together with ResourcePolicy.')
  }
  if (source === undefined) {
    const { account } = call
    return { caller: { type: 'user', account, arn: '', id: '' }, context: {} }
  }
  return callerOfSource(call.partition, source)
}

function userOfArn(given: string): SimulatedCaller {
  const arn = parseArn(given)
  const name = arn?.resource.startsWith('user/') === true ? arn.resource.split('/').at(-1) : ''
  if (arn?.service !== 'iam' || !/^\d{12}$/.test(arn.account) || !name) {
    throw invalidInput(`ARN ${given} is not valid.`)
  }
  const { account } = arn
  return {
    // Whatever unique id the user has: a policy of the request names it by its ARN.
    caller: { type: 'user', account, arn: given, id: given },
    context: { ...principalKeys(account, given, 'User'), 'aws:username': [name] },
  }
}

function callerOfSource(partition: string, { row, tags }: IdentityFacts): SimulatedCaller {
  const { account, id, kind, name } = row
  const arn = identityArn(partition, row)
  const tagged = tagValues('aws:principaltag/', tags)
  if (kind === 'role') {
    return {
      caller: { type: 'session', account, arn, role: { arn, id } },
      context: { ...principalKeys(account, arn, 'AssumedRole'), ...tagged },
    }
  }
  const caller: AccountCaller = { type: 'user', account, arn, id }
  // A group is nobody: its policies are asked for whichever of its users.
  if (kind === 'group') return { caller, context: { 'aws:principalaccount': [account] } }
  const user = { 'aws:userid': [id], 'aws:username': [name] }
  return { caller, context: { ...principalKeys(account, arn, 'User'), ...user, ...tagged } }
}

const principalKeys = (account: string, arn: string, type: string): ContextValues => ({
  'aws:principalaccount': [account],
  'aws:principalarn': [arn],
  'aws:principaltype': [type],
})

/** The condition keys of a simulated request: the time, the caller's, and over them those that are given. */
export function simulatedContext(
  { now }: QueryCall,
  { context }: SimulatedCaller,
  { ContextEntries = [] }: SimulationInput,
): ContextValues {
  const given = ContextEntries.map(
    ({ ContextKeyName: name, ContextKeyValues: values = [] }) =>
      [name.toLowerCase(), values] as const,
  )
  return {
    'aws:currenttime': [isoTime(now)],
    'aws:epochtime': [String(Math.floor(now / 1000))],
    ...context,
    ...Object.fromEntries(given),
  }
}
