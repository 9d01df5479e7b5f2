/**
 * The condition keys of KMS, one by one: what a request has, and what it has not. Each row is a condition on an allow of
 * everything in the key policy; the user has no other policy.
 */
import type { OperationName } from '../../../src/api/types.ts'
import { allow, type Case, type CaseKey, type Input, may, type Statement, when } from './case.ts'

const signing = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }
const macs = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }
const agreement = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' }
const rsa = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }
const external = { Origin: 'EXTERNAL' }
const multiRegion = { MultiRegion: true }

type Row = readonly [
  call: readonly [OperationName, Input?],
  condition: Statement,
  holds: boolean,
  key?: CaseKey,
]

const equals = (name: string, value: string | readonly string[]) =>
  when('StringEquals', `kms:${name}`, value)
const absent = (name: string) => when('Null', `kms:${name}`, 'true')
const everyOf = (name: string, values: readonly string[]) =>
  when('ForAllValues:StringEquals', `kms:${name}`, values)
const anyOf = (name: string, values: readonly string[]) =>
  when('ForAnyValue:StringEquals', `kms:${name}`, values)

/** What describes the key and the caller. */
const common: readonly Row[] = [
  [['Encrypt'], equals('CallerAccount', '<home>'), true],
  [['Encrypt'], equals('CallerAccount', '<away>'), false],
  [['Encrypt'], when('StringNotEquals', 'kms:CallerAccount', '<away>'), true],
  [['Encrypt'], equals('KeySpec', 'SYMMETRIC_DEFAULT'), true],
  [['Sign'], equals('KeySpec', ['RSA_2048', 'ECC_NIST_P256']), true, { input: signing }],
  [['Encrypt'], equals('KeySpec', 'RSA_2048'), false],
  [['Encrypt'], equals('CustomerMasterKeySpec', 'SYMMETRIC_DEFAULT'), true],
  [['Encrypt'], equals('KeyUsage', 'ENCRYPT_DECRYPT'), true],
  [['GenerateMac'], equals('KeyUsage', 'ENCRYPT_DECRYPT'), false, { input: macs }],
  [['GenerateMac'], equals('CustomerMasterKeyUsage', 'GENERATE_VERIFY_MAC'), true, { input: macs }],
  [['DescribeKey'], equals('KeyOrigin', 'EXTERNAL'), true, { input: external }],
  [['DescribeKey'], equals('KeyOrigin', 'EXTERNAL'), false],
  [['Encrypt'], when('Bool', 'kms:MultiRegion', 'true'), true, { input: multiRegion }],
  [['Encrypt'], when('Bool', 'kms:MultiRegion', 'false'), true],
  [['Encrypt'], when('Bool', 'kms:MultiRegion', 'true'), false],
  [['Encrypt'], equals('MultiRegionKeyType', 'PRIMARY'), true, { input: multiRegion }],
  [['Encrypt'], equals('MultiRegionKeyType', 'REPLICA'), false, { input: multiRegion }],
  [['Encrypt'], absent('MultiRegionKeyType'), true],
  [['Encrypt'], equals('ViaService', 's3.us-east-1.amazonaws.com'), false],
  [['Encrypt'], absent('ViaService'), true],
  [['Encrypt'], when('StringEqualsIfExists', 'kms:ViaService', 's3.us-east-1.amazonaws.com'), true],
  [['Encrypt'], absent('RecipientAttestation:PCR0'), true],
  [['Encrypt'], equals('RecipientAttestation:ImageSha384', 'ab'), false],
]

/** What the request says of what it does with the key. */
const ofUse: readonly Row[] = [
  [['Encrypt'], equals('EncryptionAlgorithm', 'SYMMETRIC_DEFAULT'), true],
  [['Decrypt'], equals('EncryptionAlgorithm', 'SYMMETRIC_DEFAULT'), true],
  [['GenerateDataKey'], equals('EncryptionAlgorithm', 'SYMMETRIC_DEFAULT'), true],
  [['GenerateDataKeyPair'], equals('EncryptionAlgorithm', 'SYMMETRIC_DEFAULT'), true],
  [['DescribeKey'], equals('EncryptionAlgorithm', 'SYMMETRIC_DEFAULT'), false],
  [
    ['Encrypt', { EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }],
    equals('EncryptionAlgorithm', 'RSAES_OAEP_SHA_1'),
    true,
    { input: rsa },
  ],
  [
    ['Encrypt', { EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }],
    equals('EncryptionAlgorithm', 'RSAES_OAEP_SHA_1'),
    false,
    { input: rsa },
  ],
  [['GenerateDataKey', context({ a: 'b' })], equals('EncryptionContext:a', 'b'), true],
  [
    ['GenerateDataKeyWithoutPlaintext', context({ a: 'B' })],
    equals('EncryptionContext:a', 'b'),
    false,
  ],
  [['GenerateDataKeyPair', context({ A: 'b' })], equals('EncryptionContext:a', 'b'), true],
  [
    ['GenerateDataKeyPairWithoutPlaintext', context({ a: 'b' })],
    anyOf('EncryptionContextKeys', ['a']),
    true,
  ],
  [['Encrypt'], absent('EncryptionContextKeys'), true],
  [['GenerateMac'], equals('EncryptionContext:a', 'b'), false, { input: macs }],
  [['GenerateMac'], absent('EncryptionContextKeys'), true, { input: macs }],
  [['GenerateDataKeyPair'], equals('DataKeyPairSpec', 'ECC_NIST_P256'), true],
  [['GenerateDataKeyPairWithoutPlaintext'], equals('DataKeyPairSpec', 'RSA_2048'), false],
  [['GenerateDataKey'], absent('DataKeyPairSpec'), true],
  [['DeriveSharedSecret'], equals('KeyAgreementAlgorithm', 'ECDH'), true, { input: agreement }],
  [['DescribeKey'], absent('KeyAgreementAlgorithm'), true, { input: agreement }],
  [['GenerateMac'], equals('MacAlgorithm', ['HMAC_SHA_256', 'x']), true, { input: macs }],
  [['GenerateMac'], equals('MacAlgorithm', 'HMAC_SHA_384'), false, { input: macs }],
  [['Sign'], equals('SigningAlgorithm', 'ECDSA_SHA_256'), true, { input: signing }],
  [['Sign'], when('StringLike', 'kms:SigningAlgorithm', 'RSASSA_*'), false, { input: signing }],
  [['Sign'], equals('MessageType', 'RAW'), true, { input: signing }],
  [
    ['Sign', { Message: Buffer.alloc(32, 1), MessageType: 'DIGEST' }],
    equals('MessageType', 'DIGEST'),
    true,
    { input: signing },
  ],
  [
    ['Sign', { Message: Buffer.alloc(32, 1), MessageType: 'DIGEST' }],
    equals('MessageType', 'RAW'),
    false,
    { input: signing },
  ],
  [
    ['DescribeKey', { KeyId: 'alias/<n>' }],
    equals('RequestAlias', 'alias/<n>'),
    true,
    { aliases: ['alias/<n>'] },
  ],
  [
    ['Encrypt', { KeyId: 'arn:aws:kms:us-east-1:<home>:alias/<n>' }],
    equals('RequestAlias', 'alias/<n>'),
    true,
    { aliases: ['alias/<n>'] },
  ],
  [
    ['GetPublicKey', { KeyId: 'alias/<n>-b' }],
    equals('RequestAlias', 'alias/<n>-a'),
    false,
    { aliases: ['alias/<n>-a', 'alias/<n>-b'], input: signing },
  ],
  [['Decrypt', { KeyId: undefined }], absent('RequestAlias'), true, { aliases: ['alias/<n>'] }],
]

/** What a request says of a grant that is to be made, or of one that is there. */
const ofGrants: readonly Row[] = [
  [['CreateGrant'], anyOf('GrantOperations', ['Decrypt', 'Encrypt']), true],
  [
    ['CreateGrant', { Operations: ['Decrypt', 'Encrypt'] }],
    everyOf('GrantOperations', ['Decrypt']),
    false,
  ],
  [
    ['CreateGrant', { Operations: ['Decrypt'] }],
    everyOf('GrantOperations', ['Decrypt', 'Sign']),
    true,
  ],
  [['CreateGrant'], equals('GranteePrincipal', '<me>'), true],
  [
    ['CreateGrant', { GranteePrincipal: 'arn:aws:iam::<away>:root' }],
    equals('GranteePrincipal', '<me>'),
    false,
  ],
  [['CreateGrant', { RetiringPrincipal: '<me>' }], equals('RetiringPrincipal', '<me>'), true],
  [['CreateGrant'], absent('RetiringPrincipal'), true],
  [['CreateGrant'], absent('GrantConstraintType'), true],
  [
    ['CreateGrant', subset({ a: 'b' })],
    equals('GrantConstraintType', 'EncryptionContextSubset'),
    true,
  ],
  [
    ['CreateGrant', equalTo({ a: 'b' })],
    equals('GrantConstraintType', 'EncryptionContextSubset'),
    false,
  ],
  [
    ['CreateGrant', equalTo({ a: 'b' })],
    equals('GrantConstraintType', 'EncryptionContextEquals'),
    true,
  ],
  [['CreateGrant', subset({ a: 'b' })], equals('EncryptionContext:a', 'b'), true],
  [['CreateGrant', equalTo({ a: 'c' })], equals('EncryptionContext:a', 'b'), false],
  [['CreateGrant', equalTo({ a: 'c' })], everyOf('EncryptionContextKeys', ['a']), true],
  [['CreateGrant'], when('Bool', 'kms:GrantIsForAWSResource', 'true'), false],
  [['CreateGrant'], when('Bool', 'kms:GrantIsForAWSResource', 'false'), true],
  [['ListGrants'], when('Bool', 'kms:GrantIsForAWSResource', 'true'), false],
  [['RevokeGrant'], when('Bool', 'kms:GrantIsForAWSResource', 'true'), false, { grants: [{}] }],
  [['RevokeGrant'], when('Bool', 'kms:GrantIsForAWSResource', 'false'), true, { grants: [{}] }],
  [['DescribeKey'], absent('GrantIsForAWSResource'), true],
  [
    ['CreateGrant', { Constraints: { SourceArn: 'arn:aws:s3:us-east-1:<home>:b' } }],
    when('ArnLike', 'kms:GrantConstraintSourceArn', 'arn:aws:s3:*:<home>:*'),
    true,
  ],
  [['CreateGrant'], absent('GrantConstraintSourceArn'), true],
  [['CreateGrant'], absent('GranteeServicePrincipal'), true],
  [
    [
      'CreateGrant',
      {
        GranteePrincipal: undefined,
        GranteeServicePrincipal: 'ec2.us-east-1.amazonaws.com',
        RetiringServicePrincipal: 'ec2.us-east-1.amazonaws.com',
        Constraints: { SourceArn: 'arn:aws:s3:us-east-1:<home>:b' },
      },
    ],
    {
      Condition: {
        StringEquals: {
          'kms:GranteeServicePrincipal': 'ec2.us-east-1.amazonaws.com',
          'kms:RetiringServicePrincipal': 'ec2.us-east-1.amazonaws.com',
        },
        Null: { 'kms:GranteePrincipal': 'true' },
      },
    },
    true,
  ],
]

/** What a request says of the management of a key. */
const ofManagement: readonly Row[] = [
  [['PutKeyPolicy', storing()], absent('BypassPolicyLockoutSafetyCheck'), true],
  [
    ['PutKeyPolicy', storing({ BypassPolicyLockoutSafetyCheck: true })],
    when('Bool', 'kms:BypassPolicyLockoutSafetyCheck', 'true'),
    true,
  ],
  [
    ['PutKeyPolicy', storing({ BypassPolicyLockoutSafetyCheck: true })],
    absent('BypassPolicyLockoutSafetyCheck'),
    false,
  ],
  [
    ['PutKeyPolicy', storing({ BypassPolicyLockoutSafetyCheck: false })],
    when('Bool', 'kms:BypassPolicyLockoutSafetyCheck', 'true'),
    false,
  ],
  [
    ['EnableKeyRotation', { RotationPeriodInDays: 180 }],
    when('NumericLessThanEquals', 'kms:RotationPeriodInDays', 365),
    true,
  ],
  [
    ['EnableKeyRotation', { RotationPeriodInDays: 400 }],
    when('NumericLessThanEquals', 'kms:RotationPeriodInDays', 365),
    false,
  ],
  [['EnableKeyRotation'], absent('RotationPeriodInDays'), true],
  [
    ['ScheduleKeyDeletion', { PendingWindowInDays: 30 }],
    when('NumericGreaterThan', 'kms:ScheduleKeyDeletionPendingWindowInDays', 7),
    true,
  ],
  [
    ['ScheduleKeyDeletion', { PendingWindowInDays: 7 }],
    when('NumericGreaterThan', 'kms:ScheduleKeyDeletionPendingWindowInDays', 7),
    false,
  ],
  [['DisableKey'], when('NumericLessThan', 'kms:TrailingDaysWithoutKeyUsage', 1), true],
  [['DisableKey'], when('NumericGreaterThanEquals', 'kms:TrailingDaysWithoutKeyUsage', 90), false],
  [
    ['ScheduleKeyDeletion'],
    when('NumericGreaterThanEquals', 'kms:TrailingDaysWithoutKeyUsage', 90),
    false,
  ],
  [['EnableKey'], absent('TrailingDaysWithoutKeyUsage'), true],
  [
    ['GetParametersForImport'],
    equals('WrappingAlgorithm', 'RSAES_OAEP_SHA_256'),
    true,
    { input: external },
  ],
  [['GetParametersForImport'], equals('WrappingKeySpec', 'RSA_4096'), false, { input: external }],
  [['GetParametersForImport'], equals('WrappingKeySpec', 'RSA_2048'), true, { input: external }],
]

function context(EncryptionContext: Readonly<Record<string, string>>): Input {
  return { EncryptionContext }
}
function subset(EncryptionContextSubset: Readonly<Record<string, string>>): Input {
  return { Constraints: { EncryptionContextSubset } }
}
function equalTo(EncryptionContextEquals: Readonly<Record<string, string>>): Input {
  return { Constraints: { EncryptionContextEquals } }
}
function storing(more: Input = {}): Input {
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow('<me>')] })
  return { Policy, ...more }
}

/** ImportKeyMaterial gets beyond its permission with a token that is none. */
const importing: readonly Case[] = (
  [
    [
      'KEY_MATERIAL_DOES_NOT_EXPIRE',
      {},
      equals('ExpirationModel', 'KEY_MATERIAL_DOES_NOT_EXPIRE'),
      true,
    ],
    ['KEY_MATERIAL_DOES_NOT_EXPIRE', {}, equals('ExpirationModel', 'KEY_MATERIAL_EXPIRES'), false],
    [undefined, { ValidTo: new Date('2027-01-01T00:00:00Z') }, absent('ExpirationModel'), true],
    [
      undefined,
      { ValidTo: new Date('2027-01-01T00:00:00Z') },
      when('DateLessThan', 'kms:ValidTo', '2027-01-01T00:00:01Z'),
      true,
    ],
    [
      undefined,
      { ValidTo: new Date('2027-01-01T00:00:00Z') },
      when('NumericLessThan', 'kms:ValidTo', 1798761600),
      false,
    ],
    ['KEY_MATERIAL_DOES_NOT_EXPIRE', {}, when('Null', 'kms:ValidTo', 'false'), false],
  ] as const
).map(
  ([ExpirationModel, input, condition, holds]): Case => ({
    name: `ImportKeyMaterial under ${JSON.stringify(condition.Condition)}: ${holds}`,
    key: { input: external, policy: [allow('<me>', condition)] },
    call: ['ImportKeyMaterial', { ExpirationModel, ...input }],
    expect: holds ? ['InvalidImportTokenException', undefined] : 'no resource',
  }),
)

/** Conditions on what is no operation on a key. */
const ofAccounts: readonly Case[] = (
  [
    ['CreateKey', {}, equals('KeySpec', 'SYMMETRIC_DEFAULT'), true],
    ['CreateKey', {}, equals('KeyUsage', 'ENCRYPT_DECRYPT'), true],
    ['CreateKey', {}, equals('KeyOrigin', 'AWS_KMS'), true],
    ['CreateKey', {}, when('Bool', 'kms:MultiRegion', 'false'), true],
    ['CreateKey', {}, when('Bool', 'kms:MultiRegion', 'true'), false],
    ['CreateKey', multiRegion, when('Bool', 'kms:MultiRegion', 'true'), true],
    ['CreateKey', multiRegion, equals('MultiRegionKeyType', 'PRIMARY'), true],
    ['CreateKey', signing, equals('KeySpec', 'SYMMETRIC_DEFAULT'), false],
    ['CreateKey', external, equals('KeyOrigin', 'EXTERNAL'), true],
    ['CreateKey', {}, equals('CallerAccount', '<home>'), true],
    ['CreateKey', {}, absent('BypassPolicyLockoutSafetyCheck'), true],
    [
      'CreateKey',
      { BypassPolicyLockoutSafetyCheck: true },
      when('Bool', 'kms:BypassPolicyLockoutSafetyCheck', 'false'),
      false,
    ],
    ['ListKeys', {}, equals('KeySpec', 'SYMMETRIC_DEFAULT'), false],
    ['ListKeys', {}, equals('CallerAccount', '<home>'), false],
    ['ListAliases', {}, equals('CallerAccount', '<home>'), false],
    ['GenerateRandom', {}, equals('CallerAccount', '<home>'), false],
    ['ListRetirableGrants', {}, equals('CallerAccount', '<home>'), false],
    ['GenerateRandom', {}, absent('RecipientAttestation:PCR3'), true],
  ] as const
).map(
  ([operation, input, condition, holds]): Case => ({
    name: `${operation} ${JSON.stringify(input)} under ${JSON.stringify(condition.Condition)}: ${holds}`,
    me: { identity: [may('kms:*', condition)] },
    call: [operation, input],
    expect: holds ? 'served' : { why: 'no identity', on: '' },
  }),
)

/** Conditions that the two sides of ReEncrypt have of their own. */
const ofReEncrypt: readonly Case[] = (
  [
    ['kms:ReEncryptOnSameKey', 'true', '<key>', true],
    ['kms:ReEncryptOnSameKey', 'true', '<other>', false],
    ['kms:ReEncryptOnSameKey', 'false', '<other>', true],
    ['kms:RequestAlias', 'alias/<n>', 'alias/<n>', true],
    ['kms:EncryptionAlgorithm', 'SYMMETRIC_DEFAULT', '<other>', true],
  ] as const
).map(
  ([name, value, DestinationKeyId, holds]): Case => ({
    name: `ReEncrypt to ${DestinationKeyId} under ${name} ${value}: ${holds}`,
    me: {
      identity: [
        may('kms:ReEncryptFrom'),
        may('kms:ReEncryptTo', when('StringEquals', name, value)),
      ],
    },
    key: {},
    other: { aliases: ['alias/<n>'] },
    call: ['ReEncrypt', { DestinationKeyId }],
    expect: holds ? 'served' : { why: 'no identity', action: 'kms:ReEncryptTo', on: '<other>' },
  }),
)

export const conditionCases: readonly Case[] = [
  ...[...common, ...ofUse, ...ofGrants, ...ofManagement].map(
    ([call, condition, holds, key]): Case => ({
      name: `${call[0]} ${JSON.stringify(call[1] ?? {})} of ${JSON.stringify(key ?? {})} under ${JSON.stringify(condition['Condition'])}: ${holds}`,
      key: { ...key, policy: [allow('<me>', condition)] },
      call,
      expect: holds ? 'served' : 'no resource',
    }),
  ),
  ...importing,
  ...ofAccounts,
  ...ofReEncrypt,
  ...(
    [
      ['kms:ReEncryptOnSameKey', 'true', { DestinationKeyId: '<key>' }, true],
      ['kms:ReEncryptOnSameKey', 'true', {}, false],
      ['kms:ReEncryptOnSameKey', 'false', {}, true],
      ['kms:RequestAlias', 'alias/<n>', {}, false],
    ] as const
  ).map(
    ([name, value, input, holds]): Case => ({
      name: `ReEncrypt ${JSON.stringify(input)} from a key under ${name} ${value}: ${holds}`,
      me: {
        identity: [
          may('kms:ReEncryptTo'),
          may('kms:ReEncryptFrom', when('StringEquals', name, value)),
        ],
      },
      key: { aliases: ['alias/<n>'] },
      other: {},
      call: ['ReEncrypt', input],
      expect: holds
        ? 'served'
        : { why: 'no identity', action: 'kms:ReEncryptFrom', ciphertext: true },
    }),
  ),
  {
    name: 'ReEncrypt from a key under the alias by which the request names it',
    me: {
      identity: [
        may('kms:ReEncryptTo'),
        may('kms:ReEncryptFrom', when('StringEquals', 'kms:RequestAlias', 'alias/<n>')),
      ],
    },
    key: { aliases: ['alias/<n>'] },
    other: {},
    call: ['ReEncrypt', { SourceKeyId: 'alias/<n>' }],
    expect: 'served',
  },
  {
    name: 'ReEncrypt has the encryption context of each side for its own permission',
    me: {
      identity: [
        may('kms:ReEncryptFrom', when('StringEquals', 'kms:EncryptionContext:side', 'from')),
        may('kms:ReEncryptTo', when('StringEquals', 'kms:EncryptionContext:side', 'to')),
      ],
    },
    key: { sealed: { side: 'from' } },
    other: {},
    call: [
      'ReEncrypt',
      { SourceEncryptionContext: { side: 'from' }, DestinationEncryptionContext: { side: 'to' } },
    ],
    expect: 'served',
  },
  {
    name: 'ReEncrypt does not have the encryption context of the source for its destination',
    me: {
      identity: [
        may('kms:ReEncryptFrom'),
        may('kms:ReEncryptTo', when('StringEquals', 'kms:EncryptionContext:side', 'from')),
      ],
    },
    key: { sealed: { side: 'from' } },
    other: {},
    call: [
      'ReEncrypt',
      { SourceEncryptionContext: { side: 'from' }, DestinationEncryptionContext: { side: 'to' } },
    ],
    expect: { why: 'no identity', action: 'kms:ReEncryptTo', on: '<other>' },
  },
  {
    name: 'RetireGrant knows the pairs of the grant and not the spec of its key',
    me: { identity: [mayNotKnow('kms:KeySpec'), may('kms:RetireGrant')] },
    key: { grants: [{ RetiringPrincipal: '<me>' }] },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'RetireGrant is denied by the type of the constraint',
    me: {
      identity: [
        {
          ...may('kms:RetireGrant', equals('GrantConstraintType', 'EncryptionContextSubset')),
          Effect: 'Deny',
        },
      ],
    },
    key: {
      grants: [{ RetiringPrincipal: '<me>', Constraints: { EncryptionContextSubset: { a: 'b' } } }],
    },
    call: ['RetireGrant'],
    expect: 'deny identity',
  },
  {
    name: 'RetireGrant is denied by a pair of the constraint',
    me: {
      identity: [{ ...may('kms:RetireGrant', equals('EncryptionContext:a', 'b')), Effect: 'Deny' }],
    },
    key: {
      grants: [{ RetiringPrincipal: '<me>', Constraints: { EncryptionContextEquals: { a: 'b' } } }],
    },
    call: ['RetireGrant'],
    expect: 'deny identity',
  },
]

/** A deny of whatever has a condition key. */
function mayNotKnow(key: string): Statement {
  return { Effect: 'Deny', Action: 'kms:RetireGrant', Resource: '*', ...when('Null', key, 'false') }
}
