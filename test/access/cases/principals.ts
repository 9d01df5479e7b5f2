/**
 * Whom a Principal element means: accounts, users by path and spelling, those that were deleted or renamed since, and
 * everybody but somebody.
 */
import { type Case, allow, delegation, deny, may, type Statement } from './case.ts'

const invalid = [
  'MalformedPolicyDocumentException',
  'Policy contains a statement with one or more invalid principals.',
] as const
const storing = (statement: Statement): Case['call'] => [
  'PutKeyPolicy',
  {
    Policy: JSON.stringify({ Version: '2012-10-17', Statement: [delegation, statement] }),
  },
]
const me = { identity: [may()] }
const of = (Principal: Statement | string, more: Statement = {}): Statement => ({
  Effect: 'Allow',
  Principal,
  Action: 'kms:*',
  Resource: '*',
  ...more,
})
const butFor = (NotPrincipal: Statement, Effect: 'Allow' | 'Deny'): Statement => ({
  Effect,
  NotPrincipal,
  Action: 'kms:*',
  Resource: '*',
})

export const principalCases: readonly Case[] = [
  {
    name: 'an account is named by the ARN of its root user',
    me,
    key: { policy: [allow('arn:aws:iam::<home>:root')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'an account is named by its number',
    me,
    key: { policy: [allow('<home>')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'the bare star is everybody',
    key: { policy: [of('*')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'everybody, but for a condition on the ARN that another one has',
    me,
    others: { bob: {} },
    key: {
      policy: [of('*', { Condition: { ArnEquals: { 'aws:PrincipalArn': '<bob>' } } })],
    },
    call: ['Encrypt'],
    expect: 'no resource',
  },
  {
    name: 'everybody with a condition on the ARN is the user itself, whom a boundary does not limit',
    me: { boundary: [may('kms:Decrypt')] },
    key: { policy: [of('*', { Condition: { ArnEquals: { 'aws:PrincipalArn': '<me>' } } })] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'everybody of an account, by a condition, is let in without a policy of its own',
    key: { policy: [of('*', { Condition: { StringEquals: { 'kms:CallerAccount': '<home>' } } })] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'everybody of an account, by a condition, is not of another account',
    me: { account: 'away', identity: [may()] },
    key: { policy: [of('*', { Condition: { StringEquals: { 'kms:CallerAccount': '<home>' } } })] },
    call: ['Encrypt'],
    expect: 'across',
  },
  {
    name: 'a user with a path is named with it',
    me: { path: '/team/blue/' },
    key: { policy: [allow('<me>')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'one of several principals is enough',
    others: { bob: {} },
    key: { policy: [allow(['<bob>', '<me>', '<third>'])] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a user with a path is not the one that has its name without it',
    me: { ...me, path: '/team/' },
    call: storing(allow('arn:aws:iam::<home>:user/<me.name>')),
    expect: invalid,
  },
  {
    name: 'a user that is not there cannot be named',
    me,
    call: storing(allow('arn:aws:iam::<home>:user/nobody')),
    expect: invalid,
  },
  {
    name: 'a user is named as it is spelt, its path in the same case',
    me: { ...me, path: '/Team/' },
    call: storing(allow('arn:aws:iam::<home>:user/team/<me.name>')),
    expect: invalid,
  },
  {
    name: 'a user of another account is named like one of this',
    me: { account: 'away', identity: [may('kms:Encrypt', { Resource: '<key>' })] },
    key: { policy: [delegation, allow('<me>', { Action: 'kms:Encrypt' })] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'an account that is not there cannot be named',
    me,
    call: storing(allow('arn:aws:iam::000000000000:root')),
    expect: invalid,
  },
  {
    name: 'a wildcard inside of a principal is none',
    me,
    call: storing(allow('arn:aws:iam::<home>:user/*')),
    expect: invalid,
  },
  {
    name: 'a group is no principal',
    me,
    call: storing(allow('arn:aws:iam::<home>:group/everybody')),
    expect: ['InvalidArnException', 'An ARN in the specified key policy is invalid.'],
  },
  {
    name: 'a statement without a principal is refused',
    me,
    call: storing({ Effect: 'Allow', Action: 'kms:*', Resource: '*' }),
    expect: ['MalformedPolicyDocumentException', 'Policy contains a statement with no principal.'],
  },
  {
    name: 'a service is no user',
    key: { policy: [of({ Service: 'ec2.amazonaws.com' })] },
    call: ['Encrypt'],
    expect: 'no resource',
  },
  {
    name: 'a user beside a service is let in',
    key: { policy: [of({ Service: 'ec2.amazonaws.com', AWS: '<me>' })] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a deny but for the user and its account spares the user',
    key: { policy: [allow('<me>'), butFor({ AWS: ['<me>', '<home>'] }, 'Deny')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'a deny but for another user is one for this one',
    others: { bob: {} },
    key: { policy: [allow('<me>'), butFor({ AWS: ['<bob>', '<home>'] }, 'Deny')] },
    call: ['Encrypt'],
    expect: 'deny resource',
  },
  {
    name: 'a deny but for the user alone is one for its account, and so for the user',
    key: { policy: [allow('<me>'), butFor({ AWS: '<me>' }, 'Deny')] },
    call: ['Encrypt'],
    expect: 'deny resource',
  },
  {
    name: 'an allow but for another user leaves the user in',
    others: { bob: {} },
    key: { policy: [butFor({ AWS: '<bob>' }, 'Allow')] },
    call: ['Encrypt'],
    expect: 'served',
  },
  {
    name: 'an allow but for the user leaves it out',
    key: { policy: [butFor({ AWS: '<me>' }, 'Allow')] },
    call: ['Encrypt'],
    expect: 'no resource',
  },
  {
    name: 'a unique id that stands for nobody is refused',
    me,
    call: storing(allow('AIDAAAAAAAAAAAAAAAAAA')),
    expect: invalid,
  },
  {
    name: 'a deny of a foreign account does not touch the user',
    key: { policy: [allow('<me>'), deny('<away>')] },
    call: ['Encrypt'],
    expect: 'served',
  },
]
