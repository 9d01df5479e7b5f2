/** Cases made into questions. */
import {
  type AccessQuestion,
  decide,
  type Decision,
  type DecisionTrace,
} from '../../src/access/decide.ts'
import { compilePolicy } from '../../src/policies/compile.ts'
import { lookUp } from '../../src/policies/context-values.ts'
import type { NamedPolicy } from '../../src/policies/layers.ts'
import type { PolicyKind } from '../../src/policies/policy-error.ts'
import {
  type Case,
  callers,
  delegation,
  home,
  keyArn,
  type Refusal,
  type Statement,
} from './case.ts'

/** The text of a policy of these statements. */
export const policyText = (statements: readonly Statement[], version = '2012-10-17') =>
  JSON.stringify({ Version: version, Statement: statements })

/** A policy of statements; none of none, which has no text. */
export function named(
  kind: PolicyKind,
  statements: readonly Statement[],
  version?: string,
): NamedPolicy {
  const text = policyText(statements.length > 0 ? statements : [inert(kind)], version)
  return { name: kind, policy: compilePolicy(text, kind) }
}

/** A policy needs a statement; this one is about nothing. */
const inert = (kind: PolicyKind): Statement => ({
  Effect: 'Allow',
  ...(kind === 'key' && { Principal: '*' }),
  Action: 'none:None',
  Resource: '*',
})

/** What a case asks. */
export function questionOf(given: Case): AccessQuestion {
  const { grants = [], context = {} } = given
  return {
    on: given.on ?? 'resource',
    owner: given.owner ?? home,
    acrossAccounts: given.acrossAccounts ?? true,
    request: {
      action: given.action ?? 'kms:Encrypt',
      resource: given.resource ?? keyArn,
      caller: callers[given.caller],
      context: lookUp(context),
    },
    layers: {
      resource: named('key', given.key ?? [delegation], given.version),
      identity: given.identity === undefined ? [] : [named('identity', given.identity)],
      boundary: given.boundary && named('boundary', given.boundary),
      session: given.session?.map((each) => named('session', [each])),
    },
    grants: grants.map((grant, index) => ({
      grantId: `grant-${index}`,
      as: 'user',
      constraints: undefined,
      ...grant,
    })),
    ...(given.newGrant && { newGrant: given.newGrant }),
    encryptionContext: given.encryptionContext && new Map(Object.entries(given.encryptionContext)),
    ...(given.byCiphertext && { byCiphertext: true }),
  }
}

/** Decides a case, with and without a trace: explaining must not change the answer. */
export function decideCase(given: Case): {
  readonly decision: Decision
  readonly traced: Decision
  readonly trace: DecisionTrace
} {
  const question = questionOf(given)
  const trace: DecisionTrace = { policies: [], grants: [] }
  return { decision: decide(question), traced: decide(question, trace), trace }
}

/** AWS's sentences, written out once more. */
export function expectedText(given: Case, refusal: Refusal): string {
  const { action = 'kms:Encrypt', resource = keyArn } = given
  const start = `User: ${callers[given.caller].arn} is not authorized to perform: ${action}`
  const ciphertext = given.byCiphertext === true
  const hidden = refusal === 'across' || (ciphertext && refusal.endsWith('resource'))
  if (hidden) {
    return `${start} on ${ciphertext ? 'the resource associated with this ciphertext' : 'this resource'} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`
  }
  const place = ciphertext
    ? ' on the resource associated with this ciphertext'
    : ` on resource: ${resource}`
  return `${start}${given.on === 'account' ? '' : place} ${tails(action)[refusal]}`
}

const tails = (action: string): Readonly<Record<Refusal, string>> => ({
  resource: `because no resource-based policy allows the ${action} action`,
  identity: `because no identity-based policy allows the ${action} action`,
  boundary: `because no permissions boundary allows the ${action} action`,
  session: `because no session policy allows the ${action} action`,
  'deny resource': 'with an explicit deny in a resource-based policy',
  'deny identity': 'with an explicit deny in an identity-based policy',
  'deny boundary': 'with an explicit deny in a permissions boundary',
  'deny session': 'with an explicit deny in a session policy',
  across: '',
})
