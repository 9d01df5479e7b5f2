/**
 * The principals of a policy must exist: AWS resolves each one when the policy is stored (Developer Guide, "Key policy
 * principals"). Wildcards stand alone, never inside an ARN; groups are never principals.
 */
import { parseArn } from '../api/arn.ts'
import { invalidArn, malformedPolicyDocument } from '../api/errors.ts'
import type { Reader } from '../database/database.ts'
import { findAccount } from '../database/identities.ts'
import type { PolicyPrincipal, Statement } from './document.ts'

/**
 * Throws MalformedPolicyDocumentException unless every statement has principals and each of them exists, and
 * InvalidArnException for an ARN that can be no principal's.
 */
export async function checkPrincipals(
  statements: readonly Statement[],
  reader: Reader,
): Promise<void> {
  for (const statement of statements) {
    if (statement.principals.length === 0) {
      throw malformedPolicyDocument('Policy contains a statement with no principal.')
    }
    for (const principal of statement.principals) {
      refuseForeignArn(principal)
      if (!(await exists(principal, reader))) {
        throw malformedPolicyDocument(
          'Policy contains a statement with one or more invalid principals.',
        )
      }
    }
  }
}

/** ARNs of groups, of other services' resources, or without an account. */
function refuseForeignArn({ kind, value }: PolicyPrincipal): void {
  if (kind !== 'AWS' || !value.startsWith('arn:') || value.includes('*')) return
  if (principalArn.test(value)) return
  throw invalidArn('An ARN in the specified key policy is invalid.')
}

const principalArn =
  /^arn:[a-z-]+:(?:iam::\d{12}:(?:root$|user\/.|role\/.)|sts::\d{12}:(?:assumed-role|federated-user)\/.)/

async function exists(principal: PolicyPrincipal, reader: Reader): Promise<boolean> {
  if (principal.kind === 'Federated') return false
  if (principal.kind === 'Service') {
    return /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/.test(principal.value)
  }
  if (principal.value === '*') return true
  const account = accountOf(principal.value)
  return account !== undefined && (await findAccount(reader, account)) !== undefined
}

/** The account that a principal stands for; undefined for users and roles, of which there are none yet. */
function accountOf(value: string): string | undefined {
  if (/^\d{12}$/.test(value)) return value
  const arn = parseArn(value)
  return arn?.service === 'iam' && arn.region === '' && arn.resource === 'root'
    ? arn.account
    : undefined
}
