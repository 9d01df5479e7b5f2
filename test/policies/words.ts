/**
 * The words of the tables in `tables/`: who is named how, what each policy of the caller's own says, and which grant there
 * is. A row of words is a situation.
 */
import type { Caller, NamedAs } from '../../src/policies/principals.ts'
import {
  alice,
  allow,
  app,
  away,
  callers,
  delegation,
  deny,
  home,
  iam,
  keyArn,
  may,
  mayNot,
  type Statement,
} from './case.ts'
import { policyText } from './fixture.ts'
import type { Situation } from './reference.ts'

/** A caller's names, each with what a policy means by it. The last is the account. */
export function namesIn(caller: Caller): readonly (readonly [NamedAs, string])[] {
  switch (caller.type) {
    case 'root':
      return [['root', caller.account]]
    case 'user':
      return [
        ['user', caller.arn],
        ['account', caller.account],
      ]
    case 'session':
      return [
        ['session', caller.arn],
        ['role', caller.role.arn],
        ['account', caller.account],
      ]
    case 'federated':
      return [
        ['federated', caller.arn],
        ...(caller.user ? [['parent', caller.user.arn] as const] : []),
        ['account', caller.account],
      ]
    default:
      return []
  }
}

const others = allow(iam(home, 'user/Somebody'))
const first = (caller: Caller) => namesIn(caller)[0]?.[1] ?? iam(home, 'user/Nobody')
/** The role of a session, the user of a federated session, or whoever it is. */
const second = (caller: Caller) => namesIn(caller).at(-2)?.[1] ?? first(caller)
const accountOf = (caller: Caller) => namesIn(caller).at(-1)?.[1] ?? home
const but = (AWS: readonly string[], effect: Statement): Statement => ({
  ...effect,
  NotPrincipal: { AWS },
})
const every = (caller: Caller) => [first(caller), ...namesIn(caller).map(([, name]) => name)]

/** What the key policy says of the caller. */
export const keyWords = {
  /** It names somebody else. */
  nobody: () => [others],
  everyone: () => [allow('*')],
  account: (caller) => [allow(iam(accountOf(caller), 'root'))],
  owner: () => [delegation],
  self: (caller) => [allow(first(caller))],
  role: (caller) => [allow(second(caller))],
  'account+role': (caller) => [allow(accountOf(caller)), allow(second(caller))],
  'everyone-but-self': (caller) => [but([first(caller)], may())],
  'deny-everyone': () => [allow('*'), deny('*')],
  'deny-self': (caller) => [allow('*'), deny(first(caller))],
  'deny-role': (caller) => [allow('*'), deny(second(caller))],
  'deny-account': (caller) => [allow('*'), deny(accountOf(caller))],
  'deny-away': () => [allow('*'), deny(away)],
  'deny-all-but-self': (caller) => [allow('*'), but([first(caller)], mayNot())],
  'deny-all-but-all-of-self': (caller) => [allow('*'), but(every(caller), mayNot())],
} as const satisfies Readonly<Record<string, (caller: Caller) => readonly Statement[]>>

/** What a policy of the caller's own says; `-` is that there is none. */
export const ownWords = {
  '-': undefined,
  silent: [may('kms:ListKeys')],
  allow: [may()],
  deny: [may(), mayNot()],
} as const satisfies Readonly<Record<string, readonly Statement[] | undefined>>

/** What the grant asks for, beside an encryption context of {a: 1}. */
export const constraintWords = {
  '-': undefined,
  'equals-a': { EncryptionContextEquals: new Map([['a', '1']]) },
  'equals-ab': {
    EncryptionContextEquals: new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
  },
  'equals-nothing': { EncryptionContextEquals: new Map<string, string>() },
  'subset-a': { EncryptionContextSubset: new Map([['a', '1']]) },
  'subset-A': { EncryptionContextSubset: new Map([['A', '1']]) },
  'subset-b': { EncryptionContextSubset: new Map([['b', '2']]) },
  source: { SourceArn: 'arn:aws:s3:eu-west-1:111122223333:bucket' },
} as const

/** The words of a row. */
export interface Row {
  readonly caller: keyof typeof callers
  readonly key: keyof typeof keyWords
  readonly identity: keyof typeof ownWords
  readonly boundary: keyof typeof ownWords
  readonly session: keyof typeof ownWords
  readonly action?: string
  /** How a grant names the caller, what it permits, and what it asks for. */
  readonly grant?: NamedAs
  readonly operation?: string
  readonly constraint?: keyof typeof constraintWords
}

/** The situation of a row. */
export function situationOf(row: Row): Situation & { readonly who: keyof typeof callers } {
  const { caller: who, identity, boundary, session, grant, operation = 'Encrypt' } = row
  const caller = callers[who]
  const own = (word: keyof typeof ownWords) => {
    const statements = ownWords[word]
    return statements && policyText(statements)
  }
  const one = (text: string | undefined) => (text === undefined ? [] : [text])
  const sessionText = own(session)
  return {
    who,
    caller,
    on: 'resource',
    action: row.action ?? 'kms:Encrypt',
    resource: keyArn,
    owner: home,
    acrossAccounts: true,
    key: policyText(keyWords[row.key](caller)),
    identity: one(own(identity)),
    boundary: own(boundary),
    session: sessionText === undefined ? undefined : [sessionText],
    context: new Map([['aws:principalarn', [alice.arn, app.arn]]]),
    encryptionContext: new Map([['a', '1']]),
    grants:
      grant === undefined
        ? []
        : [
            {
              grantId: 'grant',
              operations: [operation],
              constraints: constraintWords[row.constraint ?? '-'],
              as: grant,
            },
          ],
    newGrant: undefined,
  }
}
