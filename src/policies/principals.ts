/**
 * Who calls, and what a Principal element means by a name (IAM User Guide, "AWS JSON policy elements: Principal" and
 * "NotPrincipal"). Every caller goes by several names; which of them a policy used decides what limits the caller.
 */
import type { PolicyPrincipal } from './document.ts'

/** A caller as policies see it. `id` is the stable unique id, `arn` what stands in messages. */
export type Caller =
  | { readonly type: 'root'; readonly account: string; readonly arn: string }
  | { readonly type: 'user'; readonly account: string; readonly arn: string; readonly id: string }
  | {
      readonly type: 'session'
      readonly account: string
      readonly arn: string
      /** The role's ARN with its path, and its unique id. */
      readonly role: { readonly arn: string; readonly id: string }
    }
  | {
      readonly type: 'federated'
      readonly account: string
      readonly arn: string
      /** Who asked for the federation token; undefined for the root user. */
      readonly user: { readonly arn: string; readonly id: string } | undefined
    }
  | { readonly type: 'service'; readonly arn: string; readonly service: string }
  /** Nobody of AWS's: the bearer of an identity provider's token, before it has a role. */
  | { readonly type: 'web'; readonly arn: string; readonly provider: string }

/**
 * What a policy meant when it named the caller. `everyone` is `*`; `parent` is the user behind a federated session;
 * `account` is the caller's account, which hands the decision to the account's own policies.
 */
export type NamedAs =
  | 'everyone'
  | 'root'
  | 'user'
  | 'session'
  | 'federated'
  | 'service'
  | 'provider'
  | 'role'
  | 'parent'
  | 'account'

/** A name that a caller goes by. */
export interface CallerName {
  readonly name: string
  readonly as: NamedAs
}

/**
 * Which policies of the caller must allow as well, by how the resource's policy named the caller (IAM User Guide, "Policy
 * evaluation logic": the table of implicit denies).
 */
export const limits: Readonly<Record<NamedAs, 'none' | 'session' | 'all'>> = {
  everyone: 'none',
  root: 'none',
  user: 'none',
  session: 'none',
  federated: 'none',
  service: 'none',
  provider: 'none',
  role: 'session',
  parent: 'session',
  account: 'all',
}

/** How much of the caller's own policies a name leaves to be asked: less comes first. */
export const rankOf = (as: NamedAs): number => ['none', 'session', 'all'].indexOf(limits[as])

/** The names that a caller goes by in statements of this effect, those that limit least first. */
export function namesOf(caller: Caller, effect: 'Allow' | 'Deny'): readonly CallerName[] {
  return factsOf(caller)[effect]
}

/** The unique ids that stand for principals' ARNs since the policy was stored. */
export type Pins = ReadonlyMap<string, string>

/**
 * The name under which a value of a Principal element is looked up. An account has one name, however it is spelt. A
 * pinned ARN means the one user or role that had it when the policy was stored, and no later one.
 */
export function principalName(principal: PolicyPrincipal, pins?: Pins): string {
  const { kind, value } = principal
  if (kind !== 'AWS') return `${kind}:${value}`
  if (value === '*') return everyone
  const account = /^arn:aws(?:-[a-z]+)*:iam::(\d{12}):root$/.exec(value)?.[1]
  return aws(account ?? pins?.get(value) ?? value)
}

/**
 * Whether NotPrincipal leaves the caller in the statement. An Allow leaves out whoever it names in any way; a Deny
 * spares only callers all of whose identities it names: session, role and account.
 */
export function escapesList(
  caller: Caller,
  effect: 'Allow' | 'Deny',
  named: ReadonlySet<string>,
): boolean {
  const { identities } = factsOf(caller)
  const isNamed = (identity: readonly string[]) => identity.some((name) => named.has(name))
  if (named.has(everyone)) return false
  return effect === 'Allow' ? !identities.some(isNamed) : !identities.every(isNamed)
}

const everyone = '*'
const aws = (value: string) => `AWS:${value}`

interface CallerFacts {
  readonly Allow: readonly CallerName[]
  readonly Deny: readonly CallerName[]
  /** Each identity by its names. */
  readonly identities: readonly (readonly string[])[]
}

/** A caller's names are made once for the object, which lives as long as its credentials do. */
const known = new WeakMap<Caller, CallerFacts>()

function factsOf(caller: Caller): CallerFacts {
  const before = known.get(caller)
  if (before !== undefined) return before
  const own = ownNames(caller)
  const all = [{ as: 'everyone', names: [everyone] } as const, ...own]
  const flat = (groups: readonly Identity[]) =>
    groups
      .flatMap(({ as, names }) => names.map((name) => ({ name, as })))
      .sort((a, b) => rankOf(a.as) - rankOf(b.as))
  const facts = {
    // A token of an identity provider is no principal of AWS until it has a role: `*` does not let it in.
    Allow: flat(caller.type === 'web' ? own : all),
    Deny: flat(all),
    identities: own.map(({ names }) => names),
  }
  known.set(caller, facts)
  return facts
}

interface Identity {
  readonly as: NamedAs
  readonly names: readonly string[]
}

function ownNames(caller: Caller): readonly Identity[] {
  switch (caller.type) {
    case 'root':
      return [{ as: 'root', names: [aws(caller.account)] }]
    case 'user':
      return [{ as: 'user', names: [aws(caller.arn), aws(caller.id)] }, accountOf(caller.account)]
    case 'session':
      return [
        { as: 'session', names: [aws(caller.arn)] },
        { as: 'role', names: [aws(caller.role.arn), aws(caller.role.id)] },
        accountOf(caller.account),
      ]
    case 'federated':
      return [
        { as: 'federated', names: [aws(caller.arn)] },
        ...(caller.user
          ? [{ as: 'parent', names: [aws(caller.user.arn), aws(caller.user.id)] } as const]
          : []),
        accountOf(caller.account),
      ]
    case 'service':
      return [{ as: 'service', names: [`Service:${caller.service}`] }]
    case 'web':
      return [{ as: 'provider', names: [`Federated:${caller.provider}`] }]
  }
}

const accountOf = (account: string): Identity => ({ as: 'account', names: [aws(account)] })
