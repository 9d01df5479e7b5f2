/**
 * Key policy, identity policies, groups and permissions boundary against each other: what each of them alone allows,
 * limits and denies, within the account and from another one.
 */
import {
  allow,
  type Case,
  type CaseKey,
  delegation,
  deny,
  may,
  mayNot,
  type PersonSpec,
  type Why,
} from './case.ts'

/** Key policies. */
const keys = {
  'the default policy': {},
  'a policy that names the user': { policy: [allow('<me>')] },
  'a policy that names account and user': { policy: [delegation, allow('<me>')] },
  'a policy that names another user': { policy: [allow('<bob>')] },
  'a policy that names the user for another action': {
    policy: [allow('<me>', { Action: 'kms:Decrypt' })],
  },
  'a policy that delegates another action': {
    policy: [allow('<home>', { Action: 'kms:Decrypt' })],
  },
  'a policy that denies the user': { policy: [delegation, allow('<me>'), deny('<me>')] },
  'a policy that denies the account': { policy: [delegation, allow('<me>'), deny('<home>')] },
  'a policy that denies everybody': { policy: [delegation, allow('<me>'), deny('*')] },
  'a policy that denies another user': { policy: [delegation, deny('<bob>')] },
  'a policy for everybody': { policy: [allow('*')] },
  'a policy that names the foreign account': { policy: [delegation, allow('<away>')] },
  'a policy that names a third account': { policy: [delegation, allow('<third>')] },
} as const satisfies Readonly<Record<string, CaseKey>>

/** Policies of the caller's own. */
const people = {
  'no policy': {},
  'an allow': { identity: [may('kms:Encrypt')] },
  'an allow of everything': { identity: [may('*')] },
  'an allow of another action': { identity: [may('kms:Decrypt')] },
  'an allow of another key': { identity: [may('kms:*', { Resource: '<other>' })] },
  'a managed policy': { attached: [may('kms:Encrypt')] },
  'a group': { groups: [[may('kms:Encrypt')]] },
  'two groups, the second of which allows': {
    groups: [[may('kms:Decrypt')], [may('kms:Encrypt')]],
  },
  'a deny': { identity: [may(), mayNot('kms:Encrypt')] },
  'an allow, and a deny in a group': { identity: [may()], groups: [[mayNot('kms:*')]] },
  'an allow, and a deny in a managed policy': { identity: [may()], attached: [mayNot('kms:Enc*')] },
  'a boundary alone': { boundary: [may()] },
  'an allow and a boundary that allows': { identity: [may()], boundary: [may('kms:Encrypt')] },
  'an allow and a boundary of another action': {
    identity: [may()],
    boundary: [may('kms:Decrypt')],
  },
  'an allow and a boundary that denies': {
    identity: [may()],
    boundary: [may(), mayNot('kms:Encrypt')],
  },
  'no policy and a boundary of another action': { boundary: [may('kms:Decrypt')] },
  'no policy and a boundary that denies': { boundary: [may(), mayNot('kms:Encrypt')] },
  'denies in policy and boundary': { identity: [mayNot()], boundary: [mayNot()] },
} as const satisfies Readonly<Record<string, PersonSpec>>

type Row = readonly [key: keyof typeof keys, person: keyof typeof people, expect: 'served' | Why]

/** A user of the key's account asks to encrypt. */
const within: readonly Row[] = [
  ['the default policy', 'an allow of everything', 'served'],
  ['the default policy', 'an allow of another action', 'no identity'],
  ['the default policy', 'an allow of another key', 'no identity'],
  ['the default policy', 'a managed policy', 'served'],
  ['the default policy', 'a group', 'served'],
  ['the default policy', 'two groups, the second of which allows', 'served'],
  ['the default policy', 'a deny', 'deny identity'],
  ['the default policy', 'an allow, and a deny in a group', 'deny identity'],
  ['the default policy', 'an allow, and a deny in a managed policy', 'deny identity'],
  ['the default policy', 'a boundary alone', 'no identity'],
  ['the default policy', 'an allow and a boundary that allows', 'served'],
  ['the default policy', 'an allow and a boundary of another action', 'no boundary'],
  ['the default policy', 'an allow and a boundary that denies', 'deny boundary'],
  ['the default policy', 'no policy and a boundary of another action', 'no identity'],
  ['the default policy', 'no policy and a boundary that denies', 'deny boundary'],
  ['the default policy', 'denies in policy and boundary', 'deny identity'],
  ['a policy that names the user', 'no policy', 'served'],
  ['a policy that names the user', 'an allow of another action', 'served'],
  ['a policy that names the user', 'no policy and a boundary of another action', 'served'],
  ['a policy that names the user', 'an allow and a boundary of another action', 'served'],
  ['a policy that names the user', 'a deny', 'deny identity'],
  ['a policy that names the user', 'an allow, and a deny in a group', 'deny identity'],
  ['a policy that names the user', 'no policy and a boundary that denies', 'deny boundary'],
  ['a policy that names account and user', 'no policy', 'served'],
  ['a policy that names account and user', 'no policy and a boundary of another action', 'served'],
  ['a policy that names another user', 'no policy', 'no resource'],
  ['a policy that names another user', 'an allow of everything', 'no resource'],
  ['a policy that names another user', 'a deny', 'deny identity'],
  ['a policy that names another user', 'an allow and a boundary that denies', 'deny boundary'],
  ['a policy that names the user for another action', 'no policy', 'no resource'],
  ['a policy that names the user for another action', 'an allow', 'no resource'],
  ['a policy that delegates another action', 'an allow', 'no resource'],
  ['a policy that denies the user', 'an allow', 'deny resource'],
  ['a policy that denies the user', 'no policy', 'deny resource'],
  ['a policy that denies the user', 'denies in policy and boundary', 'deny resource'],
  ['a policy that denies the account', 'an allow', 'deny resource'],
  ['a policy that denies everybody', 'an allow', 'deny resource'],
  ['a policy that denies another user', 'an allow', 'served'],
  ['a policy for everybody', 'no policy', 'served'],
  ['a policy for everybody', 'an allow and a boundary of another action', 'served'],
  ['a policy for everybody', 'a deny', 'deny identity'],
  ['a policy that names the foreign account', 'no policy', 'no identity'],
]

/** A user of another account asks to encrypt: both sides have to allow, and one sentence hides which did not. */
const abroad: readonly Row[] = [
  ['the default policy', 'an allow of everything', 'across'],
  ['a policy that names the foreign account', 'no policy', 'across'],
  ['a policy that names the foreign account', 'an allow', 'served'],
  ['a policy that names the foreign account', 'a group', 'served'],
  ['a policy that names the foreign account', 'a managed policy', 'served'],
  ['a policy that names the foreign account', 'an allow of another action', 'across'],
  ['a policy that names the foreign account', 'an allow of another key', 'across'],
  ['a policy that names the foreign account', 'a deny', 'across'],
  ['a policy that names the foreign account', 'an allow and a boundary that allows', 'served'],
  [
    'a policy that names the foreign account',
    'an allow and a boundary of another action',
    'across',
  ],
  ['a policy that names the foreign account', 'an allow and a boundary that denies', 'across'],
  ['a policy that names the user', 'no policy', 'across'],
  ['a policy that names the user', 'an allow', 'served'],
  ['a policy that names the user', 'an allow and a boundary of another action', 'across'],
  ['a policy that names the user for another action', 'an allow', 'across'],
  ['a policy that denies the user', 'an allow', 'across'],
  ['a policy that denies everybody', 'an allow', 'across'],
  ['a policy that denies the account', 'an allow', 'served'],
  ['a policy for everybody', 'no policy', 'across'],
  ['a policy for everybody', 'an allow', 'served'],
  ['a policy that names a third account', 'an allow', 'across'],
]

/** The root user of the key's account, whom no policies of its own limit. */
const root: readonly (readonly [keyof typeof keys, 'served' | Why])[] = [
  ['the default policy', 'served'],
  ['a policy that names another user', 'no resource'],
  ['a policy that delegates another action', 'no resource'],
  ['a policy that denies the account', 'deny resource'],
  ['a policy that denies everybody', 'deny resource'],
  ['a policy that denies another user', 'served'],
  ['a policy for everybody', 'served'],
]

/** The root user of another account, who has leave from home without a policy. */
const foreignRoot: readonly (readonly [keyof typeof keys, 'served' | Why])[] = [
  ['the default policy', 'across'],
  ['a policy that names the foreign account', 'served'],
  ['a policy for everybody', 'served'],
  ['a policy that names a third account', 'across'],
  ['a policy that denies everybody', 'across'],
]

const bob = { bob: {} }

export const layerCases: readonly Case[] = [
  ...within.map(([key, person, expect]) => ({ key, person, expect, account: 'home' }) as const),
  ...abroad.map(([key, person, expect]) => ({ key, person, expect, account: 'away' }) as const),
].map(
  ({ key, person, expect, account }): Case => ({
    name: `a user of ${account} with ${person}, under ${key}: ${expect}`,
    me: { account, ...people[person] },
    others: bob,
    key: keys[key],
    other: {},
    call: ['Encrypt'],
    expect,
  }),
)

export const rootCases: readonly Case[] = [
  ...root.map(([key, expect]) => ({ key, expect, account: 'home' }) as const),
  ...foreignRoot.map(([key, expect]) => ({ key, expect, account: 'away' }) as const),
].map(
  ({ key, expect, account }): Case => ({
    name: `the root user of ${account}, under ${key}: ${expect}`,
    me: { kind: 'root', account },
    others: bob,
    key: denying(key),
    call: ['Encrypt'],
    expect,
  }),
)

/** In the key policies of the root user's cases the user that is named is another one. */
function denying(key: keyof typeof keys): CaseKey {
  const text = JSON.stringify(keys[key])
  return JSON.parse(text.replaceAll('<me>', '<bob>')) as CaseKey
}
