import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  GenerateMacCommand,
  GetKeyPolicyCommand,
  GetPublicKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ReplicateKeyCommand,
  type ReplicateKeyCommandInput,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import {
  arnOf,
  day,
  describe,
  makeAlias,
  makeDisabledKey,
  makeKey,
  makePendingKey,
} from '../support/made-keys.ts'
import {
  arnIn,
  makePrimary,
  materialOf,
  regional,
  replicate,
  scheduleDeletion,
} from '../support/multi-region.ts'
import { type RecordedEvent, recordOfRefused, recordText, resource } from '../support/record.ts'
import { deniedAcrossAccounts, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const quota = 60
const trent = await startService({
  regions: ['us-east-1', 'eu-west-1', 'ap-south-1', 'us-west-2', 'cn-north-1'],
  limits: { keys: quota },
})
const kms = trent.client()
const europe = trent.client({ region: 'eu-west-1' })
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'eu-west-1' }))
const ask = (input: Partial<ReplicateKeyCommandInput>) =>
  kms.send(new ReplicateKeyCommand({ KeyId: undefined, ReplicaRegion: 'eu-west-1', ...input }))
const member = { trent, operation: 'ReplicateKey', send }
const policy = (Sid: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Sid, Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }],
  })

testKeyIdShape(member)

test('ReplicateKey: a missing ReplicaRegion is a ValidationException', () =>
  refused(
    ask({ KeyId: 'foo', ReplicaRegion: undefined }),
    'ValidationException',
    violated("null at 'replicaRegion': not be null"),
  ))

test('ReplicateKey: what is spelt like no region is not of the pattern', () =>
  refused(
    ask({ KeyId: 'foo', ReplicaRegion: 'Ireland' }),
    'ValidationException',
    violated(
      String.raw`'Ireland' at 'replicaRegion': satisfy regular expression pattern: ^([a-z]+-){2,3}\d+$`,
    ),
  ))

test('ReplicateKey: a description of 8193 characters is too long', () =>
  refused(
    ask({ KeyId: 'foo', Description: 'd'.repeat(8193) }),
    'ValidationException',
    /at 'description' failed to satisfy constraint: Member must have length less than or equal to 8192$/,
  ))

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test("ReplicateKey: another account's primary key cannot be replicated, and nothing is made", async () => {
  const account = await trent.createAccount()
  const key = await makePrimary(trent.client({ account }))
  await refused(
    ask({ KeyId: key.Arn }),
    'AccessDeniedException',
    deniedAcrossAccounts(trent.accountId, 'kms:ReplicateKey'),
  )
  const there = trent.client({ account, region: 'eu-west-1' })
  const { Keys } = await there.send(new ListKeysCommand({}))
  assert.deepEqual(Keys, [])
})

test('ReplicateKey: a disabled key is DisabledException', async () => {
  const key = await makeDisabledKey(kms)
  await refused(ask({ KeyId: key.KeyId }), 'DisabledException', `${key.Arn} is disabled.`)
})

test('ReplicateKey: a key that is pending deletion is KMSInvalidStateException', async () => {
  const key = await makePendingKey(kms)
  const text = `${key.Arn} is pending deletion.`
  await refused(ask({ KeyId: key.KeyId }), 'KMSInvalidStateException', text)
})

test('ReplicateKey: a primary that is pending replica deletion is KMSInvalidStateException', async () => {
  const key = await makePrimary(kms)
  await replicate(kms, key, 'us-west-2')
  await scheduleDeletion(kms, key.KeyId)
  const text = `${key.Arn} is pending replica deletion.`
  await refused(ask({ KeyId: key.KeyId }), 'KMSInvalidStateException', text)
})

test('ReplicateKey: a primary that is pending import is KMSInvalidStateException', async () => {
  const key = await makePrimary(kms, { Origin: 'EXTERNAL' })
  const text = `${key.Arn} is pending import.`
  await refused(ask({ KeyId: key.KeyId }), 'KMSInvalidStateException', text)
})

test('ReplicateKey: a replica is not a multi-region primary key', async () => {
  const key = await makePrimary(kms)
  await replicate(kms, key, 'eu-west-1')
  await refused(
    europe.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'us-west-2' })),
    'UnsupportedOperationException',
    `${arnIn('eu-west-1', key)} is not a multi-region primary key.`,
  )
})

test('ReplicateKey: a single-Region key is not a multi-region primary key', async () => {
  const key = await makeKey(kms)
  await refused(
    ask({ KeyId: key.Arn }),
    'UnsupportedOperationException',
    `${key.Arn} is not a multi-region primary key.`,
  )
})

test('ReplicateKey: a region that is not served is not supported', async () => {
  const key = await makePrimary(kms)
  await refused(
    ask({ KeyId: key.KeyId, ReplicaRegion: 'eu-west-3' }),
    'ValidationException',
    'Region eu-west-3 is not supported.',
  )
})

test('ReplicateKey: a region of another partition is not supported, though it is served', async () => {
  const key = await makePrimary(kms)
  await refused(
    ask({ KeyId: key.KeyId, ReplicaRegion: 'cn-north-1' }),
    'ValidationException',
    'Region cn-north-1 is not supported.',
  )
})

test('ReplicateKey: a second replica in one region is AlreadyExistsException', async () => {
  const key = await makePrimary(kms)
  await replicate(kms, key, 'eu-west-1')
  const text = `Multi-region key ${key.KeyId} already exists in Region eu-west-1.`
  await refused(ask({ KeyId: key.KeyId }), 'AlreadyExistsException', text)
})

test('ReplicateKey: a replica that is pending deletion still is there', async () => {
  const key = await makePrimary(kms)
  await replicate(kms, key, 'eu-west-1')
  await scheduleDeletion(europe, key.KeyId)
  const text = `Multi-region key ${key.KeyId} already exists in Region eu-west-1.`
  await refused(ask({ KeyId: key.KeyId }), 'AlreadyExistsException', text)
})

test("ReplicateKey: the primary's own region has the key already", async () => {
  const key = await makePrimary(kms)
  await refused(
    ask({ KeyId: key.KeyId, ReplicaRegion: 'us-east-1' }),
    'AlreadyExistsException',
    `Multi-region key ${key.KeyId} already exists in Region us-east-1.`,
  )
})

test('ReplicateKey: tags and policies are checked as those of CreateKey', async () => {
  const { KeyId } = await makePrimary(kms)
  await refused(
    ask({ KeyId, Tags: [{ TagKey: 'aws:x', TagValue: '' }] }),
    'TagException',
    /[Tt]ags beginning with aws: are reserved/,
  )
  const twice = { TagKey: 'a', TagValue: '' }
  await refused(ask({ KeyId, Tags: [twice, twice] }), 'TagException', /Duplicate tag keys/)
  await refused(ask({ KeyId, Policy: '{' }), 'MalformedPolicyDocumentException', /./)
  const lockOut = policy('').replace('kms:*', 'kms:Encrypt')
  await refused(
    ask({ KeyId, Policy: lockOut }),
    'MalformedPolicyDocumentException',
    'The new key policy will not allow you to update the key policy in the future.',
  )
  await ask({ KeyId, Policy: lockOut, BypassPolicyLockoutSafetyCheck: true })
})

test('ReplicateKey: a replica counts against the quota of its own region', async () => {
  const account = await trent.createAccount()
  const here = trent.client({ account })
  const key = await makePrimary(here)
  const there = trent.client({ account, region: 'eu-west-1' })
  await Promise.all(Array.from({ length: quota }, () => makeKey(there)))
  await refused(send(here, key.KeyId), 'LimitExceededException', /quota/)
  await here.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'us-west-2' }))
})

test('ReplicateKey: the answer shows the replica as it is being created', async () => {
  const key = await makePrimary(kms, { Description: 'of the primary' })
  trent.turn(1500)
  const answer = await ask({ KeyId: key.KeyId })
  const { CreationDate, ...metadata } = answer.ReplicaKeyMetadata ?? {}
  assert.equal(CreationDate?.getTime(), trent.clock.now())
  assert.deepEqual(metadata, {
    AWSAccountId: trent.accountId,
    KeyId: key.KeyId,
    Arn: arnIn('eu-west-1', key),
    Enabled: false,
    Description: '',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: 'Creating',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: true,
    MultiRegionConfiguration: {
      MultiRegionKeyType: 'REPLICA',
      PrimaryKey: regional('us-east-1', key),
      ReplicaKeys: [regional('eu-west-1', key)],
    },
  })
})

test('ReplicateKey: without a policy the replica has the default one, pretty-printed', async () => {
  const key = await makePrimary(kms, { Policy: policy('of-the-primary') })
  const answer = await ask({ KeyId: key.KeyId })
  const root = `arn:aws:iam::${trent.accountId}:root`
  assert.equal(
    answer.ReplicaPolicy,
    `{\n  "Version" : "2012-10-17",\n  "Id" : "key-default-1",\n  "Statement" : [ {\n    "Sid" : "Enable IAM User Permissions",\n    "Effect" : "Allow",\n    "Principal" : {\n      "AWS" : "${root}"\n    },\n    "Action" : "kms:*",\n    "Resource" : "*"\n  } ]\n}`,
  )
  assert.equal(answer.ReplicaTags, undefined)
  const stored = await europe.send(new GetKeyPolicyCommand({ KeyId: key.KeyId }))
  assert.equal(stored.Policy, answer.ReplicaPolicy)
})

test('ReplicateKey: description, policy and tags are what the request says, there alone', async () => {
  const key = await makePrimary(kms, { Tags: [{ TagKey: 'of', TagValue: 'the primary' }] })
  const Tags = [{ TagKey: 'of', TagValue: 'the replica' }]
  const Policy = policy('of-the-replica')
  const answer = await ask({ KeyId: key.KeyId, Description: 'a replica', Tags, Policy })
  assert.equal(answer.ReplicaKeyMetadata?.Description, 'a replica')
  assert.equal(answer.ReplicaPolicy, Policy)
  assert.deepEqual(answer.ReplicaTags, Tags)
  const { KeyId } = key
  assert.equal((await describe(europe, KeyId)).Description, 'a replica')
  assert.equal((await describe(kms, KeyId)).Description, '')
  assert.equal((await europe.send(new GetKeyPolicyCommand({ KeyId }))).Policy, Policy)
  assert.notEqual((await kms.send(new GetKeyPolicyCommand({ KeyId }))).Policy, Policy)
  assert.deepEqual((await europe.send(new ListResourceTagsCommand({ KeyId }))).Tags, Tags)
  const { Tags: own } = await kms.send(new ListResourceTagsCommand({ KeyId }))
  assert.deepEqual(own, [{ TagKey: 'of', TagValue: 'the primary' }])
})

test('ReplicateKey: the replica is enabled at once, with the material of its primary', async () => {
  const key = await makePrimary(kms)
  await replicate(kms, key, 'eu-west-1')
  const replica = await describe(europe, key.KeyId)
  assert.equal(replica.KeyState, 'Enabled')
  assert.equal(replica.Enabled, true)
  assert.equal(replica.CurrentKeyMaterialId, key.CurrentKeyMaterialId)
})

test('ReplicateKey: no alias comes along', async () => {
  const key = await makePrimary(kms)
  await makeAlias(kms, 'alias/stays', key)
  await replicate(kms, key, 'eu-west-1')
  const { Aliases } = await europe.send(new ListAliasesCommand({ KeyId: key.KeyId }))
  assert.deepEqual(Aliases, [])
  await refused(
    europe.send(new DescribeKeyCommand({ KeyId: 'alias/stays' })),
    'NotFoundException',
    `Alias ${arnOf(trent.accountId, 'alias/stays', 'eu-west-1')} is not found.`,
  )
})

test('ReplicateKey: primary and replicas all name the primary and every replica', async () => {
  const key = await makePrimary(kms)
  assert.deepEqual(key.MultiRegionConfiguration, {
    MultiRegionKeyType: 'PRIMARY',
    PrimaryKey: regional('us-east-1', key),
    ReplicaKeys: [],
  })
  for (const region of ['us-west-2', 'eu-west-1']) await replicate(kms, key, region)
  const related = {
    PrimaryKey: regional('us-east-1', key),
    ReplicaKeys: [regional('eu-west-1', key), regional('us-west-2', key)],
  }
  const types = { 'us-east-1': 'PRIMARY', 'eu-west-1': 'REPLICA', 'us-west-2': 'REPLICA' }
  for (const [region, MultiRegionKeyType] of Object.entries(types)) {
    const shown = await describe(trent.client({ region }), key.KeyId)
    assert.deepEqual(shown.MultiRegionConfiguration, { MultiRegionKeyType, ...related })
  }
})

test('ReplicateKey: a key pair is the same in both regions, and so are its signatures', async () => {
  const KeySpec = 'ECC_NIST_P256'
  const { KeyId } = await replicated({ KeySpec, KeyUsage: 'SIGN_VERIFY' })
  const [one, other] = await Promise.all(
    [kms, europe].map((client) => client.send(new GetPublicKeyCommand({ KeyId }))),
  )
  assert.deepEqual(other?.PublicKey, one?.PublicKey)
  const signing = { KeyId, Message: Buffer.from('m'), SigningAlgorithm: 'ECDSA_SHA_256' } as const
  const { Signature } = await europe.send(new SignCommand(signing))
  const { SignatureValid } = await kms.send(new VerifyCommand({ ...signing, Signature }))
  assert.equal(SignatureValid, true)
})

test('ReplicateKey: an HMAC of one region is verified in the other', async () => {
  const { KeyId } = await replicated({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  const making = { KeyId, Message: Buffer.from('m'), MacAlgorithm: 'HMAC_SHA_256' } as const
  const { Mac } = await kms.send(new GenerateMacCommand(making))
  const { MacValid } = await europe.send(new VerifyMacCommand({ ...making, Mac }))
  assert.equal(MacValid, true)
})

test('ReplicateKey: after the replica is deleted another can take its place', async () => {
  const key = await replicated()
  await scheduleDeletion(europe, key.KeyId)
  trent.turn(7 * day)
  await trent.confirmClock()
  await trent.runJobs()
  await replicate(kms, key, 'eu-west-1')
  assert.equal(await materialOf(europe, key.KeyId), key.CurrentKeyMaterialId)
})

test('ReplicateKey: the replication is recorded where it was asked for, and there as CreateKey', async () => {
  const key = await makePrimary(kms)
  const answer = await ask({ KeyId: key.KeyId, Description: 'recorded' })
  const events = eventsOf(answer.$metadata.requestId)
  assert.deepEqual(
    events.map(({ eventName, awsRegion }) => [eventName, awsRegion]),
    [
      ['ReplicateKey', 'us-east-1'],
      ['CreateKey', 'eu-west-1'],
    ],
  )
  const [replicateKey, createKey] = events
  assert.ok(replicateKey !== undefined && createKey !== undefined)
  assert.deepEqual(replicateKey.requestParameters, {
    keyId: key.KeyId,
    replicaRegion: 'eu-west-1',
    description: 'recorded',
  })
  const { replicaKeyMetadata, replicaPolicy } = replicateKey.responseElements as {
    readonly replicaKeyMetadata: { readonly arn: string; readonly keyState: string }
    readonly replicaPolicy: string
  }
  assert.equal(replicaKeyMetadata.arn, arnIn('eu-west-1', key))
  assert.equal(replicaKeyMetadata.keyState, 'Creating')
  assert.equal(replicaPolicy, answer.ReplicaPolicy)
  assert.deepEqual(replicateKey.resources, [resource(key.Arn)])
  assert.equal(replicateKey.readOnly, false)
  assert.deepEqual(createKey.resources, [resource(arnIn('eu-west-1', key))])
  assert.deepEqual(createKey.userIdentity, replicateKey.userIdentity)
  assert.equal(createKey.requestParameters?.['multiRegion'], true)
  assert.notEqual(createKey.eventID, replicateKey.eventID)
})

test('ReplicateKey: a refusal is recorded with its error, and nothing elsewhere', async () => {
  const key = await makeKey(kms)
  const event = await recordOfRefused(trent, ask({ KeyId: key.KeyId }))
  assert.equal(event.errorCode, 'UnsupportedOperationException')
  assert.equal(event.errorMessage, `${key.Arn} is not a multi-region primary key.`)
  assert.equal(event.responseElements, null)
})

async function replicated(input: CreateKeyCommandInput = {}) {
  const key = await makePrimary(kms, input)
  await replicate(kms, key, 'eu-west-1')
  return key
}

/** The events of one call, in the order in which they were written. */
function eventsOf(requestId: string | undefined): RecordedEvent[] {
  return recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes(`"requestID":"${requestId}"`))
    .map((line) => JSON.parse(line) as RecordedEvent)
}
