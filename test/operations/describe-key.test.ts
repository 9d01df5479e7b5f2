import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DescribeKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { testForeignKeys, testKeyIdForms, testKeyIdShape } from '../support/key-id.ts'
import {
  arnOf,
  describe,
  makeAlias,
  makeDisabledKey,
  makeKey,
  makePendingKey,
} from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { deniedAcrossAccounts, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const send = (client: KMSClient, KeyId: string | undefined, GrantTokens?: string[]) =>
  client.send(new DescribeKeyCommand({ KeyId, GrantTokens }))
const member = { trent, operation: 'DescribeKey', send }
const missing = (keyId: string, text: string) =>
  refused(send(kms, keyId), 'NotFoundException', text)
/** The tests beside make AWS managed keys of other accounts alone. */
const newClient = async () => trent.client({ account: await trent.createAccount() })

testKeyIdShape(member)

test('DescribeKey: eleven GrantTokens are too many', () => {
  const tokens = Array.from({ length: 11 }, () => 't')
  return refused(
    send(kms, 'foo', tokens),
    'ValidationException',
    violated(`'[${tokens.join(', ')}]' at 'grantTokens': have length less than or equal to 10`),
  )
})

test('DescribeKey: a GrantToken that is empty or of 8193 characters is told at the list', async () => {
  for (const token of ['', 't'.repeat(8193)]) {
    await refused(
      send(kms, 'foo', [token]),
      'ValidationException',
      violated(
        `'[${token}]' at 'grantTokens': satisfy constraint: [Member must have length less than or equal to 8192, Member must have length greater than or equal to 1]`,
      ),
    )
  }
})

testKeyIdForms(member)

test('DescribeKey: an alias that does not exist is not found, by its ARN', async () => {
  const arn = arnOf(trent.accountId, 'alias/absent')
  await missing('alias/absent', `Alias ${arn} is not found.`)
  await missing(arn, `Alias ${arn} is not found.`)
})

test("DescribeKey: the case of an alias's name matters", async () => {
  await makeAlias(kms, 'alias/Case', await makeKey(kms))
  await missing('alias/case', `Alias ${arnOf(trent.accountId, 'alias/case')} is not found.`)
})

test('DescribeKey: an alias ARN of another region is invalid, also of an alias that is there', async () => {
  const there = trent.client({ region: 'eu-west-1' })
  await makeAlias(there, 'alias/There', await makeKey(there))
  for (const name of ['alias/There', 'alias/absent', 'alias/aws/s3']) {
    await missing(arnOf(trent.accountId, name, 'eu-west-1'), 'Invalid arn eu-west-1')
  }
  await missing('alias/There', `Alias ${arnOf(trent.accountId, 'alias/There')} is not found.`)
})

test("DescribeKey: what is below alias/aws/ and no service's is not found, and nothing is made", async () => {
  const account = await trent.createAccount()
  const client = trent.client({ account })
  for (const name of ['alias/aws/nonsense', 'alias/aws/', 'alias/aws/S3', 'alias/aws/s3/x']) {
    await refused(
      send(client, name),
      'NotFoundException',
      `Alias ${arnOf(account.accountId, name)} is not found.`,
    )
  }
  assert.deepEqual((await client.send(new ListKeysCommand({}))).Keys, [])
})

testForeignKeys(member)

test('DescribeKey: an alias of another account is AccessDeniedException, and so is one that is not there', async () => {
  const account = await trent.createAccount()
  const theirs = trent.client({ account })
  await makeAlias(theirs, 'alias/Theirs', await makeKey(theirs))
  for (const name of ['alias/Theirs', 'alias/absent', 'alias/aws/s3']) {
    await refused(
      send(kms, arnOf(account.accountId, name)),
      'AccessDeniedException',
      deniedAcrossAccounts(trent.accountId, 'kms:DescribeKey'),
    )
  }
  assert.equal((await theirs.send(new ListKeysCommand({}))).Keys?.length, 1)
})

test('DescribeKey: a GrantToken that is no grant is InvalidGrantTokenException, without a text', async () => {
  const { KeyId } = await makeKey(kms)
  await refused(send(kms, KeyId, ['token']), 'InvalidGrantTokenException', undefined)
  assert.equal((await send(kms, KeyId, [])).KeyMetadata?.KeyId, KeyId)
})

test('DescribeKey: a disabled key is shown as disabled', async () => {
  const { KeyId } = await makeDisabledKey(kms)
  const { Enabled, KeyState, DeletionDate } = await describe(kms, KeyId)
  assert.deepEqual(
    { Enabled, KeyState, DeletionDate },
    { Enabled: false, KeyState: 'Disabled', DeletionDate: undefined },
  )
})

test('DescribeKey: a key pending deletion is shown with its DeletionDate', async () => {
  const { KeyId } = await makePendingKey(kms, 7)
  const { Enabled, KeyState, DeletionDate, PendingDeletionWindowInDays } = await describe(
    kms,
    KeyId,
  )
  assert.deepEqual({ Enabled, KeyState }, { Enabled: false, KeyState: 'PendingDeletion' })
  assert.equal(DeletionDate?.getTime(), trent.clock.now() + 7 * 86_400_000)
  assert.equal(PendingDeletionWindowInDays, undefined)
})

test('DescribeKey: id, ARN, alias and alias ARN show what CreateKey showed, member for member', async () => {
  const key = await makeKey(kms, { Description: 'described' })
  await makeAlias(kms, 'alias/Forms', key)
  for (const keyId of [key.KeyId, key.Arn, 'alias/Forms', arnOf(trent.accountId, 'alias/Forms')]) {
    const { $metadata, ...answer } = await send(kms, keyId)
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(answer, { KeyMetadata: key })
  }
})

test('DescribeKey: the same alias is another key in another region', async () => {
  for (const region of ['us-east-1', 'eu-west-1']) {
    const client = trent.client({ region })
    const key = await makeKey(client)
    await makeAlias(client, 'alias/Region', key)
    assert.deepEqual(await describe(client, 'alias/Region'), key)
    assert.deepEqual(await describe(client, arnOf(trent.accountId, 'alias/Region', region)), key)
  }
})

test('DescribeKey: the alias of an AWS service makes its AWS managed key, once', async () => {
  const account = await trent.createAccount()
  const client = trent.client({ account })
  const CreationDate = new Date(trent.clock.now())
  const key = await describe(client, 'alias/aws/s3')
  assert.deepEqual(key, {
    AWSAccountId: account.accountId,
    KeyId: key.KeyId,
    Arn: arnOf(account.accountId, `key/${key.KeyId}`),
    CreationDate,
    Enabled: true,
    Description: key.Description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: 'AWS',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
    CurrentKeyMaterialId: key.CurrentKeyMaterialId,
  })
  assert.match(String(key.Description), /^Default key that protects my S3 objects when no other/)
  for (const keyId of [
    'alias/aws/s3',
    arnOf(account.accountId, 'alias/aws/s3'),
    key.KeyId,
    key.Arn,
  ]) {
    assert.deepEqual(await describe(client, keyId), key)
  }
  assert.equal((await client.send(new ListKeysCommand({}))).Keys?.length, 1)
})

test('DescribeKey: an alias ARN makes an AWS managed key as well, one for each service', async () => {
  const account = await trent.createAccount()
  const client = trent.client({ account })
  const ebs = await describe(client, arnOf(account.accountId, 'alias/aws/ebs'))
  const rds = await describe(client, 'alias/aws/rds')
  assert.equal(ebs.KeyManager, 'AWS')
  assert.notEqual(ebs.KeyId, rds.KeyId)
  const { Aliases } = await client.send(new ListAliasesCommand({}))
  assert.deepEqual(
    Aliases?.map(({ AliasName, TargetKeyId }) => [AliasName, TargetKeyId]),
    [
      ['alias/aws/ebs', ebs.KeyId],
      ['alias/aws/rds', rds.KeyId],
    ],
  )
})

test('DescribeKey: an AWS managed key is one for each account and region', async () => {
  const account = await trent.createAccount()
  const made = await Promise.all([
    describe(trent.client({ account }), 'alias/aws/sqs'),
    describe(trent.client({ account, region: 'eu-west-1' }), 'alias/aws/sqs'),
    newClient().then((client) => describe(client, 'alias/aws/sqs')),
  ])
  assert.equal(new Set(made.map(({ Arn }) => Arn)).size, 3)
})

test('DescribeKey: several calls at once for one AWS managed key make one', async () => {
  const client = await newClient()
  const made = await Promise.all(
    Array.from({ length: 8 }, () => send(client, 'alias/aws/dynamodb')),
  )
  assert.equal(new Set(made.map(({ KeyMetadata }) => KeyMetadata?.KeyId)).size, 1)
  for (const answer of made) {
    assert.deepEqual(recordOf(trent, answer).resources, [resource(String(answer.KeyMetadata?.Arn))])
  }
  assert.equal((await client.send(new ListKeysCommand({}))).Keys?.length, 1)
})

test("DescribeKey: an AWS managed key is its service's to use", async () => {
  const account = await trent.createAccount()
  const client = trent.client({ account })
  const key = await describe(client, 'alias/aws/s3')
  await refused(
    client.send(new EncryptCommand({ KeyId: 'alias/aws/s3', Plaintext: Buffer.from('plain') })),
    'AccessDeniedException',
    `User: arn:aws:iam::${account.accountId}:root is not authorized to perform: kms:Encrypt on resource: ${key.Arn} because no resource-based policy allows the kms:Encrypt action`,
  )
})

test('DescribeKey: the event has the key as it was named, and resolved', async () => {
  const key = await makeKey(kms)
  await makeAlias(kms, 'alias/Recorded', key)
  const event = recordOf(trent, await send(kms, 'alias/Recorded'))
  assert.equal(event.eventName, 'DescribeKey')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, { keyId: 'alias/Recorded' })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('DescribeKey: the event of the first look at an AWS managed key has the key', async () => {
  const client = await newClient()
  const answer = await send(client, 'alias/aws/kinesis')
  const event = recordOf(trent, answer)
  assert.deepEqual(event.resources, [resource(String(answer.KeyMetadata?.Arn))])
})

test('DescribeKey: the event of a refusal across accounts is AccessDenied, without the key', async () => {
  const foreign = await makeKey(await newClient())
  const event = await recordOfRefused(trent, send(kms, foreign.Arn))
  assert.equal(event.errorCode, 'AccessDenied')
  assert.equal(event.errorMessage, deniedAcrossAccounts(trent.accountId, 'kms:DescribeKey'))
  assert.deepEqual(event.requestParameters, { keyId: foreign.Arn })
  assert.deepEqual(event.resources, [])
  assert.equal(event.recipientAccountId, trent.accountId)
})
