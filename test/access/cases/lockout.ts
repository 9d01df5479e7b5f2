/**
 * The lockout safety check: whoever stores a key policy has to be able to store another one afterwards, by the new policy
 * and his own policies as they are.
 */
import type { OperationName } from '../../../src/api/types.ts'
import {
  allow,
  type Case,
  delegation,
  deny,
  type Input,
  may,
  mayNot,
  type PersonSpec,
  type Statement,
  when,
} from './case.ts'

const lockedOut = [
  'MalformedPolicyDocumentException',
  'The new key policy will not allow you to update the key policy in the future.',
] as const
const puts = 'kms:PutKeyPolicy'
/** The caller may store the policy now, whatever may be afterwards. */
const now = [delegation, allow('<me>', { Action: [puts, 'kms:ReplicateKey'] })]
const storing = (policy: readonly Statement[], more: Input = {}): Input => ({
  Policy: JSON.stringify({ Version: '2012-10-17', Statement: policy }),
  ...more,
})

/** Who stores which policy, and whether that locks him out. */
const policies: readonly (readonly [
  what: string,
  me: PersonSpec,
  policy: readonly Statement[],
  passes: boolean,
])[] = [
  ['delegation, and an identity policy', { identity: [may(puts)] }, [delegation], true],
  ['delegation, and a group', { groups: [[may(puts)]] }, [delegation], true],
  ['delegation, and a managed policy', { attached: [may('kms:Put*')] }, [delegation], true],
  ['delegation, and no identity policy', {}, [delegation], false],
  [
    'delegation, and a policy of something else',
    { identity: [may('kms:Encrypt')] },
    [delegation],
    false,
  ],
  [
    'delegation, and an identity policy for another key',
    { identity: [may(puts, { Resource: '<other>' })] },
    [delegation],
    false,
  ],
  ['the user', {}, [allow('<me>')], true],
  ['the user for something else', {}, [allow('<me>', { Action: 'kms:Encrypt' })], false],
  ['the user for another key', {}, [allow('<me>', { Resource: '<other>' })], false],
  ['the user for this key', {}, [allow('<me>', { Resource: '<key>' })], true],
  ['another user', { identity: [may()] }, [allow('<bob>')], false],
  ['everybody', {}, [allow('*')], true],
  ['the user, and a deny of it', {}, [allow('<me>'), deny('<me>', { Action: puts })], false],
  ['the user, and a deny of its account', {}, [allow('<me>'), deny('<home>')], false],
  [
    'the user, and a deny of something else',
    {},
    [allow('<me>'), deny('<me>', { Action: 'kms:Sign' })],
    true,
  ],
  [
    'everybody, under a condition that the caller meets',
    {},
    [allow('*', when('StringEquals', 'aws:username', '<me.name>'))],
    true,
  ],
  [
    'everybody, under a condition that the caller does not meet',
    {},
    [allow('*', when('StringEquals', 'aws:username', '<bob.name>'))],
    false,
  ],
  [
    'the user, from where it calls',
    {},
    [allow('<me>', when('IpAddress', 'aws:SourceIp', '127.0.0.1'))],
    true,
  ],
  [
    'the user, from elsewhere',
    {},
    [allow('<me>', when('IpAddress', 'aws:SourceIp', '10.0.0.0/8'))],
    false,
  ],
  [
    'the user, over TLS alone',
    {},
    [allow('<me>', when('Bool', 'aws:SecureTransport', 'true'))],
    false,
  ],
  [
    'the user, under a condition on a tag that the key has',
    {},
    [allow('<me>', when('StringEquals', 'aws:ResourceTag/team', 'blue'))],
    true,
  ],
  [
    'the user, under a condition on a tag that the key has not',
    {},
    [allow('<me>', when('StringEquals', 'aws:ResourceTag/team', 'red'))],
    false,
  ],
  [
    'the user, without the bypass',
    {},
    [allow('<me>', when('Null', 'kms:BypassPolicyLockoutSafetyCheck', 'true'))],
    true,
  ],
  [
    'delegation, and an identity policy under a condition that does not hold',
    { identity: [may(puts, when('Bool', 'aws:SecureTransport', 'true'))] },
    [delegation],
    false,
  ],
  [
    'delegation, and a boundary of something else',
    { identity: [may()], boundary: [may('kms:Encrypt')] },
    [delegation],
    false,
  ],
  [
    'the user, whom a boundary does not limit',
    { identity: [may()], boundary: [may('kms:Encrypt')] },
    [allow('<me>')],
    true,
  ],
  ['the account of somebody else', { identity: [may()] }, [allow('<away>')], false],
]

const tagged = { Tags: [{ TagKey: 'team', TagValue: 'blue' }] }
const creates = ['kms:CreateKey', 'kms:TagResource']

export const lockoutCases: readonly Case[] = [
  ...policies.map(
    ([what, me, policy, passes]): Case => ({
      name: `a new policy with ${what}: ${passes ? 'stored' : 'locks out'}`,
      me,
      others: { bob: {} },
      key: { input: tagged, policy: now },
      other: {},
      call: ['PutKeyPolicy', storing(policy)],
      expect: passes ? 'served' : lockedOut,
    }),
  ),
  ...policies
    .filter(([, , , passes]) => !passes)
    .map(
      ([what, me, policy]): Case => ({
        name: `a new policy with ${what}, bypassed: stored`,
        me,
        others: { bob: {} },
        key: { input: tagged, policy: now },
        other: {},
        call: ['PutKeyPolicy', storing(policy, { BypassPolicyLockoutSafetyCheck: true })],
        expect: 'served',
      }),
    ),
  {
    name: 'a refused policy leaves the old one in force',
    key: { policy: [...now, allow('<me>', { Action: 'kms:Encrypt' })] },
    before: [{ by: 'me', call: ['PutKeyPolicy', storing([delegation])], expect: lockedOut }],
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'who has locked himself out with the bypass is locked out',
    key: { policy: now },
    before: [
      {
        by: 'me',
        call: ['PutKeyPolicy', storing([delegation], { BypassPolicyLockoutSafetyCheck: true })],
      },
    ],
    call: ['PutKeyPolicy', storing(now)],
    expect: 'no identity',
  },
  {
    name: 'the bypass can be denied by its condition key',
    me: {
      identity: [mayNot(puts, when('Bool', 'kms:BypassPolicyLockoutSafetyCheck', 'true'))],
    },
    key: { policy: now },
    call: ['PutKeyPolicy', storing([delegation], { BypassPolicyLockoutSafetyCheck: true })],
    expect: 'deny identity',
  },
  {
    name: 'a deny of the bypass does not stand in the way without it',
    me: {
      identity: [mayNot(puts, when('Bool', 'kms:BypassPolicyLockoutSafetyCheck', 'true'))],
    },
    key: { policy: now },
    call: ['PutKeyPolicy', storing(now)],
    expect: 'served',
  },
  {
    name: 'a bypass that is false is none',
    key: { policy: now },
    call: ['PutKeyPolicy', storing([delegation], { BypassPolicyLockoutSafetyCheck: false })],
    expect: lockedOut,
  },
  {
    name: 'a grant does not keep the keys of the policy',
    key: { policy: now, grants: [{ Operations: ['CreateGrant', 'DescribeKey'] }] },
    call: ['PutKeyPolicy', storing([delegation])],
    expect: lockedOut,
  },
  {
    name: 'a deny of his own locks out under any policy',
    me: { identity: [mayNot(puts)] },
    call: ['PutKeyPolicy', storing([allow('<me>')])],
    expect: 'deny identity',
  },
  ...(
    [
      ['delegates', [delegation], true],
      ['names another user alone', [allow('<bob>')], false],
      ['denies the account', [delegation, deny('<home>')], false],
      ['names everybody', [allow('*')], true],
    ] as const
  ).map(
    ([what, policy, passes]): Case => ({
      name: `the root user and a policy that ${what}: ${passes ? 'stored' : 'locks out'}`,
      me: { kind: 'root' },
      others: { bob: {} },
      call: ['PutKeyPolicy', storing(policy)],
      expect: passes ? 'served' : lockedOut,
    }),
  ),
  ...(
    [
      ['names its maker', { identity: [may(creates)] }, storing([allow('<me>')]), true],
      [
        'delegates, to a maker without more',
        { identity: [may(creates)] },
        storing([delegation]),
        false,
      ],
      [
        'delegates, to a maker whom a group lets put policies',
        { identity: [may(creates)], groups: [[may(puts)]] },
        storing([delegation]),
        true,
      ],
      ['names everybody', { identity: [may(creates)] }, storing([allow('*')]), true],
      [
        'delegates, to a maker who may by the tag of the key',
        {
          identity: [may(creates), may(puts, when('StringEquals', 'aws:ResourceTag/team', 'blue'))],
        },
        storing([delegation], tagged),
        true,
      ],
      [
        'delegates, to a maker who may by a tag that the key will not have',
        {
          identity: [may(creates), may(puts, when('StringEquals', 'aws:ResourceTag/team', 'blue'))],
        },
        storing([delegation]),
        false,
      ],
      ['is left to the default, whatever its maker may', { identity: [may(creates)] }, {}, true],
    ] as const
  ).map(
    ([what, me, input, passes]): Case => ({
      name: `a new key whose policy ${what}: ${passes ? 'made' : 'locks out'}`,
      me,
      call: ['CreateKey', input],
      expect: passes ? 'served' : lockedOut,
    }),
  ),
  ...(
    [
      ['names its maker', [allow('<me>')], true],
      ['delegates, to a maker without more', [delegation], false],
    ] as const
  ).map(
    ([what, policy, passes]): Case => ({
      name: `a replica whose policy ${what}: ${passes ? 'made' : 'locks out'}`,
      me: { identity: [may('kms:CreateKey')] },
      key: { input: { MultiRegion: true }, policy: now },
      call: ['ReplicateKey' satisfies OperationName, storing(policy)],
      expect: passes ? 'served' : lockedOut,
    }),
  ),
]
