/** Session tags and source identity: given once, inherited from role to role. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, type Credentials, iamClient } from '../support/iam.ts'
import { recordOf } from '../support/record.ts'
import { startService } from '../support/service.ts'
import { makeRole, makeUser, refusedBySts, stsClient, taken } from '../support/sts.ts'

const trent = await startService()
const { accountId } = trent
const iam = iamClient(trent)
const alice = await makeUser(trent, 'alice', { policy: allowing('sts:*') })
const actions = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
const trust = [{ principal: { AWS: accountId }, actions }]
const policy = allowing('sts:*', 'iam:*')
const first = await makeRole(trent, 'First', { trust, policy, tags: { Team: 'role', Own: 'x' } })
const second = await makeRole(trent, 'Second', {
  trust,
  policy,
  tags: { team: 'second', Other: 'y' },
})
const plain = await makeRole(trent, 'Plain', { trust: [{ principal: { AWS: accountId } }], policy })

const assume = (RoleArn: string, more: object = {}, credentials: Credentials = alice.credentials) =>
  stsClient(trent, { credentials }).assumeRole({ RoleArn, RoleSessionName: 'one', ...more })

const invalid = (text: string) => [400, 'InvalidParameterValue', text] as const
const denied = (arn: string, roleArn: string, action: string) =>
  [
    403,
    'AccessDenied',
    `User: ${arn} is not authorized to perform: ${action} on resource: ${roleArn}`,
  ] as const

/** Asserts what aws:PrincipalTag is for these credentials, by policies that ask for it. */
async function assertTags(
  credentials: Credentials,
  role: string,
  tags: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const wanted = Object.entries(tags)
  const keys = (given: boolean) => wanted.filter(([, value]) => (value !== undefined) === given)
  const named = (list: typeof wanted, value: (text: string) => string) =>
    Object.fromEntries(list.map(([key, text = '']) => [`aws:PrincipalTag/${key}`, value(text)]))
  const Statement = [
    {
      Effect: 'Allow',
      Action: 'sts:GetAccessKeyInfo',
      Resource: '*',
      Condition: {
        StringEquals: named(keys(true), (text) => text),
        Null: named(keys(false), () => 'true'),
      },
    },
  ]
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  const own = iamClient(trent)
  await own.putRolePolicy({ RoleName: role, PolicyName: 'own', PolicyDocument })
  try {
    const { accessKeyId: AccessKeyId } = alice.credentials
    await stsClient(trent, { credentials }).getAccessKeyInfo({ AccessKeyId })
  } finally {
    await own.putRolePolicy({ RoleName: role, PolicyName: 'own', PolicyDocument: policy })
  }
}

test('session tags stand over the role’s tags, in whatever case', async () => {
  const Tags = [{ Key: 'TEAM', Value: 'session' }]
  const { Credentials } = await assume(first.arn, { Tags })
  await assertTags(taken(Credentials), 'First', { Team: 'session', Own: 'x', Project: undefined })
})

test('tags need a permission of their own', async () => {
  const Tags = [{ Key: 'a', Value: 'b' }]
  await refusedBySts(assume(plain.arn, { Tags }), denied(alice.arn, plain.arn, 'sts:TagSession'))
  await assume(plain.arn, { Tags: [] })
})

test('what is wrong with tags is told before anybody asks for the role', async () => {
  const RoleArn = `arn:aws:iam::${accountId}:role/Missing`
  const tag = (Key: string) => ({ Key, Value: 'v' })
  await refusedBySts(
    assume(RoleArn, { Tags: [tag('a')], TransitiveTagKeys: ['b'] }),
    invalid('The specified transitive tag key must be included in the requested tags.'),
  )
  await refusedBySts(
    assume(RoleArn, { Tags: [tag('a'), tag('A')] }),
    invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.'),
  )
  await refusedBySts(
    assume(RoleArn, { Tags: [tag('aws:a')] }),
    invalid('Tag keys that begin with aws: are reserved for use by AWS.'),
  )
})

test('transitive tags go on from role to role and cannot be changed on the way', async () => {
  const Tags = [
    { Key: 'Team', Value: 'red' },
    { Key: 'Once', Value: 'here' },
  ]
  const one = await assume(first.arn, { Tags, TransitiveTagKeys: ['TEAM'] })
  const chained = taken(one.Credentials)
  const two = await assume(second.arn, { Tags: [{ Key: 'New', Value: 'n' }] }, chained)
  await assertTags(taken(two.Credentials), 'Second', {
    Team: 'red',
    Once: undefined,
    Other: 'y',
    Own: undefined,
    New: 'n',
  })
  const three = await assume(first.arn, {}, taken(two.Credentials))
  await assertTags(taken(three.Credentials), 'First', { Team: 'red', New: undefined, Own: 'x' })
  await refusedBySts(
    assume(second.arn, { Tags: [{ Key: 'team', Value: 'blue' }] }, chained),
    invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    ),
  )
  const caller = one.AssumedRoleUser?.Arn ?? ''
  const refusal = denied(caller, plain.arn, 'sts:TagSession')
  await refusedBySts(assume(plain.arn, {}, chained), refusal)
})

test('the trust policy sees the tags of the request and the keys that go on', async () => {
  const { arn } = await makeRole(trent, 'Picky', {
    trust: [
      {
        principal: { AWS: alice.arn },
        actions,
        condition: {
          StringEquals: { 'aws:RequestTag/Team': ['red', 'blue'] },
          'ForAllValues:StringEquals': {
            'aws:TagKeys': ['Team', 'Cost'],
            'sts:TransitiveTagKeys': ['Team'],
          },
        },
      },
    ],
  })
  const ask = (tags: Readonly<Record<string, string>>, TransitiveTagKeys: string[] = []) => {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
    return assume(arn, { Tags, TransitiveTagKeys })
  }
  await ask({ Team: 'red', Cost: '1' }, ['Team'])
  const refusal = denied(alice.arn, arn, 'sts:AssumeRole')
  await refusedBySts(ask({ Team: 'green' }), refusal)
  await refusedBySts(ask({ Team: 'red', More: 'x' }), refusal)
  await refusedBySts(ask({ Team: 'red', Cost: '1' }, ['Cost']), refusal)
})

test('a source identity is asked about before the role is, whether or not there is one', async () => {
  const { arn } = await makeRole(trent, 'ForAlice', {
    trust: [
      {
        principal: { AWS: alice.arn },
        actions,
        condition: { StringEquals: { 'sts:SourceIdentity': 'Alice' } },
      },
    ],
  })
  await assume(arn, { SourceIdentity: 'Alice' })
  await refusedBySts(assume(arn, {}), denied(alice.arn, arn, 'sts:AssumeRole'))
  for (const RoleArn of [arn, `${arn}-missing`]) {
    const refusal = denied(alice.arn, RoleArn, 'sts:SetSourceIdentity')
    await refusedBySts(assume(RoleArn, { SourceIdentity: 'Bob' }), refusal)
  }
})

test('a source identity is set once, and stands in every event that follows', async () => {
  const one = await assume(first.arn, { SourceIdentity: 'Alice' })
  assert.equal(one.SourceIdentity, 'Alice')
  const chained = taken(one.Credentials)
  const two = await assume(second.arn, {}, chained)
  assert.equal(two.SourceIdentity, 'Alice')
  await assume(second.arn, { SourceIdentity: 'Alice' }, chained)
  const caller = one.AssumedRoleUser?.Arn ?? ''
  await refusedBySts(assume(second.arn, { SourceIdentity: 'Bob' }, chained), [
    400,
    'ValidationError',
    'The source identity is already set for this assume role session',
  ])
  const setting = denied(caller, plain.arn, 'sts:SetSourceIdentity')
  await refusedBySts(assume(plain.arn, {}, chained), setting)
  const me = await stsClient(trent, { credentials: taken(two.Credentials) }).getCallerIdentity({})
  const { sessionContext } = recordOf(trent, me).userIdentity
  assert.equal((sessionContext as Record<string, unknown>)['sourceIdentity'], 'Alice')
  const { Policy } = await iam.createPolicy({
    PolicyName: 'OnlyBob',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: '*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:SourceIdentity': 'Bob' } },
        },
      ],
    }),
  })
  const limited = await assume(second.arn, { PolicyArns: [{ arn: Policy?.Arn }] }, chained)
  const call = iamClient(trent, { credentials: taken(limited.Credentials) }).listUsers({})
  await assert.rejects(call, /because no session policy allows/)
})
