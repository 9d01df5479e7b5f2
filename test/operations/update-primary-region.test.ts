import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DisableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import {
  assertEmpty,
  describe,
  makeDisabledKey,
  makeKey,
  makePendingKey,
} from '../support/made-keys.ts'
import {
  arnIn,
  assertDecrypts,
  encryptWord,
  makePrimary,
  materialOf,
  regional,
  replicate,
  scheduleDeletion,
  stateOf,
} from '../support/multi-region.ts'
import { recordOfRefused, type RecordedEvent, recordText, resource } from '../support/record.ts'
import { deniedAcrossAccounts, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const europe = trent.client({ region: 'eu-west-1' })
const oregon = trent.client({ region: 'us-west-2' })
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: 'eu-west-1' }))
const update = (KeyId: string | undefined, PrimaryRegion: string | undefined = 'eu-west-1') =>
  kms.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion }))
const member = { trent, operation: 'UpdatePrimaryRegion', send }

testKeyIdShape(member)

test('UpdatePrimaryRegion: a missing PrimaryRegion is a ValidationException', () =>
  refused(
    kms.send(new UpdatePrimaryRegionCommand({ KeyId: 'foo', PrimaryRegion: undefined })),
    'ValidationException',
    violated("null at 'primaryRegion': not be null"),
  ))

test('UpdatePrimaryRegion: what is spelt like no region is not of the pattern', () =>
  refused(
    update('foo', 'eu_west_1'),
    'ValidationException',
    violated(
      String.raw`'eu_west_1' at 'primaryRegion': satisfy regular expression pattern: ^([a-z]+-){2,3}\d+$`,
    ),
  ))

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test("UpdatePrimaryRegion: another account's multi-Region key stays as it is", async () => {
  const account = await trent.createAccount()
  const owner = trent.client({ account })
  const key = await makePrimary(owner)
  await replicate(owner, key, 'eu-west-1')
  await refused(
    update(key.Arn),
    'AccessDeniedException',
    deniedAcrossAccounts(trent.accountId, 'kms:UpdatePrimaryRegion'),
  )
  const { MultiRegionConfiguration } = await describe(owner, key.KeyId)
  assert.equal(MultiRegionConfiguration?.MultiRegionKeyType, 'PRIMARY')
})

test('UpdatePrimaryRegion: a disabled key is DisabledException', async () => {
  const key = await makeDisabledKey(kms)
  await refused(update(key.KeyId), 'DisabledException', `${key.Arn} is disabled.`)
})

test('UpdatePrimaryRegion: a key that is pending deletion is KMSInvalidStateException', async () => {
  const key = await makePendingKey(kms)
  const text = `${key.Arn} is pending deletion.`
  await refused(update(key.KeyId), 'KMSInvalidStateException', text)
})

test('UpdatePrimaryRegion: a primary that is pending replica deletion is KMSInvalidStateException', async () => {
  const key = await replicated()
  await scheduleDeletion(kms, key.KeyId)
  const text = `${key.Arn} is pending replica deletion.`
  await refused(update(key.KeyId), 'KMSInvalidStateException', text)
})

test('UpdatePrimaryRegion: a key that is pending import is KMSInvalidStateException', async () => {
  const key = await makePrimary(kms, { Origin: 'EXTERNAL' })
  const text = `${key.Arn} is pending import.`
  await refused(update(key.KeyId), 'KMSInvalidStateException', text)
})

test('UpdatePrimaryRegion: a replica that is disabled cannot become the primary', async () => {
  const key = await replicated()
  await europe.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  const text = `${arnIn('eu-west-1', key)} is disabled.`
  await refused(update(key.KeyId), 'DisabledException', text)
})

test('UpdatePrimaryRegion: a replica that is pending deletion cannot become the primary', async () => {
  const key = await replicated()
  await scheduleDeletion(europe, key.KeyId)
  const text = `${arnIn('eu-west-1', key)} is pending deletion.`
  await refused(update(key.KeyId), 'KMSInvalidStateException', text)
})

test('UpdatePrimaryRegion: a single-Region key is not a multi-region primary key', async () => {
  const key = await makeKey(kms)
  const text = `${key.Arn} is not a multi-region primary key.`
  await refused(update(key.KeyId), 'UnsupportedOperationException', text)
})

test('UpdatePrimaryRegion: a replica is not a multi-region primary key', async () => {
  const key = await replicated()
  await refused(
    europe.send(
      new UpdatePrimaryRegionCommand({
        KeyId: key.Arn.replace('us-east-1', 'eu-west-1'),
        PrimaryRegion: 'us-east-1',
      }),
    ),
    'UnsupportedOperationException',
    `${arnIn('eu-west-1', key)} is not a multi-region primary key.`,
  )
})

test('UpdatePrimaryRegion: a region without a replica has no such key', async () => {
  const key = await replicated()
  const text = `Key '${arnIn('ap-south-1', key)}' does not exist`
  await refused(update(key.KeyId, 'ap-south-1'), 'NotFoundException', text)
})

test('UpdatePrimaryRegion: the primary Region is the primary Region already', async () => {
  const key = await replicated()
  const text = `${key.Arn} is already the multi-region primary key.`
  await refused(update(key.KeyId, 'us-east-1'), 'UnsupportedOperationException', text)
})

test('UpdatePrimaryRegion: the two keys change places, in every region alike', async () => {
  const key = await replicated('us-west-2')
  assertEmpty(await update(key.KeyId))
  const related = {
    PrimaryKey: regional('eu-west-1', key),
    ReplicaKeys: [regional('us-east-1', key), regional('us-west-2', key)],
  }
  for (const [client, MultiRegionKeyType] of [
    [kms, 'REPLICA'],
    [europe, 'PRIMARY'],
    [oregon, 'REPLICA'],
  ] as const) {
    const shown = await describe(client, key.KeyId)
    assert.deepEqual(shown.MultiRegionConfiguration, { MultiRegionKeyType, ...related })
    assert.equal(shown.KeyState, 'Enabled')
  }
})

test('UpdatePrimaryRegion: a replica that has no part in it keeps its own state', async () => {
  const key = await replicated('us-west-2')
  await oregon.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  await update(key.KeyId)
  assert.equal(await stateOf(oregon, key.KeyId), 'Disabled')
})

test('UpdatePrimaryRegion: only the new primary can be replicated and rotated', async () => {
  const key = await replicated()
  await update(key.KeyId)
  const { KeyId } = key
  const text = `${key.Arn} is not a multi-region primary key.`
  for (const call of [
    () => kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'us-west-2' })),
    () => kms.send(new RotateKeyOnDemandCommand({ KeyId })),
    () => kms.send(new EnableKeyRotationCommand({ KeyId })),
  ]) {
    await refused(call(), 'UnsupportedOperationException', text)
  }
  await europe.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'us-west-2' }))
  await europe.send(new RotateKeyOnDemandCommand({ KeyId }))
  const materials = await Promise.all([kms, europe, oregon].map((each) => materialOf(each, KeyId)))
  assert.equal(new Set(materials).size, 1)
  assert.notEqual(materials[0], key.CurrentKeyMaterialId)
})

test('UpdatePrimaryRegion: rotation goes on as it was set', async () => {
  const key = await replicated()
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId, RotationPeriodInDays: 100 }))
  const status = async (client: KMSClient) => {
    const { $metadata, KeyId, ...rest } = await client.send(
      new GetKeyRotationStatusCommand({ KeyId: key.KeyId }),
    )
    return rest
  }
  const before = await status(kms)
  await update(key.KeyId)
  assert.equal(before.RotationPeriodInDays, 100)
  assert.deepEqual(await status(kms), before)
  assert.deepEqual(await status(europe), before)
})

test('UpdatePrimaryRegion: what was encrypted before is decrypted after, in both regions', async () => {
  const key = await replicated()
  const blob = await encryptWord(kms, key.KeyId, 'before')
  await update(key.KeyId)
  for (const client of [kms, europe]) await assertDecrypts(client, blob, 'before')
})

test('UpdatePrimaryRegion: the former primary is deleted in its own time, the new one waits for it', async () => {
  const key = await replicated()
  await update(key.KeyId)
  const schedule = (client: KMSClient) =>
    client.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId, PendingWindowInDays: 7 }))
  assert.equal((await schedule(europe)).KeyState, 'PendingReplicaDeletion')
  assert.equal((await schedule(kms)).KeyState, 'PendingDeletion')
})

test('UpdatePrimaryRegion: there and back again leaves everything as it was', async () => {
  const key = await replicated()
  const before = await describe(kms, key.KeyId)
  await update(key.KeyId)
  await europe.send(
    new UpdatePrimaryRegionCommand({ KeyId: key.KeyId, PrimaryRegion: 'us-east-1' }),
  )
  assert.deepEqual(await describe(kms, key.KeyId), before)
})

test('UpdatePrimaryRegion: it is recorded in the region of each of the two keys', async () => {
  const key = await replicated('us-west-2')
  const answer = await update(key.KeyId)
  const events = recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes(`"requestID":"${answer.$metadata.requestId}"`))
    .map((line) => JSON.parse(line) as RecordedEvent)
  assert.deepEqual(
    events.map((event) => event.awsRegion),
    ['us-east-1', 'eu-west-1'],
  )
  for (const event of events) {
    const arn = arnIn(event.awsRegion, key)
    assert.equal(event.eventName, 'UpdatePrimaryRegion')
    assert.equal(event.readOnly, false)
    assert.deepEqual(event.requestParameters, { keyId: key.KeyId, primaryRegion: 'eu-west-1' })
    assert.deepEqual(event.responseElements, { keyId: arn })
    assert.deepEqual(event.resources, [resource(arn)])
    assert.deepEqual(event.userIdentity, events[0]?.userIdentity)
  }
  assert.notEqual(events[0]?.eventID, events[1]?.eventID)
})

test('UpdatePrimaryRegion: a refusal is recorded with its error', async () => {
  const key = await makeKey(kms)
  const event = await recordOfRefused(trent, update(key.KeyId))
  assert.equal(event.errorCode, 'UnsupportedOperationException')
  assert.equal(event.errorMessage, `${key.Arn} is not a multi-region primary key.`)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

/** A primary with a replica in eu-west-1, and maybe another. */
async function replicated(...more: readonly string[]) {
  const key = await makePrimary(kms)
  for (const region of ['eu-west-1', ...more]) await replicate(kms, key, region)
  return key
}
