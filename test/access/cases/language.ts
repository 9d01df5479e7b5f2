/** The policy language as far as a request shows it: elements, operators, wildcards and variables. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import { allow, type Case, delegation, deny, may, mayNot, type Statement, when } from './case.ts'

const context = { app: 'Blue', n: '7', when: '2026-01-02T03:04:05Z', flag: 'TRUE', who: 'b*b' }
const asked: Case['call'] = ['Encrypt', { EncryptionContext: context }]
const key = 'kms:EncryptionContext:'

/** Conditions on the encryption context above, and whether they hold. */
const conditions: readonly (readonly [what: string, condition: Statement, holds: boolean])[] = [
  ['StringEquals of the value', when('StringEquals', `${key}app`, 'Blue'), true],
  ['StringEquals of the value in another case', when('StringEquals', `${key}app`, 'blue'), false],
  ['StringEquals of one of several values', when('StringEquals', `${key}app`, ['x', 'Blue']), true],
  ['StringEquals with a literal star', when('StringEquals', `${key}app`, 'Bl*'), false],
  ['StringEquals of a key that is absent', when('StringEquals', `${key}none`, 'Blue'), false],
  [
    'a condition key in another case',
    when('StringEquals', 'KMS:encryptioncontext:APP', 'Blue'),
    true,
  ],
  [
    'StringEqualsIfExists of a key that is absent',
    when('StringEqualsIfExists', `${key}none`, 'x'),
    true,
  ],
  ['StringEqualsIfExists of another value', when('StringEqualsIfExists', `${key}app`, 'x'), false],
  ['StringNotEquals of another value', when('StringNotEquals', `${key}app`, 'x'), true],
  ['StringNotEquals of one of several', when('StringNotEquals', `${key}app`, ['x', 'Blue']), false],
  ['StringNotEquals of a key that is absent', when('StringNotEquals', `${key}none`, 'x'), true],
  ['StringEqualsIgnoreCase', when('StringEqualsIgnoreCase', `${key}app`, 'bLUE'), true],
  ['StringNotEqualsIgnoreCase', when('StringNotEqualsIgnoreCase', `${key}app`, 'bLUE'), false],
  ['StringLike with a star', when('StringLike', `${key}app`, 'B*e'), true],
  ['StringLike with a question mark', when('StringLike', `${key}app`, 'Blu?'), true],
  ['StringLike with a question mark too many', when('StringLike', `${key}app`, 'Blue?'), false],
  ['StringNotLike', when('StringNotLike', `${key}app`, 'B*'), false],
  ['NumericEquals', when('NumericEquals', `${key}n`, '7.0'), true],
  ['NumericLessThan', when('NumericLessThan', `${key}n`, 7), false],
  ['NumericLessThanEquals', when('NumericLessThanEquals', `${key}n`, 7), true],
  ['NumericGreaterThan', when('NumericGreaterThan', `${key}n`, '6.5'), true],
  ['NumericGreaterThanEquals', when('NumericGreaterThanEquals', `${key}n`, '7.5'), false],
  ['NumericNotEquals', when('NumericNotEquals', `${key}n`, '7'), false],
  ['NumericEquals of no number', when('NumericEquals', `${key}app`, '7'), false],
  ['DateLessThan', when('DateLessThan', `${key}when`, '2026-01-02T03:04:06Z'), true],
  ['DateGreaterThan', when('DateGreaterThan', `${key}when`, '2026-01-02T03:04:06Z'), false],
  ['DateEquals in seconds', when('DateEquals', `${key}when`, '1767323045'), true],
  ['Bool in another case', when('Bool', `${key}flag`, 'true'), true],
  ['Bool of the other', when('Bool', `${key}flag`, false), false],
  ['Null of a key that is there', when('Null', `${key}app`, 'true'), false],
  ['not Null of a key that is there', when('Null', `${key}app`, 'false'), true],
  ['Null of a key that is absent', when('Null', `${key}none`, 'true'), true],
  ['not Null of a key that is absent', when('Null', `${key}none`, 'false'), false],
  ['ArnLike of what is no ARN', when('ArnLike', `${key}app`, 'arn:*:*:*:*:*'), false],
  [
    'ForAllValues of all keys',
    when('ForAllValues:StringEquals', 'kms:EncryptionContextKeys', Object.keys(context)),
    true,
  ],
  [
    'ForAllValues of some keys',
    when('ForAllValues:StringEquals', 'kms:EncryptionContextKeys', ['app']),
    false,
  ],
  [
    'ForAnyValue of a key',
    when('ForAnyValue:StringEquals', 'kms:EncryptionContextKeys', ['app', 'none']),
    true,
  ],
  [
    'ForAnyValue of keys that are absent',
    when('ForAnyValue:StringEquals', 'kms:EncryptionContextKeys', 'none'),
    false,
  ],
  [
    'ForAllValues, negated',
    when('ForAllValues:StringNotEquals', 'kms:EncryptionContextKeys', 'none'),
    true,
  ],
  [
    'ForAnyValue, negated',
    when('ForAnyValue:StringNotEquals', 'kms:EncryptionContextKeys', 'app'),
    true,
  ],
  [
    'ForAnyValue of a key in another case, which is a value here',
    when('ForAnyValue:StringEquals', 'kms:EncryptionContextKeys', 'APP'),
    false,
  ],
  [
    'two operators, both of which hold',
    { Condition: { StringEquals: { [`${key}app`]: 'Blue' }, NumericEquals: { [`${key}n`]: '7' } } },
    true,
  ],
  [
    'two operators, one of which does not hold',
    { Condition: { StringEquals: { [`${key}app`]: 'Blue' }, NumericEquals: { [`${key}n`]: '8' } } },
    false,
  ],
  [
    'two keys of an operator, one of which does not hold',
    { Condition: { StringEquals: { [`${key}app`]: 'Blue', [`${key}n`]: '8' } } },
    false,
  ],
  [
    'a default in the place of a variable that is absent',
    when('StringEquals', `${key}app`, "${aws:PrincipalTag/team, 'Blue'}"),
    true,
  ],
  [
    'a variable that is absent',
    when('StringEquals', `${key}app`, '${aws:PrincipalTag/team}'),
    false,
  ],
  [
    'a negated operator with a variable that is absent',
    when('StringNotEquals', `${key}app`, '${aws:PrincipalTag/team}'),
    true,
  ],
  ['a literal star in StringLike', when('StringLike', `${key}who`, 'b${*}b'), true],
  ['a literal star in StringLike is no other', when('StringLike', `${key}app`, 'B${*}e'), false],
]

/** What an identity policy allows, by its elements, and what comes of Encrypt. */
const elements: readonly (readonly [
  what: string,
  statements: readonly Statement[],
  served: boolean,
])[] = [
  ['an action in another case', [may('KMS:encrypt')], true],
  ['a star in an action', [may('kms:En*')], true],
  ['a question mark in an action', [may('kms:Encryp?')], true],
  ['a question mark too many', [may('kms:Encrypt?')], false],
  ['several actions', [may(['kms:Decrypt', 'kms:Encrypt'])], true],
  ['a star for the service and all', [may('*')], true],
  ['another service', [may('s3:*')], false],
  [
    'NotAction of another action',
    [{ Effect: 'Allow', NotAction: 'kms:Decrypt', Resource: '*' }],
    true,
  ],
  ['NotAction of this action', [{ Effect: 'Allow', NotAction: 'kms:E*', Resource: '*' }], false],
  ['the ARN of the key', [may('kms:*', { Resource: '<key>' })], true],
  ['the ARN of another key', [may('kms:*', { Resource: '<other>' })], false],
  ['one of several ARNs', [may('kms:*', { Resource: ['<other>', '<key>'] })], true],
  ['a star for the key', [may('kms:*', { Resource: 'arn:aws:kms:us-east-1:<home>:key/*' })], true],
  [
    'a star for the region',
    [may('kms:*', { Resource: 'arn:aws:kms:*:<home>:key/<key.id>' })],
    true,
  ],
  ['another region', [may('kms:*', { Resource: 'arn:aws:kms:eu-west-1:<home>:key/*' })], false],
  ['another account', [may('kms:*', { Resource: 'arn:aws:kms:us-east-1:<away>:key/*' })], false],
  ['aliases alone', [may('kms:*', { Resource: 'arn:aws:kms:us-east-1:<home>:alias/*' })], false],
  [
    'NotResource of another key',
    [{ Effect: 'Allow', Action: 'kms:*', NotResource: '<other>' }],
    true,
  ],
  ['NotResource of the key', [{ Effect: 'Allow', Action: 'kms:*', NotResource: '<key>' }], false],
  [
    'a variable in the resource that is absent',
    [may('kms:*', { Resource: 'arn:aws:kms:us-east-1:<home>:key/${aws:PrincipalTag/none}*' })],
    false,
  ],
]

/** The same of a key policy. */
const ofKeys: readonly (readonly [what: string, statement: Statement, served: boolean])[] = [
  ['the ARN of the key as the resource', allow('<me>', { Resource: '<key>' }), true],
  [
    'a pattern of the key as the resource',
    allow('<me>', { Resource: 'arn:aws:kms:*:*:key/*' }),
    true,
  ],
  ['another key as the resource', allow('<me>', { Resource: '<other>' }), false],
  ['NotAction of another action', { ...without('Action'), NotAction: 'kms:Decrypt' }, true],
  ['no Action', without('Action'), false],
  ['no Resource', without('Resource'), false],
  ['an effect for a pattern of actions', allow('<me>', { Action: ['kms:D*', 'kms:*crypt'] }), true],
]

function without(element: string): Statement {
  return Object.fromEntries(Object.entries(allow('<me>')).filter(([name]) => name !== element))
}

export const languageCases: readonly Case[] = [
  ...conditions.flatMap(([what, condition, holds]): Case[] => [
    {
      name: `a key policy allows on ${what}: ${holds}`,
      key: { policy: [allow('<me>', condition)] },
      call: asked,
      expect: holds ? 'served' : 'no resource',
    },
    {
      name: `an identity policy denies on ${what}: ${holds}`,
      me: { identity: [may(), mayNot('kms:Encrypt', condition)] },
      call: asked,
      expect: holds ? 'deny identity' : 'served',
    },
  ]),
  ...elements.map(
    ([what, identity, served]): Case => ({
      name: `an identity policy with ${what}: ${served ? 'served' : 'refused'}`,
      me: { identity },
      other: {},
      call: ['Encrypt'],
      expect: served ? 'served' : 'no identity',
    }),
  ),
  ...ofKeys.map(
    ([what, statement, served]): Case => ({
      name: `a key policy with ${what}: ${served ? 'served' : 'refused'}`,
      key: { policy: [statement] },
      other: {},
      call: ['Encrypt'],
      expect: served ? 'served' : 'no resource',
    }),
  ),
  {
    name: 'the second of two statements allows',
    key: { policy: [allow('<me>', { Action: 'kms:Decrypt' }), allow('<me>')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a deny of another action denies nothing',
    me: { identity: [may(), mayNot('kms:Decrypt')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a deny by NotAction denies everything else',
    me: {
      identity: [may(), { Effect: 'Deny', NotAction: 'kms:Decrypt', Resource: '*' }],
    },
    call: ['Encrypt'],
    expect: 'deny identity',
  },
  {
    name: 'a deny with a condition that does not hold denies nothing',
    key: {
      policy: [
        delegation,
        allow('<me>'),
        deny('<me>', when('Bool', 'aws:SecureTransport', 'true')),
      ],
    },
    call: ['Encrypt'],
    expect: 'served',
  },
]
