import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { testAliasName } from '../support/alias-name.ts'
import { arnOf, assertEmpty, day, describe, makeAlias, makeKey } from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const remove = (AliasName: string | undefined) => kms.send(new DeleteAliasCommand({ AliasName }))
const aliasArn = (name: string) => arnOf(trent.accountId, name)
const missing = (name: string) =>
  refused(remove(name), 'NotFoundException', `Alias ${aliasArn(name)} is not found.`)

testAliasName({ trent, operation: 'DeleteAlias', send: remove })

test("DeleteAlias: another account's alias is not found and stays", async () => {
  const theirs = trent.client({ account: await trent.createAccount() })
  await makeAlias(theirs, 'alias/Theirs', await makeKey(theirs))
  await missing('alias/Theirs')
  await describe(theirs, 'alias/Theirs')
})

test('DeleteAlias: every key state is fine, and the key is as it was', async () => {
  const disabled = await makeKey(kms)
  await makeAlias(kms, 'alias/Disabled', disabled)
  await kms.send(new DisableKeyCommand({ KeyId: disabled.KeyId }))
  const pending = await makeKey(kms)
  await makeAlias(kms, 'alias/Pending', pending)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: pending.KeyId }))
  for (const name of ['alias/Disabled', 'alias/Pending']) {
    const before = await describe(kms, name)
    assertEmpty(await remove(name))
    assert.deepEqual(await describe(kms, before.KeyId), before)
  }
})

test('DeleteAlias: an alias that does not exist is not found', async () => {
  await missing('alias/absent')
})

test('DeleteAlias: an alias of another region is not found and stays', async () => {
  const there = trent.client({ region: 'eu-west-1' })
  await makeAlias(there, 'alias/There', await makeKey(there))
  await missing('alias/There')
  await describe(there, 'alias/There')
})

test('DeleteAlias: the alias is gone at once, and a second time not found', async () => {
  const key = await makeKey(kms)
  await makeAlias(kms, 'alias/Gone', key)
  await describe(kms, 'alias/Gone')
  assertEmpty(await remove('alias/Gone'))
  await refused(
    kms.send(new DescribeKeyCommand({ KeyId: 'alias/Gone' })),
    'NotFoundException',
    `Alias ${aliasArn('alias/Gone')} is not found.`,
  )
  await missing('alias/Gone')
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: key.KeyId }))
  assert.deepEqual(Aliases, [])
})

test('DeleteAlias: the other aliases of the key stay, also those spelt alike', async () => {
  const key = await makeKey(kms)
  for (const name of ['alias/Kept', 'alias/kept', 'alias/Kept/more']) {
    await makeAlias(kms, name, key)
  }
  await remove('alias/Kept')
  const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: key.KeyId }))
  assert.deepEqual(
    Aliases?.map(({ AliasName }) => AliasName),
    ['alias/Kept/more', 'alias/kept'],
  )
})

test('DeleteAlias: a name that is deleted can be given again, to another key', async () => {
  const [one, two] = [await makeKey(kms), await makeKey(kms)]
  await makeAlias(kms, 'alias/Again', one)
  await remove('alias/Again')
  await makeAlias(kms, 'alias/Again', two)
  assert.equal((await describe(kms, 'alias/Again')).KeyId, two.KeyId)
})

test('DeleteAlias: of several at once for one alias, one succeeds', async () => {
  await makeAlias(kms, 'alias/Race', await makeKey(kms))
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => remove('alias/Race')))
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
})

test('DeleteAlias: an alias is gone with its key, before any job has run', async () => {
  await trent.runJobs()
  const key = await makeKey(kms)
  await makeAlias(kms, 'alias/Due', key)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId, PendingWindowInDays: 7 }))
  trent.turn(7 * day)
  await missing('alias/Due')
})

test('DeleteAlias: the event has the alias and its key', async () => {
  const key = await makeKey(kms)
  await makeAlias(kms, 'alias/Recorded', key)
  const event = recordOf(trent, await remove('alias/Recorded'))
  assert.equal(event.eventName, 'DeleteAlias')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { aliasName: 'alias/Recorded' })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(aliasArn('alias/Recorded')), resource(key.Arn)])
})

test('DeleteAlias: the event of a refusal has its code and text', async () => {
  const event = await recordOfRefused(trent, remove('alias/absent'))
  assert.equal(event.errorCode, 'NotFoundException')
  assert.equal(event.errorMessage, `Alias ${aliasArn('alias/absent')} is not found.`)
  assert.equal(event.responseElements, null)
})
