import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
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
import { recordOf } from '../support/record.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const keys = await Promise.all(Array.from({ length: 101 }, () => makeKey(kms)))
const ids = keys.map(({ KeyId }) => KeyId).sort()

const listOf = (client: KMSClient) => ({
  operation: 'ListKeys',
  most: 1000,
  send: async (page: PageRequest) => {
    const { Keys = [], NextMarker, Truncated } = await client.send(new ListKeysCommand(page))
    return { rows: Keys.map(({ KeyId }) => KeyId), NextMarker, Truncated }
  },
})
const list = listOf(kms)
/** The tests beside change other accounts' lists alone. */
const newClient = async (region?: string) =>
  trent.client({ account: await trent.createAccount(), ...(region !== undefined && { region }) })

testPagingShape(list)

test('ListKeys: nobody sees the keys of another account', async () => {
  const client = await newClient()
  const key = await makeKey(client)
  assert.deepEqual((await listOf(client).send({})).rows, [key.KeyId])
  assert.equal(ids.includes(key.KeyId), false)
})

test('ListKeys: keys of every state are listed', async () => {
  const client = await newClient()
  const made = [await makeKey(client), await makeDisabledKey(client), await makePendingKey(client)]
  const { rows } = await listOf(client).send({})
  assert.deepEqual(rows, made.map(({ KeyId }) => KeyId).sort())
})

test('ListKeys: an account without keys has an empty list', async () => {
  const { $metadata, ...answer } = await (await newClient()).send(new ListKeysCommand({}))
  assert.equal($metadata.httpStatusCode, 200)
  assert.deepEqual(answer, { Keys: [], Truncated: false })
})

test('ListKeys: a key has its id and its ARN', async () => {
  const { Keys } = await kms.send(new ListKeysCommand({ Limit: 1000 }))
  assert.deepEqual(
    Keys,
    ids.map((id) => ({ KeyId: id, KeyArn: keys.find(({ KeyId }) => KeyId === id)?.Arn })),
  )
})

test('ListKeys: regions are separate', async () => {
  const account = await trent.createAccount()
  for (const region of ['eu-west-1', 'us-east-1']) {
    const client = trent.client({ account, region })
    const { KeyId, Arn } = await makeKey(client)
    assert.match(Arn, new RegExp(`^arn:aws:kms:${region}:${account.accountId}:key/`))
    assert.deepEqual((await listOf(client).send({})).rows, [KeyId])
  }
})

test('ListKeys: AWS managed keys are listed', async () => {
  const client = await newClient()
  const { KeyId } = await describe(client, 'alias/aws/s3')
  assert.deepEqual((await listOf(client).send({})).rows, [KeyId])
})

test('ListKeys: a page holds 100 keys when nobody says', async () => {
  const page = await list.send({})
  assert.deepEqual(page.rows, ids.slice(0, 100))
  assert.equal(page.Truncated, true)
  const rest = await list.send({ Marker: String(page.NextMarker) })
  assert.deepEqual(rest, { rows: ids.slice(100), NextMarker: undefined, Truncated: false })
})

test('ListKeys: the pages together are the keys, whatever the Limit', async () => {
  for (const limit of [1, 10, 100, 101, 1000]) {
    assert.deepEqual(await walk(list.send, limit), ids)
  }
})

test('ListKeys: keys that come between pages are there if their place is still to come', async () => {
  const client = await newClient()
  await Promise.all(Array.from({ length: 4 }, () => makeKey(client)))
  const first = await listOf(client).send({ Limit: 2 })
  const late = await makeKey(client)
  const { rows } = await listOf(client).send({ Marker: String(first.NextMarker) })
  assert.equal(rows.includes(late.KeyId), late.KeyId > String(first.rows[1]))
  assert.equal(rows.filter((id) => first.rows.includes(id)).length, 0)
})

test('ListKeys: a key is gone from the list at its deletion date, before any job has run', async () => {
  await trent.runJobs()
  const client = await newClient()
  const [due, kept] = [await makeKey(client), await makeKey(client)]
  await client.send(new ScheduleKeyDeletionCommand({ KeyId: due.KeyId, PendingWindowInDays: 7 }))
  trent.turn(7 * day)
  assert.deepEqual((await listOf(client).send({})).rows, [kept.KeyId])
})

testMarkers(list, async () => {
  const [other, there] = [await newClient(), trent.client({ region: 'eu-west-1' })]
  for (const client of [other, there]) {
    await Promise.all([makeKey(client), makeKey(client)])
  }
  for (const name of ['alias/one', 'alias/two'])
    await makeAlias(kms, name, keys[0] ?? assert.fail())
  const aliases = await kms.send(new ListAliasesCommand({ Limit: 1 }))
  return [
    await firstMarker(listOf(other).send),
    await firstMarker(listOf(there).send),
    String(aliases.NextMarker),
  ]
})

test('ListKeys: the event is that of a read and concerns no key', async () => {
  const Marker = await firstMarker(list.send)
  const event = recordOf(trent, await kms.send(new ListKeysCommand({ Limit: 3, Marker })))
  assert.equal(event.eventName, 'ListKeys')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, { limit: 3, marker: Marker })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [])
})
