/**
 * Every operation on a key asked by a user of another account whom both sides allow everything: those that work across
 * accounts are served, the others refused like a key that is not there. And each of the two sides alone.
 */
import type { OperationName } from '../../../src/api/types.ts'
import { allow, type Case, type CaseKey, delegation, deny, type Input, may } from './case.ts'

const signing = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }
const macs = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }
const agreement = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' }
const kem = { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' }
const policy = [delegation, allow('<away>')]

/** Operations that serve other accounts, with what kind of key and request. */
const across: readonly (readonly [operation: OperationName, input?: Input, key?: Input])[] = [
  ['CreateGrant'],
  ['Decrypt'],
  ['DeriveSharedSecret', {}, agreement],
  ['DescribeKey'],
  ['Encapsulate', {}, kem],
  ['Encrypt'],
  ['GenerateDataKey'],
  ['GenerateDataKeyPair'],
  ['GenerateDataKeyPairWithoutPlaintext'],
  ['GenerateDataKeyWithoutPlaintext'],
  ['GenerateMac', {}, macs],
  ['GetKeyRotationStatus'],
  ['GetPublicKey', {}, signing],
  ['ListGrants'],
  ['Sign', {}, signing],
]

/** Operations that stay in the account of the key. */
const within: readonly (readonly [operation: OperationName, input?: Input])[] = [
  ['CancelKeyDeletion'],
  ['DeleteImportedKeyMaterial'],
  ['DisableKey'],
  ['DisableKeyRotation'],
  ['EnableKey'],
  ['EnableKeyRotation'],
  ['GetKeyLastUsage'],
  ['GetKeyPolicy'],
  ['GetParametersForImport'],
  ['ImportKeyMaterial', { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }],
  ['ListKeyPolicies'],
  ['ListKeyRotations'],
  ['ListResourceTags'],
  ['PutKeyPolicy', { Policy: JSON.stringify({ Version: '2012-10-17', Statement: policy }) }],
  ['ReplicateKey'],
  ['RotateKeyOnDemand'],
  ['ScheduleKeyDeletion'],
  ['TagResource'],
  ['UntagResource'],
  ['UpdateKeyDescription'],
  ['UpdatePrimaryRegion'],
  ['CreateAlias'],
]

const me = { account: 'away', identity: [may()] } as const
const keyOf = (input: Input | undefined): CaseKey => ({ ...(input && { input }), policy })

/** ReEncrypt has two sides, which may have two owners. */
const reEncrypt: readonly Case[] = [
  {
    name: 'ReEncrypt from a key of another account to one of its own',
    me,
    key: { policy },
    other: { owner: 'away' },
    call: ['ReEncrypt'],
    expect: 'served',
  },
  {
    name: 'ReEncrypt from its own key to one of another account',
    me,
    key: { owner: 'away' },
    other: { policy },
    call: ['ReEncrypt'],
    expect: 'served',
  },
  {
    name: 'ReEncrypt between the keys of two other accounts',
    me: { account: 'third', identity: [may()] },
    key: { policy: [delegation, allow('<third>')] },
    other: { owner: 'away', policy: [allow('<away>'), allow('<third>')] },
    call: ['ReEncrypt'],
    expect: 'served',
  },
  {
    name: 'ReEncrypt to a key of another account that says nothing',
    me,
    key: { owner: 'away' },
    other: {},
    call: ['ReEncrypt'],
    expect: { why: 'across', action: 'kms:ReEncryptTo' },
  },
  {
    name: 'ReEncrypt from a key of another account that says nothing, named by the ciphertext',
    me,
    other: { owner: 'away' },
    call: ['ReEncrypt'],
    expect: { why: 'across', action: 'kms:ReEncryptFrom', ciphertext: true },
  },
  {
    name: 'ReEncrypt from a key of another account that says nothing, named by the request',
    me,
    other: { owner: 'away' },
    call: ['ReEncrypt', { SourceKeyId: '<key>' }],
    expect: { why: 'across', action: 'kms:ReEncryptFrom' },
  },
  {
    name: 'ReEncrypt across accounts without leave from home for the source',
    me: { account: 'away', identity: [may('kms:ReEncryptTo')] },
    key: { policy },
    other: { owner: 'away' },
    call: ['ReEncrypt'],
    expect: { why: 'across', action: 'kms:ReEncryptFrom', ciphertext: true },
  },
  {
    name: 'ReEncrypt with leave for the source alone',
    me: { identity: [may('kms:ReEncryptFrom')] },
    other: {},
    call: ['ReEncrypt'],
    expect: { why: 'no identity', action: 'kms:ReEncryptTo', on: '<other>' },
  },
  {
    name: 'ReEncrypt with leave for the destination alone',
    me: { identity: [may('kms:ReEncryptTo')] },
    other: {},
    call: ['ReEncrypt'],
    expect: { why: 'no identity', action: 'kms:ReEncryptFrom', ciphertext: true },
  },
  {
    name: 'ReEncrypt by both of its permissions, each on its own key',
    me: {
      identity: [
        may('kms:ReEncryptFrom', { Resource: '<key>' }),
        may('kms:ReEncryptTo', { Resource: '<other>' }),
      ],
    },
    other: {},
    call: ['ReEncrypt'],
    expect: 'served',
  },
  {
    name: 'ReEncrypt by both of its permissions, each on the other key',
    me: {
      identity: [
        may('kms:ReEncryptFrom', { Resource: '<other>' }),
        may('kms:ReEncryptTo', { Resource: '<key>' }),
      ],
    },
    other: {},
    call: ['ReEncrypt'],
    expect: { why: 'no identity', action: 'kms:ReEncryptFrom', ciphertext: true },
  },
  {
    name: 'ReEncrypt by kms:ReEncrypt*, which is both',
    me: { identity: [may('kms:ReEncrypt*')] },
    other: {},
    call: ['ReEncrypt'],
    expect: 'served',
  },
  {
    name: 'ReEncrypt by kms:ReEncrypt, which is no permission',
    me: { identity: [may('kms:ReEncrypt')] },
    other: {},
    call: ['ReEncrypt'],
    expect: { why: 'no identity', action: 'kms:ReEncryptFrom', ciphertext: true },
  },
]

/** What names nothing, or what another account has. */
const absent = '12345678-1234-1234-1234-123456789012'
const missing: readonly Case[] = [
  {
    name: 'a key that is not there, by a user who may use any',
    me: { identity: [may('kms:Encrypt')] },
    call: ['Encrypt', { KeyId: absent }],
    expect: [
      'NotFoundException',
      `Key 'arn:aws:kms:us-east-1:<home>:key/${absent}' does not exist`,
    ],
  },
  {
    name: 'a key that is not there, by a user who may use that one',
    me: {
      identity: [may('kms:Encrypt', { Resource: `arn:aws:kms:us-east-1:<home>:key/${absent}` })],
    },
    call: ['Encrypt', { KeyId: absent }],
    expect: [
      'NotFoundException',
      `Key 'arn:aws:kms:us-east-1:<home>:key/${absent}' does not exist`,
    ],
  },
  {
    name: 'a key that is not there, by a user without permissions',
    call: ['Encrypt', { KeyId: absent }],
    expect: { why: 'no identity', on: `arn:aws:kms:us-east-1:<home>:key/${absent}` },
  },
  {
    name: 'a key that is not there, by a user with a deny',
    me: { identity: [may(), may('kms:Encrypt', { Effect: 'Deny' })] },
    call: ['Encrypt', { KeyId: absent }],
    expect: { why: 'deny identity', on: `arn:aws:kms:us-east-1:<home>:key/${absent}` },
  },
  {
    name: 'a key that is not there in another account, by a user who may use any',
    me,
    call: ['Encrypt', { KeyId: `arn:aws:kms:us-east-1:<home>:key/${absent}` }],
    expect: 'across',
  },
  {
    name: 'the id of a key of another account is no key of this one',
    me,
    key: { policy },
    call: ['Encrypt', { KeyId: '<key.id>' }],
    expect: ['NotFoundException', "Key 'arn:aws:kms:us-east-1:<away>:key/<key.id>' does not exist"],
  },
  {
    name: 'an alias that is not there, by a user who may use any key',
    me: { identity: [may('kms:Encrypt')] },
    call: ['Encrypt', { KeyId: 'alias/<n>-none' }],
    expect: [
      'NotFoundException',
      'Alias arn:aws:kms:us-east-1:<home>:alias/<n>-none is not found.',
    ],
  },
  {
    name: 'an alias that is not there, by a user without permissions',
    call: ['Encrypt', { KeyId: 'alias/<n>-none' }],
    expect: { why: 'no identity', on: 'arn:aws:kms:us-east-1:<home>:alias/<n>-none' },
  },
  {
    name: 'an alias that is not there in another account',
    me,
    call: ['Encrypt', { KeyId: 'arn:aws:kms:us-east-1:<home>:alias/<n>-none' }],
    expect: 'across',
  },
  {
    name: 'an alias of another account, with leave from both sides',
    me: { account: 'away', identity: [may('kms:*', { Resource: '<key>' })] },
    key: { policy, aliases: ['alias/<n>'] },
    call: ['Encrypt', { KeyId: 'arn:aws:kms:us-east-1:<home>:alias/<n>' }],
    expect: 'served',
  },
  {
    name: 'an alias of another account, with leave for the alias and none for the key',
    me: {
      account: 'away',
      identity: [may('kms:*', { Resource: 'arn:aws:kms:us-east-1:<home>:alias/<n>' })],
    },
    key: { policy, aliases: ['alias/<n>'] },
    call: ['Encrypt', { KeyId: 'arn:aws:kms:us-east-1:<home>:alias/<n>' }],
    expect: 'across',
  },
  {
    name: 'an alias leads to the key, on whose ARN the permission is',
    me: { identity: [may('kms:Encrypt', { Resource: '<key>' })] },
    key: { aliases: ['alias/<n>'] },
    call: ['Encrypt', { KeyId: 'alias/<n>' }],
    expect: 'served',
  },
  {
    name: 'a permission on an alias is none on its key, and the refusal names the key',
    me: {
      identity: [may('kms:Encrypt', { Resource: 'arn:aws:kms:us-east-1:<home>:alias/<n>' })],
    },
    key: { aliases: ['alias/<n>'] },
    call: ['Encrypt', { KeyId: 'alias/<n>' }],
    expect: 'no identity',
  },
  {
    name: 'a ciphertext leads to its key, on whose ARN the permission is',
    me: { identity: [may('kms:Decrypt', { Resource: '<key>' })] },
    call: ['Decrypt', { KeyId: undefined }],
    expect: 'served',
  },
  {
    name: 'a ciphertext whose key the user has no leave for',
    me: { identity: [may('kms:Decrypt', { Resource: '<other>' })] },
    other: {},
    call: ['Decrypt', { KeyId: undefined }],
    expect: { why: 'no identity', ciphertext: true },
  },
  {
    name: 'a ciphertext whose key is denied in the key policy',
    me: { identity: [may()] },
    key: { policy: [delegation, deny('<me>')] },
    call: ['Decrypt', { KeyId: undefined }],
    expect: { why: 'across', ciphertext: true },
  },
  {
    name: 'a ciphertext whose key is of another account, which says nothing',
    me,
    call: ['Decrypt', { KeyId: undefined }],
    expect: { why: 'across', ciphertext: true },
  },
  {
    name: 'a ciphertext whose key is of another account, with leave from both sides',
    me,
    key: { policy },
    call: ['Decrypt', { KeyId: undefined }],
    expect: 'served',
  },
  {
    name: 'a disabled key is refused for its state to whom may use it',
    me: { identity: [may('kms:Encrypt')] },
    before: [{ by: 'home', call: ['DisableKey'] }],
    call: ['Encrypt'],
    expect: ['DisabledException', '<key> is disabled.'],
  },
  {
    name: 'a disabled key is refused for the permission to whom may not',
    before: [{ by: 'home', call: ['DisableKey'] }],
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'the wrong usage is told to whom may use the key alone',
    key: { input: signing },
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'a dry run asks for the permission as well',
    call: ['Encrypt', { DryRun: true }],
    expect: 'no identity',
  },
  {
    name: 'a dry run of what is allowed says so',
    me: { identity: [may('kms:Encrypt')] },
    call: ['Encrypt', { DryRun: true }],
    expect: [
      'DryRunOperationException',
      'The request would have succeeded, but the DryRun option is set.',
    ],
  },
]

export const acrossCases: readonly Case[] = [
  ...across.flatMap(([operation, input, key]): Case[] => [
    {
      name: `${operation} is served across accounts`,
      me,
      key: keyOf(key),
      call: [operation, input],
      expect: 'served',
    },
    {
      name: `${operation} across accounts needs leave from home`,
      me: { account: 'away' },
      key: keyOf(key),
      call: [operation, input],
      expect: 'across',
    },
    {
      name: `${operation} across accounts needs leave from the key`,
      me,
      key: key === undefined ? {} : { input: key },
      call: [operation, input],
      expect: 'across',
    },
  ]),
  ...within.map(
    ([operation, input]): Case => ({
      name: `${operation} is never served across accounts`,
      me,
      key: { policy },
      call: [operation, input],
      expect: 'across',
    }),
  ),
  ...reEncrypt,
  ...missing,
]
