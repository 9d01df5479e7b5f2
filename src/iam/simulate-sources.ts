/**
 * What a simulation takes its policies from: those of a user, group or role, and those that come with the request.
 */
import { parseArn } from '../api/arn.ts'
import { identityArn } from '../identities/arns.ts'
import type { IdentityFacts } from '../identities/identity-directory.ts'
import { compileOnce } from '../policies/caller-policies.ts'
import { compilePolicy } from '../policies/compile.ts'
import type { NamedPolicy } from '../policies/layers.ts'
import { PolicyError, type PolicyKind } from '../policies/policy-error.ts'
import type { QueryCall } from '../server/query-action.ts'
import { invalidInput } from '../server/query-error.ts'
import { authorizeIam, type IamQuestion } from './authorize-iam.ts'
import { findNamed, noSuchIdentity } from './identity.ts'

/** A policy with its text, in which statements are pointed at. */
export interface SourcePolicy extends NamedPolicy {
  readonly text: string
}

/** The user, group or role of an ARN, if the caller may. Throws NoSuchEntity if there is none. */
export async function findSource(
  call: QueryCall,
  arn: string,
  action: IamQuestion['action'],
): Promise<IdentityFacts> {
  const { account, resource = '' } = parseArn(arn) ?? {}
  const [, kind, path = ''] = /^(user|group|role)\/(.+)$/.exec(resource) ?? []
  if (kind !== 'user' && kind !== 'group' && kind !== 'role') {
    throw invalidInput(`ARN ${arn} is not valid.`)
  }
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (account !== call.account) {
    authorizeIam(call, { action, resource: arn })
    throw noSuchIdentity(kind, name)
  }
  const row = await findNamed(call.read, call, { kind, name, action })
  const facts = await call.identities.find(row.id, call.partition)
  if (facts === undefined || identityArn(call.partition, row) !== arn) {
    throw noSuchIdentity(kind, name)
  }
  return facts
}

/** The policies that somebody has: for permissions, or the boundary. */
export function policiesOf(
  { policies }: IdentityFacts,
  kind: 'identity' | 'boundary',
): readonly SourcePolicy[] {
  return policies
    .filter((policy) => policy.kind === kind)
    .map(({ name, text }) => ({ name, text, policy: compileOnce(text, kind) }))
}

/** Policies of a parameter, named as AWS names them: `PolicyInputList.1`. Throws InvalidInput for what is none. */
export function givenPolicies(
  texts: readonly string[],
  name: string,
  kind: PolicyKind,
): readonly SourcePolicy[] {
  return texts.map((text, index) => ({
    name: `${name}.${index + 1}`,
    text,
    policy: compileGiven(text, kind),
  }))
}

/** A policy of the request. It is compiled anew each time: nobody may ever ask for it again. */
export function compileGiven(text: string, kind: PolicyKind): SourcePolicy['policy'] {
  try {
    return compilePolicy(text, kind)
  } catch (error) {
    throw error instanceof PolicyError ? invalidInput(error.message) : error
  }
}
