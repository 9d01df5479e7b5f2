/**
 * What CreateKey, PutKeyPolicy and ReplicateKey ask of a key policy, in AWS's order: structure, principals, ForAllValues
 * on what has a single value (Developer Guide, "Create a key policy"). Whether principals exist is not asked here.
 */
import { parseDate } from './dates.ts'
import { readOperator } from './condition-operators.ts'
import type { Condition, PolicyDocument, PolicyPrincipal, Statement } from './document.ts'
import { malformed, PolicyError, syntaxFault } from './policy-error.ts'

/** Throws PolicyError for a document that is no key policy, but for its set operators. */
export function checkKeyPolicy(document: PolicyDocument): void {
  const { version, statements } = document
  if (version !== undefined && !versions.includes(version)) throw syntaxFault('key')
  if (statements.length === 0) throw syntaxFault('key')
  for (const statement of statements) checkStructure(statement)
  for (const { principal } of statements) {
    if (principal === undefined || principal.values.length === 0) {
      throw malformed('Policy contains a statement with no principal.')
    }
    principal.values.forEach(checkPrincipal)
  }
}

/** Throws PolicyError for ForAllValues on what has a single value. AWS looks for the principals first. */
export function checkSetOperators({ statements }: PolicyDocument): void {
  statements.forEach(refuseForAllValues)
}

/** The versions of the policy language; without one it is the older. */
export const versions = ['2008-10-17', '2012-10-17']

/** Whether a Date condition has a value that is no date. */
export function hasNoDate({ operator, values }: Condition): boolean {
  return (
    readOperator(operator)?.isDate === true &&
    values.some((value) => parseDate(value) === undefined)
  )
}

/** The principals of AWS's that are ARNs: users, roles and the sessions of both. Groups are no principals. */
export const principalArn =
  /^arn:aws(?:-[a-z]+)*:(?:iam::\d{12}:(?:root|(?:user|role)\/[^*?]+)|sts::\d{12}:(?:assumed-role\/[^*?/]+\/[^*?/]+|federated-user\/[^*?/]+))$/

/** Users and roles that were deleted are left as their unique ids. */
export const uniqueId = /^A(?:IDA|ROA)[A-Z0-9]{4,}$/

/** The sentence on principals that AWS cannot resolve. */
export const invalidPrincipals = (): PolicyError =>
  malformed('Policy contains a statement with one or more invalid principals.')

function checkStructure(statement: Statement): void {
  if (statement.effect !== 'Allow' && statement.effect !== 'Deny') throw syntaxFault('key')
  if (statement.conditions.some(hasNoDate)) throw syntaxFault('key')
}

/** Wildcards stand alone, never inside an ARN; identity providers are for trust policies. */
function checkPrincipal({ kind, value }: PolicyPrincipal): void {
  if (kind === 'Service') {
    if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/.test(value)) {
      throw invalidPrincipals()
    }
    return
  }
  if (kind !== 'AWS') throw invalidPrincipals()
  if (value === '*' || /^\d{12}$/.test(value) || uniqueId.test(value)) return
  if (principalArn.test(value)) return
  if (!value.startsWith('arn:') || /[*?]/.test(value)) throw invalidPrincipals()
  throw new PolicyError({
    code: 'InvalidArn',
    message: 'An ARN in the specified key policy is invalid.',
  })
}

/** ForAllValues is true of a context without the key, which nobody means. */
function refuseForAllValues(statement: Statement): void {
  if (statement.effect !== 'Allow') return
  for (const { operator, key } of statement.conditions) {
    if (!operator.startsWith('ForAllValues:')) continue
    const name = key.toLowerCase()
    if (name.startsWith('kms:encryptioncontext:')) {
      throw malformed(overlyPermissive('encryption context', ':EncryptionContext'))
    }
    if (name.startsWith('aws:requesttag/')) {
      throw malformed(overlyPermissive('[encryption context or tag]', ''))
    }
  }
}

const overlyPermissive = (what: string, suffix: string) =>
  `OverlyPermissiveCondition${suffix}: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified ${what} or with an unspecified ${what}. To fix, remove ForAllValues.`
