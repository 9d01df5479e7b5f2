import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EncryptCommand, EnableKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
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
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new EnableKeyCommand({ KeyId }))
const member = { trent, operation: 'EnableKey', send }

testKeyIdShape(member)
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('EnableKey: a key pending deletion is KMSInvalidStateException', async () => {
  const key = await makePendingKey(kms)
  await refused(send(kms, key.KeyId), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`)
  assert.equal((await describe(kms, key.KeyId)).KeyState, 'PendingDeletion')
})

test('EnableKey: an enabled key stays enabled', async () => {
  const key = await makeKey(kms)
  assertEmpty(await send(kms, key.KeyId))
  assert.deepEqual(await describe(kms, key.KeyId), key)
})

test('EnableKey: a disabled key is enabled, by its id or its ARN, and can be used', async () => {
  for (const form of ['KeyId', 'Arn'] as const) {
    const key = await makeDisabledKey(kms)
    assertEmpty(await send(kms, key[form]))
    const { Enabled, KeyState } = await describe(kms, key.KeyId)
    assert.deepEqual({ Enabled, KeyState }, { Enabled: true, KeyState: 'Enabled' })
    await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from('plain') }))
  }
})

test('EnableKey: the event has the request and the ARN of the key', async () => {
  const key = await makeDisabledKey(kms)
  const event = recordOf(trent, await send(kms, key.KeyId))
  assert.equal(event.eventName, 'EnableKey')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('EnableKey: the event of a refusal has its code and text', async () => {
  const key = await makePendingKey(kms)
  const event = await recordOfRefused(trent, send(kms, key.KeyId))
  assert.equal(event.errorCode, 'KMSInvalidStateException')
  assert.equal(event.errorMessage, `${key.Arn} is pending deletion.`)
  assert.equal(event.responseElements, null)
})
