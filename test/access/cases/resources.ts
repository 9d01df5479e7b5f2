/**
 * Operations that ask for more than one permission or for none on a key: aliases, multi-Region keys, new keys and what
 * concerns the account. And permissions by tags and aliases.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import type { OperationName } from '../../../src/api/types.ts'
import { allow, type Case, delegation, may, mayNot, type Statement, when } from './case.ts'

const alias = 'arn:aws:kms:us-east-1:<home>:alias/<n>'
const on = (action: string, Resource: string | readonly string[], more: Statement = {}) =>
  may(action, { Resource, ...more })
const pointed = { aliases: ['alias/<n>'] } as const
const needsAlias = { why: 'no identity', on: alias } as const

const aliases: readonly Case[] = [
  {
    name: 'CreateAlias with leave for alias and key',
    me: { identity: [on('kms:CreateAlias', [alias, '<key>'])] },
    call: ['CreateAlias'],
    expect: 'served',
  },
  {
    name: 'CreateAlias with leave for the key alone',
    me: { identity: [on('kms:CreateAlias', '<key>')] },
    call: ['CreateAlias'],
    expect: needsAlias,
  },
  {
    name: 'CreateAlias with leave for the alias alone',
    me: { identity: [on('kms:CreateAlias', alias)] },
    call: ['CreateAlias'],
    expect: 'no identity',
  },
  {
    name: 'CreateAlias with leave for the alias from home and for the key from its policy',
    me: { identity: [on('kms:CreateAlias', alias)] },
    key: { policy: [delegation, allow('<me>', { Action: 'kms:CreateAlias' })] },
    call: ['CreateAlias'],
    expect: 'served',
  },
  {
    name: 'CreateAlias: a key policy says nothing of the alias',
    key: { policy: [allow('<me>')] },
    call: ['CreateAlias'],
    expect: needsAlias,
  },
  {
    name: 'CreateAlias with a deny on the alias',
    me: { identity: [may(), mayNot('kms:CreateAlias', { Resource: alias })] },
    call: ['CreateAlias'],
    expect: { why: 'deny identity', on: alias },
  },
  {
    name: 'CreateAlias of a name by a variable',
    me: {
      identity: [
        on('kms:CreateAlias', ['<key>', 'arn:aws:kms:us-east-1:<home>:alias/${aws:username}-*']),
      ],
    },
    call: ['CreateAlias', { AliasName: 'alias/<me.name>-key' }],
    expect: 'served',
  },
  {
    name: 'CreateAlias of a name that is not the variable',
    me: {
      identity: [
        on('kms:CreateAlias', ['<key>', 'arn:aws:kms:us-east-1:<home>:alias/${aws:username}-*']),
      ],
    },
    call: ['CreateAlias'],
    expect: needsAlias,
  },
  {
    name: 'CreateAlias for a key of a foreign account',
    me: { account: 'away', identity: [may()] },
    key: { policy: [allow('<away>')] },
    call: ['CreateAlias'],
    expect: 'across',
  },
  {
    name: 'DeleteAlias with leave for alias and key',
    me: { identity: [on('kms:DeleteAlias', [alias, '<key>'])] },
    key: pointed,
    call: ['DeleteAlias'],
    expect: 'served',
  },
  {
    name: 'DeleteAlias with leave for the alias alone',
    me: { identity: [on('kms:DeleteAlias', alias)] },
    key: pointed,
    call: ['DeleteAlias'],
    expect: 'no identity',
  },
  {
    name: 'DeleteAlias with leave for the key alone',
    me: { identity: [on('kms:DeleteAlias', '<key>')] },
    key: pointed,
    call: ['DeleteAlias'],
    expect: needsAlias,
  },
  {
    name: 'DeleteAlias with a deny in the key policy',
    me: { identity: [may()] },
    key: { ...pointed, policy: [delegation, allow('<me>', { Effect: 'Deny' })] },
    call: ['DeleteAlias'],
    expect: 'deny resource',
  },
  {
    name: 'DeleteAlias of one that is not there, with leave',
    me: { identity: [may()] },
    call: ['DeleteAlias'],
    expect: ['NotFoundException', `Alias ${alias} is not found.`],
  },
  {
    name: 'DeleteAlias of one that is not there, without leave',
    call: ['DeleteAlias'],
    expect: needsAlias,
  },
  {
    name: 'UpdateAlias with leave for the alias and both keys',
    me: { identity: [on('kms:UpdateAlias', [alias, '<key>', '<other>'])] },
    key: pointed,
    other: {},
    call: ['UpdateAlias', { TargetKeyId: '<other>' }],
    expect: 'served',
  },
  {
    name: 'UpdateAlias without leave for the alias',
    me: { identity: [on('kms:UpdateAlias', ['<key>', '<other>'])] },
    key: pointed,
    other: {},
    call: ['UpdateAlias', { TargetKeyId: '<other>' }],
    expect: needsAlias,
  },
  {
    name: 'UpdateAlias without leave for the key that it points at',
    me: { identity: [on('kms:UpdateAlias', [alias, '<other>'])] },
    key: pointed,
    other: {},
    call: ['UpdateAlias', { TargetKeyId: '<other>' }],
    expect: 'no identity',
  },
  {
    name: 'UpdateAlias without leave for the key that it is to point at',
    me: { identity: [on('kms:UpdateAlias', [alias, '<key>'])] },
    key: pointed,
    other: {},
    call: ['UpdateAlias', { TargetKeyId: '<other>' }],
    expect: { why: 'no identity', on: '<other>' },
  },
]

const replica = 'arn:aws:kms:us-west-2:<home>:key/<key.id>'
const multiRegion = { input: { MultiRegion: true } } as const
const replicated = { ...multiRegion, replica: 'us-west-2' } as const
const inWest = when('StringEquals', 'aws:RequestedRegion', 'us-west-2')

const regions: readonly Case[] = [
  {
    name: 'ReplicateKey with leave for the primary and for a new key there',
    me: { identity: [on('kms:ReplicateKey', '<key>'), may('kms:CreateKey', inWest)] },
    key: multiRegion,
    call: ['ReplicateKey'],
    expect: 'served',
  },
  {
    name: 'ReplicateKey without leave for a new key',
    me: { identity: [on('kms:ReplicateKey', '<key>')] },
    key: multiRegion,
    call: ['ReplicateKey'],
    expect: { why: 'no identity', action: 'kms:CreateKey', on: '' },
  },
  {
    name: 'ReplicateKey with leave for a new key in another region',
    me: {
      identity: [
        on('kms:ReplicateKey', '<key>'),
        may('kms:CreateKey', when('StringEquals', 'aws:RequestedRegion', 'us-east-1')),
      ],
    },
    key: multiRegion,
    call: ['ReplicateKey'],
    expect: { why: 'no identity', action: 'kms:CreateKey', on: '' },
  },
  {
    name: 'ReplicateKey without leave for the primary',
    me: { identity: [may('kms:CreateKey')] },
    key: multiRegion,
    call: ['ReplicateKey'],
    expect: 'no identity',
  },
  {
    name: 'ReplicateKey to a region by its condition key',
    me: {
      identity: [
        may('kms:ReplicateKey', when('StringEquals', 'kms:ReplicaRegion', 'us-west-2')),
        may('kms:CreateKey', when('StringEquals', 'kms:MultiRegionKeyType', 'REPLICA')),
      ],
    },
    key: multiRegion,
    call: ['ReplicateKey'],
    expect: 'served',
  },
  {
    name: 'ReplicateKey to a region that the condition key leaves out',
    me: {
      identity: [
        may('kms:ReplicateKey', when('StringEquals', 'kms:ReplicaRegion', 'eu-west-1')),
        may('kms:CreateKey'),
      ],
    },
    key: multiRegion,
    call: ['ReplicateKey'],
    expect: 'no identity',
  },
  {
    name: 'ReplicateKey with tags without leave for tags',
    me: { identity: [may(['kms:ReplicateKey', 'kms:CreateKey'])] },
    key: multiRegion,
    call: ['ReplicateKey', { Tags: [{ TagKey: 'team', TagValue: 'blue' }] }],
    expect: { why: 'no identity', action: 'kms:TagResource', on: '' },
  },
  {
    name: 'ReplicateKey with tags and leave for them',
    me: { identity: [may(['kms:ReplicateKey', 'kms:CreateKey', 'kms:TagResource'])] },
    key: multiRegion,
    call: ['ReplicateKey', { Tags: [{ TagKey: 'team', TagValue: 'blue' }] }],
    expect: 'served',
  },
  {
    name: 'UpdatePrimaryRegion with leave for primary and replica',
    me: { identity: [on('kms:UpdatePrimaryRegion', ['<key>', replica])] },
    key: replicated,
    call: ['UpdatePrimaryRegion'],
    expect: 'served',
  },
  {
    name: 'UpdatePrimaryRegion with leave for the primary alone',
    me: { identity: [on('kms:UpdatePrimaryRegion', '<key>')] },
    key: replicated,
    call: ['UpdatePrimaryRegion'],
    expect: { why: 'no identity', on: replica },
  },
  {
    name: 'UpdatePrimaryRegion with leave for the replica alone',
    me: { identity: [on('kms:UpdatePrimaryRegion', replica)] },
    key: replicated,
    call: ['UpdatePrimaryRegion'],
    expect: 'no identity',
  },
  {
    name: 'UpdatePrimaryRegion is asked of the replica in its own region',
    me: {
      identity: [may('kms:UpdatePrimaryRegion'), mayNot('kms:UpdatePrimaryRegion', inWest)],
    },
    key: replicated,
    call: ['UpdatePrimaryRegion'],
    expect: { why: 'deny identity', on: replica },
  },
  {
    name: 'UpdatePrimaryRegion to a region by its condition key',
    me: {
      identity: [
        may('kms:UpdatePrimaryRegion', when('StringEquals', 'kms:PrimaryRegion', 'us-west-2')),
      ],
    },
    key: replicated,
    call: ['UpdatePrimaryRegion'],
    expect: 'served',
  },
  {
    name: 'UpdatePrimaryRegion to a region that the condition key leaves out',
    me: {
      identity: [
        may('kms:UpdatePrimaryRegion', when('StringEquals', 'kms:PrimaryRegion', 'eu-west-1')),
      ],
    },
    key: replicated,
    call: ['UpdatePrimaryRegion'],
    expect: 'no identity',
  },
  {
    name: 'a replica has a policy of its own',
    me: { identity: [may('kms:Encrypt')] },
    key: { ...replicated, policy: [allow('<home>', { Action: 'kms:Decrypt' })] },
    region: 'us-west-2',
    call: ['Encrypt', { KeyId: '<key.id>' }],
    expect: 'served',
  },
  {
    name: 'one ARN with a star for the region addresses all related keys',
    me: { identity: [on('kms:Encrypt', 'arn:aws:kms:*:<home>:key/<key.id>')] },
    key: replicated,
    region: 'us-west-2',
    call: ['Encrypt', { KeyId: '<key.id>' }],
    expect: 'served',
  },
  {
    name: 'a replica is a REPLICA',
    me: {
      identity: [may('kms:Encrypt', when('StringEquals', 'kms:MultiRegionKeyType', 'REPLICA'))],
    },
    key: replicated,
    region: 'us-west-2',
    call: ['Encrypt', { KeyId: '<key.id>' }],
    expect: 'served',
  },
]

const ofAccount: readonly OperationName[] = [
  'CreateKey',
  'GenerateRandom',
  'ListAliases',
  'ListKeys',
  'ListRetirableGrants',
]
const tagged = { Tags: [{ TagKey: 'team', TagValue: 'blue' }] }
const withPolicy = (statement: Statement) => ({
  Policy: JSON.stringify({ Version: '2012-10-17', Statement: [delegation, statement] }),
})

const accounts: readonly Case[] = [
  {
    name: 'ListRetirableGrants with leave for the retiring principal',
    me: { identity: [on('kms:ListRetirableGrants', '<me>')] },
    call: ['ListRetirableGrants'],
    expect: 'served',
  },
  {
    name: 'ListRetirableGrants with leave for another retiring principal',
    me: { identity: [on('kms:ListRetirableGrants', '<other>')] },
    others: { other: {} },
    call: ['ListRetirableGrants'],
    expect: { why: 'no identity', on: '' },
  },
  {
    name: 'ListRetirableGrants with leave for everything but the retiring principal',
    me: {
      identity: [
        may('kms:ListRetirableGrants'),
        { ...on('kms:ListRetirableGrants', '<me>'), Effect: 'Deny' },
      ],
    },
    call: ['ListRetirableGrants'],
    expect: { why: 'deny identity', on: '' },
  },
  ...ofAccount.flatMap((operation): Case[] => [
    {
      name: `${operation} with leave for everything`,
      me: { identity: [may(`kms:${operation}`)] },
      call: [operation],
      expect: 'served',
    },
    {
      name: `${operation} with leave for all keys of the account alone`,
      me: { identity: [on(`kms:${operation}`, 'arn:aws:kms:us-east-1:<home>:key/*')] },
      call: [operation],
      expect: { why: 'no identity', on: '' },
    },
    {
      name: `${operation} with leave from a key policy alone`,
      key: { policy: [allow('<me>', { Action: ['kms:Create*', 'kms:List*', 'kms:*'] })] },
      call: [operation],
      expect: { why: 'no identity', on: '' },
    },
    {
      name: `${operation} with a boundary of something else`,
      me: { identity: [may()], boundary: [may('kms:Encrypt')] },
      call: [operation],
      expect: { why: 'no boundary', on: '' },
    },
    {
      name: `${operation} with a deny`,
      me: { identity: [may(), mayNot(`kms:${operation}`)] },
      call: [operation],
      expect: { why: 'deny identity', on: '' },
    },
    {
      name: `${operation} by the root user`,
      me: { kind: 'root' },
      call: [operation],
      expect: 'served',
    },
  ]),
  {
    name: 'CreateKey with tags asks for TagResource',
    me: { identity: [may('kms:CreateKey')] },
    call: ['CreateKey', tagged],
    expect: { why: 'no identity', action: 'kms:TagResource', on: '' },
  },
  {
    name: 'CreateKey with tags and leave for them',
    me: { identity: [may(['kms:CreateKey', 'kms:TagResource'])] },
    call: ['CreateKey', tagged],
    expect: 'served',
  },
  {
    name: 'CreateKey asks for a tag',
    me: {
      identity: [
        may(
          ['kms:CreateKey', 'kms:TagResource'],
          when('StringEquals', 'aws:RequestTag/team', 'blue'),
        ),
      ],
    },
    call: ['CreateKey', tagged],
    expect: 'served',
  },
  {
    name: 'CreateKey asks for a tag that the request has not',
    me: {
      identity: [
        may(
          ['kms:CreateKey', 'kms:TagResource'],
          when('StringEquals', 'aws:RequestTag/team', 'blue'),
        ),
      ],
    },
    call: ['CreateKey'],
    expect: { why: 'no identity', on: '' },
  },
  {
    name: 'CreateKey knows the tags of the key that is to be made',
    me: {
      identity: [
        may(
          ['kms:CreateKey', 'kms:TagResource'],
          when('StringEquals', 'aws:ResourceTag/team', 'blue'),
        ),
      ],
    },
    call: ['CreateKey', tagged],
    expect: 'served',
  },
  {
    name: 'CreateKey with a policy that gives the key to somebody else',
    me: { identity: [may('kms:CreateKey')] },
    others: { bob: {} },
    call: ['CreateKey', withPolicy(allow('<bob>'))],
    expect: [
      'MalformedPolicyDocumentException',
      'The new key policy will not allow you to update the key policy in the future.',
    ],
  },
]

const tagKeys = { key: { input: tagged } } as const
const abac: readonly Case[] = [
  {
    name: 'a tag of the key',
    me: { identity: [may('kms:Encrypt', when('StringEquals', 'aws:ResourceTag/team', 'blue'))] },
    ...tagKeys,
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a tag of the key in another case',
    me: { identity: [may('kms:Encrypt', when('StringEquals', 'aws:resourcetag/TEAM', 'blue'))] },
    ...tagKeys,
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'another value of the tag of the key',
    me: { identity: [may('kms:Encrypt', when('StringEquals', 'aws:ResourceTag/team', 'Blue'))] },
    ...tagKeys,
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'a tag that the key has not',
    me: { identity: [may('kms:Encrypt', when('StringEquals', 'aws:ResourceTag/team', 'blue'))] },
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'a tag of the key in the key policy',
    key: {
      input: tagged,
      policy: [allow('<me>', when('StringEquals', 'aws:ResourceTag/team', 'blue'))],
    },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a tag of the user that the key has as well',
    me: {
      tags: { team: 'blue' },
      identity: [
        may('kms:*', when('StringEquals', 'aws:ResourceTag/team', '${aws:PrincipalTag/team}')),
      ],
    },
    ...tagKeys,
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a tag of the user that the key has with another value',
    me: {
      tags: { team: 'red' },
      identity: [
        may('kms:*', when('StringEquals', 'aws:ResourceTag/team', '${aws:PrincipalTag/team}')),
      ],
    },
    ...tagKeys,
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'neither the user nor the key has the tag',
    me: {
      identity: [
        may('kms:*', when('StringEquals', 'aws:ResourceTag/team', '${aws:PrincipalTag/team}')),
      ],
    },
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'a star in the value of a variable is no wildcard',
    me: {
      identity: [
        may('kms:*', when('StringLike', 'aws:ResourceTag/team', '${kms:EncryptionContext:team}')),
      ],
    },
    ...tagKeys,
    call: ['Encrypt', { EncryptionContext: { team: '*' } }],
    expect: 'no identity',
  },
  {
    name: 'TagResource with a tag that is asked for',
    me: { identity: [may('kms:*', when('StringEquals', 'aws:RequestTag/team', 'blue'))] },
    call: ['TagResource'],
    expect: 'served',
  },
  {
    name: 'TagResource with tag keys beyond those that may be set',
    me: { identity: [may('kms:*', when('ForAllValues:StringEquals', 'aws:TagKeys', ['team']))] },
    call: ['TagResource', { Tags: [...tagged.Tags, { TagKey: 'admin', TagValue: 'yes' }] }],
    expect: 'no identity',
  },
  {
    name: 'TagResource with tag keys that may be set',
    me: { identity: [may('kms:*', when('ForAllValues:StringEquals', 'aws:TagKeys', ['team']))] },
    call: ['TagResource'],
    expect: 'served',
  },
  {
    name: 'UntagResource has tag keys',
    me: { identity: [may('kms:*', when('ForAnyValue:StringEquals', 'aws:TagKeys', ['team']))] },
    ...tagKeys,
    call: ['UntagResource'],
    expect: 'served',
  },
  {
    name: 'UntagResource has no values of tags',
    me: { identity: [may('kms:*', when('Null', 'aws:RequestTag/team', 'false'))] },
    ...tagKeys,
    call: ['UntagResource'],
    expect: 'no identity',
  },
  {
    name: 'TagResource by a tag that the key has already',
    me: { identity: [may('kms:*', when('StringEquals', 'aws:ResourceTag/team', 'blue'))] },
    ...tagKeys,
    call: ['TagResource', { Tags: [{ TagKey: 'team', TagValue: 'red' }] }],
    expect: 'served',
  },
  {
    name: 'TagResource does not count the tags that it is to set',
    me: { identity: [may('kms:*', when('StringEquals', 'aws:ResourceTag/team', 'blue'))] },
    call: ['TagResource'],
    expect: 'no identity',
  },
  ...(
    [
      ['an alias of the key', ['alias/<n>'], 'alias/<n>', true],
      ['one of two aliases of the key', ['alias/<n>', 'alias/<n>-b'], 'alias/<n>-b', true],
      ['a pattern of an alias of the key', ['alias/<n>-b'], 'alias/<n>*', true],
      ['an alias of no key', ['alias/<n>'], 'alias/none', false],
      ['a key without aliases', [], 'alias/*', false],
    ] as const
  ).map(
    ([what, names, value, holds]): Case => ({
      name: `kms:ResourceAliases: ${what}`,
      me: {
        identity: [may('kms:*', when('ForAnyValue:StringLike', 'kms:ResourceAliases', value))],
      },
      key: { aliases: names },
      call: ['Encrypt'],
      expect: holds ? 'served' : 'no identity',
    }),
  ),
  {
    name: 'kms:ResourceAliases is absent for a key without aliases',
    me: { identity: [may('kms:*', when('Null', 'kms:ResourceAliases', 'true'))] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'kms:ResourceAliases is for identity policies alone',
    key: {
      ...pointed,
      policy: [allow('<me>', when('ForAnyValue:StringEquals', 'kms:ResourceAliases', 'alias/<n>'))],
    },
    call: ['Encrypt'],
    expect: 'no resource',
  },
  {
    name: 'kms:ResourceAliases holds however the key is named',
    me: {
      identity: [
        may('kms:*', when('ForAnyValue:StringEquals', 'kms:ResourceAliases', 'alias/<n>')),
      ],
    },
    key: pointed,
    call: ['Encrypt', { KeyId: 'alias/<n>' }],
    expect: 'served',
  },
]

const described = { why: 'no resource', on: '<described>' } as const
const describing = { by: 'me', call: ['DescribeKey', { KeyId: 'alias/aws/s3' }] } as const
const ofService = { KeyId: 'alias/aws/s3' }

/** The key that a service of AWS has in the account: its policy is for that service, and lets the account look on. */
const managed: readonly Case[] = [
  {
    name: 'an AWS managed key is described to whom his own policy allows it',
    me: { identity: [may('kms:DescribeKey')] },
    call: describing.call,
    expect: 'served',
  },
  {
    name: 'an AWS managed key is not described without leave',
    before: [{ by: 'home', call: describing.call }],
    call: describing.call,
    expect: { why: 'no identity', on: '<described>' },
  },
  ...(['Encrypt', 'GenerateDataKey'] as const).map(
    (operation): Case => ({
      name: `an AWS managed key is not used directly, whatever the user may: ${operation}`,
      me: { identity: [may('*')] },
      before: [describing],
      call: [operation, ofService],
      expect: described,
    }),
  ),
  ...(['ScheduleKeyDeletion', 'DisableKey', 'EnableKeyRotation', 'TagResource'] as const).map(
    (operation): Case => ({
      name: `an AWS managed key is not changed by the root user: ${operation}`,
      me: { kind: 'root' },
      before: [describing],
      call: [operation, { KeyId: '<described>' }],
      expect: described,
    }),
  ),
  {
    name: 'an AWS managed key is not for other accounts',
    me: { account: 'away', identity: [may()] },
    before: [{ by: 'home', call: describing.call }],
    call: ['DescribeKey', { KeyId: '<described>' }],
    expect: 'across',
  },
]

/** Condition keys that are not of KMS, on an identity policy that allows everything. */
const global: readonly (readonly [condition: Statement, holds: boolean])[] = [
  [when('ArnEquals', 'aws:PrincipalArn', '<me>'), true],
  [when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::<home>:user/*'), true],
  [when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::<away>:user/*'), false],
  [when('StringEquals', 'aws:PrincipalAccount', '<home>'), true],
  [when('StringEquals', 'aws:PrincipalAccount', '<away>'), false],
  [when('StringEquals', 'aws:PrincipalType', 'User'), true],
  [when('StringEquals', 'aws:PrincipalType', 'AssumedRole'), false],
  [when('StringEquals', 'aws:userid', '<me.id>'), true],
  [when('StringEquals', 'aws:username', '<me.name>'), true],
  [when('StringEquals', 'aws:username', 'nobody'), false],
  [when('StringEquals', 'aws:PrincipalTag/team', 'blue'), true],
  [when('StringEquals', 'aws:PrincipalTag/Team', 'blue'), true],
  [when('StringEquals', 'aws:PrincipalTag/none', 'blue'), false],
  [when('StringNotEquals', 'aws:PrincipalTag/none', 'blue'), true],
  [when('Bool', 'aws:PrincipalIsAWSService', 'false'), true],
  [when('Bool', 'aws:ViaAWSService', 'true'), false],
  [when('Null', 'aws:CalledVia', 'true'), true],
  [when('IpAddress', 'aws:SourceIp', '127.0.0.0/8'), true],
  [when('IpAddress', 'aws:SourceIp', '10.0.0.0/8'), false],
  [when('NotIpAddress', 'aws:SourceIp', '10.0.0.0/8'), true],
  [when('Bool', 'aws:SecureTransport', 'true'), false],
  [when('Bool', 'aws:SecureTransport', 'false'), true],
  [when('DateGreaterThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z'), true],
  [when('DateLessThan', 'aws:CurrentTime', '2020-01-01T00:00:00Z'), false],
  [when('NumericGreaterThan', 'aws:EpochTime', 1577836800), true],
  [when('StringEquals', 'aws:RequestedRegion', 'us-east-1'), true],
  [when('StringEquals', 'aws:RequestedRegion', 'eu-west-1'), false],
  [when('StringEquals', 'aws:ResourceAccount', '<home>'), true],
  [when('StringEquals', 'aws:ResourceAccount', '<away>'), false],
  [when('StringLike', 'aws:UserAgent', 'aws-sdk-js/*'), true],
  [when('StringLike', 'aws:UserAgent', 'curl/*'), false],
  [when('Null', 'aws:Referer', 'true'), true],
  [when('Null', 'aws:TokenIssueTime', 'true'), true],
  [when('Bool', 'aws:MultiFactorAuthPresent', 'true'), false],
  [when('BoolIfExists', 'aws:MultiFactorAuthPresent', 'true'), true],
  [when('Null', 'aws:MultiFactorAuthAge', 'true'), true],
  [when('StringEquals', 'aws:SourceVpce', 'vpce-1'), false],
  [when('Null', 'aws:SourceVpc', 'true'), true],
  [when('StringEquals', 'aws:PrincipalOrgID', 'o-1'), false],
  [when('Null', 'aws:PrincipalOrgID', 'true'), true],
  [when('StringEqualsIfExists', 'aws:PrincipalOrgID', 'o-1'), true],
  [when('Null', 'aws:SourceArn', 'true'), true],
  [when('Null', 'aws:SourceIdentity', 'true'), true],
  [when('Null', 'aws:FederatedProvider', 'true'), true],
]

export const resourceCases: readonly Case[] = [
  ...aliases,
  ...regions,
  ...accounts,
  ...abac,
  ...managed,
  ...global.map(
    ([condition, holds]): Case => ({
      name: `an identity policy under ${JSON.stringify(condition['Condition'])}: ${holds}`,
      me: { tags: { team: 'blue' }, identity: [may('kms:Encrypt', condition)] },
      call: ['Encrypt'],
      expect: holds ? 'served' : 'no identity',
    }),
  ),
]
