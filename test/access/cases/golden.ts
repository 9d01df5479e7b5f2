/** The golden cases of authorization, by their number; G16 stands with sessions, G19 and G20 are of the signature. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import { allow, type Case, delegation, deny, may, mayNot, Plaintext, when } from './case.ts'

const abroad = { account: 'away' } as const
const toAway = { policy: [delegation, allow('<away>')] }
const decrypts = (input: Readonly<Record<string, string>>): Case['call'] => [
  'Decrypt',
  { EncryptionContext: input },
]
const subset = {
  Operations: ['CreateGrant', 'Decrypt'],
  Constraints: { EncryptionContextSubset: { a: '1' } },
} as const

export const goldenCases: readonly Case[] = [
  {
    name: 'G1 the default key policy and an identity policy that allows Encrypt',
    me: { identity: [may('kms:Encrypt')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'G2 the default key policy and no identity policy',
    call: ['Encrypt'],
    expect: 'no identity',
  },
  {
    name: 'G3 a key policy that names the user alone',
    key: { policy: [allow('<me>')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'G4 a key policy that names neither account nor user',
    me: { identity: [may()] },
    others: { bob: {} },
    key: { policy: [allow('<bob>')] },
    call: ['Encrypt'],
    expect: 'no resource',
  },
  {
    name: 'G5 a deny of the user in the key policy',
    me: { identity: [may('kms:Encrypt')] },
    key: { policy: [delegation, deny('<me>')] },
    call: ['Encrypt'],
    expect: 'deny resource',
  },
  {
    name: 'G6 a foreign user that the key policy names, and nothing at home',
    me: abroad,
    key: { policy: [delegation, allow('<me>')] },
    call: ['Encrypt'],
    expect: 'across',
  },
  {
    name: 'G7 a foreign account in the key policy and an allow of the key at home: Encrypt',
    me: { ...abroad, identity: [may('kms:*', { Resource: '<key>' })] },
    key: toAway,
    call: ['Encrypt'],
    expect: 'served',
  },
  ...(['TagResource', 'GetKeyPolicy', 'ScheduleKeyDeletion'] as const).map(
    (operation): Case => ({
      name: `G7 a foreign account in the key policy and an allow of the key at home: ${operation}`,
      me: { ...abroad, identity: [may('kms:*', { Resource: '<key>' })] },
      key: toAway,
      call: [operation],
      expect: 'across',
    }),
  ),
  {
    name: 'G8 a grant for exactly this encryption context',
    key: {
      sealed: { a: '1' },
      grants: [{ Constraints: { EncryptionContextEquals: { a: '1' } } }],
    },
    call: decrypts({ a: '1' }),
    expect: 'served',
  },
  {
    name: 'G8 a grant for exactly this encryption context, and another pair in the request',
    key: {
      sealed: { a: '1', b: '2' },
      grants: [{ Constraints: { EncryptionContextEquals: { a: '1' } } }],
    },
    call: decrypts({ a: '1', b: '2' }),
    expect: 'no identity',
  },
  ...[{ a: '1' }, { a: '1', b: '2' }].map(
    (sealed, index): Case => ({
      name: `G9 a grant for encryption contexts with a pair: ${index + 1} pairs`,
      key: { sealed, grants: [{ Constraints: { EncryptionContextSubset: { a: '1' } } }] },
      call: decrypts(sealed),
      expect: 'served',
    }),
  ),
  {
    name: 'G9 a grant for encryption contexts with a pair: none',
    key: { grants: [{ Constraints: { EncryptionContextSubset: { a: '1' } } }] },
    call: ['Decrypt'],
    expect: 'no identity',
  },
  {
    name: 'G10 a grant of a grant with an operation that the parent has not',
    key: { grants: [subset] },
    call: [
      'CreateGrant',
      { Operations: ['Encrypt'], Constraints: { EncryptionContextSubset: { a: '1' } } },
    ],
    expect: 'no identity',
  },
  {
    name: 'G11 a deny in the identity policy and a grant',
    me: { identity: [mayNot('kms:Decrypt')] },
    key: { grants: [{}] },
    call: ['Decrypt'],
    expect: 'deny identity',
  },
  {
    name: 'G12 a negated operator denies where the encryption context is absent',
    key: {
      policy: [
        allow('<me>'),
        deny('<me>', when('StringNotEquals', 'kms:EncryptionContext:app', 'x')),
      ],
    },
    call: ['Encrypt'],
    expect: 'deny resource',
  },
  {
    name: 'G13 ForAllValues holds of an encryption context without keys',
    key: {
      policy: [
        allow('<me>', when('ForAllValues:StringEquals', 'kms:EncryptionContextKeys', ['a'])),
      ],
    },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'G14 Null of the encryption context keys, and there are some',
    key: { policy: [allow('<me>', when('Null', 'kms:EncryptionContextKeys', 'true'))] },
    call: ['Encrypt', { EncryptionContext: { a: '1' } }],
    expect: 'no resource',
  },
  {
    name: 'G15 a condition on the alias of the request, and the key is named by its ARN',
    key: {
      aliases: ['alias/<n>'],
      policy: [allow('<me>', when('StringEquals', 'kms:RequestAlias', 'alias/<n>'))],
    },
    call: ['Encrypt'],
    expect: 'no resource',
  },
  {
    name: 'G15 a condition on the alias of the request, and the key is named by it',
    key: {
      aliases: ['alias/<n>'],
      policy: [allow('<me>', when('StringEquals', 'kms:RequestAlias', 'alias/<n>'))],
    },
    call: ['Encrypt', { KeyId: 'alias/<n>' }],
    expect: 'served',
  },
  {
    name: 'G17 the older version of the language has no variables',
    key: {
      version: '2008-10-17',
      policy: [
        allow('<me>', when('StringEquals', 'kms:EncryptionContext:user', '${aws:username}')),
      ],
    },
    call: ['Encrypt', { EncryptionContext: { user: '<me.name>' } }],
    expect: 'no resource',
  },
  {
    name: 'G17 the newer version of the language has variables',
    key: {
      policy: [
        allow('<me>', when('StringEquals', 'kms:EncryptionContext:user', '${aws:username}')),
      ],
    },
    call: ['Encrypt', { EncryptionContext: { user: '<me.name>' } }],
    expect: 'served',
  },
  ...[false, true].map(
    (bypass): Case => ({
      name: `G18 a new key's policy without PutKeyPolicy for its maker, bypassed: ${bypass}`,
      me: { identity: [may('kms:CreateKey')] },
      call: [
        'CreateKey',
        {
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [allow('<me>', { Action: 'kms:Encrypt' })],
          }),
          ...(bypass && { BypassPolicyLockoutSafetyCheck: true }),
        },
      ],
      expect: bypass
        ? 'served'
        : [
            'MalformedPolicyDocumentException',
            'The new key policy will not allow you to update the key policy in the future.',
          ],
    }),
  ),
  {
    name: 'G3 what the key policy gives does not come from the identity policy: another action',
    key: { policy: [allow('<me>', { Action: 'kms:Encrypt' })] },
    call: ['GenerateDataKey', { EncryptionContext: { any: String(Plaintext.length) } }],
    expect: 'no resource',
  },
]
