import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { day, describe, makeDisabledKey, makeKey, makePendingKey } from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new CancelKeyDeletionCommand({ KeyId }))
const member = { trent, operation: 'CancelKeyDeletion', send }

testKeyIdShape(member)
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('CancelKeyDeletion: an enabled key is not pending deletion', async () => {
  const key = await makeKey(kms)
  await refused(
    send(kms, key.KeyId),
    'KMSInvalidStateException',
    `${key.Arn} is not pending deletion.`,
  )
  assert.deepEqual(await describe(kms, key.KeyId), key)
})

test('CancelKeyDeletion: a disabled key is not pending deletion', async () => {
  const key = await makeDisabledKey(kms)
  await refused(
    send(kms, key.Arn),
    'KMSInvalidStateException',
    `${key.Arn} is not pending deletion.`,
  )
})

test('CancelKeyDeletion: the key is disabled, whatever it was before, and has no DeletionDate', async () => {
  for (const form of ['KeyId', 'Arn'] as const) {
    const key = await makePendingKey(kms)
    const { $metadata, ...answer } = await send(kms, key[form])
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(answer, { KeyId: key.Arn })
    assert.deepEqual(await describe(kms, key.KeyId), {
      ...key,
      Enabled: false,
      KeyState: 'Disabled',
    })
  }
})

test('CancelKeyDeletion: a second call finds the key not pending deletion', async () => {
  const key = await makePendingKey(kms)
  await send(kms, key.KeyId)
  await refused(
    send(kms, key.KeyId),
    'KMSInvalidStateException',
    `${key.Arn} is not pending deletion.`,
  )
})

test('CancelKeyDeletion: once enabled the key decrypts again', async () => {
  const key = await makeKey(kms)
  const plain = new Uint8Array(Buffer.from('plain'))
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: key.KeyId, Plaintext: plain }),
  )
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId }))
  await send(kms, key.KeyId)
  await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }))
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(Plaintext, plain)
})

test('CancelKeyDeletion: a key whose deletion was cancelled outlives its date', async () => {
  const key = await makePendingKey(kms, 7)
  await trent.runJobs()
  await send(kms, key.KeyId)
  trent.turn(8 * day)
  await trent.confirmClock()
  assert.equal(await trent.runJobs(), true)
  assert.equal((await describe(kms, key.KeyId)).KeyState, 'Disabled')
})

test('CancelKeyDeletion: just before its date a key can be saved, at its date it is gone', async () => {
  const saved = await makePendingKey(kms, 7)
  const lost = await makePendingKey(kms, 7)
  trent.turn(7 * day - 1)
  assert.equal((await send(kms, saved.KeyId)).KeyId, saved.Arn)
  trent.turn(1)
  await refused(send(kms, lost.KeyId), 'NotFoundException', `Key '${lost.Arn}' does not exist`)
})

test('CancelKeyDeletion: the event has the request and the ARN of the key', async () => {
  const key = await makePendingKey(kms)
  const event = recordOf(trent, await send(kms, key.KeyId))
  assert.equal(event.eventName, 'CancelKeyDeletion')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('CancelKeyDeletion: the event of a refusal has its code and text', async () => {
  const key = await makeKey(kms)
  const event = await recordOfRefused(trent, send(kms, key.KeyId))
  assert.equal(event.errorCode, 'KMSInvalidStateException')
  assert.equal(event.errorMessage, `${key.Arn} is not pending deletion.`)
  assert.deepEqual(event.resources, [resource(key.Arn)])
})
