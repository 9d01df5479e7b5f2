/**
 * The role that is to be assumed, and whether it trusts whoever asks. A role that is not there and one that does not trust
 * are refused in the same words, so that nobody learns which roles another account has.
 */
import { type AccessQuestion, decide } from '../access/decide.ts'
import { listed } from '../access/request-context.ts'
import { parseArn } from '../api/arn.ts'
import type { IdentityRow } from '../database/iam-identities.ts'
import { identityArn } from '../identities/arns.ts'
import type { IdentityFacts } from '../identities/identity-directory.ts'
import { compilePolicy, type CompiledPolicy } from '../policies/compile.ts'
import { type ContextValues, lookUp, requestTags, tagValues } from '../policies/context-values.ts'
import type { Caller } from '../policies/principals.ts'
import type { Layers } from '../policies/layers.ts'
import type { UnsignedQueryCall } from '../server/query-action.ts'
import { type QueryError, validationError } from '../server/query-error.ts'
import { arrivalContext } from './authorize-sts.ts'
import type { SessionTags } from './session-tags.ts'

/** Throws ValidationError for what does not look like an ARN. Answers the account in it. */
export function checkRoleArn(text: string): string {
  const arn = parseArn(text)
  const isWhole = arn && arn.partition !== '' && arn.service !== '' && arn.resource !== ''
  if (isWhole !== true) throw validationError(`${text} is invalid`)
  return arn.account
}

/** The role of exactly this ARN; undefined if and only if there is none. */
export async function findRole(
  call: UnsignedQueryCall,
  text: string,
): Promise<IdentityFacts | undefined> {
  const arn = parseArn(text)
  if (arn?.service !== 'iam' || !arn.resource.startsWith('role/')) return undefined
  const name = text.slice(text.lastIndexOf('/') + 1)
  const role = await call.identities.roleByName(arn.account, name, call.partition)
  return role !== undefined && identityArn(call.partition, role.row) === text ? role : undefined
}

/** What is asked of a role. */
export interface TrustQuestion {
  readonly action: 'AssumeRole' | 'AssumeRoleWithWebIdentity'
  readonly role: IdentityFacts | undefined
  readonly roleArn: string
  readonly caller: Caller
  /** The caller's own policies, if it has any. */
  readonly layers: Omit<Layers, 'resource'>
  /** The condition keys of the caller. */
  readonly context: ContextValues
  readonly session: {
    readonly name: string
    readonly tags: SessionTags
    readonly sourceIdentity: string | undefined
    readonly externalId?: string | undefined
  }
  /** The refusal of an action. */
  readonly refusal: (action: string) => QueryError
}

/**
 * The role, if it trusts. Throws the refusal of the first action that is not allowed: to have a source identity in the
 * session, which AWS was seen to ask before all else, to assume the role, and to have tags in it, also inherited ones.
 */
export function requireTrust(call: UnsignedQueryCall, question: TrustQuestion): IdentityFacts {
  const { action, role, session, refusal } = question
  const actions = [
    ...(session.sourceIdentity === undefined ? [] : ['SetSourceIdentity']),
    action,
    ...(session.tags.all.length > 0 ? ['TagSession'] : []),
  ]
  // A role that is not there refuses the same action that one would which trusts nobody.
  if (role === undefined) throw refusal(`sts:${actions[0] ?? action}`)
  for (const each of actions) {
    const asked = `sts:${each}`
    if (!isTrusted(call, role, { ...question, asked })) throw refusal(asked)
  }
  return role
}

function isTrusted(
  call: UnsignedQueryCall,
  { row, tags }: IdentityFacts,
  question: TrustQuestion & { readonly asked: string },
): boolean {
  const { roleArn, caller, session } = question
  const policy = trustPolicyOf(row)
  if (policy === undefined) return false
  const { given, transitive } = session.tags
  const values: ContextValues = {
    ...question.context,
    ...arrivalContext(call),
    'aws:resourceaccount': [row.account],
    ...tagValues('aws:resourcetag/', tags),
    ...tagValues('iam:resourcetag/', tags),
    ...requestTags(given),
    'sts:rolesessionname': [session.name],
    'sts:externalid': one(session.externalId),
    'sts:sourceidentity': one(session.sourceIdentity),
    'sts:transitivetagkeys': transitive.length === 0 ? undefined : transitive,
  }
  const asked: AccessQuestion = {
    on: 'resource',
    request: { action: question.asked, resource: roleArn, caller, context: lookUp(values) },
    owner: row.account,
    acrossAccounts: true,
    layers: { resource: { name: `trust policy of ${roleArn}`, policy }, ...question.layers },
  }
  const decision = decide(asked)
  call.judged({ question: asked, decision, context: listed(values) })
  return decision.allowed
}

const one = (value: string | undefined) => (value === undefined ? undefined : [value])

/** A trust policy is compiled once for as long as its role stays in memory as it is. */
function trustPolicyOf(row: IdentityRow): CompiledPolicy | undefined {
  const before = compiled.get(row)
  if (before !== undefined || row.trustPolicy === undefined) return before
  const { trustPins: pins } = row
  const policy = compilePolicy(row.trustPolicy, 'trust', pins === undefined ? {} : { pins })
  compiled.set(row, policy)
  return policy
}

const compiled = new WeakMap<IdentityRow, CompiledPolicy>()
