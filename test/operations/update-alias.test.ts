import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import { testAliasName } from '../support/alias-name.ts'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
} from '../support/key-id.ts'
import {
  absentId,
  arnOf,
  assertEmpty,
  day,
  describe,
  makeAlias,
  makeDisabledKey,
  makeKey,
  makePendingKey,
} from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const update = (AliasName: string | undefined, TargetKeyId: string | undefined, client = kms) =>
  client.send(new UpdateAliasCommand({ AliasName, TargetKeyId }))
const first = await makeKey(kms)
await makeAlias(kms, 'alias/First', first)
const send = (client: KMSClient, keyId: string | undefined) => update('alias/First', keyId, client)
const member = { trent, operation: 'UpdateAlias', member: 'targetKeyId', send }
const aliasArn = (name: string) => arnOf(trent.accountId, name)
const notFound = (name: string) => `Alias ${aliasArn(name)} is not found.`

testAliasName({ trent, operation: 'UpdateAlias', send: (name) => update(name, 'foo') })
testKeyIdShape(member)

test('UpdateAlias: an alias refers to a key, not to an alias', async () => {
  for (const target of ['alias/First', aliasArn('alias/First'), 'alias/absent']) {
    await refused(
      update('alias/First', target),
      'ValidationException',
      'Aliases must refer to keys. Not aliases',
    )
  }
})

testKeyIdForms(member)
testForeignKeys(member)
testAwsManagedKey(member)

test("UpdateAlias: another account's alias is not found", async () => {
  const theirs = trent.client({ account: await trent.createAccount() })
  const key = await makeKey(theirs)
  await makeAlias(theirs, 'alias/Theirs', key)
  await refused(update('alias/Theirs', first.KeyId), 'NotFoundException', notFound('alias/Theirs'))
  assert.equal((await describe(theirs, 'alias/Theirs')).KeyId, key.KeyId)
})

test('UpdateAlias: the new key may not be pending deletion', async () => {
  const key = await makePendingKey(kms)
  await refused(
    update('alias/First', key.KeyId),
    'KMSInvalidStateException',
    `${key.Arn} is pending deletion.`,
  )
  assert.equal((await describe(kms, 'alias/First')).KeyId, first.KeyId)
})

test('UpdateAlias: the old key may be pending deletion, and either may be disabled', async () => {
  const pending = await makeKey(kms)
  await makeAlias(kms, 'alias/Pending', pending)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: pending.KeyId }))
  const disabled = await makeDisabledKey(kms)
  assertEmpty(await update('alias/Pending', disabled.KeyId))
  assertEmpty(await update('alias/Pending', first.KeyId))
  assert.equal((await describe(kms, 'alias/Pending')).KeyId, first.KeyId)
})

test('UpdateAlias: an alias that does not exist is not found, whatever the key', async () => {
  for (const target of [first.KeyId, absentId]) {
    await refused(update('alias/absent', target), 'NotFoundException', notFound('alias/absent'))
  }
  await refused(update('alias/first', first.KeyId), 'NotFoundException', notFound('alias/first'))
})

test('UpdateAlias: an alias of another region is not found', async () => {
  const there = trent.client({ region: 'eu-west-1' })
  await makeAlias(there, 'alias/There', await makeKey(there))
  await refused(update('alias/There', first.KeyId), 'NotFoundException', notFound('alias/There'))
})

test('UpdateAlias: the alias points at the new key at once, by id or ARN', async () => {
  const [one, two] = [await makeKey(kms), await makeKey(kms)]
  await makeAlias(kms, 'alias/Moved', one)
  for (const [target, key] of [
    [two.Arn, two],
    [one.KeyId, one],
  ] as const) {
    assertEmpty(await update('alias/Moved', target))
    const { KeyId } = await kms.send(
      new EncryptCommand({ KeyId: 'alias/Moved', Plaintext: Buffer.from('plain') }),
    )
    assert.equal(KeyId, key.Arn)
  }
  assert.equal((await aliasesOf(two.KeyId)).length, 0)
})

test('UpdateAlias: LastUpdatedDate is now and CreationDate stays, also for the same key', async () => {
  const [one, two] = [await makeKey(kms), await makeKey(kms)]
  const CreationDate = new Date(trent.clock.now())
  await makeAlias(kms, 'alias/Dated', one)
  for (const key of [one, two]) {
    trent.turn(2000)
    assertEmpty(await update('alias/Dated', key.KeyId))
    assert.deepEqual(await aliasesOf(key.KeyId), [
      {
        AliasName: 'alias/Dated',
        AliasArn: aliasArn('alias/Dated'),
        TargetKeyId: key.KeyId,
        CreationDate,
        LastUpdatedDate: new Date(trent.clock.now()),
      },
    ])
  }
})

test('UpdateAlias: a key with as many aliases as it may have takes no other', async () => {
  const small = await startService({ limits: { aliasesPerKey: 1 } })
  const client = small.client()
  const [one, two] = [await makeKey(client), await makeKey(client)]
  await makeAlias(client, 'alias/One', one)
  await makeAlias(client, 'alias/Two', two)
  await refused(
    update('alias/One', two.KeyId, client),
    'LimitExceededException',
    'Aliases per key quota for this account in this region is 1, current usage is 1.',
  )
  assertEmpty(await update('alias/Two', two.KeyId, client))
})

test('UpdateAlias: an alias is gone with its key, before any job has run', async () => {
  await trent.runJobs()
  const key = await makeKey(kms)
  await makeAlias(kms, 'alias/Due', key)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId, PendingWindowInDays: 7 }))
  trent.turn(7 * day)
  await refused(update('alias/Due', first.KeyId), 'NotFoundException', notFound('alias/Due'))
})

test('UpdateAlias: the event has the alias and its new key', async () => {
  const [one, two] = [await makeKey(kms), await makeKey(kms)]
  await makeAlias(kms, 'alias/Recorded', one)
  const event = recordOf(trent, await update('alias/Recorded', two.KeyId))
  assert.equal(event.eventName, 'UpdateAlias')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, {
    aliasName: 'alias/Recorded',
    targetKeyId: two.KeyId,
  })
  assert.deepEqual(event.responseElements, { keyId: two.Arn })
  assert.deepEqual(event.resources, [resource(aliasArn('alias/Recorded')), resource(two.Arn)])
})

test('UpdateAlias: the event of a refusal has its code and text', async () => {
  const event = await recordOfRefused(trent, update('alias/absent', first.KeyId))
  assert.equal(event.errorCode, 'NotFoundException')
  assert.equal(event.errorMessage, notFound('alias/absent'))
  assert.deepEqual(event.resources, [resource(aliasArn('alias/absent'))])
})

async function aliasesOf(KeyId: string) {
  return (await kms.send(new ListAliasesCommand({ KeyId }))).Aliases ?? []
}
