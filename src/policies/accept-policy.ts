/**
 * The checks that a key policy passes before it is stored, in AWS's order: size, JSON, structure, principals, ForAllValues
 * on what has a single value, and that the caller does not lock himself out (Developer Guide, "Create a key policy").
 */
import { keyArn } from '../api/arn.ts'
import { KmsError, notFound } from '../api/errors.ts'
import type { Call } from '../operation.ts'
import { callerOf, layersOf } from './caller-policies.ts'
import { compilePolicy, type CompiledPolicy } from './compile.ts'
import { type Keeper, lockedOut, locksOut } from './lockout.ts'
import { PolicyError } from './policy-error.ts'
import { checkPrincipals } from './policy-principals.ts'

/** What a check needs of a call. */
export type AcceptingCall = Pick<Call, 'caller' | 'scope' | 'read'>

/** Checks a policy document and answers the text to store, which is the text as it was given. */
export async function acceptPolicy(
  text: string,
  bypassLockout: boolean,
  call: AcceptingCall,
): Promise<string> {
  try {
    const policy = compilePolicy(text, 'key')
    await checkPrincipals(policy.principals, call.read)
    const isLockedOut = (resource: string) => locksOut(policy, keeperOf(call, resource))
    if (!bypassLockout && keptResources(policy, call).every(isLockedOut)) throw lockedOut()
  } catch (error) {
    throw error instanceof PolicyError ? kmsErrorOf(error) : error
  }
  return text
}

/** A key has the policy `default` and no other. */
export const noSuchPolicy = () => notFound('No such policy exists')

/** A finding of the policy engine as KMS words it. */
export function kmsErrorOf({ problem }: PolicyError): KmsError {
  return new KmsError(`${problem.code}Exception`, problem.message)
}

/** The key may not have its ARN yet: any key of the account will do, and each one that the policy itself names. */
function keptResources(policy: CompiledPolicy, call: AcceptingCall): readonly string[] {
  const any = keyArn(call.scope, '00000000-0000-0000-0000-000000000000')
  const named = policy.statements
    .flatMap(({ elements }) => elements)
    .flatMap(({ element, wanted }) => (element === 'Resource' ? wanted : []))
  return [any, ...named.filter((each) => each.startsWith(keyArn(call.scope, '')))]
}

/** Of the condition keys those that are about the caller; one that is about the next request, nobody knows yet. */
function keeperOf({ caller }: AcceptingCall, resource: string): Keeper {
  const context: Readonly<Record<string, readonly string[]>> = {
    'aws:principalarn': [caller.type === 'AssumedRole' ? caller.roleArn : caller.arn],
    'aws:principalaccount': [caller.account],
    'aws:userid': [caller.principalId],
    'kms:calleraccount': [caller.account],
  }
  const lookup = (key: string) => (Object.hasOwn(context, key) ? context[key] : undefined)
  return {
    request: { resource, caller: callerOf(caller), context: lookup },
    layers: layersOf(caller),
  }
}
