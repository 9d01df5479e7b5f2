import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type KMSClient,
  ListResourceTagsCommand,
  type Tag,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { assertEmpty, makeDisabledKey, makeKey, makePendingKey } from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const { KeyId, Arn } = await makeKey(kms)
const tag = (Tags: Tag[] | undefined, key: string | undefined = KeyId) =>
  kms.send(new TagResourceCommand({ KeyId: key, Tags }))
const one = { TagKey: 'Name', TagValue: 'Value' }
const send = (client: KMSClient, keyId: string | undefined) =>
  client.send(new TagResourceCommand({ KeyId: keyId, Tags: [one] }))
const member = { trent, operation: 'TagResource', send }

const tagsOf = async (key: string) =>
  (await kms.send(new ListResourceTagsCommand({ KeyId: key }))).Tags
const many = (count: number, first = 0): Tag[] =>
  Array.from({ length: count }, (_, index) => ({
    TagKey: `key-${String(first + index).padStart(3, '0')}`,
    TagValue: `value ${first + index}`,
  }))

testKeyIdShape(member)

test('TagResource: missing Tags are a ValidationException', () =>
  refused(tag(undefined), 'ValidationException', violated("null at 'tags': not be null")))

test('TagResource: a TagKey or TagValue that is missing is named by its place', () =>
  refused(
    tag([one, { TagKey: undefined, TagValue: undefined }]),
    'ValidationException',
    violated(
      "null at 'tags.2.member.tagKey': not be null",
      "null at 'tags.2.member.tagValue': not be null",
    ),
  ))

test('TagResource: an empty TagKey is too short', () =>
  refused(
    tag([{ TagKey: '', TagValue: '' }]),
    'ValidationException',
    violated("'' at 'tags.1.member.tagKey': have length greater than or equal to 1"),
  ))

test('TagResource: a TagKey of 129 characters is too long', () =>
  refused(
    tag([{ TagKey: 'a'.repeat(129), TagValue: '' }], 'foo'),
    'ValidationException',
    violated(
      `'${'a'.repeat(129)}' at 'tags.1.member.tagKey': have length less than or equal to 128`,
    ),
  ))

test('TagResource: a TagValue of 257 characters is too long', () =>
  refused(
    tag([{ TagKey: 'Name', TagValue: 'v'.repeat(257) }], 'foo'),
    'ValidationException',
    violated(
      `'${'v'.repeat(257)}' at 'tags.1.member.tagValue': have length less than or equal to 256`,
    ),
  ))

test('TagResource: the length of a TagKey is looked at before what it begins with', () =>
  refused(
    tag([{ TagKey: `aws:${'a'.repeat(125)}`, TagValue: '' }]),
    'ValidationException',
    violated(
      `'aws:${'a'.repeat(125)}' at 'tags.1.member.tagKey': have length less than or equal to 128`,
    ),
  ))

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('TagResource: a key pending deletion is KMSInvalidStateException', async () => {
  const key = await makePendingKey(kms)
  await refused(send(kms, key.KeyId), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`)
  assert.deepEqual(await tagsOf(key.KeyId), [])
})

test('TagResource: a disabled key can be tagged', async () => {
  const key = await makeDisabledKey(kms)
  assertEmpty(await send(kms, key.KeyId))
  assert.deepEqual(await tagsOf(key.KeyId), [one])
})

test('TagResource: a TagKey that begins with aws: in any case is reserved', async () => {
  for (const TagKey of ['aws:name', 'AWS:name', 'Aws:', 'aWs:cloudformation:stack-name']) {
    await refused(
      tag([one, { TagKey, TagValue: '' }]),
      'TagException',
      'Tags beginning with aws: are reserved',
    )
  }
  const key = await makeKey(kms)
  assertEmpty(await tag([{ TagKey: 'aws', TagValue: 'aws:value' }], key.KeyId))
})

test('TagResource: the same TagKey twice is refused, also with the same value', async () => {
  for (const TagValue of ['Value', 'Other']) {
    await refused(tag([one, { TagKey: 'Name', TagValue }]), 'TagException', 'Duplicate tag keys')
  }
})

test('TagResource: TagKeys that differ in case are two', async () => {
  const key = await makeKey(kms)
  assertEmpty(await tag([one, { TagKey: 'name', TagValue: 'value' }], key.KeyId))
  assert.deepEqual(await tagsOf(key.KeyId), [one, { TagKey: 'name', TagValue: 'value' }])
})

test('TagResource: what is wrong with the tags is said before any key is looked up', () =>
  refused(tag([one, one], 'foo'), 'TagException', 'Duplicate tag keys'))

test('TagResource: 51 tags in one request are too many', async () => {
  const key = await makeKey(kms)
  await refused(tag(many(51), key.KeyId), 'TagException', 'Too many tags')
  assert.deepEqual(await tagsOf(key.KeyId), [])
})

test('TagResource: the 51st tag of a key is one too many, and nothing of its request is kept', async () => {
  const key = await makeKey(kms)
  assertEmpty(await tag(many(30), key.KeyId))
  assertEmpty(await tag(many(20, 30), key.Arn))
  await refused(
    tag([{ TagKey: 'key-000', TagValue: 'new' }, ...many(1, 50)], key.KeyId),
    'TagException',
    'Too many tags',
  )
  assert.deepEqual(await tagsOf(key.KeyId), many(50))
  assertEmpty(await tag([{ TagKey: 'key-000', TagValue: 'new' }], key.KeyId))
})

test('TagResource: a tag that is there gets the new value, and the others stay', async () => {
  const key = await makeKey(kms, { Tags: [one, { TagKey: 'Other', TagValue: 'stays' }] })
  assertEmpty(await tag([{ TagKey: 'Name', TagValue: '' }], key.KeyId))
  assert.deepEqual(await tagsOf(key.KeyId), [
    { TagKey: 'Name', TagValue: '' },
    { TagKey: 'Other', TagValue: 'stays' },
  ])
})

test('TagResource: the longest key and value, and any characters, come back as they were', async () => {
  const key = await makeKey(kms)
  const tags = [
    { TagKey: 'a'.repeat(128), TagValue: 'v'.repeat(256) },
    { TagKey: 'ключ 鍵 🔑', TagValue: 'значение: «值»\n' },
  ]
  assertEmpty(await tag(tags, key.KeyId))
  assert.deepEqual(await tagsOf(key.KeyId), tags)
})

test('TagResource: the event has the tags and the ARN of the key', async () => {
  const event = recordOf(trent, await tag([one]))
  assert.equal(event.eventName, 'TagResource')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, {
    keyId: KeyId,
    tags: [{ tagKey: 'Name', tagValue: 'Value' }],
  })
  assert.deepEqual(event.responseElements, { keyId: Arn })
  assert.deepEqual(event.resources, [resource(Arn)])
})

test('TagResource: the event of a refusal has its code and text', async () => {
  const event = await recordOfRefused(trent, tag([one, one]))
  assert.equal(event.errorCode, 'TagException')
  assert.equal(event.errorMessage, 'Duplicate tag keys')
})
