/**
 * May they? The decision over everything that speaks on a request, as AWS makes it (Developer Guide, "Troubleshooting key
 * access"; IAM User Guide, "Policy evaluation logic"): an explicit deny first, then the resource's policy with the
 * caller's own behind it, then grants. Pure: whoever asks has found the key, the policies and the grants.
 */
import type { EncryptionContext } from '../api/types.ts'
import {
  askLayers,
  type Deciding,
  firstDeny,
  type Layer,
  type Layers,
  type LayerVerdict,
  missingLayer,
  type PolicyTrace,
  type Verdicts,
} from '../policies/layers.ts'
import type { Caller, NamedAs } from '../policies/principals.ts'
import type { AccessRequest } from '../policies/statement.ts'

/** What is asked. */
export interface AccessQuestion {
  /**
   * `resource`: a key, or a role to assume; its policy and grants speak. `identity`: something that has no policy of its
   * own, such as an alias; `account`: nothing in particular, `*`. `grant`: RetireGrant, which a grant alone confers.
   */
  readonly on: 'resource' | 'identity' | 'account' | 'grant'
  readonly request: AccessRequest
  /** The account of the resource. */
  readonly owner: string
  /** Whether the operation can be allowed across accounts at all. */
  readonly acrossAccounts: boolean
  readonly layers: Layers
  /** The grants on the key that name the caller, or that the request brought a token of. */
  readonly grants?: readonly GrantCandidate[]
  /** The encryption context of the request's side of the operation. */
  readonly encryptionContext?: EncryptionContext | undefined
  /** What CreateGrant would create. */
  readonly newGrant?: Pick<GrantCandidate, 'operations' | 'constraints'>
  /** Set where the key is the one that a ciphertext names, and the request names none. */
  readonly byCiphertext?: boolean
}

/** A grant on the key whose grantee, or whose retiring principal, is the caller. */
export interface GrantCandidate {
  readonly grantId: string
  readonly operations: readonly string[]
  readonly constraints: GrantConstraints | undefined
  /** By which of the caller's names; `account` leaves the decision to the caller's own policies. */
  readonly as: NamedAs
}

/** Constraints of a grant. An empty EncryptionContextEquals holds of an empty encryption context alone. */
export interface GrantConstraints {
  readonly EncryptionContextEquals?: EncryptionContext | undefined
  readonly EncryptionContextSubset?: EncryptionContext | undefined
  readonly SourceArn?: string | undefined
}

/** The answer. `text` is AWS's sentence, for AccessDeniedException. */
export type Decision =
  | { readonly allowed: true; readonly because: AllowedBecause }
  | { readonly allowed: false; readonly because: RefusedBecause; readonly text: string }

/** What allowed it: the statements of the layers that had to, or the grant and the identity policy behind it. */
export interface AllowedBecause {
  readonly statements: readonly Deciding[]
  readonly grantId: string | undefined
}

/** Why not: a statement denies, a kind of policy that had to allow does not, or the operation stays in its account. */
export type RefusedBecause =
  | { readonly kind: 'explicitDeny'; readonly deciding: Deciding }
  | { readonly kind: 'noAllow'; readonly layer: Layer }
  | { readonly kind: 'otherAccount' }

/** Everything that was considered; filled where it is given. */
export interface DecisionTrace {
  readonly policies: PolicyTrace[]
  readonly grants: GrantTrace[]
}

/** What became of a grant. */
export interface GrantTrace {
  readonly grantId: string
  readonly applies: boolean
  /** The first thing that did not fit. */
  readonly failed: 'operation' | 'constraint' | 'newGrant' | Exclude<Layer, 'resource'> | undefined
}

/** Decides. */
export function decide(question: AccessQuestion, trace?: DecisionTrace): Decision {
  const layers =
    question.on === 'resource' ? question.layers : { ...question.layers, resource: undefined }
  const verdicts = askLayers(layers, question.request, trace?.policies)
  const grant = findGrant(question, verdicts, trace)
  const because = refusal(question, verdicts)
  if (because === undefined) return allowed(question, verdicts)
  if (grant !== undefined && because.kind === 'noAllow') return grantAllows(grant, verdicts)
  return { allowed: false, because, text: sentence(question, because) }
}

/** Why the policies do not allow it; undefined if and only if they do. */
function refusal(question: AccessQuestion, verdicts: Verdicts): RefusedBecause | undefined {
  const { on, request } = question
  const isAcross = isAcrossAccounts(question)
  const deny = firstDeny(verdicts)
  if (deny !== undefined) return { kind: 'explicitDeny', deciding: deny }
  if (isAcross && (!question.acrossAccounts || on === 'identity' || on === 'account')) {
    return { kind: 'otherAccount' }
  }
  if (on === 'grant') return { kind: 'noAllow', layer: 'resource' }
  const as = on === 'resource' ? verdicts.resource.as : 'account'
  if (as === undefined) return { kind: 'noAllow', layer: 'resource' }
  // Across accounts the caller's own account must allow as well, however the resource's policy names the caller.
  const layer = missingLayer(verdicts, isAcross ? 'account' : as, isRoot(request.caller))
  return layer && { kind: 'noAllow', layer }
}

const isRoot = (caller: Caller) => caller.type === 'root'

/** A service and the bearer of a token have no account to be asked. */
function isAcrossAccounts({ request, owner }: AccessQuestion): boolean {
  return 'account' in request.caller && request.caller.account !== owner
}

function allowed(question: AccessQuestion, verdicts: Verdicts): Decision {
  const { resource, identity, boundary, session } = verdicts
  const isAsked =
    question.on !== 'resource' || isAcrossAccounts(question) || resource.as === 'account'
  const statements: Deciding[] = []
  const add = (verdict: LayerVerdict | undefined) => {
    if (verdict?.allow !== undefined) statements.push(verdict.allow)
  }
  add(resource)
  if (isAsked) add(identity)
  if (isAsked || resource.as === 'role') {
    add(boundary)
    add(session)
  }
  return { allowed: true, because: { statements, grantId: undefined } }
}

function grantAllows(grant: GrantCandidate, verdicts: Verdicts): Decision {
  const statements =
    grant.as === 'account' ? [verdicts.identity.allow].filter((each) => each !== undefined) : []
  return { allowed: true, because: { statements, grantId: grant.grantId } }
}

/** The first grant that confers the action. */
function findGrant(
  question: AccessQuestion,
  verdicts: Verdicts,
  trace: DecisionTrace | undefined,
): GrantCandidate | undefined {
  if (question.on !== 'resource' && question.on !== 'grant') return undefined
  let found: GrantCandidate | undefined
  for (const grant of question.grants ?? []) {
    const failed = grantFails(grant, question, verdicts)
    trace?.grants.push({ grantId: grant.grantId, applies: failed === undefined, failed })
    if (failed === undefined) found ??= grant
    if (found !== undefined && trace === undefined) return found
  }
  return found
}

function grantFails(
  grant: GrantCandidate,
  question: AccessQuestion,
  verdicts: Verdicts,
): GrantTrace['failed'] {
  const operation = question.request.action.slice(question.request.action.indexOf(':') + 1)
  if (!grant.operations.includes(operation)) return 'operation'
  if (!constraintsHold(grant.constraints ?? {}, operation, question)) return 'constraint'
  if (operation === 'CreateGrant' && !isNarrower(question.newGrant, grant)) return 'newGrant'
  return missingLayer(verdicts, grant.as, isRoot(question.request.caller))
}

/** Encryption contexts compare exactly, keys and values alike. DescribeKey, CreateGrant and RetireGrant have none. */
function constraintsHold(
  constraints: GrantConstraints,
  operation: string,
  { encryptionContext, request }: AccessQuestion,
): boolean {
  if (operation === 'RetireGrant') return true
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset, SourceArn } = constraints
  if (SourceArn !== undefined && request.context('aws:sourcearn')?.includes(SourceArn) !== true) {
    return false
  }
  if (operation === 'DescribeKey' || operation === 'CreateGrant') return true
  const given = encryptionContext ?? noContext
  if (equal !== undefined && !(equal.size === given.size && includes(given, equal))) return false
  return subset === undefined || includes(given, subset)
}

const noContext: EncryptionContext = new Map()

function includes(whole: EncryptionContext, part: EncryptionContext): boolean {
  return [...part].every(([key, value]) => whole.get(key) === value)
}

/** A grant made by virtue of a grant confers no more than that grant (Developer Guide, "Grants for CreateGrant"). */
function isNarrower(child: AccessQuestion['newGrant'], parent: GrantCandidate): boolean {
  if (child === undefined) return false
  if (!child.operations.every((operation) => parent.operations.includes(operation))) return false
  const {
    EncryptionContextEquals: equal,
    EncryptionContextSubset: subset,
    SourceArn,
  } = parent.constraints ?? {}
  const own = child.constraints ?? {}
  if (SourceArn !== undefined && own.SourceArn !== SourceArn) return false
  if (equal !== undefined) {
    const same = own.EncryptionContextEquals
    if (same === undefined || same.size !== equal.size || !includes(same, equal)) return false
  }
  if (subset === undefined) return true
  const pairs = own.EncryptionContextEquals ?? own.EncryptionContextSubset
  return pairs !== undefined && includes(pairs, subset)
}

/** The sentence of AccessDeniedException. Across accounts it is one, so that nobody learns what another account has. */
function sentence(question: AccessQuestion, because: RefusedBecause): string {
  const { request, byCiphertext = false } = question
  const start = `User: ${request.caller.arn} is not authorized to perform: ${request.action}`
  const isHidden = isAcrossAccounts(question) || (byCiphertext && layerOf(because) === 'resource')
  const place = byCiphertext ? 'the resource associated with this ciphertext' : 'this resource'
  if (isHidden || because.kind === 'otherAccount') {
    return `${start} on ${place} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`
  }
  const where = byCiphertext ? ` on ${place}` : ` on resource: ${request.resource}`
  const tail =
    because.kind === 'explicitDeny'
      ? `with an explicit deny in ${articles[because.deciding.layer]} ${policyKinds[because.deciding.layer]}`
      : `because no ${policyKinds[because.layer]} allows the ${request.action} action`
  return `${start}${question.on === 'account' ? '' : where} ${tail}`
}

const layerOf = (because: RefusedBecause) =>
  because.kind === 'explicitDeny'
    ? because.deciding.layer
    : because.kind === 'noAllow' && because.layer

const policyKinds: Readonly<Record<Layer, string>> = {
  resource: 'resource-based policy',
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
}

const articles: Readonly<Record<Layer, string>> = {
  resource: 'a',
  identity: 'an',
  boundary: 'a',
  session: 'a',
}
