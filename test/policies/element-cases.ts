/** Action, NotAction, Resource and NotResource. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import { aliasArn, allow, keyArn, may, type Case } from './case.ts'

/** Action, NotAction, Resource and NotResource. */
export const elementCases: readonly Case[] = [
  ...(
    [
      ['kms:Encrypt', 'allow'],
      ['KMS:encrypt', 'allow'],
      ['kms:*', 'allow'],
      ['*', 'allow'],
      ['kms:En*t', 'allow'],
      ['kms:?ncrypt', 'allow'],
      ['*:encrypt', 'allow'],
      ['kms:Encrypt*', 'allow'],
      ['kms:Encryp', 'resource'],
      ['kms:Encrypt?', 'resource'],
      ['kms:ReEncrypt*', 'resource'],
      ['s3:*', 'resource'],
      ['', 'resource'],
    ] as const
  ).map(
    ([Action, expect]): Case => ({
      name: `Encrypt where the action is "${Action}"`,
      caller: 'bob',
      key: [allow('*', { Action })],
      expect,
    }),
  ),
  {
    name: 'kms:ReEncrypt* is both sides',
    caller: 'bob',
    action: 'kms:ReEncryptFrom',
    key: [allow('*', { Action: 'kms:ReEncrypt*' })],
    expect: 'allow',
  },
  {
    name: 'a list of actions',
    caller: 'bob',
    key: [allow('*', { Action: ['kms:Decrypt', 'kms:Encrypt'] })],
    expect: 'allow',
  },
  {
    name: 'NotAction of something else',
    caller: 'bob',
    key: [{ Effect: 'Allow', Principal: '*', NotAction: 'kms:Decrypt', Resource: '*' }],
    expect: 'allow',
  },
  {
    name: 'NotAction of this',
    caller: 'bob',
    key: [
      { Effect: 'Allow', Principal: '*', NotAction: ['kms:Decrypt', 'kms:enc*'], Resource: '*' },
    ],
    expect: 'resource',
  },
  {
    name: 'NotAction of nothing is inert',
    caller: 'bob',
    key: [{ Effect: 'Allow', Principal: '*', NotAction: [], Resource: '*' }],
    expect: 'resource',
  },
  {
    name: 'no action at all is inert',
    caller: 'bob',
    key: [{ Effect: 'Allow', Principal: '*', Resource: '*' }],
    expect: 'resource',
  },
  {
    name: 'no resource at all is inert',
    caller: 'bob',
    key: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*' }],
    expect: 'resource',
  },
  {
    name: 'a deny with NotAction',
    caller: 'bob',
    key: [allow('*'), { Effect: 'Deny', Principal: '*', NotAction: 'kms:Decrypt', Resource: '*' }],
    expect: 'deny resource',
  },
  ...(
    [
      [keyArn, 'allow'],
      ['arn:aws:kms:*:111122223333:key/*', 'allow'],
      ['arn:aws:kms:eu-west-1:*:key/1234abcd-????-*', 'allow'],
      ['arn:aws:kms:*', 'allow'],
      ['arn:aws:kms:*:*:key/1234ABCD*', 'identity'],
      ['arn:aws:kms:*:444455556666:key/*', 'identity'],
      ['arn:aws:kms:*key/*:*:*', 'identity'],
      ['arn:aws:kms:*:*:alias/*', 'identity'],
      [aliasArn, 'identity'],
    ] as const
  ).map(
    ([Resource, expect]): Case => ({
      name: `a key where IAM names ${Resource}`,
      caller: 'bob',
      identity: [may('kms:*', { Resource })],
      expect,
    }),
  ),
  {
    name: 'a key id is no resource',
    caller: 'bob',
    key: [allow('*', { Resource: '1234abcd-12ab-34cd-56ef-1234567890ab' })],
    expect: 'resource',
  },
  {
    name: 'the key policy names its own key',
    caller: 'bob',
    key: [allow('*', { Resource: keyArn })],
    expect: 'allow',
  },
  {
    name: 'the key policy names another key',
    caller: 'bob',
    key: [allow('*', { Resource: `${keyArn}x` })],
    expect: 'resource',
  },
  {
    name: 'NotResource of another key',
    caller: 'bob',
    key: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', NotResource: `${keyArn}x` }],
    expect: 'allow',
  },
  {
    name: 'NotResource of this key',
    caller: 'bob',
    key: [
      { Effect: 'Allow', Principal: '*', Action: 'kms:*', NotResource: [`${keyArn}x`, keyArn] },
    ],
    expect: 'resource',
  },
  {
    name: 'NotResource of nothing is inert',
    caller: 'bob',
    key: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', NotResource: [] }],
    expect: 'resource',
  },
  {
    name: 'a variable in a resource',
    caller: 'bob',
    identity: [may('kms:*', { Resource: 'arn:aws:kms:*:*:key/${aws:PrincipalTag/key}' })],
    context: { 'aws:principaltag/key': ['1234abcd-12ab-34cd-56ef-1234567890ab'] },
    expect: 'allow',
  },
  {
    name: 'a wildcard in the value of a variable',
    caller: 'bob',
    identity: [may('kms:*', { Resource: 'arn:aws:kms:*:*:key/${aws:PrincipalTag/key}' })],
    context: { 'aws:principaltag/key': ['*'] },
    expect: 'identity',
  },
  {
    name: 'a variable without a value',
    caller: 'bob',
    identity: [may('kms:*', { Resource: 'arn:aws:kms:*:*:key/${aws:PrincipalTag/key}' })],
    expect: 'identity',
  },
  {
    name: 'a variable with a default',
    caller: 'bob',
    identity: [
      may('kms:*', {
        Resource:
          "arn:aws:kms:*:*:key/${aws:PrincipalTag/key, '1234abcd-12ab-34cd-56ef-1234567890ab'}",
      }),
    ],
    expect: 'allow',
  },
  {
    name: 'a variable before the fifth colon has no value',
    caller: 'bob',
    identity: [may('kms:*', { Resource: 'arn:aws:kms:${aws:RequestedRegion}:*:key/*' })],
    context: { 'aws:requestedregion': ['eu-west-1'] },
    expect: 'identity',
  },
  {
    name: 'a variable without a value in NotResource does not widen an allow',
    caller: 'bob',
    identity: [
      {
        Effect: 'Allow',
        Action: 'kms:*',
        NotResource: 'arn:aws:kms:*:*:key/${aws:PrincipalTag/key}',
      },
    ],
    expect: 'identity',
  },
  {
    name: 'nor narrows a deny',
    caller: 'bob',
    identity: [
      may(),
      {
        Effect: 'Deny',
        Action: 'kms:*',
        NotResource: 'arn:aws:kms:*:*:key/${aws:PrincipalTag/key}',
      },
    ],
    expect: 'deny identity',
  },
]
