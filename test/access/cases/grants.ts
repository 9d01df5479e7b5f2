/**
 * What grants confer, on whom and for how long: every operation that they can permit, constraints, tokens, grants of
 * grants, and who may take them back.
 */
import type { OperationName } from '../../../src/api/types.ts'
import {
  allow,
  type Act,
  type Call,
  type Case,
  delegation,
  deny,
  type Input,
  may,
  mayNot,
  when,
} from './case.ts'

const signing = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }
const macs = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }
const agreement = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' }
const kem = { KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' }
const none = { Signature: Buffer.alloc(70, 1) }
const noMac = { Mac: Buffer.alloc(32, 1) }
const noText = undefined

/** What a grant permits; a signature that is none shows that the caller got that far. */
const operations: readonly (readonly [
  operation: string,
  call: Call,
  key?: Input | undefined,
  expect?: Case['expect'],
])[] = [
  ['Decrypt', ['Decrypt']],
  ['Encrypt', ['Encrypt']],
  ['GenerateDataKey', ['GenerateDataKey']],
  ['GenerateDataKeyWithoutPlaintext', ['GenerateDataKeyWithoutPlaintext']],
  ['GenerateDataKeyPair', ['GenerateDataKeyPair']],
  ['GenerateDataKeyPairWithoutPlaintext', ['GenerateDataKeyPairWithoutPlaintext']],
  ['DescribeKey', ['DescribeKey']],
  ['GetPublicKey', ['GetPublicKey'], signing],
  ['Sign', ['Sign'], signing],
  ['Verify', ['Verify', none], signing, ['KMSInvalidSignatureException', noText]],
  ['GenerateMac', ['GenerateMac'], macs],
  ['VerifyMac', ['VerifyMac', noMac], macs, ['KMSInvalidMacException', noText]],
  ['DeriveSharedSecret', ['DeriveSharedSecret'], agreement],
  ['Encapsulate', ['Encapsulate'], kem],
  [
    'Decapsulate',
    ['Decapsulate', { SharedSecretCiphertextBlob: Buffer.alloc(768, 1) }],
    kem,
    'served',
  ],
]

const keyFor = (operation: string, input: Input | undefined) => ({
  ...(input && { input }),
  grants: [{ Operations: [operation] }],
})

const conferred: readonly Case[] = operations.flatMap(
  ([operation, call, input, expect]): Case[] => [
    {
      name: `a grant of ${operation} confers it`,
      key: keyFor(operation, input),
      call,
      expect: expect ?? 'served',
    },
    {
      name: `a grant of ${operation} confers it on a user of another account without a policy`,
      me: { account: 'away' },
      key: keyFor(operation, input),
      call,
      expect: expect ?? 'served',
    },
    {
      name: `a grant of something else does not confer ${operation}`,
      key: keyFor(operation === 'DescribeKey' ? 'Encrypt' : 'DescribeKey', input),
      call,
      expect: 'no identity',
    },
  ],
)

const context = (EncryptionContext: Readonly<Record<string, string>>): Input => ({
  EncryptionContext,
})
const equal = (EncryptionContextEquals: Readonly<Record<string, string>>): Input => ({
  Constraints: { EncryptionContextEquals },
})
const subset = (EncryptionContextSubset: Readonly<Record<string, string>>): Input => ({
  Constraints: { EncryptionContextSubset },
})

/** Constraints of a grant of Encrypt, the encryption context of the request, and whether it is served. */
const constraints: readonly (readonly [
  what: string,
  constraint: Input,
  context: Input,
  boolean,
])[] = [
  [
    'Equals and the same pairs in another order',
    equal({ a: '1', b: '2' }),
    context({ b: '2', a: '1' }),
    true,
  ],
  ['Equals and a pair less', equal({ a: '1', b: '2' }), context({ a: '1' }), false],
  ['Equals and none', equal({ a: '1' }), {}, false],
  ['Equals and another value', equal({ a: '1' }), context({ a: '2' }), false],
  ['Equals and the key in another case', equal({ a: '1' }), context({ A: '1' }), false],
  ['Equals and the value in another case', equal({ a: 'x' }), context({ a: 'X' }), false],
  ['Subset and more', subset({ a: '1' }), context({ a: '1', b: '2', c: '3' }), true],
  ['Subset and the key in another case', subset({ a: '1' }), context({ A: '1', b: '2' }), false],
  ['Subset of two pairs and one of them', subset({ a: '1', b: '2' }), context({ a: '1' }), false],
  ['Subset and none', subset({ a: '1' }), {}, false],
  [
    'a SourceArn, which no caller of Trent has',
    { Constraints: { SourceArn: 'arn:aws:s3:us-east-1:<home>:b' } },
    {},
    false,
  ],
]

const constrained: readonly Case[] = [
  ...constraints.map(
    ([what, constraint, input, holds]): Case => ({
      name: `a grant with ${what}`,
      key: { grants: [{ Operations: ['Encrypt'], ...constraint }] },
      call: ['Encrypt', input],
      expect: holds ? 'served' : 'no identity',
    }),
  ),
  {
    name: 'DescribeKey does not look at the pairs of a grant',
    key: { grants: [{ Operations: ['DescribeKey'], ...equal({ a: '1' }) }] },
    call: ['DescribeKey'],
    expect: 'served',
  },
  {
    name: 'DescribeKey looks at the SourceArn of a grant',
    key: {
      grants: [
        {
          Operations: ['DescribeKey'],
          Constraints: { SourceArn: 'arn:aws:s3:us-east-1:<home>:b' },
        },
      ],
    },
    call: ['DescribeKey'],
    expect: 'no identity',
  },
  {
    name: 'one of several grants is enough',
    key: {
      grants: [
        { Operations: ['Encrypt'], ...equal({ a: '1' }) },
        { Operations: ['Encrypt'], ...equal({ a: '2' }) },
        { Operations: ['Encrypt'], ...subset({ b: '1' }) },
      ],
    },
    call: ['Encrypt', context({ a: '2' })],
    expect: 'served',
  },
  {
    name: 'grants are not put together: the operation of one and the context of another',
    key: {
      grants: [
        { Operations: ['Decrypt'], ...equal({ a: '1' }) },
        { Operations: ['Encrypt'], ...equal({ a: '2' }) },
      ],
    },
    call: ['Encrypt', context({ a: '1' })],
    expect: 'no identity',
  },
  {
    name: 'ReEncryptFrom is held to the encryption context of the source',
    key: {
      sealed: { a: '1' },
      grants: [{ Operations: ['ReEncryptFrom'], ...equal({ a: '1' }) }],
    },
    other: { grants: [{ Operations: ['ReEncryptTo'], ...equal({ a: '2' }) }] },
    call: [
      'ReEncrypt',
      { SourceEncryptionContext: { a: '1' }, DestinationEncryptionContext: { a: '2' } },
    ],
    expect: 'served',
  },
  {
    name: 'ReEncryptTo is held to the encryption context of the destination',
    key: { sealed: { a: '1' }, grants: [{ Operations: ['ReEncryptFrom'] }] },
    other: { grants: [{ Operations: ['ReEncryptTo'], ...equal({ a: '1' }) }] },
    call: [
      'ReEncrypt',
      { SourceEncryptionContext: { a: '1' }, DestinationEncryptionContext: { a: '2' } },
    ],
    expect: { why: 'no identity', action: 'kms:ReEncryptTo', on: '<other>' },
  },
]

const encrypts = { Operations: ['Encrypt'] }
const grantees: readonly Case[] = [
  {
    name: 'a grant to another user confers nothing',
    others: { bob: {} },
    key: { grants: [{ ...encrypts, GranteePrincipal: '<bob>' }] },
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'a grant to the account needs an identity policy beside it',
    key: {
      policy: [allow('<third>')],
      grants: [{ ...encrypts, GranteePrincipal: 'arn:aws:iam::<home>:root' }],
    },
    call: ['Encrypt'],
    expect: 'no resource',
  },
  {
    name: 'a grant to the account and an identity policy',
    me: { identity: [may('kms:Encrypt')] },
    key: {
      policy: [allow('<third>')],
      grants: [{ ...encrypts, GranteePrincipal: 'arn:aws:iam::<home>:root' }],
    },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a grant to the account and a boundary of something else',
    me: { identity: [may('kms:Encrypt')], boundary: [may('kms:Decrypt')] },
    key: {
      policy: [allow('<third>')],
      grants: [{ ...encrypts, GranteePrincipal: 'arn:aws:iam::<home>:root' }],
    },
    call: ['Encrypt'],
    expect: 'no resource',
  },
  {
    name: 'a grant to another account needs an identity policy there',
    me: { account: 'away' },
    key: { grants: [{ ...encrypts, GranteePrincipal: 'arn:aws:iam::<away>:root' }] },
    call: ['Encrypt'],
    expect: 'across',
  },
  {
    name: 'a grant to another account and an identity policy there',
    me: { account: 'away', identity: [may('kms:Encrypt')] },
    key: { grants: [{ ...encrypts, GranteePrincipal: 'arn:aws:iam::<away>:root' }] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a grant to another account, for its root user',
    me: { kind: 'root', account: 'away' },
    key: { grants: [{ ...encrypts, GranteePrincipal: 'arn:aws:iam::<away>:root' }] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a grant to another account is none to a third one',
    me: { kind: 'root', account: 'third' },
    key: { grants: [{ ...encrypts, GranteePrincipal: 'arn:aws:iam::<away>:root' }] },
    call: ['Encrypt'],
    expect: 'across',
  },
  {
    name: 'a boundary does not limit a grant to the user',
    me: { boundary: [may('kms:Decrypt')] },
    key: { grants: [encrypts] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a deny in the boundary beats a grant',
    me: { boundary: [may(), mayNot('kms:Encrypt')] },
    key: { grants: [encrypts] },
    call: ['Encrypt'],
    expect: 'deny boundary',
  },
  {
    name: 'a deny in the key policy beats a grant',
    key: { policy: [delegation, deny('<me>')], grants: [encrypts] },
    call: ['Encrypt'],
    expect: 'deny resource',
  },
  {
    name: 'a deny in a group beats a grant',
    me: { groups: [[mayNot('kms:Encrypt')]] },
    key: { grants: [encrypts] },
    call: ['Encrypt'],
    expect: 'deny identity',
  },
  {
    name: 'a grant works under a key policy that names nobody of the account',
    key: { policy: [allow('<third>')], grants: [encrypts] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a grant on one key confers nothing on another',
    other: { grants: [encrypts] },
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'a user that is not there cannot be a grantee',
    me: { identity: [may()] },
    call: ['CreateGrant', { GranteePrincipal: 'arn:aws:iam::<home>:user/nobody' }],
    expect: [
      'InvalidArnException',
      'ARN does not refer to a valid principal: arn:aws:iam::<home>:user/nobody',
    ],
  },
  {
    name: 'a group cannot be a grantee',
    me: { identity: [may()] },
    call: ['CreateGrant', { GranteePrincipal: 'arn:aws:iam::<home>:group/all' }],
    expect: [
      'InvalidArnException',
      'ARN does not refer to a valid principal: arn:aws:iam::<home>:group/all',
    ],
  },
  {
    name: 'whoever creates a grant need not have what it permits',
    me: { identity: [may('kms:CreateGrant')] },
    others: { bob: {} },
    before: [{ by: 'me', call: ['CreateGrant', { ...encrypts, GranteePrincipal: '<bob>' }] }],
    call: ['Encrypt'],
    expect: 'no identity',
  },
]

const parent = (more: Input): Input => ({
  Operations: ['CreateGrant', 'Decrypt', 'Encrypt'],
  ...more,
})
const child = (more: Input): Call => ['CreateGrant', { Operations: ['Decrypt'], ...more }]

/** A parent grant, a child that its grantee asks for, and whether that is served. */
const families: readonly (readonly [what: string, parent: Input, child: Input, boolean])[] = [
  ['nothing constrained', {}, {}, true],
  ['another operation of the parent', {}, { Operations: ['Encrypt'] }, true],
  ['all operations of the parent', {}, { Operations: ['CreateGrant', 'Decrypt', 'Encrypt'] }, true],
  ['an operation beyond the parent', {}, { Operations: ['Decrypt', 'GenerateDataKey'] }, false],
  ['RetireGrant, which the parent has not', {}, { Operations: ['Decrypt', 'RetireGrant'] }, false],
  ['a constraint that the parent has not', {}, equal({ a: '1' }), true],
  ['Equals and the same', equal({ a: '1' }), equal({ a: '1' }), true],
  ['Equals and another', equal({ a: '1' }), equal({ a: '2' }), false],
  ['Equals and more', equal({ a: '1' }), equal({ a: '1', b: '2' }), false],
  ['Equals and a Subset', equal({ a: '1' }), subset({ a: '1' }), false],
  ['Equals and nothing', equal({ a: '1' }), {}, false],
  ['Subset and the same', subset({ a: '1' }), subset({ a: '1' }), true],
  ['Subset and more', subset({ a: '1' }), subset({ a: '1', b: '2' }), true],
  ['Subset and less', subset({ a: '1', b: '2' }), subset({ a: '1' }), false],
  ['Subset and Equals with it', subset({ a: '1' }), equal({ a: '1', b: '2' }), true],
  ['Subset and Equals without it', subset({ a: '1' }), equal({ b: '2' }), false],
  ['Subset and nothing', subset({ a: '1' }), {}, false],
]

const granted: readonly Case[] = [
  ...families.map(
    ([what, given, asked, holds]): Case => ({
      name: `a grant of a grant: ${what}`,
      key: { grants: [parent(given)] },
      call: child(asked),
      expect: holds ? 'served' : 'no identity',
    }),
  ),
  {
    name: 'a grant of a grant: a policy that allows CreateGrant is not held to the parent',
    me: { identity: [may('kms:CreateGrant')] },
    key: { grants: [parent(equal({ a: '1' }))] },
    call: child({ Operations: ['GenerateDataKey'] }),
    expect: 'served',
  },
  {
    name: 'a grant of a grant: across accounts, too',
    me: { account: 'away' },
    key: { grants: [parent({})] },
    call: child({}),
    expect: 'served',
  },
  {
    name: 'a grant of a grant is in force, and outlives its parent',
    others: { bob: {} },
    key: { grants: [parent({ GranteePrincipal: '<bob>' })] },
    before: [
      { by: 'home', call: ['ListGrants'] },
      { by: 'bob', call: child({ GranteePrincipal: '<me>' }) },
      { by: 'me', call: ['Decrypt'] },
      { by: 'me', call: ['Encrypt'], expect: 'no identity' },
    ],
    call: ['Decrypt'],
    expect: 'served',
  },
  {
    name: 'a grant without CreateGrant does not confer grants',
    key: { grants: [{ Operations: ['Decrypt', 'Encrypt'] }] },
    call: child({}),
    expect: 'no identity',
  },
]

const unknownToken = 'not-a-token-of-trent'
const tokens: readonly Case[] = [
  {
    name: 'a token of the grant changes nothing for its grantee',
    key: { grants: [encrypts] },
    call: ['Encrypt', { GrantTokens: ['<token>'] }],
    expect: 'served',
  },
  {
    name: 'a token does not make somebody else the grantee',
    others: { bob: {} },
    key: { grants: [{ ...encrypts, GranteePrincipal: '<bob>' }] },
    call: ['Encrypt', { GrantTokens: ['<token>'] }],
    expect: 'no identity',
  },
  {
    name: 'a token does not add operations to its grant',
    key: { grants: [encrypts] },
    call: ['GenerateDataKey', { GrantTokens: ['<token>'] }],
    expect: 'no identity',
  },
  {
    name: 'an unknown token is refused once the caller may',
    me: { identity: [may('kms:Encrypt')] },
    call: ['Encrypt', { GrantTokens: [unknownToken] }],
    expect: ['InvalidGrantTokenException', undefined],
  },
  {
    name: 'an unknown token is not looked at before the caller may',
    call: ['Encrypt', { GrantTokens: [unknownToken] }],
    expect: 'no identity',
  },
  {
    name: 'a token of a grant that is gone is refused',
    me: { identity: [may('kms:Encrypt')] },
    key: { grants: [encrypts] },
    before: [{ by: 'home', call: ['RevokeGrant'] }],
    call: ['Encrypt', { GrantTokens: ['<token>'] }],
    expect: ['InvalidGrantTokenException', undefined],
  },
  {
    name: 'a token of a grant that is gone confers nothing',
    key: { grants: [encrypts] },
    before: [{ by: 'home', call: ['RevokeGrant'] }],
    call: ['Encrypt', { GrantTokens: ['<token>'] }],
    expect: 'no identity',
  },
]

const revoked: readonly Case[] = [
  {
    name: 'a revoked grant is gone with the answer',
    key: { grants: [encrypts] },
    before: [
      { by: 'me', call: ['Encrypt'] },
      { by: 'home', call: ['RevokeGrant'] },
    ],
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'a retired grant is gone with the answer',
    key: { grants: [{ Operations: ['Encrypt', 'RetireGrant'] }] },
    before: [
      { by: 'me', call: ['Encrypt'] },
      { by: 'me', call: ['RetireGrant'] },
    ],
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'of two grants of the same, one that is revoked leaves the other',
    key: { grants: [encrypts, encrypts] },
    before: [{ by: 'home', call: ['RevokeGrant'] }],
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a dry run revokes nothing',
    key: { grants: [encrypts] },
    before: [
      {
        by: 'home',
        call: ['RevokeGrant', { DryRun: true }],
        expect: [
          'DryRunOperationException',
          'The request would have succeeded, but the DryRun option is set.',
        ],
      },
    ],
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'RevokeGrant is for whom a policy allows it, and not for the grantee',
    key: { grants: [{ Operations: ['Encrypt', 'RetireGrant'] }] },
    call: ['RevokeGrant'],
    expect: 'no identity',
  },
  {
    name: 'RevokeGrant is not for the retiring principal',
    others: { bob: {} },
    key: { grants: [{ ...encrypts, GranteePrincipal: '<bob>', RetiringPrincipal: '<me>' }] },
    call: ['RevokeGrant'],
    expect: 'no identity',
  },
  {
    name: 'RevokeGrant with leave from the key policy',
    others: { bob: {} },
    key: {
      policy: [allow('<me>', { Action: 'kms:RevokeGrant' })],
      grants: [{ ...encrypts, GranteePrincipal: '<bob>' }],
    },
    call: ['RevokeGrant'],
    expect: 'served',
  },
  {
    name: 'RevokeGrant across accounts with leave from both sides',
    me: { account: 'away', identity: [may('kms:RevokeGrant')] },
    key: { policy: [delegation, allow('<away>')], grants: [encrypts] },
    call: ['RevokeGrant'],
    expect: 'served',
  },
]

const bob = { others: { bob: {} } } as const
const toBob = { ...encrypts, GranteePrincipal: '<bob>' }
const retired: readonly Case[] = [
  {
    name: 'RetireGrant by the grantee whom the grant permits it',
    key: { grants: [{ Operations: ['Encrypt', 'RetireGrant'] }] },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'RetireGrant by a grantee whom the grant does not permit it',
    key: { grants: [encrypts] },
    call: ['RetireGrant'],
    expect: 'no resource',
  },
  {
    name: 'RetireGrant by the retiring principal',
    ...bob,
    key: { grants: [{ ...toBob, RetiringPrincipal: '<me>' }] },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'RetireGrant by the retiring principal of another account',
    ...bob,
    me: { account: 'away' },
    key: { grants: [{ ...toBob, RetiringPrincipal: '<me>' }] },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'RetireGrant by its token',
    ...bob,
    key: { grants: [{ ...toBob, RetiringPrincipal: '<me>' }] },
    call: ['RetireGrant', { KeyId: undefined, GrantId: undefined, GrantToken: '<token>' }],
    expect: 'served',
  },
  {
    name: 'RetireGrant by a token of somebody else’s grant',
    ...bob,
    key: { grants: [toBob] },
    call: ['RetireGrant', { KeyId: undefined, GrantId: undefined, GrantToken: '<token>' }],
    expect: 'no resource',
  },
  {
    name: 'RetireGrant by the issuing account’s root user',
    ...bob,
    me: { kind: 'root' },
    key: { grants: [toBob] },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'RetireGrant by a user of the issuing account with leave',
    ...bob,
    me: { identity: [may('kms:RetireGrant')] },
    key: { grants: [toBob] },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'RetireGrant by a user of the issuing account without leave',
    ...bob,
    key: { grants: [toBob] },
    call: ['RetireGrant'],
    expect: 'no resource',
  },
  {
    name: 'RetireGrant by leave from the key policy, which never gives it',
    ...bob,
    key: { policy: [delegation, allow('<me>')], grants: [toBob] },
    call: ['RetireGrant'],
    expect: 'no resource',
  },
  {
    name: 'RetireGrant is not denied by the key policy, which says nothing about it',
    ...bob,
    key: {
      policy: [delegation, deny('<me>')],
      grants: [{ ...toBob, RetiringPrincipal: '<me>' }],
    },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'RetireGrant is denied by an identity policy',
    ...bob,
    me: { identity: [mayNot('kms:RetireGrant')] },
    key: { grants: [{ ...toBob, RetiringPrincipal: '<me>' }] },
    call: ['RetireGrant'],
    expect: 'deny identity',
  },
  {
    name: 'RetireGrant with leave at home for a grant that does not concern the account',
    ...bob,
    me: { account: 'third', identity: [may()] },
    key: { grants: [toBob] },
    call: ['RetireGrant'],
    expect: 'across',
  },
  {
    name: 'RetireGrant by a delegate of the retiring account',
    ...bob,
    me: { account: 'away', identity: [may('kms:RetireGrant')] },
    key: { grants: [{ ...toBob, RetiringPrincipal: 'arn:aws:iam::<away>:root' }] },
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'RetireGrant by a user of the retiring account without leave',
    ...bob,
    me: { account: 'away' },
    key: { grants: [{ ...toBob, RetiringPrincipal: 'arn:aws:iam::<away>:root' }] },
    call: ['RetireGrant'],
    expect: 'across',
  },
  {
    name: 'RetireGrant of a grant that another account issued on its own key, by the key’s account',
    me: { kind: 'root' },
    others: { carol: { account: 'away', identity: [may('kms:CreateGrant')] } },
    key: { policy: [delegation, allow('<carol>')] },
    before: [{ by: 'carol', call: ['CreateGrant', { ...encrypts, GranteePrincipal: '<carol>' }] }],
    call: ['RetireGrant'],
    expect: 'no resource',
  },
  {
    name: 'RetireGrant of a grant that another account issued, by that account',
    me: { kind: 'root', account: 'away' },
    others: { carol: { account: 'away', identity: [may('kms:CreateGrant')] } },
    key: { policy: [delegation, allow('<carol>')] },
    before: [{ by: 'carol', call: ['CreateGrant', { ...encrypts, GranteePrincipal: '<carol>' }] }],
    call: ['RetireGrant'],
    expect: 'served',
  },
  {
    name: 'a dry run of RetireGrant retires nothing',
    key: { grants: [{ Operations: ['Encrypt', 'RetireGrant'] }] },
    before: [
      {
        by: 'me',
        call: ['RetireGrant', { DryRun: true }],
        expect: [
          'DryRunOperationException',
          'The request would have succeeded, but the DryRun option is set.',
        ],
      },
    ],
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a condition on a grant that it has constraints does not hold of one without',
    me: {
      identity: [may('kms:CreateGrant', when('Null', 'kms:GrantConstraintType', 'false'))],
    },
    call: child({}),
    expect: 'no identity',
  },
]

const named: Act = { by: 'home', call: ['CreateGrant', { ...encrypts, Name: 'once' }] }
const twice: readonly Case[] = [
  {
    name: 'a grant of the same name and parameters is the same one: revoked once, it is gone',
    before: [named, named, { by: 'home', call: ['RevokeGrant'] }],
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'a grant of the same name and other parameters is another one',
    before: [
      named,
      { by: 'home', call: ['CreateGrant', { Operations: ['Decrypt'], Name: 'once' }] },
      { by: 'home', call: ['RevokeGrant'] },
    ],
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a grant without a name is another one each time',
    before: [
      { by: 'home', call: ['CreateGrant', encrypts] },
      { by: 'home', call: ['CreateGrant', encrypts] },
      { by: 'home', call: ['RevokeGrant'] },
    ],
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a grant of CreateGrant alone is refused',
    me: { identity: [may()] },
    call: ['CreateGrant', { Operations: ['CreateGrant'] }],
    expect: ['ValidationException', 'Grants must not contain only the CreateGrant operation.'],
  },
  {
    name: 'a grant with both kinds of constraints is refused',
    me: { identity: [may()] },
    call: [
      'CreateGrant',
      {
        Constraints: {
          EncryptionContextEquals: { a: '1' },
          EncryptionContextSubset: { a: '1' },
        },
      },
    ],
    expect: ['ValidationException', 'More than one constraint supplied'],
  },
]

/** Each operation that a grant cannot permit, asked by somebody who has a grant of all the others. */
const beyond: readonly OperationName[] = [
  'DisableKey',
  'EnableKeyRotation',
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'ListGrants',
  'ListResourceTags',
  'ScheduleKeyDeletion',
  'TagResource',
]

export const grantCases: readonly Case[] = [
  ...conferred,
  ...constrained,
  ...grantees,
  ...granted,
  ...tokens,
  ...revoked,
  ...retired,
  ...twice,
  ...beyond.map(
    (operation): Case => ({
      name: `no grant confers ${operation}`,
      key: { grants: [{ Operations: ['CreateGrant', 'DescribeKey', 'Decrypt', 'RetireGrant'] }] },
      call: [operation],
      expect: 'no identity',
    }),
  ),
]
