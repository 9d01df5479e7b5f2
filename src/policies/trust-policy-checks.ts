/**
 * What CreateRole and UpdateAssumeRolePolicy ask of a role's trust policy, with IAM's texts. Whether its principals
 * exist is not asked here.
 */
import type { PolicyDocument, PolicyPrincipal, Statement } from './document.ts'
import { checkAction } from './identity-policy-checks.ts'
import { hasNoDate, principalArn, uniqueId, versions } from './key-policy-checks.ts'
import { malformed } from './policy-error.ts'

/** Throws PolicyError for a document that is no trust policy. */
export function checkTrustPolicy({ version, statements }: PolicyDocument): void {
  if (version !== undefined && !versions.includes(version)) {
    throw malformed('The policy must contain a valid version string')
  }
  if (statements.length === 0) {
    throw malformed('Could not parse the policy: Statement is empty!')
  }
  statements.forEach(checkStatement)
  const sids = statements.flatMap(({ sid }) => (sid === undefined || sid === '' ? [] : [sid]))
  if (new Set(sids).size < sids.length) {
    throw malformed('The Statement Ids in the policy are not unique')
  }
}

function checkStatement(statement: Statement): void {
  const { effect, principal, action, resource } = statement
  if (effect === undefined) throw malformed('Missing required field Effect')
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Invalid effect: ${effect}`)
  if (resource?.negated === true) {
    throw malformed('AssumeRole policy must not contain resources.')
  }
  if (resource !== undefined) throw malformed('Has prohibited field Resource')
  if (principal === undefined) throw malformed('Missing required field Principal')
  if (principal.negated) throw malformed(notPrincipal[effect])
  if (principal.values.length === 0) {
    throw malformed('Missing required field Principal cannot be empty!')
  }
  if (action === undefined || action.values.length === 0) {
    throw malformed('Missing required field Action')
  }
  if (statement.conditions.some(hasNoDate)) throw malformed('Syntax error in policy.')
  action.values.forEach(checkAction)
  if (!action.values.every((value) => value.toLowerCase().startsWith('sts:'))) {
    throw malformed('AssumeRole policy may only specify STS AssumeRole actions.')
  }
  principal.values.forEach(checkPrincipal)
}

const notPrincipal = {
  Allow: 'Allow with NotPrincipal is not allowed.',
  Deny: 'AssumeRole policy must not contain NotPrincipal field.',
}

function checkPrincipal({ kind, value }: PolicyPrincipal): void {
  if (isPrincipal(kind, value)) return
  throw malformed(
    `Invalid principal in policy: "${kind === 'AWS' ? kind : kind.toUpperCase()}":"${value}"`,
  )
}

function isPrincipal(kind: string, value: string): boolean {
  switch (kind) {
    case 'AWS':
      return value === '*' || [principalArn, uniqueId, /^\d{12}$/].some((form) => form.test(value))
    case 'Service':
      return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(value)
    case 'Federated':
      return (
        /^arn:aws(?:-[a-z]+)*:iam::\d{12}:(?:oidc|saml)-provider\/[^*?]+$/.test(value) ||
        /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(value)
      )
    default:
      return false
  }
}
