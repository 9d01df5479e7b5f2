/**
 * A policy, compiled once for its text: checked, its patterns made ready, and its statements found by action and by the
 * caller's names, so that a request meets the statements that could concern it and no others.
 */
import { parsePolicy, type PolicyPrincipal } from './document.ts'
import { checkIdentityPolicy } from './identity-policy-checks.ts'
import { checkKeyPolicy, checkSetOperators } from './key-policy-checks.ts'
import { PolicyError, type PolicyKind } from './policy-error.ts'
import type { Pins } from './principals.ts'
import { type CompiledStatement, compileStatement } from './statement.ts'
import { indexStatements, type StatementIndex } from './statement-index.ts'
import { checkTrustPolicy } from './trust-policy-checks.ts'

/** A policy that can be evaluated. */
export interface CompiledPolicy {
  readonly kind: PolicyKind
  readonly statements: readonly CompiledStatement[]
  /** Everyone whom Principal and NotPrincipal elements name. */
  readonly principals: readonly PolicyPrincipal[]
  /** The statements that cover an action. */
  readonly about: (action: string) => Candidates
}

/** The statements that cover an action, by effect. */
export type Candidates = Readonly<Record<'Allow' | 'Deny', StatementIndex>>

/** What else there is to know of a policy besides its text. */
export interface CompileOptions {
  /** Managed policies must say Version 2012-10-17, and have another size. Boundaries always are managed. */
  readonly managed?: boolean
  /** Unique ids in the place of ARNs in Principal elements. */
  readonly pins?: Pins
  /** Set while the principals of a key policy are still to be found, which comes before the last check of its text. */
  readonly unresolved?: boolean
}

/** Compiles a policy. Throws PolicyError for what is no policy of this kind. */
export function compilePolicy(
  text: string,
  kind: PolicyKind,
  options: CompileOptions = {},
): CompiledPolicy {
  const managed = options.managed ?? kind === 'boundary'
  if (kind === 'key') checkKeyPolicySize(text)
  checkCharacters(text, kind)
  const document = parsePolicy(text, kind)
  if (kind === 'key') {
    checkKeyPolicy(document)
    if (options.unresolved !== true) checkSetOperators(document)
  } else if (kind === 'trust') checkTrustPolicy(document)
  else checkIdentityPolicy(document, kind, managed)
  checkSize(text, kind, managed)
  const rules = {
    kind,
    pins: options.pins,
    variables: document.version === '2012-10-17',
    // Developer Guide, "kms:ResourceAliases": only IAM policies can use it.
    hidden: new Set(kind === 'key' ? ['kms:resourcealiases'] : []),
  }
  const statements = document.statements.map((each, index) => compileStatement(each, index, rules))
  return {
    kind,
    statements,
    principals: document.statements.flatMap(({ principal }) => principal?.values ?? []),
    about: remembering((action) => candidates(statements, action)),
  }
}

/** The length of a policy as IAM's quotas count it: without white space. */
export function policyLength(text: string): number {
  return text.replace(/\s/g, '').length
}

/** The largest key policy, in bytes; it is not adjustable. */
const keyPolicyBytes = 32_768

function checkKeyPolicySize(text: string): void {
  const size = Buffer.byteLength(text, 'utf8')
  if (size <= keyPolicyBytes) return
  throw new PolicyError({
    code: 'LimitExceeded',
    message: `Key policy size limit is ${keyPolicyBytes} bytes, the policy has ${size} bytes.`,
  })
}

/** A single inline policy cannot be larger than all of a role's together; who keeps an entity's policies adds them up. */
function checkSize(text: string, kind: PolicyKind, managed: boolean): void {
  if (kind === 'key') return
  const [limit, message] = managed ? quotas.managed : quotas[kind]
  if (policyLength(text) > limit) throw new PolicyError({ code: 'LimitExceeded', message })
}

const quotas = {
  managed: [6144, 'Cannot exceed quota for PolicySize: 6144'],
  boundary: [6144, 'Cannot exceed quota for PolicySize: 6144'],
  identity: [10_240, 'Maximum policy size of 10240 bytes exceeded'],
  // Managed policies can be session policies; STS sees to the 2048 characters of one that is passed inline.
  session: [6144, 'Packed policy consumes 101% of allotted space, please use smaller policy.'],
  trust: [2048, 'Cannot exceed quota for ACLSizePerRole: 2048'],
} as const

function checkCharacters(text: string, kind: PolicyKind): void {
  if (/^[\t\n\r\u0020-\u00ff]*$/.test(text)) return
  throw new PolicyError({
    code: 'Validation',
    message:
      kind === 'key'
        ? "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"
        : 'The specified value for policyDocument is invalid. It must contain only printable ASCII characters.',
  })
}

/** Actions are few; a caller that asks for ever new ones is answered without being remembered. */
const mostRemembered = 256

function remembering(find: (action: string) => Candidates): (action: string) => Candidates {
  const known = new Map<string, Candidates>()
  return (action) => {
    const before = known.get(action)
    if (before !== undefined) return before
    const found = find(action)
    if (known.size < mostRemembered) known.set(action, found)
    return found
  }
}

function candidates(statements: readonly CompiledStatement[], action: string): Candidates {
  const covering = statements.filter((statement) => statement.coversAction(action))
  const index = (effect: 'Allow' | 'Deny') =>
    indexStatements(covering.filter((statement) => statement.effect === effect))
  return { Allow: index('Allow'), Deny: index('Deny') }
}
