import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSServiceException,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import {
  allowing,
  createKey,
  createUser,
  type Credentials,
  iamClient,
  refusedByIam,
} from '../support/iam.ts'
import { element, sendQuery } from '../support/iam-query.ts'
import { startService } from '../support/service.ts'
import { stsClient, taken } from '../support/sts.ts'

const trent = await startService()
const iam = iamClient(trent)
const account = trent.accountId
const invalid = 'The security token included in the request is invalid.'

/** How each service answers a request that is signed with these credentials: an error code, or undefined. */
async function answers(
  credentials: Credentials,
): Promise<Record<'iam' | 'kms' | 'sts', string | undefined>> {
  const kms = trent.client({ account: { accountId: account, credentials } })
  const query = async (service: 'iam' | 'sts', parameters: Record<string, string>) =>
    element((await sendQuery(trent, parameters, { service, credentials })).body, 'Code')
  return {
    iam: await query('iam', { Action: 'ListUsers' }),
    sts: await query('sts', { Action: 'GetCallerIdentity', Version: '2011-06-15' }),
    kms: await kms.send(new ListKeysCommand({})).then(
      () => undefined,
      (error: unknown) => (error instanceof KMSServiceException ? error.name : String(error)),
    ),
  }
}

const refusedEverywhere = {
  iam: 'InvalidClientTokenId',
  sts: 'InvalidClientTokenId',
  kms: 'UnrecognizedClientException',
}

/** Asserts that whose key it is is known to all services, whatever it may do there. */
async function assertKnown(credentials: Credentials): Promise<void> {
  for (const [service, code] of Object.entries(await answers(credentials))) {
    assert.ok(
      code === undefined || !/Token|Signature|UnrecognizedClient/.test(code),
      `${service}: ${code ?? ''}`,
    )
  }
}

test("an access key has AWS's form, and its secret is shown once", async () => {
  await iam.createUser({ UserName: 'form' })
  const { AccessKey } = await iam.createAccessKey({ UserName: 'form' })
  assert.equal(AccessKey?.UserName, 'form')
  assert.equal(AccessKey.Status, 'Active')
  assert.match(AccessKey.AccessKeyId ?? '', /^AKIA[A-Z2-7]{16}$/)
  assert.match(AccessKey.SecretAccessKey ?? '', /^[A-Za-z0-9+/]{40}$/)
  const { AccessKeyMetadata } = await iam.listAccessKeys({ UserName: 'form' })
  assert.deepEqual(AccessKeyMetadata, [
    {
      UserName: 'form',
      AccessKeyId: AccessKey.AccessKeyId,
      Status: 'Active',
      CreateDate: AccessKey.CreateDate,
    },
  ])
})

test('a new access key signs for IAM, STS and KMS alike', async () => {
  const { credentials } = await createUser(trent, 'signer')
  await assertKnown(credentials)
  assert.equal((await answers(credentials)).iam, 'AccessDenied')
})

test('an access key of a user is used: a key made, something sealed and opened, a session had, and its last use told', async () => {
  const document = allowing('kms:*', 'sts:GetFederationToken', 'iam:GetAccessKeyLastUsed')
  const { credentials, arn, iam: own } = await createUser(trent, 'user', { document, path: '/a/' })
  const sts = stsClient(trent, { credentials })
  assert.equal((await sts.getCallerIdentity({})).Arn, arn)
  const kms = trent.client({ account: { accountId: account, credentials } })
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const KeyId = KeyMetadata?.KeyId
  const Plaintext = Buffer.from('some plaintext')
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
  const { Credentials: given } = await sts.getSessionToken({})
  const { accessKeyId: AccessKeyId } = credentials
  const { AccessKeyLastUsed: byUser } = await own.getAccessKeyLastUsed({ AccessKeyId })
  assert.equal(byUser?.ServiceName, 'iam')
  const session = trent.client({ account: { accountId: account, credentials: taken(given) } })
  const opened = await session.send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(Buffer.from(opened.Plaintext ?? []), Plaintext)
  // What a session does is no use of the access key that it began with.
  const { UserName, AccessKeyLastUsed: then } = await iam.getAccessKeyLastUsed({ AccessKeyId })
  assert.deepEqual([UserName, then?.ServiceName], ['user', 'iam'])
})

test('an access key that is inactive is refused at once by all services, and taken at once when it is active', async () => {
  const { credentials } = await createUser(trent, 'switched')
  const status = (Status: 'Active' | 'Inactive') =>
    iam.updateAccessKey({ UserName: 'switched', AccessKeyId: credentials.accessKeyId, Status })
  await assertKnown(credentials)
  await status('Inactive')
  assert.deepEqual(await answers(credentials), refusedEverywhere)
  const answer = await sendQuery(trent, { Action: 'ListUsers' }, { credentials })
  assert.equal(answer.status, 403)
  assert.equal(element(answer.body, 'Message'), invalid)
  await status('Active')
  await assertKnown(credentials)
})

test('an access key that is deleted is refused at once by all services', async () => {
  const { credentials } = await createUser(trent, 'deleted')
  await assertKnown(credentials)
  await iam.deleteAccessKey({ UserName: 'deleted', AccessKeyId: credentials.accessKeyId })
  assert.deepEqual(await answers(credentials), refusedEverywhere)
})

test('a user may delete the very key that signs the call', async () => {
  const user = await createUser(trent, 'leaving', { document: allowing('iam:*AccessKey*') })
  const second = await user.iam.createAccessKey({})
  assert.equal(second.AccessKey?.UserName, 'leaving')
  const AccessKeyId = user.credentials.accessKeyId
  await user.iam.deleteAccessKey({ AccessKeyId })
  await refusedByIam(user.iam.listAccessKeys({}), [403, 'InvalidClientTokenId', invalid])
  const { AccessKeyMetadata = [] } = await iam.listAccessKeys({ UserName: 'leaving' })
  assert.deepEqual(
    AccessKeyMetadata.map((each) => each.AccessKeyId),
    [second.AccessKey.AccessKeyId],
  )
})

test('the root user has two access keys at most, which it need not name', async () => {
  const other = await trent.createAccount()
  const root = iamClient(trent, { credentials: other.credentials })
  const { AccessKey } = await root.createAccessKey({})
  assert.equal(AccessKey?.UserName, undefined)
  const secret = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  }
  await assertKnown(secret)
  await refusedByIam(root.createAccessKey({}), [
    409,
    'LimitExceeded',
    'Cannot exceed quota for AccessKeysPerUser: 2',
  ])
  await root.updateAccessKey({ AccessKeyId: secret.accessKeyId, Status: 'Inactive' })
  assert.deepEqual(await answers(secret), refusedEverywhere)
  await root.deleteAccessKey({ AccessKeyId: secret.accessKeyId })
  const { AccessKeyMetadata } = await root.listAccessKeys({})
  assert.equal(AccessKeyMetadata?.length, 1)
})

test("an access key of somebody else is none of this user's", async () => {
  const mine = await createUser(trent, 'mine')
  await iam.createUser({ UserName: 'other' })
  const AccessKeyId = mine.credentials.accessKeyId
  const gone = [
    404,
    'NoSuchEntity',
    `The Access Key with id ${AccessKeyId} cannot be found.`,
  ] as const
  const named = { UserName: 'other', AccessKeyId }
  await refusedByIam(iam.deleteAccessKey(named), gone)
  await refusedByIam(iam.updateAccessKey({ ...named, Status: 'Inactive' }), gone)
  await refusedByIam(iam.deleteAccessKey({ AccessKeyId }), gone)
  const foreign = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  await foreign.createUser({ UserName: 'mine' })
  await refusedByIam(foreign.deleteAccessKey({ ...named, UserName: 'mine' }), gone)
  await assertKnown(mine.credentials)
})

test('the user is looked for before its access key', async () => {
  const missing = [404, 'NoSuchEntity', 'The user with name nobody cannot be found.'] as const
  const named = { UserName: 'nobody', AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' }
  await refusedByIam(iam.deleteAccessKey(named), missing)
  await refusedByIam(iam.createAccessKey({ UserName: 'nobody' }), missing)
  await refusedByIam(iam.listAccessKeys({ UserName: 'nobody' }), missing)
})

test('what an access key id and a status may be', async () => {
  const input = { UserName: 'form', AccessKeyId: 'AKIA', Status: 'Asleep' as 'Active' }
  await refusedByIam(iam.updateAccessKey(input), [
    400,
    'ValidationError',
    "2 validation errors detected: Value at 'accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 16; Value at 'status' failed to satisfy constraint: Member must satisfy enum value set",
  ])
  await refusedByIam(
    iam.deleteAccessKey({ UserName: 'form', AccessKeyId: 'AKIA-OSFODNN7EXAMPLE' }),
    [
      400,
      'ValidationError',
      'The specified value for accessKeyId is invalid. It must contain only alphanumeric characters.',
    ],
  )
})

test('the last use of an access key: never, then when, of what and where', async () => {
  const user = await createUser(trent, 'used')
  const AccessKeyId = user.credentials.accessKeyId
  const lastUsed = async () => {
    const { UserName, AccessKeyLastUsed } = await iam.getAccessKeyLastUsed({ AccessKeyId })
    assert.equal(UserName, 'used')
    return AccessKeyLastUsed
  }
  const never = await lastUsed()
  assert.deepEqual(never, { ServiceName: 'N/A', Region: 'N/A' })
  const kms = trent.client({
    account: { accountId: account, credentials: user.credentials },
    region: 'eu-west-1',
  })
  await assert.rejects(kms.send(new DescribeKeyCommand({ KeyId: 'alias/no' })))
  const now = new Date(Math.floor(trent.clock.now() / 1000) * 1000)
  assert.deepEqual(await lastUsed(), {
    ServiceName: 'kms',
    Region: 'eu-west-1',
    LastUsedDate: now,
  })
  // Long enough for the uses to be written down.
  trent.turn(120_000)
  await assert.rejects(user.iam.listUsers({}))
  const later = await lastUsed()
  assert.equal(later?.ServiceName, 'iam')
  assert.equal(later.LastUsedDate?.getTime(), now.getTime() + 120_000)
})

test("the last use of another account's access key is as unknown as any", async () => {
  const { credentials } = await trent.createAccount()
  for (const AccessKeyId of [credentials.accessKeyId, 'ASIAIOSFODNN7EXAMPLE']) {
    await refusedByIam(iam.getAccessKeyLastUsed({ AccessKeyId }), [
      403,
      'AccessDenied',
      `User: arn:aws:iam::${account}:root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`,
    ])
  }
})

test('access keys come in pages', async () => {
  await iam.createUser({ UserName: 'pages' })
  const ids = [await createKey(iam, 'pages'), await createKey(iam, 'pages')]
    .map(({ accessKeyId }) => accessKeyId)
    .sort()
  const first = await iam.listAccessKeys({ UserName: 'pages', MaxItems: 1 })
  assert.equal(first.IsTruncated, true)
  const second = await iam.listAccessKeys({ UserName: 'pages', MaxItems: 1, Marker: first.Marker })
  assert.equal(second.IsTruncated, false)
  const seen = [first, second].flatMap(({ AccessKeyMetadata = [] }) => AccessKeyMetadata)
  assert.deepEqual(
    seen.map(({ AccessKeyId }) => AccessKeyId),
    ids,
  )
})
