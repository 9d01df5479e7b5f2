/**
 * May they? Puts a question to the decision with everything that speaks on it, keeps what came out for the explanation, and
 * refuses with AWS's sentence. Nothing is served that has not passed here.
 */
import { accessDenied } from '../api/errors.ts'
import { aliasArn, type Scope } from '../api/arn.ts'
import type { EncryptionContext } from '../api/types.ts'
import type { GrantDirectory } from '../grants/grant-directory.ts'
import type { Principal } from '../identities/principal.ts'
import type { Key } from '../keys/key.ts'
import type { AccountQuestion, Action } from '../operation.ts'
import { callerOf, layersOf } from '../policies/caller-policies.ts'
import type { ContextValues, RequestFacts } from '../policies/context-values.ts'
import { namesOf } from '../policies/principals.ts'
import { goOn, type Soon } from '../soon.ts'
import { type AccessQuestion, decide, type Decision, type GrantCandidate } from './decide.ts'
import type { KeyDirectory } from './key-directory.ts'
import { describe, type KeyFacts } from './key-facts.ts'
import { grantOperation, tellsCallerAccount, worksAcrossAccounts } from './kms-actions.ts'
import { decideOnce } from './known-allows.ts'
import { RequestContext } from './request-context.ts'

/** Who asks, how the request came in, and where policies and grants are looked up. */
export interface Gate {
  readonly caller: Principal
  /** The caller's account and the region of the call. */
  readonly scope: Scope
  readonly request: RequestFacts
  readonly directory: KeyDirectory
  readonly grants: GrantDirectory
  /** Told of each decision. */
  readonly judged: (judgement: Judgement) => void
}

/** A decision and what it was made from: asked again with a trace, it explains itself. */
export interface Judgement {
  readonly question: AccessQuestion
  readonly decision: Decision
  /** Every condition key that had a value, as JSON. */
  readonly context: { text(): string }
}

/** What is asked, apart from the resource. */
export interface Asked {
  readonly action: Action
  /** The operation's own condition keys. */
  readonly conditions?: ContextValues
  /** Of this side of the operation; of a grant that is to be made, the pairs that it asks for. */
  readonly encryptionContext?: EncryptionContext | undefined
  readonly grantTokens?: readonly string[] | undefined
  /** What CreateGrant would create: no more than what a grant that permits it confers. */
  readonly newGrant?: Pick<GrantCandidate, 'operations' | 'constraints'> | undefined
  /** Set where the key is the one that a ciphertext names, and the request names none. */
  readonly byCiphertext?: boolean
}

/** What allowed something, so that it can be asked again inside of a transaction. */
export interface Allowed {
  readonly asked: Asked
  readonly grants: readonly GrantCandidate[]
}

/** Throws AccessDeniedException unless the caller may do it with a key that is there. */
export function authorizeKey(gate: Gate, asked: Asked, key: Key): Soon<Allowed> {
  return goOn(gate.directory.facts(key), (facts) => {
    const asking = keyQuestion(gate, asked, { key, facts })
    const decision = decideOnce(asking, facts, gate.caller)
    const operation = grantOperation(asked.action)
    // Only whom no policy lets in needs a grant.
    if (!decision.allowed && decision.because.kind === 'noAllow' && operation !== undefined) {
      return allowByGrant(gate, asked, { key, operation, ...asking })
    }
    settle(gate, { ...asking, decision })
    return { asked, grants: none }
  })
}

const none: readonly GrantCandidate[] = []

async function allowByGrant(
  gate: Gate,
  asked: Asked,
  about: {
    readonly key: Key
    readonly operation: string
    readonly question: AccessQuestion
    readonly context: RequestContext
  },
): Promise<Allowed> {
  const { key, operation, question, context } = about
  const { encryptionContext, newGrant, grantTokens } = asked
  const names = namesOf(question.request.caller, 'Allow')
  const grants = await gate.grants.grantsFor(key, {
    names,
    operation,
    encryptionContext,
    newGrant,
    grantTokens,
  })
  const again = { ...question, grants }
  const second = decide(again)
  if (!second.allowed) {
    // For the explanation: what the caller has on the key, whatever it is good for.
    const all = await gate.grants.grantsOf(key, names)
    const told = { ...question, grants: [...grants, ...all.filter(isNotIn(grants))] }
    settle(gate, { question: told, decision: second, context })
  }
  settle(gate, { question: again, decision: second, context })
  return { asked, grants }
}

const isNotIn = (grants: readonly GrantCandidate[]) => (other: GrantCandidate) =>
  grants.every(({ grantId }) => grantId !== other.grantId)

/** Throws AccessDeniedException unless one of the grants confers it, as nothing but a grant does. */
export async function authorizeByGrant(
  gate: Gate,
  asked: Asked,
  about: { readonly key: Key; readonly grants: readonly GrantCandidate[] },
): Promise<void> {
  const { key, grants } = about
  const facts = ofRetiring(await gate.directory.facts(key))
  const { question, context } = keyQuestion(gate, asked, { key, facts })
  const byGrant: AccessQuestion = { ...question, on: 'grant', acrossAccounts: true, grants }
  settle(gate, { question: byGrant, decision: decide(byGrant), context })
}

/** RetireGrant knows tags and aliases of the key, and nothing of its kind (Developer Guide, "AWS KMS permissions"). */
function ofRetiring({ policy, context }: KeyFacts): KeyFacts {
  const known = Object.entries(context).filter(
    ([name]) => name.startsWith('aws:') || name === 'kms:resourcealiases',
  )
  return { policy, context: Object.fromEntries(known) }
}

/** Asks again, with what a transaction sees of the key. Throws AccessDeniedException. */
export function authorizeAgain(
  gate: Gate,
  { asked, grants }: Allowed,
  about: { readonly key: Key; readonly facts: KeyFacts },
): void {
  const { question, context } = keyQuestion(gate, asked, about)
  const again = { ...question, grants }
  const decision = decide(again)
  if (!decision.allowed) settle(gate, { question: again, decision, context })
}

/**
 * Throws AccessDeniedException unless the caller's own policies allow it on one of these resources that have no policy of
 * their own: an alias, or a key that is not there. The refusal is of the first.
 */
export function authorizeName(
  gate: Gate,
  asked: Asked,
  resources: readonly [NamedResource, ...NamedResource[]],
): void {
  const judgements = resources.map((resource) => judgeName(gate, asked, resource))
  const allowing = judgements.find(({ decision }) => decision.allowed)
  settle(gate, allowing ?? (judgements[0] as Judgement))
}

/** Something that goes by an ARN. */
interface NamedResource {
  readonly arn: string
  readonly account: string
}

function judgeName(gate: Gate, asked: Asked, resource: NamedResource): Judgement {
  const resourceAccount = { 'aws:resourceaccount': [resource.account] }
  const { context, request } = requestOf(gate, asked, { ...resource, context: resourceAccount })
  const question: AccessQuestion = {
    on: 'identity',
    request,
    owner: resource.account,
    acrossAccounts: false,
    layers: { resource: undefined, ...layersOf(gate.caller) },
    byCiphertext: asked.byCiphertext === true,
  }
  return { question, decision: decide(question), context }
}

/** The same for an alias of the call's account and region. */
export function authorizeAlias(gate: Gate, asked: Asked, name: string): void {
  authorizeName(gate, asked, [{ arn: aliasArn(gate.scope, name), account: gate.scope.account }])
}

/**
 * Throws AccessDeniedException unless the caller's own policies allow it on `*`: what concerns no resource that is there,
 * or a key that is to be made; or on the principal that it is about.
 */
export function authorizeAccount(
  gate: Gate,
  asked: Asked,
  { key, principal: arn = '*' }: Pick<AccountQuestion, 'key' | 'principal'> = {},
): void {
  const about = key === undefined ? {} : { ...describe(key), ...tagsToCome(asked) }
  const { context, request } = requestOf(gate, asked, { arn, context: about })
  const question: AccessQuestion = {
    on: 'account',
    request,
    owner: gate.caller.account,
    acrossAccounts: false,
    layers: { resource: undefined, ...layersOf(gate.caller) },
  }
  settle(gate, { question, decision: decide(question), context })
}

/** A key that is to be made will have the tags of the request (Developer Guide, "ABAC for AWS KMS"). */
function tagsToCome({ conditions = {} }: Asked): ContextValues {
  const tags = Object.entries(conditions).flatMap(([name, values]) =>
    name.startsWith(requestTag)
      ? [[`aws:resourcetag/${name.slice(requestTag.length)}`, values]]
      : [],
  )
  return Object.fromEntries(tags) as ContextValues
}

const requestTag = 'aws:requesttag/'

/** A question, and the condition keys that it is answered with. */
export interface Asking {
  readonly question: AccessQuestion
  readonly context: RequestContext
}

function keyQuestion(
  gate: Gate,
  asked: Asked,
  { key, facts }: { readonly key: Key; readonly facts: KeyFacts },
): Asking {
  const { context, request } = requestOf(gate, asked, { arn: key.arn, context: facts.context })
  return {
    context,
    question: {
      on: 'resource',
      request,
      owner: key.account,
      acrossAccounts: worksAcrossAccounts(asked.action),
      layers: { resource: facts.policy, ...layersOf(gate.caller) },
      encryptionContext: asked.encryptionContext,
      ...(asked.newGrant && { newGrant: asked.newGrant }),
      byCiphertext: asked.byCiphertext === true,
    },
  }
}

function requestOf(
  gate: Gate,
  asked: Asked,
  resource: { readonly arn: string; readonly context: ContextValues },
): { readonly context: RequestContext; readonly request: AccessQuestion['request'] } {
  const context = new RequestContext({
    asked: asked.conditions ?? {},
    encryptionContext: asked.encryptionContext,
    resource: resource.context,
    principal: gate.caller,
    tellsAccount: tellsCallerAccount(asked.action),
    request: gate.request,
  })
  const caller = callerOf(gate.caller)
  const { action } = asked
  return { context, request: { action, resource: resource.arn, caller, context: context.lookUp } }
}

/** Keeps the judgement; a refusal is thrown. */
export function settle(gate: Pick<Gate, 'judged'>, judgement: Judgement): void {
  gate.judged(judgement)
  const { decision } = judgement
  if (!decision.allowed) throw accessDenied(decision.text, reasonOf(decision))
}

/** What the log says of a refusal whose sentence hides it. */
function reasonOf({ because }: Extract<Decision, { allowed: false }>): string {
  switch (because.kind) {
    case 'explicitDeny':
      return `denied by a statement of the ${because.deciding.layer} policy ${because.deciding.policy}`
    case 'noAllow':
      return `nothing in the ${because.layer} layer allows it`
    case 'otherAccount':
      return 'it is not allowed across accounts'
  }
}
