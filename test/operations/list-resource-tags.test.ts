import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type KMSClient,
  ListKeysCommand,
  ListResourceTagsCommand,
  type Tag,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import {
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import {
  describe,
  makeDisabledKey,
  makeKey,
  makePendingKey,
  type MadeKey,
} from '../support/made-keys.ts'
import {
  firstMarker,
  type PageRequest,
  testMarkers,
  testPagingShape,
  walk,
} from '../support/pages.ts'
import { recordOf, resource } from '../support/record.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const Tags: Tag[] = Array.from({ length: 50 }, (_, index) => ({
  TagKey: `key-${String(index).padStart(2, '0')}`,
  TagValue: `value ${index}`,
}))
const key = await makeKey(kms, { Tags: Tags.toReversed() })
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new ListResourceTagsCommand({ KeyId }))
const member = { trent, operation: 'ListResourceTags', send }
const listOf = ({ KeyId }: MadeKey) => ({
  operation: 'ListResourceTags',
  most: 50,
  send: async (page: PageRequest) => {
    const {
      Tags: rows = [],
      NextMarker,
      Truncated,
    } = await kms.send(new ListResourceTagsCommand({ KeyId, ...page }))
    return { rows, NextMarker, Truncated }
  },
})
const list = listOf(key)

testKeyIdShape(member)
testPagingShape(list)
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('ListResourceTags: every key state is fine', async () => {
  for (const { KeyId } of [await makeDisabledKey(kms), await makePendingKey(kms)]) {
    assert.deepEqual((await send(kms, KeyId)).Tags, [])
  }
})

test('ListResourceTags: a key without tags has an empty list', async () => {
  const { KeyId } = await makeKey(kms)
  const { $metadata, ...answer } = await send(kms, KeyId)
  assert.equal($metadata.httpStatusCode, 200)
  assert.deepEqual(answer, { Tags: [], Truncated: false })
})

test('ListResourceTags: an AWS managed key can be looked at', async () => {
  const { KeyId } = await describe(kms, 'alias/aws/s3')
  assert.deepEqual((await send(kms, KeyId)).Tags, [])
})

test('ListResourceTags: the 50 tags that a key may have are one page, by id or ARN, in order', async () => {
  for (const keyId of [key.KeyId, key.Arn]) {
    const { $metadata: _, ...answer } = await send(kms, keyId)
    assert.deepEqual(answer, { Tags, Truncated: false })
  }
})

test('ListResourceTags: the pages together are the tags, whatever the Limit', async () => {
  for (const limit of [1, 7, 25, 49, 50]) {
    assert.deepEqual(await walk(list.send, limit), Tags)
  }
})

test('ListResourceTags: a page that ends with the list says so', async () => {
  const marker = await list.send({ Limit: 25 })
  const { rows, Truncated, NextMarker } = await list.send({
    Limit: 25,
    Marker: String(marker.NextMarker),
  })
  assert.deepEqual(rows, Tags.slice(25))
  assert.deepEqual({ Truncated, NextMarker }, { Truncated: false, NextMarker: undefined })
})

test('ListResourceTags: the Limit may change from page to page', async () => {
  const { NextMarker } = await list.send({ Limit: 10 })
  const { rows } = await list.send({ Limit: 3, Marker: String(NextMarker) })
  assert.deepEqual(rows, Tags.slice(10, 13))
})

test('ListResourceTags: tags that come and change between pages are neither lost nor twice', async () => {
  const changing = await makeKey(kms, { Tags: Tags.slice(0, 10) })
  const { rows: before, NextMarker } = await listOf(changing).send({ Limit: 5 })
  const later = [{ TagKey: 'key-99', TagValue: 'late' }]
  await kms.send(
    new TagResourceCommand({
      KeyId: changing.KeyId,
      Tags: [{ TagKey: 'key-00', TagValue: 'changed' }, ...later],
    }),
  )
  const { rows: after } = await listOf(changing).send({ Marker: String(NextMarker) })
  assert.deepEqual([...before, ...after], [...Tags.slice(0, 10), ...later])
})

testMarkers(list, async () => {
  const keys = await kms.send(new ListKeysCommand({ Limit: 1 }))
  const other = listOf(await makeKey(kms, { Tags: Tags.slice(0, 3) }))
  return [String(keys.NextMarker), await firstMarker(other.send)]
})

test('ListResourceTags: the event is that of a read and has no tags in it', async () => {
  const event = recordOf(
    trent,
    await kms.send(new ListResourceTagsCommand({ KeyId: key.KeyId, Limit: 3 })),
  )
  assert.equal(event.eventName, 'ListResourceTags')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, limit: 3 })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
