/** AssumeRole: who may, in which words others are refused, and what a session is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, iamClient, refusedByIam } from '../support/iam.ts'
import { startService } from '../support/service.ts'
import { makeRole, makeUser, refusedBySts, stsClient, taken } from '../support/sts.ts'

const trent = await startService()
const { accountId } = trent
const other = await trent.createAccount()
const alice = await makeUser(trent, 'alice', { policy: allowing('sts:*') })
const bob = await makeUser(trent, 'bob')
const carol = await makeUser(trent, 'carol', {
  account: other.credentials,
  policy: allowing('sts:AssumeRole'),
})
const dave = await makeUser(trent, 'dave', { account: other.credentials })
const aliceSts = stsClient(trent, { credentials: alice.credentials })
const delegating = [
  { principal: { AWS: accountId }, actions: ['sts:AssumeRole', 'sts:TagSession'] },
]
const role = await makeRole(trent, 'Plain', {
  trust: delegating,
  policy: allowing('iam:GetRole'),
  path: '/team/',
})

const denied = (arn: string, roleArn: string, action = 'sts:AssumeRole') =>
  [
    403,
    'AccessDenied',
    `User: ${arn} is not authorized to perform: ${action} on resource: ${roleArn}`,
  ] as const

test('a session is named by role and session, without the path, and has the role’s permissions', async () => {
  const before = trent.clock.now()
  const answer = await aliceSts.assumeRole({ RoleArn: role.arn, RoleSessionName: 'one' })
  const arn = `arn:aws:sts::${accountId}:assumed-role/Plain/one`
  assert.deepEqual(answer.AssumedRoleUser, { AssumedRoleId: `${role.id}:one`, Arn: arn })
  assert.equal(answer.PackedPolicySize, undefined)
  assert.equal(answer.SourceIdentity, undefined)
  assert.match(answer.Credentials?.AccessKeyId ?? '', /^ASIA[A-Z2-7]{16}$/)
  const second = Math.floor(before / 1000)
  assert.equal(answer.Credentials?.Expiration?.getTime(), (second + 3600) * 1000)
  const credentials = taken(answer.Credentials)
  const me = await stsClient(trent, { credentials }).getCallerIdentity({})
  assert.deepEqual([me.UserId, me.Account, me.Arn], [`${role.id}:one`, accountId, arn])
  const iam = iamClient(trent, { credentials })
  assert.equal((await iam.getRole({ RoleName: 'Plain' })).Role?.Arn, role.arn)
  await refusedByIam(iam.getUser({ UserName: 'alice' }), [
    403,
    'AccessDenied',
    `User: ${arn} is not authorized to perform: iam:GetUser on resource: arn:aws:iam::${accountId}:user/alice because no identity-based policy allows the iam:GetUser action`,
  ])
  await refusedByIam(iam.getUser({}), [
    400,
    'ValidationError',
    'Must specify userName when calling with non-User credentials',
  ])
})

test('a role that is not there is refused like one that does not trust', async () => {
  const missing = `arn:aws:iam::${accountId}:role/Missing`
  const wrongPath = `arn:aws:iam::${accountId}:role/Plain`
  const elsewhere = `arn:aws:iam::999999999999:role/Plain`
  const silent = await makeRole(trent, 'Silent', { trust: [{ principal: { AWS: bob.arn } }] })
  const kms = `arn:aws:kms:us-east-1:${accountId}:key/abc`
  for (const RoleArn of [missing, wrongPath, elsewhere, silent.arn, kms]) {
    const call = aliceSts.assumeRole({ RoleArn, RoleSessionName: 'one' })
    await refusedBySts(call, denied(alice.arn, RoleArn))
  }
})

test('a policy that names the user needs no other, one that names the account does', async () => {
  const named = await makeRole(trent, 'Named', { trust: [{ principal: { AWS: bob.arn } }] })
  const sts = stsClient(trent, { credentials: bob.credentials })
  await sts.assumeRole({ RoleArn: named.arn, RoleSessionName: 'one' })
  await refusedBySts(
    sts.assumeRole({ RoleArn: role.arn, RoleSessionName: 'one' }),
    denied(bob.arn, role.arn),
  )
})

test('a user of another account needs both the trust and a policy of its own', async () => {
  const named = await makeRole(trent, 'Across', {
    trust: [{ principal: { AWS: [carol.arn, dave.arn] } }],
  })
  const ask = (credentials: typeof carol.credentials, RoleArn: string) =>
    stsClient(trent, { credentials }).assumeRole({ RoleArn, RoleSessionName: 'one' })
  await ask(carol.credentials, named.arn)
  await refusedBySts(ask(dave.credentials, named.arn), denied(dave.arn, named.arn))
  await refusedBySts(ask(carol.credentials, role.arn), denied(carol.arn, role.arn))
})

test('a deny of the caller’s own wins over the trust', async () => {
  const iam = iamClient(trent)
  const eve = await makeUser(trent, 'eve')
  const named = await makeRole(trent, 'Denied', { trust: [{ principal: { AWS: eve.arn } }] })
  const sts = stsClient(trent, { credentials: eve.credentials })
  const ask = () => sts.assumeRole({ RoleArn: named.arn, RoleSessionName: 'one' })
  await ask()
  const Statement = [{ Effect: 'Deny', Action: 'sts:AssumeRole', Resource: named.arn }]
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  await iam.putUserPolicy({ UserName: 'eve', PolicyName: 'no', PolicyDocument })
  await refusedBySts(ask(), denied(eve.arn, named.arn))
})

test('somebody else under the name of a trusted user is not trusted', async () => {
  const iam = iamClient(trent)
  const first = await makeUser(trent, 'frank')
  const named = await makeRole(trent, 'Franks', { trust: [{ principal: { AWS: first.arn } }] })
  const ask = (credentials: typeof first.credentials) =>
    stsClient(trent, { credentials }).assumeRole({ RoleArn: named.arn, RoleSessionName: 'one' })
  await ask(first.credentials)
  const { accessKeyId: AccessKeyId } = first.credentials
  await iam.deleteAccessKey({ UserName: 'frank', AccessKeyId })
  await iam.deleteUser({ UserName: 'frank' })
  const second = await makeUser(trent, 'frank')
  await refusedBySts(ask(second.credentials), denied(second.arn, named.arn))
})

test('root users assume no roles', async () => {
  await refusedBySts(stsClient(trent).assumeRole({ RoleArn: role.arn, RoleSessionName: 'one' }), [
    403,
    'AccessDenied',
    'Roles may not be assumed by root accounts.',
  ])
})

test('the external id has to be the one that the trust policy asks for', async () => {
  const { arn: RoleArn } = await makeRole(trent, 'External', {
    trust: [
      {
        principal: { AWS: alice.arn },
        condition: { StringEquals: { 'sts:ExternalId': 'secret/1' } },
      },
    ],
  })
  const ask = (ExternalId?: string) =>
    aliceSts.assumeRole({ RoleArn, RoleSessionName: 'one', ...(ExternalId && { ExternalId }) })
  await ask('secret/1')
  for (const wrong of [undefined, 'secret/2']) {
    await refusedBySts(ask(wrong), denied(alice.arn, RoleArn))
  }
})

test('conditions see session name, tags of the role, source address and time of the call', async () => {
  const { arn: RoleArn } = await makeRole(trent, 'Conditions', {
    tags: { Team: 'red' },
    trust: [
      {
        principal: { AWS: accountId },
        condition: {
          StringLike: { 'sts:RoleSessionName': 'app-*' },
          StringEquals: {
            'aws:ResourceTag/team': 'red',
            'iam:ResourceTag/Team': 'red',
            'aws:PrincipalArn': alice.arn,
            'aws:ResourceAccount': accountId,
          },
          IpAddress: { 'aws:SourceIp': '127.0.0.0/8' },
          Null: { 'sts:DurationSeconds': 'true', 'sts:ExternalId': 'true' },
        },
      },
    ],
  })
  await aliceSts.assumeRole({ RoleArn, RoleSessionName: 'app-1', DurationSeconds: 900 })
  const call = aliceSts.assumeRole({ RoleArn, RoleSessionName: 'job-1' })
  await refusedBySts(call, denied(alice.arn, RoleArn))
})

test('what is wrong with the parameters is told first, and with their values', async () => {
  const violated = (text: string) =>
    [400, 'ValidationError', `1 validation error detected: ${text}`] as const
  const RoleArn = role.arn
  const ask = (input: object) => aliceSts.assumeRole({ RoleArn, RoleSessionName: 'one', ...input })
  await refusedBySts(
    ask({ RoleSessionName: 'Session1:2' }),
    violated(
      "Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    ),
  )
  await refusedBySts(
    ask({ RoleSessionName: 'x'.repeat(65) }),
    violated(
      `Value '${'x'.repeat(65)}' at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ),
  )
  await refusedBySts(
    ask({ Policy: ' '.repeat(2049) }),
    violated(
      `Value '${' '.repeat(2049)}' at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048`,
    ),
  )
  await refusedBySts(
    ask({ DurationSeconds: 899 }),
    violated(
      "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ),
  )
  await refusedBySts(
    ask({ DurationSeconds: 43_201 }),
    violated(
      "Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
    ),
  )
  for (const wrong of [
    'nothing-valid-in-here',
    'arn::b:::something/test-role',
    'arn:a::::something/test-role',
    'arn:a:::something/test-role',
    'arn:a:a::aaaaaaaaaa:',
  ]) {
    await refusedBySts(ask({ RoleArn: wrong }), [400, 'ValidationError', `${wrong} is invalid`])
  }
})

test('the length of a session is bounded by the role, and by an hour in a chain', async () => {
  const long = await makeRole(trent, 'Long', {
    trust: [{ principal: { AWS: accountId } }],
    policy: allowing('sts:AssumeRole'),
    seconds: 7200,
  })
  const ask = (RoleArn: string, DurationSeconds: number, sts = aliceSts) =>
    sts.assumeRole({ RoleArn, RoleSessionName: 'one', DurationSeconds })
  const tooLong = [
    400,
    'ValidationError',
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  ] as const
  await refusedBySts(ask(role.arn, 3601), tooLong)
  await refusedBySts(ask(long.arn, 7201), tooLong)
  const { Credentials } = await ask(long.arn, 7200)
  const chained = stsClient(trent, { credentials: taken(Credentials) })
  await ask(long.arn, 3600, chained)
  const { Credentials: own } = await aliceSts.getSessionToken({})
  for (const sts of [chained, stsClient(trent, { credentials: taken(own) })]) {
    await refusedBySts(ask(long.arn, 7200, sts), [
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    ])
  }
})

test('codes of devices that nobody knows are wrong', async () => {
  const ask = (input: object) =>
    aliceSts.assumeRole({ RoleArn: role.arn, RoleSessionName: 'one', ...input })
  const SerialNumber = `arn:aws:iam::${accountId}:mfa/alice`
  for (const half of [{ SerialNumber }, { TokenCode: '123456' }]) {
    await refusedBySts(ask(half), [
      403,
      'AccessDenied',
      'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ',
    ])
  }
  await refusedBySts(ask({ SerialNumber, TokenCode: '123456' }), [
    403,
    'AccessDenied',
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. ',
  ])
})
