/**
 * The checks that a key policy passes before it is stored, in AWS's order: size, JSON, structure, principals, ForAllValues
 * on what has a single value, and that the caller does not lock himself out (Developer Guide, "Create a key policy").
 */
import { KmsError, notFound } from '../api/errors.ts'
import type { Reader } from '../database/database.ts'
import type { StoredPolicy } from '../database/policies.ts'
import { compilePolicy } from './compile.ts'
import { type Keeper, lockedOut, locksOut } from './lockout.ts'
import { PolicyError } from './policy-error.ts'
import { checkPrincipals } from './policy-principals.ts'

/** A key policy as a request gives it. */
export interface OfferedPolicy {
  readonly text: string
  readonly bypassLockout: boolean
}

/** Checks a policy and answers what is to be stored: the text as it was given, and whom its ARNs mean. */
export async function acceptPolicy(
  { text, bypassLockout }: OfferedPolicy,
  reader: Reader,
  keeper: () => Promise<Keeper>,
): Promise<StoredPolicy> {
  try {
    const { principals } = compilePolicy(text, 'key', { unresolved: true })
    const pins = await checkPrincipals(principals, reader)
    const policy = compilePolicy(text, 'key', { pins })
    if (!bypassLockout && locksOut(policy, await keeper())) throw lockedOut()
    return { text, pins }
  } catch (error) {
    throw error instanceof PolicyError ? kmsErrorOf(error) : error
  }
}

/** A key has the policy `default` and no other. */
export const noSuchPolicy = () => notFound('No such policy exists')

/** A finding of the policy engine as KMS words it. */
export function kmsErrorOf({ problem }: PolicyError): KmsError {
  return new KmsError(`${problem.code}Exception`, problem.message)
}
