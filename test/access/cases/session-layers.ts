/**
 * What limits a session, by how the key policy names it (IAM User Guide, "Policy evaluation logic": implicit denies by the
 * kind of principal): every cell of that table, and beside each of them the explicit deny of the same layer, which holds
 * however the caller is named.
 */
import {
  allow,
  type Case,
  may,
  mayNot,
  type PersonSpec,
  type Statement,
  when,
  type Why,
} from './case.ts'

type Policies = Pick<PersonSpec, 'identity' | 'boundary' | 'session'>
type Outcome = 'served' | Why

const other = [may('kms:Decrypt')]
const all = [may('kms:Encrypt')]
const not = [may(), mayNot('kms:Encrypt')]

/** The layers: all of them allow, one of them says nothing, or one of them denies. */
const layers = {
  'allowed by all layers': { identity: all, boundary: all, session: { policy: all } },
  'no identity policy': { boundary: all, session: { policy: all } },
  'a boundary of something else': { identity: all, boundary: other, session: { policy: all } },
  'a session policy of something else': {
    identity: all,
    boundary: all,
    session: { policy: other },
  },
  'an identity policy that denies': { identity: not, boundary: all, session: { policy: all } },
  'a boundary that denies': { identity: all, boundary: not, session: { policy: all } },
  'a session policy that denies': { identity: all, boundary: all, session: { policy: not } },
} as const satisfies Readonly<Record<string, Policies>>

/** What comes of each, in the order of the layers above. */
type Row = readonly [
  who: string,
  kind: 'role' | 'federated',
  named: string,
  statement: Statement,
  implicit: readonly [identity: Outcome, boundary: Outcome, session: Outcome],
]

const arnIs = (arn: string) => allow('*', when('ArnEquals', 'aws:PrincipalArn', arn))

const table: readonly Row[] = [
  [
    'a session of a role',
    'role',
    'the role',
    allow('<me.parent>'),
    ['served', 'no boundary', 'no session'],
  ],
  ['a session of a role', 'role', 'the session', allow('<me>'), ['served', 'served', 'served']],
  [
    'a session of a role',
    'role',
    'the account',
    allow('<home>'),
    ['no identity', 'no boundary', 'no session'],
  ],
  [
    'a session of a role',
    'role',
    'everybody whose ARN is the role’s',
    arnIs('<me.parent>'),
    ['served', 'served', 'served'],
  ],
  [
    'a federated user',
    'federated',
    'the federated user',
    allow('<me>'),
    ['served', 'served', 'served'],
  ],
  [
    'a federated user',
    'federated',
    'the user behind it',
    allow('<me.parent>'),
    ['served', 'no boundary', 'no session'],
  ],
  [
    'a federated user',
    'federated',
    'the account',
    allow('<home>'),
    ['no identity', 'no boundary', 'no session'],
  ],
  [
    'a federated user',
    'federated',
    'everybody whose ARN is its own',
    arnIs('<me>'),
    ['served', 'served', 'served'],
  ],
]

const explicit = ['deny identity', 'deny boundary', 'deny session'] as const

const cells: readonly Case[] = table.flatMap(([who, kind, named, statement, implicit]) => {
  const outcomes: readonly Outcome[] = ['served', ...implicit, ...explicit]
  return Object.entries(layers).map(([what, policies], index): Case => {
    const expect = outcomes[index] ?? 'across'
    const me = { kind, ...policies }
    const key = { policy: [statement] }
    return {
      name: `${who}, ${named} named, ${what}: ${expect}`,
      me,
      key,
      call: ['Encrypt'],
      expect,
    }
  })
})

/** Which of several is told, and what several session policies come to. */
const several: readonly Case[] = [
  {
    name: 'of three layers of a session that say nothing, the identity policies are told',
    me: { kind: 'role', boundary: other, session: { policy: other } },
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'of a boundary and a session policy that say nothing, the boundary is told',
    me: { kind: 'role', identity: all, boundary: other, session: { policy: other } },
    call: ['Encrypt'],
    expect: 'no boundary',
  },
  {
    name: 'of a boundary and a session policy that deny, the boundary is told',
    me: { kind: 'role', identity: all, boundary: not, session: { policy: not } },
    call: ['Encrypt'],
    expect: 'deny boundary',
  },
  {
    name: 'a deny of a session policy is told before a boundary that says nothing',
    me: { kind: 'role', identity: all, boundary: other, session: { policy: not } },
    call: ['Encrypt'],
    expect: 'deny session',
  },
  {
    name: 'a deny of the key policy is told before one of a session policy',
    me: { kind: 'role', identity: all, session: { policy: not } },
    key: { policy: [allow('<home>'), allow('<me.parent>', { Effect: 'Deny' })] },
    call: ['Encrypt'],
    expect: 'deny resource',
  },
  {
    name: 'a session policy gives nothing that the role has not',
    me: { kind: 'role', session: { policy: all } },
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'a managed session policy limits like an inline one',
    me: { kind: 'role', identity: all, session: { managed: [other] } },
    call: ['Encrypt'],
    expect: 'no session',
  },
  {
    name: 'of an inline and a managed session policy, one that allows is enough',
    me: { kind: 'role', identity: all, session: { policy: other, managed: [all] } },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'of two managed session policies, one that denies is enough',
    me: { kind: 'role', identity: all, session: { managed: [all, not] } },
    call: ['Encrypt'],
    expect: 'deny session',
  },
  {
    name: 'a session policy for another key leaves this one out',
    me: {
      kind: 'role',
      identity: [may()],
      session: { policy: [may('kms:*', { Resource: '<other>' })] },
    },
    other: {},
    call: ['Encrypt'],
    expect: 'no session',
  },
  {
    name: 'a session policy for this key lets it in',
    me: {
      kind: 'role',
      identity: [may()],
      session: { policy: [may('kms:*', { Resource: '<key>' })] },
    },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a session policy with a condition on the encryption context, which holds',
    me: {
      kind: 'role',
      identity: all,
      session: {
        policy: [may('kms:*', when('StringEquals', 'kms:EncryptionContext:app', 'a'))],
      },
    },
    call: ['Encrypt', { EncryptionContext: { app: 'a' } }],
    expect: 'served',
  },
  {
    name: 'a session policy with a condition on the encryption context, which does not hold',
    me: {
      kind: 'role',
      identity: all,
      session: {
        policy: [may('kms:*', when('StringEquals', 'kms:EncryptionContext:app', 'a'))],
      },
    },
    call: ['Encrypt', { EncryptionContext: { app: 'b' } }],
    expect: 'no session',
  },
]

export const sessionLayerCases: readonly Case[] = [...cells, ...several]
