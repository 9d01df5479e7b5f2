/**
 * Session policies: what a session is to be limited to, and how much room that takes in its token. Managed ones are kept by
 * their unique ids and read whenever the session is used, so that a new version limits it at once.
 */
import { parseArn } from '../api/arn.ts'
import { findPolicyByName } from '../database/iam-policies.ts'
import { policyArn } from '../identities/arns.ts'
import type { PrincipalTag } from '../identities/principal.ts'
import type { SessionPolicies } from '../identities/session-token.ts'
import { compilePolicy, policyLength } from '../policies/compile.ts'
import { PolicyError } from '../policies/policy-error.ts'
import type { UnsignedQueryCall } from '../server/query-action.ts'
import { malformedPolicyDocument, QueryError, validationError } from '../server/query-error.ts'

/** What a request gives. */
export interface GivenPolicies {
  readonly Policy: string | undefined
  readonly PolicyArns: readonly { readonly arn: string }[] | undefined
}

/** Throws MalformedPolicyDocument or ValidationError for what is no policy, or no ARN of one. */
export function checkSessionPolicies({ Policy, PolicyArns = [] }: GivenPolicies): void {
  try {
    if (Policy !== undefined) compilePolicy(Policy, 'session')
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw malformedPolicyDocument(error.problem.message)
  }
  for (const { arn } of PolicyArns) {
    const parsed = parseArn(arn)
    const isPolicy = parsed?.service === 'iam' && parsed.resource.startsWith('policy/')
    if (!isPolicy) throw validationError(`ARN ${arn} is not valid.`)
  }
}

/** The policies as a token keeps them; undefined if and only if there are none. Managed ones are the account's, or AWS's. */
export async function findSessionPolicies(
  call: UnsignedQueryCall,
  account: string,
  { Policy: inline, PolicyArns = [] }: GivenPolicies,
): Promise<SessionPolicies | undefined> {
  if (inline === undefined && PolicyArns.length === 0) return undefined
  const managed: string[] = []
  for (const { arn } of PolicyArns) {
    const owner = parseArn(arn)?.account ?? ''
    const isVisible = owner === account || owner === 'aws'
    const name = arn.slice(arn.lastIndexOf('/') + 1)
    const row = isVisible ? await findPolicyByName(call.read, owner, name) : undefined
    if (row === undefined || policyArn(call.partition, row) !== arn) {
      throw malformedPolicyDocument(`Policy ${arn} was not found.`)
    }
    managed.push(row.id)
  }
  return { inline, managed }
}

/**
 * How much of its room a session's policies and tags take, in percent. Throws PackedPolicyTooLarge beyond it. AWS packs in a
 * way of its own; here it is the bytes of policy (white space aside), ARNs and tags, of 2048.
 */
export function packedPercent(
  { Policy = '', PolicyArns = [] }: GivenPolicies,
  tags: readonly PrincipalTag[],
): number {
  const policies = policyLength(Policy) + total(PolicyArns.map(({ arn }) => arn))
  const all = policies + total(tags.flatMap(({ key, value }) => [key, value]))
  const percent = Math.ceil((all * 100) / room)
  if (percent <= 100) return percent
  throw new QueryError(
    'PackedPolicyTooLarge',
    policies === 0
      ? `Packed size of session tags consumes ${percent}% of allotted space.`
      : `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  )
}

const room = 2048

const total = (texts: readonly string[]) =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
