/**
 * The ARNs of managed policies in requests, and the policies behind them: the account's own and those of AWS.
 */
import { parseArn } from '../api/arn.ts'
import type { Reader } from '../database/database.ts'
import { findPolicyByName, type PolicyRow } from '../database/iam-policies.ts'
import { policyArn } from '../identities/arns.ts'
import type { QueryCall } from '../server/query-action.ts'
import { invalidInput, noSuchEntity, validationError } from '../server/query-error.ts'

/** Whether a text is the ARN of some managed policy. */
export function isPolicyArn(text: string): boolean {
  const arn = parseArn(text)
  return (
    arn?.service === 'iam' &&
    arn.region === '' &&
    /^(?:\d{12}|aws)$/.test(arn.account) &&
    arn.resource.startsWith('policy/')
  )
}

/** The policy of exactly this ARN; undefined if and only if the caller's account sees no such policy. */
export async function findPolicyByArn(
  reader: Reader,
  call: QueryCall,
  arn: string,
): Promise<PolicyRow | undefined> {
  const account = parseArn(arn)?.account
  if (!isPolicyArn(arn) || (account !== call.account && account !== 'aws')) return undefined
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  const row = await findPolicyByName(reader, account, name)
  return row !== undefined && policyArn(call.partition, row) === arn ? row : undefined
}

/** Throws ValidationError for what is no ARN at all, where a policy is attached or detached. */
export function requireArn(arn: string): void {
  if (parseArn(arn) === undefined) throw validationError(`ARN ${arn} is not valid.`)
}

/** The policy that is to be a permissions boundary. */
export async function findBoundary(
  reader: Reader,
  call: QueryCall,
  arn: string,
): Promise<PolicyRow> {
  if (!isPolicyArn(arn)) throw invalidInput(`ARN ${arn} is not valid.`)
  const policy = await findPolicyByArn(reader, call, arn)
  if (policy !== undefined) return policy
  throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`)
}
