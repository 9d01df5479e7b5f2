/**
 * Who a session is: its names in key policies, its values of condition keys, sessions of users, of federated users and of
 * web identities. What limits them stands in the table of layers, and grants to them in a table of their own.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import {
  allow,
  type Case,
  type CaseKey,
  delegation,
  deny,
  may,
  mayNot,
  type Statement,
  when,
} from './case.ts'
import {
  able,
  asks,
  decrypting,
  elsewhere,
  federated,
  role,
  user,
  web,
  whole,
} from './session-case.ts'

const golden: readonly Case[] = [
  asks(
    'G16 a session policy of something else, under a key policy that names the role',
    { me: { ...role, session: decrypting }, key: { policy: [allow('<me.parent>')] } },
    'no session',
  ),
  asks(
    'G16 a session policy of something else, under a key policy that names the session',
    { me: { ...role, session: decrypting }, key: { policy: [allow('<me>')] } },
    'served',
  ),
]

/** What a key policy calls a session of a role with a path. */
const bare = 'arn:aws:iam::<home>:role/<me.name>'
const but = (NotPrincipal: Statement, Effect: 'Allow' | 'Deny'): Statement => ({
  Effect,
  NotPrincipal,
  Action: 'kms:*',
  Resource: '*',
})

const names: readonly Case[] = [
  asks('a role without any policy is let in by none', { me: role }, 'no identity'),
  asks('a policy of the role and the default key policy', { me: able }, 'served'),
  asks(
    'a managed policy of the role and the default key policy',
    { me: { ...role, attached: [may('kms:Encrypt')] } },
    'served',
  ),
  asks(
    'a deny of the role’s policy',
    { me: { ...role, identity: [may(), mayNot()] } },
    'deny identity',
  ),
  asks(
    'a role with a path is named with it',
    { me: { ...role, path: '/team/' }, key: { policy: [allow('<me.parent>')] } },
    'served',
  ),
  asks(
    'a session of a role with a path is named without it',
    { me: { ...role, path: '/team/' }, key: { policy: [allow('<me>')] } },
    'served',
  ),
  asks(
    'another role is not this one',
    { me: able, key: { policy: [allow('<twin.parent>')] } },
    'no resource',
  ),
  asks(
    'another session of the role is not this one',
    { me: able, key: { policy: [allow(elsewhere)] } },
    'no resource',
  ),
  asks(
    'a deny of the role',
    { me: able, key: { policy: [delegation, deny('<me.parent>')] } },
    'deny resource',
  ),
  asks(
    'a deny of the session',
    { me: able, key: { policy: [delegation, deny('<me>')] } },
    'deny resource',
  ),
  asks(
    'a deny of another session of the role',
    { me: able, key: { policy: [delegation, deny(elsewhere)] } },
    'served',
  ),
  asks(
    'a deny of the account is one of its roles’ sessions',
    { me: able, key: { policy: [allow('<me>'), deny('<home>')] } },
    'deny resource',
  ),
  asks(
    'a deny but for role and account does not spare the session',
    { me: able, key: { policy: [delegation, but({ AWS: ['<me.parent>', '<home>'] }, 'Deny')] } },
    'deny resource',
  ),
  asks(
    'a deny but for session, role and account spares the session',
    {
      me: able,
      key: { policy: [delegation, but({ AWS: ['<me>', '<me.parent>', '<home>'] }, 'Deny')] },
    },
    'served',
  ),
  asks(
    'an allow but for the role leaves its sessions out',
    { me: able, key: { policy: [but({ AWS: '<me.parent>' }, 'Allow')] } },
    'no resource',
  ),
  ...[
    'arn:aws:sts::<home>:assumed-role/nobody/one',
    'arn:aws:sts::<home>:assumed-role/<me.name>/*',
    'arn:aws:iam::<home>:role/*',
  ].map(
    (named): Case => ({
      name: `a key policy cannot name ${named}`,
      me: { ...able, path: '/team/' },
      call: [
        'PutKeyPolicy',
        {
          Policy: JSON.stringify({ Version: '2012-10-17', Statement: [delegation, allow(named)] }),
        },
      ],
      expect: [
        'MalformedPolicyDocumentException',
        'Policy contains a statement with one or more invalid principals.',
      ],
    }),
  ),
  {
    name: 'a key policy cannot name the session of a role with its path',
    me: { ...able, path: '/team/' },
    call: [
      'PutKeyPolicy',
      {
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [delegation, allow('arn:aws:sts::<home>:assumed-role/team/<me.name>/one')],
        }),
      },
    ],
    expect: ['InvalidArnException', 'An ARN in the specified key policy is invalid.'],
  },
  {
    name: 'a role with a path cannot be named without it',
    me: { ...able, path: '/team/' },
    call: [
      'PutKeyPolicy',
      { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [delegation, allow(bare)] }) },
    ],
    expect: [
      'MalformedPolicyDocumentException',
      'Policy contains a statement with one or more invalid principals.',
    ],
  },
]

/** A role is let in by its policy under this condition alone. */
const onlyIf = (
  operator: string,
  key: string,
  value: string | readonly string[],
): readonly Statement[] => [may('kms:*', when(operator, key, value))]

const everyone = (operator: string, key: string, value: string): CaseKey => ({
  policy: [allow('*', when(operator, key, value))],
})

const older = (moment: string): readonly Statement[] => [
  may(),
  mayNot('*', when('DateLessThan', 'aws:TokenIssueTime', moment)),
]

const tagged = { tags: { team: 'red' } }
const conditions: readonly Case[] = [
  asks(
    'aws:PrincipalArn is the role’s ARN, with its path',
    {
      me: { ...role, path: '/team/' },
      key: everyone('ArnEquals', 'aws:PrincipalArn', '<me.parent>'),
    },
    'served',
  ),
  asks(
    'aws:PrincipalArn is not the session’s ARN',
    { me: role, key: everyone('ArnEquals', 'aws:PrincipalArn', '<me>') },
    'no resource',
  ),
  asks(
    'aws:PrincipalArn can be matched by its path',
    {
      me: { ...role, path: '/team/' },
      key: everyone('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::<home>:role/team/*'),
    },
    'served',
  ),
  asks(
    'aws:userid is the role’s unique id with the session’s name',
    { me: role, key: everyone('StringEquals', 'aws:userid', '<me.parent.id>:one') },
    'served',
  ),
  asks(
    'aws:userid can be matched for all sessions of a role',
    { me: role, key: everyone('StringLike', 'aws:userid', '<me.parent.id>:*') },
    'served',
  ),
  asks(
    'aws:userid of another session',
    {
      me: { ...role, session: { name: 'two' } },
      key: everyone('StringEquals', 'aws:userid', '<me.parent.id>:one'),
    },
    'no resource',
  ),
  asks(
    'aws:PrincipalType of a session is AssumedRole',
    { me: { ...role, identity: onlyIf('StringEquals', 'aws:PrincipalType', 'AssumedRole') } },
    'served',
  ),
  asks(
    'aws:username is not there in a session of a role',
    { me: { ...role, identity: onlyIf('Null', 'aws:username', 'true') } },
    'served',
  ),
  asks(
    'aws:PrincipalTag is a tag of the role',
    {
      me: { ...role, ...tagged, identity: onlyIf('StringEquals', 'aws:PrincipalTag/team', 'red') },
    },
    'served',
  ),
  asks(
    'aws:PrincipalTag is a tag of the session',
    {
      me: {
        ...role,
        session: tagged,
        identity: onlyIf('StringEquals', 'aws:PrincipalTag/team', 'red'),
      },
    },
    'served',
  ),
  asks(
    'a tag of the session stands over the role’s',
    {
      me: {
        ...role,
        ...tagged,
        session: { tags: { team: 'blue' } },
        identity: onlyIf('StringEquals', 'aws:PrincipalTag/team', 'red'),
      },
    },
    'no identity',
  ),
  asks(
    'a tag of the session stands over the role’s of another case',
    {
      me: {
        ...role,
        ...tagged,
        session: { tags: { TEAM: 'blue' } },
        identity: onlyIf('StringEquals', 'aws:PrincipalTag/team', 'blue'),
      },
    },
    'served',
  ),
  asks(
    'a tag of the session leaves the role’s others as they are',
    {
      me: {
        ...role,
        ...tagged,
        session: { tags: { stage: 'x' } },
        identity: onlyIf('StringEquals', 'aws:PrincipalTag/team', 'red'),
      },
    },
    'served',
  ),
  asks(
    'a tag of the session as a policy variable, against a tag of the key',
    {
      me: {
        ...role,
        session: tagged,
        identity: onlyIf('StringEquals', 'aws:ResourceTag/team', '${aws:PrincipalTag/team}'),
      },
      key: { input: { Tags: [{ TagKey: 'team', TagValue: 'red' }] } },
    },
    'served',
  ),
  asks(
    'a tag of the session as a policy variable, against another tag of the key',
    {
      me: {
        ...role,
        session: tagged,
        identity: onlyIf('StringEquals', 'aws:ResourceTag/team', '${aws:PrincipalTag/team}'),
      },
      key: { input: { Tags: [{ TagKey: 'team', TagValue: 'blue' }] } },
    },
    'no identity',
  ),
  asks(
    'a deny for sessions without a tag, which this one has not',
    {
      me: {
        ...role,
        identity: [may(), mayNot('kms:*', when('Null', 'aws:PrincipalTag/team', 'true'))],
      },
    },
    'deny identity',
  ),
  asks(
    'aws:SourceIdentity of a session that has one',
    {
      me: { ...role, session: { sourceIdentity: 'alice' } },
      key: everyone('StringEquals', 'aws:SourceIdentity', 'alice'),
    },
    'served',
  ),
  asks(
    'aws:SourceIdentity of somebody else',
    {
      me: { ...role, session: { sourceIdentity: 'mallory' } },
      key: everyone('StringEquals', 'aws:SourceIdentity', 'alice'),
    },
    'no resource',
  ),
  asks(
    'aws:SourceIdentity is not there in a session without one',
    { me: { ...role, identity: onlyIf('Null', 'aws:SourceIdentity', 'true') } },
    'served',
  ),
  asks(
    'AWSRevokeOlderSessions refuses the sessions before its moment',
    { me: { ...role, identity: older('2999-01-01T00:00:00Z') } },
    'deny identity',
  ),
  asks(
    'AWSRevokeOlderSessions leaves the sessions after its moment',
    { me: { ...role, identity: older('2000-01-01T00:00:00Z') } },
    'served',
  ),
  asks(
    'AWSRevokeOlderSessions does not touch an access key, which has no time of issue',
    { me: { identity: older('2999-01-01T00:00:00Z') } },
    'served',
  ),
  asks(
    'a session without a second factor is told apart from none',
    {
      me: {
        ...role,
        identity: [
          may(),
          mayNot('kms:*', when('BoolIfExists', 'aws:MultiFactorAuthPresent', 'false')),
        ],
      },
    },
    'deny identity',
  ),
  asks(
    'aws:FederatedProvider is not there in a session that a user began',
    { me: { ...role, identity: onlyIf('Null', 'aws:FederatedProvider', 'true') } },
    'served',
  ),
]

const ofUsers: readonly Case[] = [
  asks(
    'a session of a user is the user whom the key policy names',
    { me: user, key: { policy: [allow('<me>')] } },
    'served',
  ),
  asks(
    'a session of a user has the user’s policies',
    { me: { ...user, identity: [may()] } },
    'served',
  ),
  asks('a session of a user without policies', { me: user }, 'no identity'),
  asks(
    'a session of a user has the policies of its groups',
    { me: { ...user, groups: [[may()]] } },
    'served',
  ),
  asks(
    'a boundary does not limit a session of a user whom the key policy names',
    { me: { ...user, boundary: [may('kms:Decrypt')] }, key: { policy: [allow('<me>')] } },
    'served',
  ),
  asks(
    'a boundary limits a session of a user whose account the key policy names',
    { me: { ...user, identity: [may()], boundary: [may('kms:Decrypt')] } },
    'no boundary',
  ),
  asks(
    'aws:username of a session of a user',
    { me: user, key: everyone('StringEquals', 'aws:username', '<me.name>') },
    'served',
  ),
  asks(
    'aws:TokenIssueTime of a session of a user',
    { me: { ...user, identity: older('2999-01-01T00:00:00Z') } },
    'deny identity',
  ),
  asks('a session of the root user is the root user', { me: { ...user, ofRoot: true } }, 'served'),
  asks(
    'a session of the root user, and a deny of the account',
    { me: { ...user, ofRoot: true }, key: { policy: [delegation, deny('<home>')] } },
    'deny resource',
  ),
]

const ofFederated: readonly Case[] = [
  asks(
    'a federated user without session policies may do nothing',
    { me: { ...federated, identity: [may()] } },
    'no session',
  ),
  asks(
    'a federated user without session policies, the user behind it named',
    { me: { ...federated, identity: [may()] }, key: { policy: [allow('<me.parent>')] } },
    'no session',
  ),
  asks(
    'a federated user without session policies, itself named',
    { me: federated, key: { policy: [allow('<me>')] } },
    'served',
  ),
  asks(
    'a federated user without session policies, everybody named',
    { me: federated, key: { policy: [allow('*')] } },
    'served',
  ),
  asks(
    'a federated user itself named, and a deny of the user’s policy',
    { me: { ...federated, identity: [mayNot()] }, key: { policy: [allow('<me>')] } },
    'deny identity',
  ),
  asks(
    'a deny of the user behind a federated user',
    {
      me: { ...federated, identity: [may()], session: whole },
      key: { policy: [delegation, allow('<me>'), deny('<me.parent>')] },
    },
    'deny resource',
  ),
  asks(
    'a federated user is no other one of the same user',
    {
      me: { ...federated, identity: [may()], session: whole },
      key: { policy: [allow('arn:aws:sts::<home>:federated-user/somebody')] },
    },
    'no resource',
  ),
  asks(
    'a federated user has what user and session policy have in common',
    { me: { ...federated, identity: [may()], session: whole } },
    'served',
  ),
  asks(
    'a federated user of the root user has what the session policy says',
    { me: { ...federated, ofRoot: true, session: whole } },
    'served',
  ),
  asks(
    'a federated user of the root user without session policies may do nothing',
    { me: { ...federated, ofRoot: true } },
    'no session',
  ),
  asks(
    'a federated user of the root user with a session policy of something else',
    { me: { ...federated, ofRoot: true, session: decrypting } },
    'no session',
  ),
  asks(
    'aws:userid of a federated user is account and name',
    {
      me: { ...federated, session: { name: 'guest' } },
      key: everyone('StringEquals', 'aws:userid', '<home>:guest'),
    },
    'served',
  ),
  asks(
    'aws:PrincipalType of a federated user',
    { me: federated, key: everyone('StringEquals', 'aws:PrincipalType', 'FederatedUser') },
    'served',
  ),
  asks(
    'aws:PrincipalTag of a federated user is the user’s and the session’s',
    {
      me: { ...federated, ...tagged, session: { tags: { stage: 'x' } } },
      key: {
        policy: [
          allow('*', {
            Condition: {
              StringEquals: { 'aws:PrincipalTag/team': 'red', 'aws:PrincipalTag/stage': 'x' },
            },
          }),
        ],
      },
    },
    'served',
  ),
]

const ofWeb: readonly Case[] = [
  asks(
    'a session by a web identity token has the role’s policies',
    { me: { ...web, identity: [may()] } },
    'served',
  ),
  asks('a session by a web identity token without policies', { me: web }, 'no identity'),
  asks(
    'a session by a web identity token, its role named',
    { me: web, key: { policy: [allow('<me.parent>')] } },
    'served',
  ),
  asks(
    'a session by a web identity token with a session policy, its role named',
    { me: { ...web, session: decrypting }, key: { policy: [allow('<me.parent>')] } },
    'no session',
  ),
  asks(
    'a session by a web identity token with a session policy that denies',
    { me: { ...web, identity: [may()], session: { policy: [mayNot()] } } },
    'deny session',
  ),
  asks(
    'a session by a web identity token, itself named',
    { me: web, key: { policy: [allow('<me>')] } },
    'served',
  ),
  asks(
    'aws:PrincipalTag of a session by a web identity token that tells it',
    {
      me: { ...web, session: tagged },
      key: everyone('StringEquals', 'aws:PrincipalTag/team', 'red'),
    },
    'served',
  ),
  asks(
    'aws:SourceIdentity of a session by a web identity token that tells it',
    {
      me: { ...web, session: { sourceIdentity: 'alice' } },
      key: everyone('StringEquals', 'aws:SourceIdentity', 'alice'),
    },
    'served',
  ),
  asks(
    'aws:FederatedProvider of a session by a web identity token',
    {
      me: web,
      key: everyone('ArnLike', 'aws:FederatedProvider', 'arn:aws:iam::<home>:oidc-provider/*'),
    },
    'served',
  ),
  asks(
    'aws:PrincipalType of a session by a web identity token is AssumedRole',
    { me: web, key: everyone('StringEquals', 'aws:PrincipalType', 'AssumedRole') },
    'served',
  ),
]

const withoutKey = { on: '' } as const
const others: readonly Case[] = [
  {
    name: 'ListKeys is limited by a session policy',
    me: { ...able, session: decrypting },
    call: ['ListKeys'],
    expect: { why: 'no session', ...withoutKey },
  },
  {
    name: 'ListKeys is denied by a session policy',
    me: { ...able, session: { policy: [mayNot('kms:List*')] } },
    call: ['ListKeys'],
    expect: { why: 'deny session', ...withoutKey },
  },
  {
    name: 'CreateKey by a federated user without session policies',
    me: { ...federated, identity: [may()] },
    call: ['CreateKey'],
    expect: { why: 'no session', ...withoutKey },
  },
  {
    name: 'CreateKey by a session of a role that may',
    me: { ...role, identity: [may('kms:CreateKey')] },
    call: ['CreateKey'],
    expect: 'served',
  },
  {
    name: 'the key of a ciphertext is not told where a session policy limits',
    me: { ...able, session: { policy: [may('kms:Encrypt')] } },
    call: ['Decrypt', { KeyId: undefined }],
    expect: { why: 'no session', ciphertext: true },
  },
  {
    name: 'the key of a ciphertext is not told where a session policy denies',
    me: { ...able, session: { policy: [may(), mayNot('kms:Decrypt')] } },
    call: ['Decrypt', { KeyId: undefined }],
    expect: { why: 'deny session', ciphertext: true },
  },
  {
    name: 'CreateAlias is limited by a session policy on the alias',
    me: { ...able, session: { policy: [may('kms:CreateAlias', { Resource: '<key>' })] } },
    call: ['CreateAlias'],
    expect: { why: 'no session', on: 'arn:aws:kms:us-east-1:<home>:alias/<n>' },
  },
  ...(['<me.parent>', '<me>'] as const).map(
    (named): Case => ({
      name: `a session of a role stores a key policy that names ${named}`,
      me: able,
      call: [
        'PutKeyPolicy',
        { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [allow(named)] }) },
      ],
      expect: 'served',
    }),
  ),
  {
    name: 'a session of a role that stores a key policy for another role locks itself out',
    me: able,
    others: { twin: role },
    call: [
      'PutKeyPolicy',
      { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [allow('<twin.parent>')] }) },
    ],
    expect: [
      'MalformedPolicyDocumentException',
      'The new key policy will not allow you to update the key policy in the future.',
    ],
  },
]

export const sessionCases: readonly Case[] = [
  ...golden,
  ...names,
  ...conditions,
  ...ofUsers,
  ...ofFederated,
  ...ofWeb,
  ...others,
]
