import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
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
  type MadeKey,
} from '../support/made-keys.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import { deniedCiphertext, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import { rowsOfKey } from '../support/stored.ts'

const trent = await startService()
const kms = trent.client()
const schedule = (KeyId: string | undefined, PendingWindowInDays?: number) =>
  kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }))
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new ScheduleKeyDeletionCommand({ KeyId }))
const member = { trent, operation: 'ScheduleKeyDeletion', send }

testKeyIdShape(member)

test('ScheduleKeyDeletion: a window of 0 days is out of the range that the framework knows', () =>
  refused(
    schedule('foo', 0),
    'ValidationException',
    violated("'0' at 'pendingWindowInDays': have value greater than or equal to 1"),
  ))

test('ScheduleKeyDeletion: a window of 366 days is out of the range that the framework knows', () =>
  refused(
    schedule('foo', 366),
    'ValidationException',
    violated("'366' at 'pendingWindowInDays': have value less than or equal to 365"),
  ))

test('ScheduleKeyDeletion: a window of 1 to 6 or of 31 to 365 days is refused before any key is looked up', async () => {
  for (const days of [1, 6, 31, 365]) {
    await refused(
      schedule('foo', days),
      'ValidationException',
      'PendingWindowInDays must be between 7 and 30',
    )
  }
})

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('ScheduleKeyDeletion: a key pending deletion is KMSInvalidStateException and keeps its date', async () => {
  const key = await makePendingKey(kms, 30)
  const before = await describe(kms, key.KeyId)
  await refused(
    schedule(key.KeyId, 7),
    'KMSInvalidStateException',
    `${key.Arn} is pending deletion.`,
  )
  assert.deepEqual(await describe(kms, key.KeyId), before)
})

test('ScheduleKeyDeletion: a disabled key can be scheduled', async () => {
  const key = await makeDisabledKey(kms)
  assert.equal((await schedule(key.KeyId)).KeyState, 'PendingDeletion')
})

test('ScheduleKeyDeletion: the window is 30 days when nobody says', async () => {
  const key = await makeKey(kms)
  const DeletionDate = new Date(trent.clock.now() + 30 * day)
  const { $metadata, ...answer } = await schedule(key.KeyId)
  assert.equal($metadata.httpStatusCode, 200)
  assert.deepEqual(answer, {
    KeyId: key.Arn,
    DeletionDate,
    KeyState: 'PendingDeletion',
    PendingWindowInDays: 30,
  })
  assert.deepEqual(await describe(kms, key.KeyId), {
    ...key,
    Enabled: false,
    KeyState: 'PendingDeletion',
    DeletionDate,
  })
})

test('ScheduleKeyDeletion: the window may be 7 to 30 days', async () => {
  for (const days of [7, 30]) {
    const key = await makeKey(kms)
    const answer = await schedule(key.Arn, days)
    assert.equal(answer.PendingWindowInDays, days)
    assert.equal(answer.DeletionDate?.getTime(), trent.clock.now() + days * day)
  }
})

test('ScheduleKeyDeletion: the key cannot be used from then on, and can be looked at', async () => {
  const { key, CiphertextBlob } = await furnishedKey(kms, 'alias/Pending')
  await schedule(key.KeyId)
  for (const call of [
    () => kms.send(new EncryptCommand({ KeyId: 'alias/Pending', Plaintext: Buffer.from('plain') })),
    () => kms.send(new DecryptCommand({ CiphertextBlob })),
  ]) {
    await refused(call(), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`)
  }
  const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId: key.KeyId }))
  assert.deepEqual(Tags, [{ TagKey: 'Name', TagValue: 'Value' }])
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: key.KeyId }))
  assert.equal(Aliases?.length, 1)
})

test('ScheduleKeyDeletion: at its date the key is gone with all that hangs on it, before any job has run', async () => {
  await trent.runJobs()
  const { key, CiphertextBlob } = await furnishedKey(kms, 'alias/Due')
  await schedule(key.KeyId, 7)
  trent.turn(7 * day - 1)
  assert.equal((await describe(kms, 'alias/Due')).KeyId, key.KeyId)
  trent.turn(1)
  assert.equal((await materials(key)).length, 1, 'the job has not run')

  const gone = `Key '${key.Arn}' does not exist`
  for (const KeyId of [key.KeyId, key.Arn]) {
    await refused(kms.send(new DescribeKeyCommand({ KeyId })), 'NotFoundException', gone)
    await refused(kms.send(new GetKeyPolicyCommand({ KeyId })), 'NotFoundException', gone)
    await refused(kms.send(new ListResourceTagsCommand({ KeyId })), 'NotFoundException', gone)
    await refused(kms.send(new ListAliasesCommand({ KeyId })), 'NotFoundException', gone)
    await refused(schedule(KeyId), 'NotFoundException', gone)
  }
  await refused(
    kms.send(new DescribeKeyCommand({ KeyId: 'alias/Due' })),
    'NotFoundException',
    `Alias ${arnOf(trent.accountId, 'alias/Due')} is not found.`,
  )
  await refused(
    kms.send(new DecryptCommand({ CiphertextBlob })),
    'AccessDeniedException',
    deniedCiphertext(trent.accountId, 'kms:Decrypt'),
  )
  const { Keys = [] } = await kms.send(new ListKeysCommand({ Limit: 1000 }))
  assert.equal(
    Keys.some(({ KeyId }) => KeyId === key.KeyId),
    false,
  )
  const { Aliases = [] } = await kms.send(new ListAliasesCommand({}))
  assert.equal(
    Aliases.some(({ AliasName }) => AliasName === 'alias/Due'),
    false,
  )
})

test('ScheduleKeyDeletion: nothing is destroyed after a jump of the clock, until somebody confirms it', async () => {
  await trent.confirmClock()
  await trent.runJobs()
  const key = await makePendingKey(kms, 7)
  trent.turn(8 * day)
  assert.equal(await trent.runJobs(), false)
  assert.equal((await materials(key)).length, 1)
  await trent.confirmClock()
  assert.equal(await trent.runJobs(), true)
  assert.equal((await materials(key)).length, 0)
})

test('ScheduleKeyDeletion: the job destroys the material of keys that are due, and of no others', async () => {
  const { key: due, CiphertextBlob } = await furnishedKey(kms, 'alias/Destroyed')
  const { key: kept } = await furnishedKey(kms, 'alias/Kept')
  const later = await makePendingKey(kms, 30)
  const [material] = await materials(due)
  assert.ok(material !== undefined)
  const embedded = trent.database === undefined
  if (embedded) assert.equal(inTheFiles(material), true)
  await schedule(due.KeyId, 7)
  trent.turn(7 * day)
  await trent.confirmClock()
  assert.equal(await trent.runJobs(), true)

  assert.equal((await materials(due)).length, 0)
  if (embedded) {
    assert.equal(inTheFiles(material), false, 'the bytes are overwritten, not only unlinked')
  }
  await refused(
    kms.send(new DescribeKeyCommand({ KeyId: due.Arn })),
    'NotFoundException',
    `Key '${due.Arn}' does not exist`,
  )
  await refused(
    kms.send(new DecryptCommand({ CiphertextBlob })),
    'AccessDeniedException',
    deniedCiphertext(trent.accountId, 'kms:Decrypt'),
  )
  assert.deepEqual(await describe(kms, 'alias/Kept'), kept)
  assert.equal((await describe(kms, later.KeyId)).KeyState, 'PendingDeletion')
  assert.equal((await materials(kept)).length, 1)
  assert.equal((await materials(later)).length, 1)
})

test('ScheduleKeyDeletion: the name of a deleted key is free again, before and after the job', async () => {
  const first = await makeKey(kms)
  await makeAlias(kms, 'alias/Free', first)
  await schedule(first.KeyId, 7)
  await refused(
    kms.send(new CreateAliasCommand({ AliasName: 'alias/Free', TargetKeyId: first.KeyId })),
    'KMSInvalidStateException',
    `${first.Arn} is pending deletion.`,
  )
  trent.turn(7 * day)
  const second = await makeKey(kms)
  await makeAlias(kms, 'alias/Free', second)
  await trent.confirmClock()
  await trent.runJobs()
  assert.equal((await describe(kms, 'alias/Free')).KeyId, second.KeyId)
})

test('ScheduleKeyDeletion: a key of another region is due by itself', async () => {
  const there = trent.client({ region: 'eu-west-1' })
  const due = await makePendingKey(there, 7)
  const kept = await makeKey(there)
  trent.turn(7 * day)
  await trent.confirmClock()
  await trent.runJobs()
  const { Keys } = await there.send(new ListKeysCommand({}))
  assert.deepEqual(
    Keys?.filter(({ KeyId }) => KeyId === due.KeyId || KeyId === kept.KeyId),
    [{ KeyId: kept.KeyId, KeyArn: kept.Arn }],
  )
})

test('ScheduleKeyDeletion: the event has what was answered', async () => {
  const key = await makeKey(kms)
  const event = recordOf(trent, await schedule(key.KeyId, 7))
  assert.equal(event.eventName, 'ScheduleKeyDeletion')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, pendingWindowInDays: 7 })
  const answer = event.responseElements as Readonly<Record<string, unknown>>
  assert.deepEqual(Object.keys(answer), [
    'keyId',
    'keyState',
    'deletionDate',
    'pendingWindowInDays',
  ])
  assert.equal(answer['keyId'], key.Arn)
  assert.equal(answer['keyState'], 'PendingDeletion')
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('ScheduleKeyDeletion: the event of a refusal has its code and text', async () => {
  const event = await recordOfRefused(trent, schedule('foo', 6))
  assert.equal(event.errorCode, 'ValidationException')
  assert.equal(event.errorMessage, 'PendingWindowInDays must be between 7 and 30')
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [])
})

test('ScheduleKeyDeletion: the destruction itself is the event DeleteKey, of the service', async () => {
  const key = await makePendingKey(kms, 7)
  trent.turn(7 * day)
  await trent.confirmClock()
  await trent.runJobs()
  const lines = recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes('"DeleteKey"'))
  const events = lines
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter((event) => JSON.stringify(event['resources']).includes(key.Arn))
  assert.equal(events.length, 1)
  assert.equal(events[0]?.['eventType'], 'AwsServiceEvent')
  assert.deepEqual(events[0]?.['userIdentity'], {
    accountId: trent.accountId,
    invokedBy: 'AWS Internal',
  })
  assert.deepEqual(events[0]?.['serviceEventDetails'], { keyId: key.KeyId })
})

/** A key with an alias, a tag and a ciphertext. */
async function furnishedKey(
  client: KMSClient,
  alias: string,
): Promise<{ readonly key: MadeKey; readonly CiphertextBlob: Uint8Array | undefined }> {
  const key = await makeKey(client, { Tags: [{ TagKey: 'Name', TagValue: 'Value' }] })
  await makeAlias(client, alias, key)
  const { CiphertextBlob } = await client.send(
    new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from('plain') }),
  )
  return { key, CiphertextBlob }
}

/** The sealed materials of a key, read past the server. */
async function materials(key: MadeKey): Promise<Buffer[]> {
  const rows = await rowsOfKey(trent, 'key_materials', key.KeyId)
  return rows.map((row) => Buffer.from(row['sealed'] as Uint8Array))
}

/** Whether any file of the database holds these bytes. What PostgreSQL keeps of a deleted row is its own affair. */
function inTheFiles(bytes: Buffer): boolean {
  return readdirSync(trent.data)
    .filter((file) => file.startsWith('trent.db'))
    .some((file) => readFileSync(join(trent.data, file)).includes(bytes))
}
