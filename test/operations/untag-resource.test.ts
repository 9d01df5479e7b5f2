import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DisableKeyCommand,
  type KMSClient,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-kms'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { assertEmpty, makeKey } from '../support/made-keys.ts'
import { recordOf, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const Tags = ['one', 'two', 'three'].map((name) => ({ TagKey: name, TagValue: name.toUpperCase() }))
const untag = (KeyId: string | undefined, TagKeys: string[] | undefined) =>
  kms.send(new UntagResourceCommand({ KeyId, TagKeys }))
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new UntagResourceCommand({ KeyId, TagKeys: ['one'] }))
const member = { trent, operation: 'UntagResource', send }

const tagKeysOf = async (KeyId: string) => {
  const { Tags: tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId }))
  return tags.map(({ TagKey }) => TagKey)
}

testKeyIdShape(member)

test('UntagResource: missing TagKeys are a ValidationException', () =>
  refused(
    untag('foo', undefined),
    'ValidationException',
    violated("null at 'tagKeys': not be null"),
  ))

test('UntagResource: a TagKey that is empty or of 129 characters is told at the list', async () => {
  for (const tagKey of ['', 'a'.repeat(129)]) {
    await refused(
      untag('foo', ['one', tagKey]),
      'ValidationException',
      violated(
        `'[one, ${tagKey}]' at 'tagKeys': satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]`,
      ),
    )
  }
})

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('UntagResource: a key pending deletion is KMSInvalidStateException', async () => {
  const key = await makeKey(kms, { Tags })
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId }))
  await refused(send(kms, key.KeyId), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`)
  assert.deepEqual(await tagKeysOf(key.KeyId), ['one', 'three', 'two'])
})

test('UntagResource: a disabled key can be untagged', async () => {
  const key = await makeKey(kms, { Tags })
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  assertEmpty(await untag(key.KeyId, ['one']))
  assert.deepEqual(await tagKeysOf(key.KeyId), ['three', 'two'])
})

test('UntagResource: the named tags go and the others stay, by id or ARN', async () => {
  const key = await makeKey(kms, { Tags })
  assertEmpty(await untag(key.KeyId, ['two']))
  assert.deepEqual(await tagKeysOf(key.KeyId), ['one', 'three'])
  assertEmpty(await untag(key.Arn, ['three', 'one']))
  assert.deepEqual(await tagKeysOf(key.KeyId), [])
})

test('UntagResource: tags that are not there are ignored, as are other spellings', async () => {
  const key = await makeKey(kms, { Tags })
  assertEmpty(await untag(key.KeyId, ['absent', 'One', 'one', 'one']))
  assert.deepEqual(await tagKeysOf(key.KeyId), ['three', 'two'])
})

test('UntagResource: the tags of another key stay', async () => {
  const [key, other] = [await makeKey(kms, { Tags }), await makeKey(kms, { Tags })]
  await untag(key.KeyId, ['one'])
  assert.deepEqual(await tagKeysOf(other.KeyId), ['one', 'three', 'two'])
})

test('UntagResource: a TagKey that begins with aws: in any case is reserved', async () => {
  for (const tagKey of ['aws:name', 'AWS:name']) {
    await refused(untag('foo', [tagKey]), 'TagException', 'Tags beginning with aws: are reserved')
  }
})

test('UntagResource: the event has the tag keys and the ARN of the key', async () => {
  const key = await makeKey(kms, { Tags })
  const event = recordOf(trent, await untag(key.KeyId, ['one', 'two']))
  assert.equal(event.eventName, 'UntagResource')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, tagKeys: ['one', 'two'] })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
