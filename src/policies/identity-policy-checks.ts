/**
 * What IAM asks of identity policies, boundaries and session policies, in the order that its answers were seen in:
 * structure, version, legacy parsing, Sids, actions, resources, the format of both, principals.
 */
import type { PolicyDocument, Statement } from './document.ts'
import { hasNoDate, versions } from './key-policy-checks.ts'
import { malformed, type PolicyKind, syntaxFault } from './policy-error.ts'
import { checkResource, isTooShort } from './resource-checks.ts'

/** Throws PolicyError for a document that is no such policy. Managed policies must say the newer version. */
export function checkIdentityPolicy(
  document: PolicyDocument,
  kind: PolicyKind,
  managed: boolean,
): void {
  const { version, statements } = document
  if (version !== undefined && !versions.includes(version)) throw syntaxFault(kind)
  if (statements.length === 0) throw syntaxFault(kind)
  if (!statements.every(hasEffect)) throw syntaxFault(kind)
  if (managed && version !== '2012-10-17') {
    throw malformed('Policy document must be version 2012-10-17 or greater.')
  }
  if (statements.some(failsLegacyParsing)) throw malformed('The policy failed legacy parsing')
  checkSids(statements)
  if (statements.some(({ action }) => isMissing(action))) {
    throw malformed('Policy statement must contain actions.')
  }
  if (statements.some(({ resource }) => isMissing(resource))) {
    throw malformed('Policy statement must contain resources.')
  }
  const values = (element: 'action' | 'resource') =>
    statements.flatMap((statement) => statement[element]?.values ?? [])
  values('resource').forEach(checkResource)
  values('action').forEach(checkAction)
  if (statements.some(({ principal }) => principal !== undefined)) {
    throw malformed('Policy document should not specify a principal.')
  }
}

/** Actions of policies other than key policies name a vendor, which nobody looks up. */
export function checkAction(action: string): void {
  if (action === '*') return
  const [vendor = '', ...names] = action.split(':')
  if (names.length === 0) {
    throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
  }
  if (names.length > 1) throw malformed('Actions/Condition can contain only one colon.')
  if (!/^[A-Za-z0-9.-]+$/.test(vendor)) throw malformed(`Vendor ${vendor} is not valid`)
}

const isMissing = (listed: Statement['action']) =>
  listed === undefined || listed.values.length === 0

function hasEffect({ effect }: Statement): boolean {
  const word = effect?.toLowerCase()
  return word === 'allow' || word === 'deny'
}

function failsLegacyParsing({ effect, resource, conditions }: Statement): boolean {
  if (effect !== 'Allow' && effect !== 'Deny') return true
  return conditions.some(hasNoDate) || (resource?.values ?? []).some(isTooShort)
}

function checkSids(statements: readonly Statement[]): void {
  const sids = statements.flatMap(({ sid }) => (sid === undefined || sid === '' ? [] : [sid]))
  if (new Set(sids).size < sids.length) {
    throw malformed('Statement IDs (SID) in a single policy must be unique.')
  }
  if (!sids.every((sid) => /^[A-Za-z0-9]*$/.test(sid))) {
    throw malformed(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    )
  }
}
