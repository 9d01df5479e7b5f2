/**
 * The Query protocol as IAM speaks it: what the SDK cannot send, and the XML as it comes.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUser, iamClient } from '../support/iam.ts'
import {
  assertFault,
  element,
  resultOf,
  sendForm,
  sendPresigned,
  sendQuery,
} from '../support/iam-query.ts'
import { startService } from '../support/service.ts'
import { send } from '../support/wire.ts'

const trent = await startService()
const iam = iamClient(trent)
const account = trent.accountId
const aws = 'http://webservices.amazon.com/AWSFault/2005-15-09'
const version = ['Version', '2010-05-08'] as const

test('an action without an output has an envelope and no result', async () => {
  const { body } = await sendQuery(trent, {
    Action: 'CreateUser',
    UserName: 'a&b'.replace('&', '+'),
  })
  assert.equal(element(body, 'UserName'), 'a+b')
  const answer = await sendQuery(trent, { Action: 'DeleteUser', UserName: 'a+b' })
  assert.equal(resultOf(answer, 'DeleteUser'), undefined)
  assert.match(
    answer.body,
    /^<DeleteUserResponse xmlns="https:\/\/iam\.amazonaws\.com\/doc\/2010-05-08\/"><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/DeleteUserResponse>\n$/,
  )
})

test('an output without members has an empty result, and an empty structure is there', async () => {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' },
  })
  await sendQuery(trent, { Action: 'CreateRole', RoleName: 'r', AssumeRolePolicyDocument })
  const updated = await sendQuery(trent, { Action: 'UpdateRole', RoleName: 'r' })
  assert.equal(resultOf(updated, 'UpdateRole'), '')
  assert.match(updated.body, /<UpdateRoleResult\/>/)
  const { body } = await sendQuery(trent, { Action: 'GetRole', RoleName: 'r' })
  assert.match(body, /<RoleLastUsed\/>/)
  assert.match(element(body, 'CreateDate') ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
})

test('an empty list of an output is sent, and the order of parameters is free', async () => {
  const answer = await sendForm(trent, 'MaxItems=5&Version=2010-05-08&Action=ListGroups')
  assert.equal(resultOf(answer, 'ListGroups'), '<Groups/><IsTruncated>false</IsTruncated>')
})

test('what is there and empty is not what is absent', async () => {
  const created = await sendQuery(trent, {
    Action: 'CreatePolicy',
    PolicyName: 'p',
    Description: '',
    PolicyDocument:
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}',
    'Tags.member.1.Key': 'k',
    'Tags.member.1.Value': '',
  })
  assert.equal(created.status, 200)
  assert.match(created.body, /<member><Key>k<\/Key><Value\/><\/member>/)
  assertFault(await sendQuery(trent, { Action: 'CreateUser', UserName: '' }), [
    400,
    'ValidationError',
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ])
})

test('a parameter that is missing is told by its name', async () => {
  assertFault(await sendQuery(trent, { Action: 'PutUserPolicy' }), [
    400,
    'ValidationError',
    "3 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must not be null; Value at 'policyName' failed to satisfy constraint: Member must not be null; Value at 'policyDocument' failed to satisfy constraint: Member must not be null",
  ])
  // Names of parameters know their case.
  assertFault(await sendQuery(trent, { Action: 'DeleteUser', userName: 'x' }), [
    400,
    'ValidationError',
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null",
  ])
})

test('what is no number and no boolean is malformed without a word', async () => {
  for (const parameters of [
    { Action: 'ListUsers', MaxItems: 'many' },
    { Action: 'ListUsers', MaxItems: '1.5' },
    { Action: 'ListUsers', MaxItems: '2147483648' },
    { Action: 'ListUsers', MaxItems: '-2147483649' },
    { Action: 'ListPolicies', OnlyAttached: 'yes' },
  ]) {
    assertFault(await sendQuery(trent, parameters), [400, 'MalformedInput', undefined])
  }
})

test('a number is one of 32 bits, and may not be empty', async () => {
  const says = async (MaxItems: string, code: string, text: string) => {
    const answer = await sendQuery(trent, { Action: 'ListUsers', MaxItems })
    assertFault(answer, [400, code, text])
  }
  await says('', 'MalformedInput', 'missing value for decimal type')
  const outside = (value: string, constraint: string) =>
    `1 validation error detected: Value '${value}' at 'maxItems' failed to satisfy constraint: Member must have value ${constraint}`
  const [most, least] = ['2147483647', '-2147483648']
  await says(most, 'ValidationError', outside(most, 'less than or equal to 1000'))
  await says(least, 'ValidationError', outside(least, 'greater than or equal to 1'))
  for (const MaxItems of ['+10', '010', '00000000000010']) {
    assert.equal((await sendQuery(trent, { Action: 'ListUsers', MaxItems })).status, 200)
  }
})

test('actions and versions that nobody has', async () => {
  const unknown = (text: string) => [400, 'InvalidAction', text] as const
  assertFault(
    await sendForm(trent, 'Action=ListUsers&Version=2011-06-16'),
    unknown('Could not find operation ListUsers for version 2011-06-16'),
    aws,
  )
  assertFault(
    await sendForm(trent, 'Action=ListUsers'),
    unknown('Could not find operation ListUsers for version NO_VERSION_SPECIFIED'),
    aws,
  )
  assertFault(
    await sendForm(trent, 'Action=GetCallerIdentity&Version=2010-05-08'),
    unknown('Could not find operation GetCallerIdentity for version 2010-05-08'),
    aws,
  )
  assertFault(
    await sendQuery(trent, { Action: '<&">' }),
    unknown('Could not find operation <&"> for version 2010-05-08'),
    aws,
  )
  assertFault(
    await sendQuery(trent, { Action: '__proto__' }),
    unknown('Could not find operation __proto__ for version 2010-05-08'),
    aws,
  )
  assertFault(
    await sendQuery(trent, { Action: '' }),
    unknown('Could not find operation  for version 2010-05-08'),
    aws,
  )
  assertFault(
    await sendForm(trent, 'Action=ListUsers&Version='),
    unknown('Could not find operation ListUsers for version '),
    aws,
  )
})

test('a form without an action', async () => {
  for (const body of ['Version=2010-05-08', '']) {
    assertFault(await sendForm(trent, body), [400, 'MissingAction', 'Missing Action'], aws)
  }
})

test('a form that cannot be read', async () => {
  assertFault(
    await sendForm(trent, 'Action=ListUsers&Version=2010-05-08&a=1&a=2'),
    [400, 'MalformedQueryString', 'A parameter is given more than once'],
    aws,
  )
  assertFault(
    await sendForm(trent, 'Action=ListUsers&Version=2010-05-08&a=%ff'),
    [400, 'MalformedQueryString', 'The parameters are not valid UTF-8'],
    aws,
  )
})

test('a GET has its parameters in the query, signed there', async () => {
  const answer = await sendPresigned(trent, [['Action', 'GetUser'], version])
  assert.equal(element(resultOf(answer, 'GetUser') ?? '', 'Arn'), `arn:aws:iam::${account}:root`)
})

test('an action in the query stands over one in the form', async () => {
  const query = [['Action', 'ListGroups'], version] as const
  const answer = await sendForm(trent, 'Action=DeleteUser&UserName=x', { query })
  assert.equal(resultOf(answer, 'ListGroups'), '<Groups/><IsTruncated>false</IsTruncated>')
})

test('any other path is an operation that nobody knows', async () => {
  const { status, body } = await send(trent.endpoint, {
    method: 'POST',
    url: '/x',
    headers: [
      ['Host', new URL(trent.endpoint).host],
      ['Content-Type', 'application/x-www-form-urlencoded'],
    ],
    body: Buffer.from('Action=ListUsers&Version=2010-05-08'),
  })
  assert.deepEqual([status, body.trim()], [404, '<UnknownOperationException/>'])
})

test('every action of IAM wants a signature', async () => {
  const { iamActions } = await import('../../src/iam/actions.ts')
  assert.ok(iamActions.size > 90)
  for (const Action of iamActions.keys()) {
    const body = new URLSearchParams({ Action, Version: '2010-05-08' }).toString()
    const answer = await send(trent.endpoint, {
      method: 'POST',
      url: '/',
      headers: [
        ['Host', new URL(trent.endpoint).host],
        ['Content-Type', 'application/x-www-form-urlencoded'],
      ],
      body: Buffer.from(body),
    })
    assertFault(answer, [
      403,
      'MissingAuthenticationToken',
      'Request is missing Authentication Token',
    ])
  }
})

test('every action of IAM refuses a user without policies', async () => {
  const { iamActions } = await import('../../src/iam/actions.ts')
  const user = await createUser(trent, 'nobody')
  const policy = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
  const document =
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}'
  const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"${account}"}}}`
  const everything = {
    UserName: 'nobody',
    GroupName: 'g',
    RoleName: 'r',
    PolicyName: 'p',
    PolicyArn: policy,
    PolicySourceArn: user.arn,
    PolicyDocument: document,
    AssumeRolePolicyDocument: trust,
    PermissionsBoundary: policy,
    VersionId: 'v1',
    AccessKeyId: user.credentials.accessKeyId,
    Status: 'Inactive',
    AccountAlias: 'alias',
    Description: '',
    Url: 'https://issuer.example.org',
    OpenIDConnectProviderArn: `arn:aws:iam::${account}:oidc-provider/issuer.example.org`,
    ClientID: 'c',
    'ThumbprintList.member.1': 'a'.repeat(40),
    'Tags.member.1.Key': 'k',
    'Tags.member.1.Value': 'v',
    'TagKeys.member.1': 'k',
    'ActionNames.member.1': 'kms:Encrypt',
    'PolicyInputList.member.1': document,
  }
  const before = await iam.getAccountAuthorizationDetails({})
  for (const Action of iamActions.keys()) {
    // Account-level names of documents are one thing for creating a role and another for its update.
    const PolicyDocument = Action === 'UpdateAssumeRolePolicy' ? trust : document
    const { credentials } = user
    const answer = await sendQuery(
      trent,
      { ...everything, PolicyDocument, Action },
      { credentials },
    )
    assert.equal(element(answer.body, 'Code'), 'AccessDenied', `${Action}: ${answer.body}`)
    assert.equal(answer.status, 403)
  }
  const { $metadata: _, ...now } = await iam.getAccountAuthorizationDetails({})
  const { $metadata: __, ...then } = before
  assert.deepEqual(now, then)
})

test("a signature for another service, or of nobody, is refused in IAM's words", async () => {
  const parameters = { Action: 'ListUsers' }
  assertFault(await sendQuery(trent, parameters, { service: 'kms' }), [
    403,
    'SignatureDoesNotMatch',
    "Credential should be scoped to correct service: 'iam'. ",
  ])
  const unknown = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) }
  assertFault(await sendQuery(trent, parameters, { credentials: unknown }), [
    403,
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
  ])
  const wrong = { ...trent.credentials, secretAccessKey: 'x'.repeat(40) }
  const answer = await sendQuery(trent, parameters, { credentials: wrong })
  assert.equal(element(answer.body, 'Code'), 'SignatureDoesNotMatch')
  assert.equal(answer.status, 403)
})

test('IAM is global: a client may sign for whatever region it knows', async () => {
  for (const region of ['us-east-1', 'aws-global', 'eu-central-1']) {
    assert.equal((await sendQuery(trent, { Action: 'ListRoles' }, { region })).status, 200)
  }
  const answer = await sendQuery(trent, { Action: 'ListRoles' }, { region: 'mars-north-1' })
  assert.equal(element(answer.body, 'Code'), 'SignatureDoesNotMatch')
})

test('text that XML has names for is spelt so', async () => {
  const Description = 'a < b & "c" > d'
  await iam.updateRoleDescription({ RoleName: 'r', Description })
  const { Role } = await iam.getRole({ RoleName: 'r' })
  assert.equal(Role?.Description, Description)
})
