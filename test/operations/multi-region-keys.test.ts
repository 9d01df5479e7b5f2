/**
 * What related multi-Region keys share, what each has for itself, and how they go away: across all operations.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyLastUsageCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { arnOf, day, describe, makeKey, type MadeKey } from '../support/made-keys.ts'
import {
  arnIn,
  assertDecrypts,
  encryptWord,
  makePrimary,
  materialOf,
  materialsOf,
  regional,
  replicate,
  scheduleDeletion,
  stateOf,
} from '../support/multi-region.ts'
import { type RecordedEvent, recordText } from '../support/record.ts'
import { deniedCiphertext } from '../support/sentences.ts'
import { skipOfOthers } from '../support/round-robin.ts'
import { refused, startService } from '../support/service.ts'
import { rowsOfKey } from '../support/stored.ts'

const trent = await startService()
const kms = trent.client()
const europe = trent.client({ region: 'eu-west-1' })
const oregon = trent.client({ region: 'us-west-2' })
const Plaintext = Buffer.from('plain')

test('multi-Region keys: the id is mrk- and 32 hexadecimal digits, and the metadata says so', async () => {
  const key = await makePrimary(kms)
  assert.match(key.KeyId, /^mrk-[0-9a-f]{32}$/)
  assert.equal(key.MultiRegion, true)
  assert.equal(key.KeyState, 'Enabled')
  const single = await makeKey(kms)
  assert.equal(single.MultiRegion, false)
  assert.equal(single.MultiRegionConfiguration, undefined)
})

test('multi-Region keys: a primary does not exist where it has no replica', async () => {
  const key = await makePrimary(kms)
  await refused(
    europe.send(new DescribeKeyCommand({ KeyId: key.KeyId })),
    'NotFoundException',
    `Key '${arnIn('eu-west-1', key)}' does not exist`,
  )
  const CiphertextBlob = await encryptWord(kms, key.KeyId, 'word')
  await refused(
    europe.send(new DecryptCommand({ CiphertextBlob })),
    'AccessDeniedException',
    deniedCiphertext(trent.accountId, 'kms:Decrypt'),
  )
})

test('multi-Region keys: the same id is nothing to another account', async () => {
  const key = await replicated()
  const account = await trent.createAccount()
  const stranger = trent.client({ account, region: 'eu-west-1' })
  await refused(
    stranger.send(new DescribeKeyCommand({ KeyId: key.KeyId })),
    'NotFoundException',
    `Key '${arnOf(account.accountId, `key/${key.KeyId}`, 'eu-west-1')}' does not exist`,
  )
})

test('multi-Region keys: what one region encrypts the others decrypt, under the ARN of their own key', async () => {
  const key = await replicated('us-west-2')
  const EncryptionContext = { purpose: 'test' }
  const regions = [
    ['us-east-1', kms],
    ['eu-west-1', europe],
    ['us-west-2', oregon],
  ] as const
  for (const [region, client] of regions) {
    const encrypted = await client.send(
      new EncryptCommand({ KeyId: key.KeyId, Plaintext, EncryptionContext }),
    )
    assert.equal(encrypted.KeyId, arnIn(region, key))
    const { CiphertextBlob } = encrypted
    for (const [other, reader] of regions) {
      for (const KeyId of [undefined, key.KeyId, arnIn(other, key)]) {
        const decrypted = await reader.send(
          new DecryptCommand({ CiphertextBlob, KeyId, EncryptionContext }),
        )
        assert.equal(decrypted.KeyId, arnIn(other, key))
        assert.equal(decrypted.KeyMaterialId, key.CurrentKeyMaterialId)
        assert.deepEqual(Buffer.from(decrypted.Plaintext ?? []), Plaintext)
      }
    }
  }
})

test('multi-Region keys: a data key of one region is opened in another', async () => {
  const key = await replicated()
  const made = await kms.send(new GenerateDataKeyCommand({ KeyId: key.KeyId, KeySpec: 'AES_256' }))
  const { CiphertextBlob } = made
  const opened = await europe.send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(opened.Plaintext, made.Plaintext)
})

test('multi-Region keys: ReEncrypt takes a ciphertext of another region to a key of its own', async () => {
  const key = await replicated()
  const own = await makeKey(europe)
  const answer = await europe.send(
    new ReEncryptCommand({
      CiphertextBlob: await encryptWord(kms, key.KeyId, 'word'),
      DestinationKeyId: own.KeyId,
    }),
  )
  assert.equal(answer.SourceKeyId, arnIn('eu-west-1', key))
  assert.equal(answer.KeyId, own.Arn)
  await assertDecrypts(europe, answer.CiphertextBlob, 'word')
})

test('multi-Region keys: a rotation on demand reaches every region at once', async () => {
  const key = await replicated('us-west-2')
  const before = await encryptWord(europe, key.KeyId, 'before')
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  const after = await encryptWord(europe, key.KeyId, 'after')
  const current = await materialOf(kms, key.KeyId)
  assert.notEqual(current, key.CurrentKeyMaterialId)
  const materials = await materialsOf(kms, key.KeyId)
  for (const client of [kms, europe, oregon]) {
    assert.equal(await materialOf(client, key.KeyId), current)
    assert.deepEqual(await materialsOf(client, key.KeyId), materials)
    await assertDecrypts(client, before, 'before')
    await assertDecrypts(client, after, 'after')
  }
  assert.deepEqual(
    materials.map(({ KeyMaterialId, KeyMaterialState }) => [KeyMaterialId, KeyMaterialState]),
    [
      [key.CurrentKeyMaterialId, 'NON_CURRENT'],
      [current, 'CURRENT'],
    ],
  )
})

test('multi-Region keys: a replica made after a rotation reads what is older than the rotation', async () => {
  const key = await makePrimary(kms)
  const before = await encryptWord(kms, key.KeyId, 'before')
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  await replicate(kms, key, 'eu-west-1')
  await assertDecrypts(europe, before, 'before')
  const { Rotations } = await europe.send(new ListKeyRotationsCommand({ KeyId: key.KeyId }))
  assert.equal(Rotations?.length, 1)
  assert.equal(Rotations[0]?.RotationType, 'ON_DEMAND')
})

test('multi-Region keys: rotation is set on the primary, for every region', async () => {
  const key = await replicated()
  const { KeyId } = key
  await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }))
  const expected = {
    KeyRotationEnabled: true,
    RotationPeriodInDays: 90,
    NextRotationDate: new Date(trent.clock.now() + 90 * day),
  }
  await replicate(kms, key, 'us-west-2')
  for (const client of [kms, europe, oregon]) {
    const status = await client.send(new GetKeyRotationStatusCommand({ KeyId }))
    assert.deepEqual({ ...status, ...expected }, status)
  }
  await kms.send(new DisableKeyRotationCommand({ KeyId }))
  for (const client of [kms, europe, oregon]) {
    const status = await client.send(new GetKeyRotationStatusCommand({ KeyId }))
    assert.equal(status.KeyRotationEnabled, false)
    assert.equal(status.RotationPeriodInDays, undefined)
  }
})

test('multi-Region keys: rotation is not for a replica to set or to start', async () => {
  const { KeyId } = await replicated()
  const text = `${arnOf(trent.accountId, `key/${KeyId}`, 'eu-west-1')} is not a multi-region primary key.`
  for (const call of [
    () => europe.send(new EnableKeyRotationCommand({ KeyId })),
    () => europe.send(new DisableKeyRotationCommand({ KeyId })),
    () => europe.send(new RotateKeyOnDemandCommand({ KeyId })),
  ]) {
    await refused(call(), 'UnsupportedOperationException', text)
  }
})

test('multi-Region keys: an automatic rotation happens once, in all regions, and is recorded with the primary', async () => {
  const key = await replicated()
  const { KeyId } = key
  await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }))
  const before = await encryptWord(europe, KeyId, 'before')
  trent.turn(90 * day)
  await trent.runJobs()
  const materials = await materialsOf(kms, KeyId)
  assert.equal(materials.length, 2)
  assert.equal(materials[1]?.RotationType, 'AUTOMATIC')
  assert.deepEqual(await materialsOf(europe, KeyId), materials)
  assert.equal(await materialOf(europe, KeyId), materials[1]?.KeyMaterialId)
  await assertDecrypts(kms, before, 'before')
  const next = new Date(trent.clock.now() + 90 * day)
  for (const client of [kms, europe]) {
    const status = await client.send(new GetKeyRotationStatusCommand({ KeyId }))
    assert.deepEqual(status.NextRotationDate, next)
  }
  assert.deepEqual(serviceEvents(KeyId), [
    ['RotateKey', 'us-east-1'],
    ['SynchronizeMultiRegionKey', 'us-east-1'],
  ])
})

test('multi-Region keys: a disabled replica stays disabled, and is rotated with the others', async () => {
  const { KeyId } = await replicated()
  await europe.send(new DisableKeyCommand({ KeyId }))
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  assert.equal(await stateOf(europe, KeyId), 'Disabled')
  await europe.send(new EnableKeyCommand({ KeyId }))
  await assertDecrypts(kms, await encryptWord(europe, KeyId, 'after'), 'after')
  assert.equal(await materialOf(europe, KeyId), await materialOf(kms, KeyId))
})

test('multi-Region keys: each region enables and disables its own key', async () => {
  const key = await replicated()
  const { KeyId } = key
  const blob = await encryptWord(europe, KeyId, 'word')
  await kms.send(new DisableKeyCommand({ KeyId }))
  await refused(
    kms.send(new DecryptCommand({ CiphertextBlob: blob })),
    'DisabledException',
    `${key.Arn} is disabled.`,
  )
  assert.equal(await stateOf(europe, KeyId), 'Enabled')
  await assertDecrypts(europe, blob, 'word')
})

test('multi-Region keys: each region has its own description, tags, aliases and policy', async () => {
  const key = await replicated()
  const { KeyId } = key
  const policy = async (client: KMSClient) =>
    (await client.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? ''
  const before = await policy(kms)
  await europe.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'in Europe' }))
  await europe.send(
    new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'place', TagValue: 'Dublin' }] }),
  )
  await europe.send(new CreateAliasCommand({ AliasName: 'alias/there', TargetKeyId: KeyId }))
  const Policy = before.replace('Enable IAM User Permissions', 'Own')
  await europe.send(new PutKeyPolicyCommand({ KeyId, Policy }))
  assert.equal((await describe(kms, KeyId)).Description, '')
  assert.deepEqual((await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags, [])
  assert.equal(await policy(kms), before)
  assert.equal(await policy(europe), Policy)
  assert.equal((await describe(europe, 'alias/there')).Arn, arnIn('eu-west-1', key))
  // The same alias may name the related key of another region.
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/there', TargetKeyId: KeyId }))
  assert.equal((await describe(kms, 'alias/there')).Arn, key.Arn)
})

test('multi-Region keys: each region keeps its own last use', { skip: skipOfOthers }, async () => {
  const { KeyId } = await replicated()
  const { $metadata } = await europe.send(new EncryptCommand({ KeyId, Plaintext }))
  const used = await europe.send(new GetKeyLastUsageCommand({ KeyId }))
  assert.equal(used.KeyLastUsage?.KmsRequestId, $metadata.requestId)
  const unused = await kms.send(new GetKeyLastUsageCommand({ KeyId }))
  assert.deepEqual(unused.KeyLastUsage, {})
})

test('multi-Region keys: ListKeys lists a replica in its own region', async () => {
  const account = await trent.createAccount()
  const key = await makePrimary(trent.client({ account }))
  await replicate(trent.client({ account }), key, 'eu-west-1')
  const list = async (region: string) =>
    (await trent.client({ account, region }).send(new ListKeysCommand({}))).Keys
  for (const region of ['us-east-1', 'eu-west-1']) {
    assert.deepEqual(await list(region), [{ KeyId: key.KeyId, KeyArn: arnIn(region, key) }])
  }
  assert.deepEqual(await list('us-west-2'), [])
})

test('ScheduleKeyDeletion: a primary with replicas is pending replica deletion, without a date', async () => {
  const key = await replicated()
  const { KeyId } = key
  const { $metadata, ...answer } = await kms.send(
    new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 9 }),
  )
  assert.deepEqual(answer, {
    KeyId: key.Arn,
    KeyState: 'PendingReplicaDeletion',
    PendingWindowInDays: 9,
  })
  const shown = await describe(kms, KeyId)
  assert.equal(shown.KeyState, 'PendingReplicaDeletion')
  assert.equal(shown.Enabled, false)
  assert.equal(shown.PendingDeletionWindowInDays, 9)
  assert.equal(shown.DeletionDate, undefined)
  assert.equal(await stateOf(europe, KeyId), 'Enabled')
})

test('ScheduleKeyDeletion: a primary that is pending replica deletion cannot be scheduled again, nor used', async () => {
  const key = await replicated()
  const { KeyId } = key
  const blob = await encryptWord(kms, KeyId, 'word')
  await scheduleDeletion(kms, KeyId)
  for (const call of [
    () => kms.send(new ScheduleKeyDeletionCommand({ KeyId })),
    () => kms.send(new EncryptCommand({ KeyId, Plaintext })),
    () => kms.send(new DecryptCommand({ CiphertextBlob: blob })),
    () => kms.send(new EnableKeyCommand({ KeyId })),
    () => kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'us-west-2' })),
    () => kms.send(new RotateKeyOnDemandCommand({ KeyId })),
  ]) {
    await refused(call(), 'KMSInvalidStateException', `${key.Arn} is pending replica deletion.`)
  }
  await assertDecrypts(europe, blob, 'word')
})

test('ScheduleKeyDeletion: the window of a primary begins when the last of its replicas is gone', async () => {
  const key = await replicated('us-west-2')
  const { KeyId } = key
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 10 }))
  await scheduleDeletion(europe, KeyId)
  await pass(7)
  assert.equal(await stateOf(kms, KeyId), 'PendingReplicaDeletion')
  const { MultiRegionConfiguration } = await describe(kms, KeyId)
  assert.deepEqual(MultiRegionConfiguration?.ReplicaKeys, [regional('us-west-2', key)])
  await pass(60)
  assert.equal(await stateOf(kms, KeyId), 'PendingReplicaDeletion')
  await scheduleDeletion(oregon, KeyId)
  await pass(7)
  const shown = await describe(kms, KeyId)
  assert.equal(shown.KeyState, 'PendingDeletion')
  assert.deepEqual(shown.DeletionDate, new Date(trent.clock.now() + 10 * day))
  assert.equal(shown.PendingDeletionWindowInDays, undefined)
  assert.deepEqual(shown.MultiRegionConfiguration?.ReplicaKeys, [])
  await pass(10)
  await assertGone(kms, key, 'us-east-1')
})

test('ScheduleKeyDeletion: a primary without replicas, or without them any longer, is pending deletion at once', async () => {
  const key = await replicated()
  await scheduleDeletion(europe, key.KeyId)
  await pass(7)
  await scheduleDeletion(kms, key.KeyId)
  assert.equal(await stateOf(kms, key.KeyId), 'PendingDeletion')
})

test('ScheduleKeyDeletion: a replica goes alone, its window at once', async () => {
  const key = await replicated('us-west-2')
  const { KeyId } = key
  const answer = await europe.send(
    new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
  )
  assert.equal(answer.KeyId, arnIn('eu-west-1', key))
  assert.equal(answer.KeyState, 'PendingDeletion')
  assert.deepEqual(answer.DeletionDate, new Date(trent.clock.now() + 7 * day))
  const blob = await encryptWord(kms, KeyId, 'word')
  await pass(7)
  await assertGone(europe, key, 'eu-west-1')
  for (const client of [kms, oregon]) {
    await assertDecrypts(client, blob, 'word')
    const { MultiRegionConfiguration } = await describe(client, KeyId)
    assert.deepEqual(MultiRegionConfiguration?.ReplicaKeys, [regional('us-west-2', key)])
  }
  assert.deepEqual(serviceEvents(KeyId), [['DeleteKey', 'eu-west-1']])
})

test('CancelKeyDeletion: a primary that is pending replica deletion comes back disabled', async () => {
  const key = await replicated()
  const { KeyId } = key
  await scheduleDeletion(kms, KeyId)
  const { KeyId: answered } = await kms.send(new CancelKeyDeletionCommand({ KeyId }))
  assert.equal(answered, key.Arn)
  const shown = await describe(kms, KeyId)
  assert.equal(shown.KeyState, 'Disabled')
  assert.equal(shown.PendingDeletionWindowInDays, undefined)
  assert.equal(shown.DeletionDate, undefined)
  await kms.send(new EnableKeyCommand({ KeyId }))
  await assertDecrypts(europe, await encryptWord(kms, KeyId, 'word'), 'word')
})

test('CancelKeyDeletion: a primary whose deletion was cancelled outlives its replicas', async () => {
  const { KeyId } = await replicated()
  await scheduleDeletion(kms, KeyId)
  await scheduleDeletion(europe, KeyId)
  await kms.send(new CancelKeyDeletionCommand({ KeyId }))
  await pass(40)
  assert.equal(await stateOf(kms, KeyId), 'Disabled')
})

test('CancelKeyDeletion: rotation that was set is set again, on a primary that waited for its replicas', async () => {
  const { KeyId } = await replicated()
  const status = async () =>
    (await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled
  await kms.send(new EnableKeyRotationCommand({ KeyId }))
  await scheduleDeletion(kms, KeyId)
  assert.equal(await status(), false)
  await kms.send(new CancelKeyDeletionCommand({ KeyId }))
  assert.equal(await status(), true)
})

test('multi-Region keys: material is destroyed with the last related key, not before', async () => {
  const key = await replicated()
  const { KeyId } = key
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  const blob = await encryptWord(kms, KeyId, 'word')
  assert.equal(await storedMaterials(KeyId), 2)
  await scheduleDeletion(kms, KeyId)
  await scheduleDeletion(europe, KeyId)
  await pass(7)
  assert.equal(await storedMaterials(KeyId), 2)
  await pass(7)
  await assertGone(kms, key, 'us-east-1')
  assert.equal(await storedMaterials(KeyId), 0)
  for (const client of [kms, europe]) {
    await refused(
      client.send(new DecryptCommand({ CiphertextBlob: blob })),
      'AccessDeniedException',
      deniedCiphertext(trent.accountId, 'kms:Decrypt'),
    )
  }
})

/** A primary with a replica in eu-west-1, and maybe others. */
async function replicated(...more: readonly string[]) {
  const key = await makePrimary(kms)
  for (const region of ['eu-west-1', ...more]) await replicate(kms, key, region)
  return key
}

/** Lets days go by, and the jobs run at their end. */
async function pass(days: number): Promise<void> {
  trent.turn(days * day)
  await trent.confirmClock()
  await trent.runJobs()
}

function assertGone(client: KMSClient, key: MadeKey, region: string): Promise<void> {
  return refused(
    client.send(new DescribeKeyCommand({ KeyId: key.KeyId })),
    'NotFoundException',
    `Key '${arnIn(region, key)}' does not exist`,
  )
}

/** How many materials of a key are stored, and described. */
async function storedMaterials(keyId: string): Promise<number> {
  const { length } = await rowsOfKey(trent, 'key_materials', keyId)
  assert.equal((await rowsOfKey(trent, 'material_entries', keyId)).length, length)
  return length
}

/** What the service has recorded of itself about a key: name and region. */
function serviceEvents(keyId: string): [string, string][] {
  return recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes(keyId) && line.includes('"AwsServiceEvent"'))
    .map((line) => JSON.parse(line) as RecordedEvent)
    .map(({ eventName, awsRegion }) => [eventName, awsRegion])
}
