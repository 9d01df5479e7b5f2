import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KMSClient, UpdateKeyDescriptionCommand } from '@aws-sdk/client-kms'
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
import { recordOf, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const update = (KeyId: string | undefined, Description: string | undefined) =>
  kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description }))
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'new' }))
const member = { trent, operation: 'UpdateKeyDescription', send }

testKeyIdShape(member)

test('UpdateKeyDescription: a missing Description is a ValidationException', () =>
  refused(
    update('foo', undefined),
    'ValidationException',
    violated("null at 'description': not be null"),
  ))

test('UpdateKeyDescription: two missing members are two validation errors', () =>
  refused(
    update(undefined, undefined),
    'ValidationException',
    violated("null at 'keyId': not be null", "null at 'description': not be null"),
  ))

test('UpdateKeyDescription: a Description of 8193 characters is too long, before any key is looked up', () => {
  const long = 'd'.repeat(8193)
  return refused(
    update('foo', long),
    'ValidationException',
    violated(`'${long}' at 'description': have length less than or equal to 8192`),
  )
})

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('UpdateKeyDescription: a key pending deletion is KMSInvalidStateException', async () => {
  const key = await makePendingKey(kms)
  await refused(send(kms, key.KeyId), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`)
  assert.equal((await describe(kms, key.KeyId)).Description, '')
})

test('UpdateKeyDescription: a disabled key is described anew and stays disabled', async () => {
  const key = await makeDisabledKey(kms)
  assertEmpty(await update(key.KeyId, 'new'))
  const { Description, KeyState } = await describe(kms, key.KeyId)
  assert.deepEqual({ Description, KeyState }, { Description: 'new', KeyState: 'Disabled' })
})

test('UpdateKeyDescription: the key has the new description and is otherwise as it was', async () => {
  const key = await makeKey(kms, { Description: 'old' })
  for (const Description of ['new', '', 'd'.repeat(8192), 'Schlüssel «鍵» 🔑\n']) {
    assertEmpty(await update(key.Arn, Description))
    assert.deepEqual(await describe(kms, key.KeyId), { ...key, Description })
  }
})

test('UpdateKeyDescription: the event has the new description', async () => {
  const key = await makeKey(kms)
  const event = recordOf(trent, await update(key.KeyId, 'new'))
  assert.equal(event.eventName, 'UpdateKeyDescription')
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, description: 'new' })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
