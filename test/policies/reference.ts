/**
 * The whole decision once more, by another hand: from the Developer Guide and the IAM User Guide as they read, over the
 * texts of the policies, without compiling, indexing or ranking anything. What is allowed is found by looking for a way:
 * a statement or a grant, and the policies of the caller's own that this way needs. Slow, and plainly right.
 */
import type { GrantCandidate, GrantConstraints } from '../../src/access/decide.ts'
import type { Caller, NamedAs } from '../../src/policies/principals.ts'
import type { Refusal } from './case.ts'
import {
  arnMatches,
  type Context,
  fill,
  globs,
  holds,
  type Language,
} from './reference-conditions.ts'

/** Everything that a decision hangs on, with policies as texts. */
export interface Situation {
  readonly caller: Caller
  readonly on: 'resource' | 'identity' | 'account' | 'grant'
  readonly action: string
  readonly resource: string
  readonly owner: string
  readonly acrossAccounts: boolean
  readonly key: string | undefined
  readonly identity: readonly string[]
  readonly boundary: string | undefined
  readonly session: readonly string[] | undefined
  readonly context: Context
  readonly encryptionContext: ReadonlyMap<string, string>
  readonly grants: readonly GrantCandidate[]
  readonly newGrant: Pick<GrantCandidate, 'operations' | 'constraints'> | undefined
}

type Own = 'identity' | 'boundary' | 'session'

/** What an allow that names the caller so needs besides: the table of implicit denies, row by row. */
const needs: Readonly<Record<NamedAs, readonly Own[]>> = {
  everyone: [],
  root: [],
  user: [],
  session: [],
  federated: [],
  service: [],
  provider: [],
  role: ['boundary', 'session'],
  parent: ['boundary', 'session'],
  account: ['identity', 'boundary', 'session'],
}

/** Allowed, or how it is refused. */
export function refer(situation: Situation): 'allow' | Refusal {
  const { caller, on, owner } = situation
  const isAcross = 'account' in caller && caller.account !== owner
  const refusal = refuse(situation, isAcross)
  if (refusal === undefined) return 'allow'
  return isAcross ? 'across' : refusal
  function refuse(all: Situation, across: boolean): Refusal | undefined {
    for (const layer of ['resource', 'identity', 'boundary', 'session'] as const) {
      if (layer === 'resource' && on !== 'resource') continue
      if (allOf(all, layer).some((found) => found.effect === 'Deny')) return `deny ${layer}`
    }
    if (across && (!all.acrossAccounts || on === 'identity' || on === 'account')) return 'across'
    const ways =
      on === 'resource' ? keyPolicyWays(all, across) : on === 'grant' ? [] : [needs.account]
    const missing = ways.map((way) => way.filter((each) => !permits(all, each)))
    if (missing.some((each) => each.length === 0)) return undefined
    if ((on === 'resource' || on === 'grant') && all.grants.some((each) => confers(each, all))) {
      return undefined
    }
    const [nearest] = ways.toSorted((a, b) => a.length - b.length)
    if (nearest === undefined) return 'resource'
    return nearest.find((each) => !permits(all, each)) ?? 'resource'
  }
}

/** What each allowing statement of the key policy needs besides; across accounts it is everything. */
function keyPolicyWays(all: Situation, isAcross: boolean): (readonly Own[])[] {
  return allOf(all, 'resource')
    .filter(({ effect }) => effect === 'Allow')
    .flatMap(({ as }) => as.map((each) => needs[isAcross ? 'account' : each]))
}

/** Whether a layer of the caller's own lets it pass. One that is not there limits nobody, but for identity policies. */
function permits(all: Situation, layer: Own): boolean {
  if (layer === 'identity' && all.caller.type === 'root') return true
  if (layer !== 'identity' && all[layer] === undefined) return true
  return allOf(all, layer).some(({ effect }) => effect === 'Allow')
}

interface Applying {
  readonly effect: 'Allow' | 'Deny'
  /** Every name by which the statement means the caller. */
  readonly as: readonly NamedAs[]
}

/** The statements of a layer that apply. */
function allOf(all: Situation, layer: 'resource' | Own): readonly Applying[] {
  const texts = layer === 'resource' ? [all.key] : [all[layer]].flat()
  return texts.flatMap((text) => {
    if (text === undefined) return []
    const policy = record(JSON.parse(text))
    const version = policy['Version']
    const language: Language = {
      version: typeof version === 'string' ? version : undefined,
      isKeyPolicy: layer === 'resource',
    }
    return listOf(policy['Statement']).flatMap((each) => applying(record(each), all, language))
  })
}

type Members = Readonly<Record<string, unknown>>

function applying(statement: Members, all: Situation, language: Language): readonly Applying[] {
  const effect = statement['Effect'] === 'Allow' ? 'Allow' : 'Deny'
  const as = language.isKeyPolicy ? namedBy(statement, effect, all.caller) : ['everyone' as const]
  if (as.length === 0) return []
  if (!coversAction(statement, all.action)) return []
  if (!coversResource(statement, all, { effect, language })) return []
  return conditionsHold(statement, all.context, language) ? [{ effect, as }] : []
}

/** The caller's identities, from the narrowest to its account, and the ways to write each. */
function identitiesOf(caller: Caller): readonly (readonly [NamedAs, ...string[]])[] {
  if (caller.type === 'service') return [['service', `Service ${caller.service}`]]
  if (caller.type === 'web') return [['provider', `Federated ${caller.provider}`]]
  const account = [`AWS ${caller.account}`, `AWS arn:aws:iam::${caller.account}:root`]
  if (caller.type === 'root') return [['root', ...account]]
  if (caller.type === 'user') {
    return [
      ['user', `AWS ${caller.arn}`, `AWS ${caller.id}`],
      ['account', ...account],
    ]
  }
  if (caller.type === 'session') {
    const { role } = caller
    return [
      ['session', `AWS ${caller.arn}`],
      ['role', `AWS ${role.arn}`, `AWS ${role.id}`],
      ['account', ...account],
    ]
  }
  const { user } = caller
  return [
    ['federated', `AWS ${caller.arn}`],
    ...(user === undefined ? [] : [['parent', `AWS ${user.arn}`, `AWS ${user.id}`] as const]),
    ['account', ...account],
  ]
}

function namedBy(statement: Members, effect: 'Allow' | 'Deny', caller: Caller): readonly NamedAs[] {
  const isNot = 'NotPrincipal' in statement
  const element = statement['Principal'] ?? statement['NotPrincipal']
  if (element === undefined) return []
  const written =
    element === '*'
      ? ['AWS *']
      : Object.entries(record(element)).flatMap(([kind, values]) =>
          listOf(values).map((value) => `${kind} ${String(value)}`),
        )
  const identities = identitiesOf(caller)
  const isWritten = ([, ...names]: readonly [NamedAs, ...string[]]) =>
    names.some((name) => written.includes(name))
  const isEveryone = written.includes('AWS *')
  if (!isNot) {
    const found = identities.filter(isWritten).map(([as]) => as)
    const canBeEveryone = isEveryone && (effect === 'Deny' || caller.type !== 'web')
    return canBeEveryone ? ['everyone', ...found] : found
  }
  const isSpared =
    isEveryone || (effect === 'Allow' ? identities.some(isWritten) : identities.every(isWritten))
  return isSpared ? [] : ['everyone']
}

function coversAction(statement: Members, action: string): boolean {
  const isNot = 'NotAction' in statement
  const patterns = listOf(statement['Action'] ?? statement['NotAction']).map(String)
  if (patterns.length === 0) return false
  const own = (text: string) => Array.from(text, (each) => ({ text: each, own: true }))
  const found = patterns.some((each) => globs(own(each.toLowerCase()), action.toLowerCase()))
  return found !== isNot
}

function coversResource(
  statement: Members,
  { resource, context }: Situation,
  { effect, language }: { readonly effect: 'Allow' | 'Deny'; readonly language: Language },
): boolean {
  const isNot = 'NotResource' in statement
  const patterns = listOf(statement['Resource'] ?? statement['NotResource']).map(String)
  if (patterns.length === 0) return false
  const answers = patterns.map((pattern) => {
    const characters = isLate(pattern, language) ? fill(pattern, context, language) : undefined
    return characters && arnMatches(characters, resource, 'Resource')
  })
  if (!isNot) return answers.includes(true)
  if (answers.includes(true)) return false
  return effect === 'Deny' || !answers.includes(undefined)
}

/** A variable of a resource has a value behind the fifth colon alone. Escapes are no variables. */
function isLate(pattern: string, { version }: Language): boolean {
  if (version !== '2012-10-17') return true
  const text = pattern.replaceAll(/\$\{[*?$]\}/g, '_')
  const start = text.indexOf('${')
  if (start < 0 || !text.slice(start).includes('}')) return true
  return text.slice(0, start).split(':').length > 5
}

function conditionsHold(statement: Members, context: Context, language: Language): boolean {
  return Object.entries(record(statement['Condition'] ?? {})).every(([operator, keys]) =>
    Object.entries(record(keys)).every(([key, values]) =>
      holds({ operator, key, wanted: listOf(values).map(String) }, context, language),
    ),
  )
}

/** Whether a grant allows it, all by itself but for what the way it names the caller needs. */
function confers(grant: GrantCandidate, all: Situation): boolean {
  const operation = all.action.replace('kms:', '')
  if (!grant.operations.includes(operation)) return false
  if (!needs[grant.as].every((each) => permits(all, each))) return false
  if (operation === 'RetireGrant') return true
  const {
    EncryptionContextEquals: equal,
    EncryptionContextSubset: subset,
    SourceArn,
  } = grant.constraints ?? {}
  if (SourceArn !== undefined && !(all.context.get('aws:sourcearn') ?? []).includes(SourceArn)) {
    return false
  }
  if (operation === 'DescribeKey') return true
  if (operation === 'CreateGrant') {
    return all.newGrant !== undefined && isWithin(all.newGrant, grant)
  }
  const given = lines(all.encryptionContext)
  if (equal !== undefined && lines(equal).join() !== given.join()) return false
  return lines(subset).every((line) => given.includes(line))
}

/** A child permits no operation, and no request, that its parent does not. */
function isWithin(
  child: NonNullable<Situation['newGrant']>,
  parent: Pick<GrantCandidate, 'operations' | 'constraints'>,
): boolean {
  if (child.operations.some((each) => !parent.operations.includes(each))) return false
  const outer: GrantConstraints = parent.constraints ?? {}
  const inner: GrantConstraints = child.constraints ?? {}
  if (outer.SourceArn !== undefined && inner.SourceArn !== outer.SourceArn) return false
  const equals = (pairs: GrantConstraints) =>
    pairs.EncryptionContextEquals && lines(pairs.EncryptionContextEquals).join()
  if (outer.EncryptionContextEquals !== undefined && equals(inner) !== equals(outer)) return false
  if (outer.EncryptionContextSubset === undefined) return true
  const kept = inner.EncryptionContextEquals ?? inner.EncryptionContextSubset
  return (
    kept !== undefined &&
    lines(outer.EncryptionContextSubset).every((each) => lines(kept).includes(each))
  )
}

const lines = (pairs: ReadonlyMap<string, string> | undefined) =>
  Array.from(pairs ?? [], (pair) => JSON.stringify(pair)).toSorted()

function record(value: unknown): Members {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {}
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return []
  return Array.isArray(value) ? value : [value]
}
