/**
 * May they? The permission for an action of IAM, by the same decision as for keys: what IAM has is governed by the caller's
 * own policies alone.
 */
import { callerOf } from '../access/caller.ts'
import { decide } from '../access/decide.ts'
import { isoTime } from '../clock.ts'
import type { Principal } from '../identities/principal.ts'
import { compilePolicy, type CompiledPolicy } from '../policies/compile.ts'
import type { Layers } from '../policies/layers.ts'
import type { PolicyKind } from '../policies/policy-error.ts'
import type { ContextLookup } from '../policies/template.ts'
import type { QueryCall } from '../server/query-action.ts'
import { accessDenied } from '../server/query-error.ts'

/** Values of condition keys, by their names in lower case. */
export type ContextValues = Readonly<Record<string, readonly string[] | undefined>>

/** What is asked. */
export interface IamQuestion {
  readonly action: `iam:${string}`
  /** An ARN of the caller's account, or `*` for what concerns nothing in particular. */
  readonly resource: string
  readonly context?: ContextValues
}

/** Throws AccessDenied unless the caller may. */
export function authorizeIam(call: QueryCall, question: IamQuestion): void {
  const { action, resource, context = {} } = question
  const values: ContextValues = { ...contextOf(call), ...context }
  const decision = decide({
    on: resource === '*' ? 'account' : 'identity',
    request: { action, resource, caller: callerOf(call.caller), context: lookup(values) },
    owner: call.account,
    acrossAccounts: false,
    layers: layersOf(call.caller),
  })
  if (!decision.allowed) throw accessDenied(decision.text)
}

/** The condition keys of tags that a request gives, or whose keys it takes away. */
export function requestTags(
  tags: readonly { readonly key: string; readonly value?: string }[],
): ContextValues {
  const values: Record<string, readonly string[]> = {}
  if (tags.length > 0) values['aws:tagkeys'] = tags.map(({ key }) => key)
  for (const { key, value } of tags) {
    if (value !== undefined) values[`aws:requesttag/${key.toLowerCase()}`] = [value]
  }
  return values
}

/** The condition keys of the tags that a user or role has. */
export function resourceTags(
  tags: readonly { readonly key: string; readonly value: string }[],
): ContextValues {
  const values: Record<string, readonly string[]> = {}
  for (const { key, value } of tags) {
    values[`aws:resourcetag/${key.toLowerCase()}`] = [value]
    values[`iam:resourcetag/${key.toLowerCase()}`] = [value]
  }
  return values
}

const lookup =
  (values: ContextValues): ContextLookup =>
  (key) =>
    Object.hasOwn(values, key) ? values[key] : undefined

/** The caller's own policies, compiled. */
function layersOf({ policies }: Principal): Layers {
  const of = (kind: 'identity' | 'boundary' | 'session') =>
    policies
      .filter((policy) => policy.kind === kind)
      .map(({ name, text }) => ({ name, policy: compiled(text, kind) }))
  const session = of('session')
  return {
    resource: undefined,
    identity: of('identity'),
    boundary: of('boundary')[0],
    session: session.length === 0 ? undefined : session,
  }
}

/** Policies are compiled once for their text; the oldest are forgotten first. */
const known = new Map<string, CompiledPolicy>()
const mostKnown = 2000

function compiled(text: string, kind: PolicyKind): CompiledPolicy {
  const name = `${kind} ${text}`
  const before = known.get(name)
  if (before !== undefined) return before
  const policy = compilePolicy(text, kind)
  const [oldest] = known.keys()
  if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest)
  known.set(name, policy)
  return policy
}

/** The condition keys that every request has (IAM User Guide, "AWS global condition context keys"). */
function contextOf(call: QueryCall): ContextValues {
  const { caller, http, now } = call
  return {
    'aws:currenttime': [isoTime(now)],
    'aws:epochtime': [String(Math.floor(now / 1000))],
    'aws:requestedregion': [call.region],
    'aws:resourceaccount': [call.account],
    'aws:securetransport': [String(http.secureTransport)],
    'aws:sourceip': [http.sourceIp],
    'aws:useragent': http.userAgent === undefined ? undefined : [http.userAgent],
    'aws:principalaccount': [caller.account],
    'aws:principalisawsservice': ['false'],
    'aws:userid': [caller.principalId],
    ...principalContext(caller),
    ...sessionContext(caller),
    ...Object.fromEntries(
      caller.tags.map(({ key, value }) => [`aws:principaltag/${key.toLowerCase()}`, [value]]),
    ),
  }
}

function principalContext(caller: Principal): ContextValues {
  switch (caller.type) {
    case 'Root':
      return { 'aws:principalarn': [caller.arn], 'aws:principaltype': ['Account'] }
    case 'IAMUser':
      return {
        'aws:principalarn': [caller.arn],
        'aws:principaltype': ['User'],
        'aws:username': [caller.userName],
      }
    case 'AssumedRole':
      return { 'aws:principalarn': [caller.roleArn], 'aws:principaltype': ['AssumedRole'] }
  }
}

function sessionContext({ session }: Principal): ContextValues {
  if (session === undefined) return {}
  const { issuedAt, sourceIdentity, federatedProvider } = session
  return {
    'aws:tokenissuetime': [isoTime(issuedAt)],
    'aws:sourceidentity': sourceIdentity === undefined ? undefined : [sourceIdentity],
    'aws:federatedprovider': federatedProvider === undefined ? undefined : [federatedProvider],
  }
}
