/**
 * The checks that a policy document passes before it is stored, with the findings of the policy engine in IAM's protocol.
 */
import type { Reader } from '../database/database.ts'
import { findPrincipal } from '../database/iam-principals.ts'
import { compilePolicy, type CompiledPolicy } from '../policies/compile.ts'
import { PolicyError, type PolicyKind } from '../policies/policy-error.ts'
import { malformedPolicyDocument, QueryError } from '../server/query-error.ts'

/** Checks a managed policy. */
export function checkManagedPolicy(text: string): void {
  check(text, 'identity', true)
}

/** Checks an inline policy, but for its size: that counts together with the others of the same identity. */
export function checkInlinePolicy(text: string): void {
  try {
    check(text, 'identity', false)
  } catch (error) {
    if (!(error instanceof QueryError && error.code === 'LimitExceeded')) throw error
  }
}

/** Checks a trust policy, but for whether its principals exist. */
export function checkTrustPolicy(text: string): CompiledPolicy {
  return check(text, 'trust', false)
}

/**
 * The unique ids of the users and roles that a trust policy names by their ARNs. Throws MalformedPolicyDocument for a
 * principal that does not exist, in the words on which Terraform tries again.
 */
export async function pinPrincipals(
  policy: CompiledPolicy,
  reader: Reader,
): Promise<ReadonlyMap<string, string>> {
  const pins = new Map<string, string>()
  for (const { kind, value } of policy.principals) {
    if (kind !== 'AWS' || value === '*') continue
    const found = await findPrincipal(reader, value)
    if (found === undefined) {
      throw malformedPolicyDocument(`Invalid principal in policy: "AWS":"${value}"`)
    }
    if (found.id !== undefined) pins.set(value, found.id)
  }
  return pins
}

function check(text: string, kind: PolicyKind, managed: boolean): CompiledPolicy {
  try {
    return compilePolicy(text, kind, { managed })
  } catch (error) {
    throw error instanceof PolicyError ? asQuery(error) : error
  }
}

/** A finding as IAM tells it. */
function asQuery({ problem: { code, message } }: PolicyError): QueryError {
  if (code === 'Validation') return new QueryError('ValidationError', message)
  return new QueryError(code, message, code === 'LimitExceeded' ? 409 : 400)
}
