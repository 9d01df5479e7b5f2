import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DeleteAliasCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
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
  firstMarker,
  type PageRequest,
  testMarkers,
  testPagingShape,
  walk,
} from '../support/pages.ts'
import { recordOf, resource } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
// The long list is another account's, so that the tests beside do not change it.
const theirs = trent.client({ account: await trent.createAccount() })
const [even, odd] = [await makeKey(theirs), await makeKey(theirs)]
const names = Array.from({ length: 80 }, (_, index) => `alias/${String(index).padStart(2, '0')}`)
await Promise.all(names.map((name, index) => makeAlias(theirs, name, index % 2 === 0 ? even : odd)))

const listOf = (client: KMSClient, KeyId?: string) => ({
  operation: 'ListAliases',
  most: 100,
  send: async (page: PageRequest) => {
    const {
      Aliases = [],
      NextMarker,
      Truncated,
    } = await client.send(new ListAliasesCommand({ KeyId, ...page }))
    return { rows: Aliases.map(({ AliasName }) => AliasName), NextMarker, Truncated }
  },
})
const list = listOf(theirs)
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new ListAliasesCommand({ KeyId }))
const member = { trent, operation: 'ListAliases', optional: true, send }

testKeyIdShape(member)
testPagingShape(list)
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('ListAliases: every state of the key is fine', async () => {
  for (const { KeyId } of [await makeDisabledKey(kms), await makePendingKey(kms)]) {
    assert.deepEqual((await send(kms, KeyId)).Aliases, [])
  }
})

test('ListAliases: an account without aliases has an empty list', async () => {
  const client = trent.client({ account: await trent.createAccount() })
  const { $metadata, ...answer } = await send(client, undefined)
  assert.equal($metadata.httpStatusCode, 200)
  assert.deepEqual(answer, { Aliases: [], Truncated: false })
})

test('ListAliases: an alias has its name, ARN, key and dates', async () => {
  const account = await trent.createAccount()
  const client = trent.client({ account, region: 'eu-west-1' })
  const key = await makeKey(client)
  const now = new Date(trent.clock.now())
  await makeAlias(client, 'alias/Only', key)
  const { $metadata: _, ...answer } = await send(client, undefined)
  assert.deepEqual(answer, {
    Aliases: [
      {
        AliasName: 'alias/Only',
        AliasArn: arnOf(account.accountId, 'alias/Only', 'eu-west-1'),
        TargetKeyId: key.KeyId,
        CreationDate: now,
        LastUpdatedDate: now,
      },
    ],
    Truncated: false,
  })
})

test('ListAliases: AWS managed keys are listed by their aliases', async () => {
  const client = trent.client({ account: await trent.createAccount() })
  const key = await describe(client, 'alias/aws/s3')
  for (const keyId of [undefined, key.KeyId]) {
    const { Aliases } = await send(client, keyId)
    assert.equal(Aliases?.length, 1)
    assert.equal(Aliases[0]?.AliasName, 'alias/aws/s3')
    assert.equal(Aliases[0]?.TargetKeyId, key.KeyId)
  }
})

test('ListAliases: with a KeyId, an id or an ARN, the aliases of that key alone', async () => {
  for (const keyId of [odd.KeyId, odd.Arn]) {
    const { Aliases } = await send(theirs, keyId)
    assert.deepEqual(
      Aliases?.map(({ AliasName }) => AliasName),
      names.filter((_, index) => index % 2 === 1),
    )
  }
})

test('ListAliases: accounts and regions are separate', async () => {
  const account = await trent.createAccount()
  const clients = ['us-east-1', 'eu-west-1'].map((region) => trent.client({ account, region }))
  for (const [index, client] of clients.entries()) {
    await makeAlias(client, `alias/${index}`, await makeKey(client))
  }
  for (const [index, client] of clients.entries()) {
    assert.deepEqual((await listOf(client).send({})).rows, [`alias/${index}`])
  }
})

test('ListAliases: a page holds 50 aliases when nobody says, and 100 at most', async () => {
  const page = await list.send({})
  assert.deepEqual(page.rows, names.slice(0, 50))
  assert.equal(page.Truncated, true)
  const rest = await list.send({ Marker: String(page.NextMarker) })
  assert.deepEqual(rest, { rows: names.slice(50), NextMarker: undefined, Truncated: false })
  assert.deepEqual((await list.send({ Limit: 100 })).rows, names)
})

test('ListAliases: the pages together are the aliases, whatever the Limit', async () => {
  for (const limit of [1, 7, 40, 79, 80]) assert.deepEqual(await walk(list.send, limit), names)
})

test('ListAliases: the pages of one key together are its aliases', async () => {
  const pages = await walk(listOf(theirs, even.Arn).send, 9)
  assert.deepEqual(
    pages,
    names.filter((_, index) => index % 2 === 0),
  )
})

test('ListAliases: a marker holds when the alias it points behind is deleted', async () => {
  const client = trent.client({ account: await trent.createAccount() })
  const key = await makeKey(client)
  for (const name of ['alias/a', 'alias/b', 'alias/c']) await makeAlias(client, name, key)
  const { NextMarker } = await listOf(client).send({ Limit: 2 })
  await client.send(new DeleteAliasCommand({ AliasName: 'alias/b' }))
  const { rows } = await listOf(client).send({ Marker: String(NextMarker) })
  assert.deepEqual(rows, ['alias/c'])
})

test('ListAliases: a marker of the whole list is none of a key of it', async () => {
  const marker = await firstMarker(list.send)
  await refused(
    listOf(theirs, even.KeyId).send({ Marker: marker }),
    'InvalidMarkerException',
    'The marker is not valid.',
  )
})

testMarkers(list, async () => {
  const account = await trent.createAccount()
  const markers = [
    await firstMarker(listOf(theirs, even.KeyId).send),
    String((await theirs.send(new ListKeysCommand({ Limit: 1 }))).NextMarker),
  ]
  for (const region of ['us-east-1', 'eu-west-1']) {
    const client = trent.client({ account, region })
    const key = await makeKey(client)
    for (const name of names.slice(0, 2)) await makeAlias(client, name, key)
    markers.push(await firstMarker(listOf(client).send))
  }
  return markers
})

test('ListAliases: a marker holds in its own region of its own account', async () => {
  const account = await trent.createAccount()
  const [here, there] = ['us-east-1', 'eu-west-1'].map((region) =>
    trent.client({ account, region }),
  )
  assert.ok(here && there)
  for (const client of [here, there]) {
    const key = await makeKey(client)
    for (const name of names.slice(0, 2)) await makeAlias(client, name, key)
  }
  const Marker = await firstMarker(listOf(here).send)
  assert.deepEqual((await listOf(here).send({ Marker })).rows, ['alias/01'])
  await refused(
    listOf(there).send({ Marker }),
    'InvalidMarkerException',
    'The marker is not valid.',
  )
})

test('ListAliases: an alias is gone with its key, before any job has run', async () => {
  await trent.runJobs()
  const client = trent.client({ account: await trent.createAccount() })
  const key = await makeKey(client)
  await makeAlias(client, 'alias/Due', key)
  await makeAlias(client, 'alias/Kept', await makeKey(client))
  await client.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId, PendingWindowInDays: 7 }))
  assert.deepEqual((await listOf(client).send({})).rows, ['alias/Due', 'alias/Kept'])
  trent.turn(7 * day)
  assert.deepEqual((await listOf(client).send({})).rows, ['alias/Kept'])
})

test('ListAliases: the event is that of a read, with the key if one was named', async () => {
  const key = await makeKey(kms)
  const one = recordOf(trent, await send(kms, key.KeyId))
  assert.equal(one.eventName, 'ListAliases')
  assert.equal(one.readOnly, true)
  assert.deepEqual(one.requestParameters, { keyId: key.KeyId })
  assert.equal(one.responseElements, null)
  assert.deepEqual(one.resources, [resource(key.Arn)])
  const all = recordOf(trent, await send(kms, undefined))
  assert.equal(all.requestParameters, null)
  assert.deepEqual(all.resources, [])
})
