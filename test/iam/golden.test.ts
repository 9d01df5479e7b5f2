/**
 * The golden cases of IAM, by their numbers; those of STS stand with STS.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allowing,
  createKey,
  createUser,
  iamClient,
  policyOf,
  putPolicy,
  refusedByIam,
  trusting,
} from '../support/iam.ts'
import { assertFault, element, resultOf, sendQuery } from '../support/iam-query.ts'
import { startService } from '../support/service.ts'
import { stsClient, taken } from '../support/sts.ts'

const trent = await startService({ regions: ['us-east-1', 'eu-west-1'] })
const iam = iamClient(trent)
const account = trent.accountId
const aws = 'http://webservices.amazon.com/AWSFault/2005-15-09'
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const allow = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }

test('Q1: a list signed for another region of the service, on its own URL', async () => {
  const answer = await sendQuery(trent, { Action: 'ListUsers' }, { region: 'eu-west-1' })
  assert.equal(resultOf(answer, 'ListUsers'), '<Users/><IsTruncated>false</IsTruncated>')
})

test('Q2: an action that IAM does not have', async () => {
  assertFault(
    await sendQuery(trent, { Action: 'Nope' }),
    [400, 'InvalidAction', 'Could not find operation Nope for version 2010-05-08'],
    aws,
  )
})

test('Q3: a name is taken in any case, and told as it was asked for', async () => {
  await iam.createUser({ UserName: 'bob' })
  await refusedByIam(iam.createUser({ UserName: 'BOB' }), [
    409,
    'EntityAlreadyExists',
    'User with name BOB already exists.',
  ])
})

test('Q4: a session of a role has no user name of its own', async () => {
  const user = await createUser(trent, 'q4', { document: allowing('sts:AssumeRole') })
  const named = { RoleName: 'q4' }
  const { Role } = await iam.createRole({
    ...named,
    AssumeRolePolicyDocument: trusting(account),
  })
  const own = { PolicyName: 'own', PolicyDocument: allowing('iam:*') }
  await iam.putRolePolicy({ ...named, ...own })
  const sts = stsClient(trent, { credentials: user.credentials })
  const asked = { RoleArn: Role?.Arn, RoleSessionName: 'one' }
  const { Credentials: given } = await sts.assumeRole(asked)
  const session = iamClient(trent, { credentials: taken(given) })
  for (const call of [
    () => session.getUser({}),
    () => session.listAccessKeys({}),
    () => session.createAccessKey({}),
  ]) {
    await refusedByIam(call(), [
      400,
      'ValidationError',
      'Must specify userName when calling with non-User credentials',
    ])
  }
  assert.equal((await session.getUser({ UserName: 'q4' })).User?.UserName, 'q4')
})

test('Q5: a third access key', async () => {
  await iam.createUser({ UserName: 'q5' })
  await createKey(iam, 'q5')
  await createKey(iam, 'q5')
  await refusedByIam(iam.createAccessKey({ UserName: 'q5' }), [
    409,
    'LimitExceeded',
    'Cannot exceed quota for AccessKeysPerUser: 2',
  ])
})

test('Q6: an access key that is not there', () =>
  refusedByIam(
    iam.updateAccessKey({
      UserName: 'bob',
      AccessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      Status: 'Inactive',
    }),
    [404, 'NoSuchEntity', 'The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.'],
  ))

test('Q7: the last use of an access key that is not there', () =>
  refusedByIam(iam.getAccessKeyLastUsed({ AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' }), [
    403,
    'AccessDenied',
    `User: arn:aws:iam::${account}:root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key AKIAIOSFODNN7EXAMPLE`,
  ]))

test('Q8: a user with policies is not deleted', async () => {
  await iam.createUser({ UserName: 'q8' })
  await iam.attachUserPolicy({ UserName: 'q8', PolicyArn: readOnly })
  await putPolicy(iam, 'q8', allowing('kms:*'))
  const refused = (text: string) =>
    refusedByIam(iam.deleteUser({ UserName: 'q8' }), [409, 'DeleteConflict', text])
  await refused('Cannot delete entity, must detach all policies first.')
  await iam.detachUserPolicy({ UserName: 'q8', PolicyArn: readOnly })
  await refused('Cannot delete entity, must delete policies first.')
  await iam.deleteUserPolicy({ UserName: 'q8', PolicyName: 'test' })
  await iam.deleteUser({ UserName: 'q8' })
})

const twice = [
  { Key: 'a', Value: '1' },
  { Key: 'A', Value: '2' },
]

test('Q9: keys of tags that differ by case are one for roles and two for policies', async () => {
  await refusedByIam(
    iam.createRole({
      RoleName: 'q9',
      AssumeRolePolicyDocument: trusting(account),
      Tags: twice,
    }),
    [
      400,
      'InvalidInput',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
  )
  const created = await iam.createPolicy({
    PolicyName: 'q9',
    PolicyDocument: allowing('kms:*'),
    Tags: twice,
  })
  assert.deepEqual(created.Policy?.Tags, twice)
})

test('Q10: fifty-one tags at once', async () => {
  const RoleName = 'q10'
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: trusting(account) })
  const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }))
  await refusedByIam(iam.tagRole({ RoleName, Tags }), [
    400,
    'ValidationError',
    "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
  ])
})

const tooOld = [
  400,
  'MalformedPolicyDocument',
  'Policy document must be version 2012-10-17 or greater.',
] as const

test('Q11: a managed policy of the older version', () =>
  refusedByIam(
    iam.createPolicy({
      PolicyName: 'q11',
      PolicyDocument: JSON.stringify({ Version: '2008-10-17', Statement: allow }),
    }),
    tooOld,
  ))

test('Q12: the version is looked at before the case of an effect', () =>
  refusedByIam(
    iam.createPolicy({
      PolicyName: 'q12',
      PolicyDocument: JSON.stringify({ Statement: { ...allow, Effect: 'denY' } }),
    }),
    tooOld,
  ))

test('Q13: five versions at once, and numbers that are never given again', async () => {
  const created = await iam.createPolicy({ PolicyName: 'q13', PolicyDocument: policyOf(allow) })
  const version = { PolicyArn: created.Policy?.Arn ?? '', PolicyDocument: policyOf(allow) }
  for (let count = 2; count <= 5; count += 1) await iam.createPolicyVersion(version)
  await refusedByIam(iam.createPolicyVersion(version), [
    409,
    'LimitExceeded',
    'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
  ])
  await iam.deletePolicyVersion({ PolicyArn: version.PolicyArn, VersionId: 'v2' })
  const { PolicyVersion } = await iam.createPolicyVersion(version)
  assert.equal(PolicyVersion?.VersionId, 'v6')
})

test('Q14: the default version stays', () =>
  refusedByIam(
    iam.deletePolicyVersion({
      PolicyArn: `arn:aws:iam::${account}:policy/q13`,
      VersionId: 'v1',
    }),
    [409, 'DeleteConflict', 'Cannot delete the default version of a policy.'],
  ))

test('Q15: what is attached has an ARN', () =>
  refusedByIam(iam.attachRolePolicy({ RoleName: 'q10', PolicyArn: 'mypolicyname-not-an-arn' }), [
    400,
    'ValidationError',
    'ARN mypolicyname-not-an-arn is not valid.',
  ]))

test('Q16: detaching what is not attached', () =>
  refusedByIam(iam.detachUserPolicy({ UserName: 'bob', PolicyArn: readOnly }), [
    404,
    'NoSuchEntity',
    `Policy ${readOnly} was not found.`,
  ]))

test('Q17: a boundary that is no policy', async () => {
  const PermissionsBoundary = 'arn:aws:iam::111111111111:not_a_policy/x'
  await refusedByIam(iam.putRolePermissionsBoundary({ RoleName: 'q10', PermissionsBoundary }), [
    400,
    'InvalidInput',
    `ARN ${PermissionsBoundary} is not valid.`,
  ])
})

test('Q18: a trust policy is about STS alone', () =>
  refusedByIam(
    iam.updateAssumeRolePolicy({
      RoleName: 'q10',
      PolicyDocument: trusting(account).replace('sts:AssumeRole', 's3:GetObject'),
    }),
    [400, 'MalformedPolicyDocument', 'AssumeRole policy may only specify STS AssumeRole actions.'],
  ))

test('Q19: an issuer without a scheme', () =>
  refusedByIam(iam.createOpenIDConnectProvider({ Url: 'example.org' }), [
    400,
    'ValidationError',
    'Invalid Open ID Connect Provider URL',
  ]))

test('Q20: an OpenID Connect provider is deleted once', async () => {
  const created = await iam.createOpenIDConnectProvider({ Url: 'https://q20.example.org' })
  const OpenIDConnectProviderArn = created.OpenIDConnectProviderArn ?? ''
  await iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn })
  await refusedByIam(iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn }), [
    404,
    'NoSuchEntity',
    `OpenId connect Provider ${OpenIDConnectProviderArn} cannot be found.`,
  ])
})

test('Q21: whoever is no member leaves a group without a word', async () => {
  await iam.createGroup({ GroupName: 'q21' })
  const { $metadata } = await iam.removeUserFromGroup({ GroupName: 'q21', UserName: 'bob' })
  assert.equal($metadata.httpStatusCode, 200)
})

test('Q28: a user that is renamed keeps its id and its access keys, and goes by its new name', async () => {
  const user = await createUser(trent, 'q28', { document: allowing('iam:GetUser') })
  const { User: before } = await user.iam.getUser({})
  const sts = stsClient(trent, { credentials: user.credentials })
  const shown = async () => {
    const { UserId, Arn } = await sts.getCallerIdentity({})
    return [UserId, Arn]
  }
  assert.deepEqual(await shown(), [before?.UserId, `arn:aws:iam::${account}:user/q28`])
  await iam.updateUser({ UserName: 'q28', NewUserName: 'renamed', NewPath: '/new/' })
  assert.deepEqual(await shown(), [before?.UserId, `arn:aws:iam::${account}:user/new/renamed`])
  await iam.updateUser({ UserName: 'renamed', NewPath: '/' })
  const { User: after } = await user.iam.getUser({})
  assert.equal(after?.UserId, before?.UserId)
  assert.equal(after?.UserName, 'renamed')
  await refusedByIam(user.iam.listUsers({}), [
    403,
    'AccessDenied',
    `User: arn:aws:iam::${account}:user/renamed is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${account}:user/ because no identity-based policy allows the iam:ListUsers action`,
  ])
})

test('Q29: a document is percent-encoded, spaces and plus signs too', async () => {
  const PolicyDocument = `{"Version": "2012-10-17", "Statement": ${JSON.stringify({ ...allow, Resource: 'arn:aws:kms:*:*:key/a+b%2F*' })}}`
  await iam.putRolePolicy({ RoleName: 'q10', PolicyName: 'q29', PolicyDocument })
  const parameters = { Action: 'GetRolePolicy', RoleName: 'q10', PolicyName: 'q29' }
  const { body } = await sendQuery(trent, parameters)
  const encoded = element(body, 'PolicyDocument') ?? ''
  assert.match(encoded, /^[A-Za-z0-9._~%-]+$/)
  assert.match(encoded, /%22Version%22%3A%20%222012-10-17%22/)
  assert.match(encoded, /a%2Bb%252F%2A/)
  assert.equal(decodeURIComponent(encoded), PolicyDocument)
})

test('Q30: an empty list of keys takes no tag away', async () => {
  await iam.tagUser({ UserName: 'bob', Tags: [{ Key: 'kept', Value: 'v' }] })
  const answer = await sendQuery(trent, { Action: 'UntagUser', UserName: 'bob', TagKeys: '' })
  assert.equal(resultOf(answer, 'UntagUser'), undefined)
  const { Tags } = await iam.listUserTags({ UserName: 'bob' })
  assert.deepEqual(Tags, [{ Key: 'kept', Value: 'v' }])
})
