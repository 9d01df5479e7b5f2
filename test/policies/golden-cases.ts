/** The golden cases of the facts on authorization, but for those of grants. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import {
  allow,
  alice,
  app,
  away,
  callers,
  delegation,
  deny,
  iam,
  keyArn,
  may,
  mayNot,
  type Case,
} from './case.ts'

export const goldenCases: readonly Case[] = [
  {
    name: 'G1 default key policy, IAM allows Encrypt',
    caller: 'bob',
    identity: [may('kms:Encrypt')],
    expect: 'allow',
  },
  { name: 'G2 default key policy, no IAM policy', caller: 'bob', expect: 'identity' },
  {
    name: 'G3 the key policy names the user alone',
    caller: 'bob',
    key: [allow(callers.bob.arn)],
    expect: 'allow',
  },
  {
    name: 'G4 the key policy names neither account nor user',
    caller: 'bob',
    key: [allow(alice.arn)],
    identity: [may()],
    expect: 'resource',
  },
  {
    name: 'G5 a deny in the key policy',
    caller: 'bob',
    key: [delegation, deny(callers.bob.arn)],
    identity: [may('kms:Encrypt')],
    expect: 'deny resource',
  },
  {
    name: 'G6 a foreign user is named, home says nothing',
    caller: 'carol',
    key: [allow(callers.carol.arn)],
    expect: 'across',
  },
  {
    name: 'G7 a foreign account is named, home allows the key: Encrypt',
    caller: 'carol',
    key: [allow(iam(away, 'root'))],
    identity: [may('kms:*', { Resource: keyArn })],
    expect: 'allow',
  },
  ...['TagResource', 'GetKeyPolicy', 'ScheduleKeyDeletion'].map(
    (operation): Case => ({
      name: `G7 the same: ${operation}`,
      caller: 'carol',
      action: `kms:${operation}`,
      acrossAccounts: false,
      key: [allow(iam(away, 'root'))],
      identity: [may('kms:*', { Resource: keyArn })],
      expect: 'across',
    }),
  ),
  {
    name: 'G11 a deny in IAM beats a grant',
    caller: 'bob',
    action: 'kms:Decrypt',
    identity: [mayNot('kms:Decrypt')],
    grants: [{ operations: ['Decrypt'] }],
    expect: 'deny identity',
  },
  {
    name: 'G12 a negated operator is true of an absent key',
    caller: 'bob',
    key: [
      allow('*'),
      deny('*', { Condition: { StringNotEquals: { 'kms:EncryptionContext:app': 'x' } } }),
    ],
    expect: 'deny resource',
  },
  {
    name: 'G13 ForAllValues of nothing',
    caller: 'bob',
    key: [
      allow('*', {
        Condition: { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['a'] } },
      }),
    ],
    expect: 'allow',
  },
  {
    name: 'G14 Null true, and the key is there',
    caller: 'bob',
    key: [allow('*', { Condition: { Null: { 'kms:EncryptionContextKeys': true } } })],
    context: { 'kms:encryptioncontextkeys': ['a'] },
    expect: 'resource',
  },
  {
    name: 'G15 RequestAlias, but the key was named by its ARN',
    caller: 'bob',
    key: [allow('*', { Condition: { StringEquals: { 'kms:RequestAlias': 'alias/x' } } })],
    expect: 'resource',
  },
  {
    name: 'G16 the key policy names the role, the session policy allows nothing',
    caller: 'app',
    key: [allow(app.arn)],
    session: [],
    expect: 'session',
  },
  {
    name: 'G16 the key policy names the session',
    caller: 'app',
    key: [allow(callers.app.arn)],
    session: [],
    expect: 'allow',
  },
  {
    name: 'G17 the older version has no variables',
    caller: 'bob',
    version: '2008-10-17',
    key: [allow('*', { Condition: { StringEquals: { 'aws:username': '${aws:username}' } } })],
    context: { 'aws:username': ['Bob'] },
    expect: 'resource',
  },
  {
    name: 'G17 in the newer version the same is true',
    caller: 'bob',
    key: [allow('*', { Condition: { StringEquals: { 'aws:username': '${aws:username}' } } })],
    context: { 'aws:username': ['Bob'] },
    expect: 'allow',
  },
]
