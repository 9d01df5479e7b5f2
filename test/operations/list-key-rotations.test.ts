import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  DeleteImportedKeyMaterialCommand,
  type IncludeKeyMaterial,
  type KMSClient,
  ListKeyRotationsCommand,
  ListKeysCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { importMaterial, makeExternalKey, makeImportedKey, until } from '../support/importing.ts'
import {
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { absentId, day, makeDisabledKey, makeKey, makePendingKey } from '../support/made-keys.ts'
import {
  firstMarker,
  type PageRequest,
  testMarkers,
  testPagingShape,
  walk,
} from '../support/pages.ts'
import { recordOf, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new ListKeyRotationsCommand({ KeyId }))
const rotate = (KeyId: string) => kms.send(new RotateKeyOnDemandCommand({ KeyId }))
const listOf = (KeyId: string, view?: IncludeKeyMaterial) => ({
  operation: 'ListKeyRotations',
  most: 1000,
  send: async (page: PageRequest) => {
    const {
      Rotations = [],
      NextMarker,
      Truncated,
    } = await kms.send(
      new ListKeyRotationsCommand({
        KeyId,
        ...page,
        ...(view !== undefined && { IncludeKeyMaterial: view }),
      }),
    )
    return { rows: Rotations, NextMarker, Truncated }
  },
})
const everything = async (keyId: string) => (await listOf(keyId, 'ALL_KEY_MATERIAL').send({})).rows
const member = { trent, operation: 'ListKeyRotations', send }

const rotated = await makeKey(kms)
for (let i = 0; i < 5; i += 1) await rotate(rotated.KeyId)

testKeyIdShape(member)
testPagingShape(listOf(absentId))

test('ListKeyRotations: an unknown IncludeKeyMaterial is refused by the list of those that are', () =>
  refused(
    kms.send(
      new ListKeyRotationsCommand({
        KeyId: absentId,
        IncludeKeyMaterial: 'EVERYTHING' as IncludeKeyMaterial,
      }),
    ),
    'ValidationException',
    violated(
      "'EVERYTHING' at 'includeKeyMaterial': satisfy enum value set: [ALL_KEY_MATERIAL, ROTATIONS_ONLY]",
    ),
  ))

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)

test('ListKeyRotations: keys in every state have a list', async () => {
  for (const key of [
    await makeDisabledKey(kms),
    await makePendingKey(kms),
    await makeExternalKey(kms),
  ]) {
    const { $metadata, ...answer } = await send(kms, key.KeyId)
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(answer, { Rotations: [], Truncated: false })
  }
})

test('ListKeyRotations: keys that are not for symmetric encryption are refused without a text', async () => {
  for (const [KeySpec, KeyUsage] of [
    ['ECC_NIST_P256', 'SIGN_VERIFY'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
  ] as const) {
    const { KeyId } = await makeKey(kms, { KeySpec, KeyUsage })
    await refused(send(kms, KeyId), 'UnsupportedOperationException', undefined)
    await refused(
      listOf(KeyId, 'ALL_KEY_MATERIAL').send({}),
      'UnsupportedOperationException',
      undefined,
    )
  }
})

test('ListKeyRotations: a key that was never rotated has an empty list', async () => {
  const key = await makeKey(kms)
  const { $metadata: _, ...answer } = await send(kms, key.Arn)
  assert.deepEqual(answer, { Rotations: [], Truncated: false })
})

test('ListKeyRotations: a rotation has its material, date and type, and the short id of the key', async () => {
  const key = await makeKey(kms)
  await rotate(key.KeyId)
  const RotationDate = new Date(trent.clock.now())
  const first = {
    KeyId: key.KeyId,
    KeyMaterialId: key.CurrentKeyMaterialId,
    KeyMaterialState: 'NON_CURRENT',
  }
  const { rows } = await listOf(key.KeyId, 'ROTATIONS_ONLY').send({})
  const [rotation, ...more] = rows
  assert.deepEqual(more, [])
  assert.deepEqual(rotation, {
    KeyId: key.KeyId,
    KeyMaterialId: rotation?.KeyMaterialId,
    KeyMaterialState: 'CURRENT',
    RotationDate,
    RotationType: 'ON_DEMAND',
  })
  assert.deepEqual((await listOf(key.KeyId).send({})).rows, [rotation])
  assert.deepEqual(await everything(key.KeyId), [first, rotation])
})

test('ListKeyRotations: a new key has its first material among all, neither dated nor of a type', async () => {
  const key = await makeKey(kms)
  assert.deepEqual(await everything(key.KeyId), [
    {
      KeyId: key.KeyId,
      KeyMaterialId: key.CurrentKeyMaterialId,
      KeyMaterialState: 'CURRENT',
    },
  ])
})

test('ListKeyRotations: imported material shows whether it is there, until when, and what was said of it', async () => {
  const { key, parameters, materialId } = await makeImportedKey(kms)
  const ValidTo = new Date(trent.clock.now() + day)
  const { KeyMaterialId } = await importMaterial(kms, parameters, randomBytes(32), {
    ImportType: 'NEW_KEY_MATERIAL',
    KeyMaterialDescription: 'The second one',
    ...until(ValidTo.getTime()),
  })
  const [first, second] = await everything(key.KeyId)
  assert.deepEqual(first, {
    KeyId: key.KeyId,
    KeyMaterialId: materialId,
    ImportState: 'IMPORTED',
    KeyMaterialState: 'CURRENT',
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
  })
  const waiting = {
    KeyId: key.KeyId,
    KeyMaterialId,
    KeyMaterialDescription: 'The second one',
    ImportState: 'IMPORTED',
    KeyMaterialState: 'PENDING_ROTATION',
    ExpirationModel: 'KEY_MATERIAL_EXPIRES',
    ValidTo,
  }
  assert.deepEqual(second, waiting)
  assert.deepEqual((await listOf(key.KeyId).send({})).rows, [])
  await rotate(key.KeyId)
  const current = {
    ...waiting,
    KeyMaterialState: 'CURRENT',
    RotationDate: new Date(trent.clock.now()),
    RotationType: 'ON_DEMAND',
  }
  assert.deepEqual((await listOf(key.KeyId).send({})).rows, [current])
  assert.deepEqual(await everything(key.KeyId), [
    { ...first, KeyMaterialState: 'NON_CURRENT' },
    current,
  ])
})

test('ListKeyRotations: material that was deleted or has expired is to be imported again, and keeps its place', async () => {
  const { key, parameters, material, materialId } = await makeImportedKey(kms)
  const missing = {
    KeyId: key.KeyId,
    KeyMaterialId: materialId,
    ImportState: 'PENDING_IMPORT',
    KeyMaterialState: 'CURRENT',
  }
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId }))
  assert.deepEqual(await everything(key.KeyId), [missing])
  await importMaterial(kms, parameters, material, until(trent.clock.now() + 1000))
  trent.turn(1000)
  assert.deepEqual(await everything(key.KeyId), [missing], 'before the job has run')
  await trent.runJobs()
  assert.deepEqual(await everything(key.KeyId), [missing], 'after it')
})

test('ListKeyRotations: the pages together are the whole, oldest first, in either view', async () => {
  const all = await everything(rotated.KeyId)
  assert.equal(all.length, 6)
  for (const Limit of [1, 2, 3, 5, 6]) {
    assert.deepEqual(await walk(listOf(rotated.KeyId, 'ALL_KEY_MATERIAL').send, Limit), all)
    assert.deepEqual(await walk(listOf(rotated.KeyId).send, Limit), all.slice(1))
  }
})

testMarkers(listOf(rotated.KeyId), async () => {
  const other = await makeKey(kms)
  await rotate(other.KeyId)
  await rotate(other.KeyId)
  const { NextMarker = '' } = await kms.send(new ListKeysCommand({ Limit: 1 }))
  return [
    NextMarker,
    await firstMarker(listOf(other.KeyId).send),
    await firstMarker(listOf(rotated.KeyId, 'ALL_KEY_MATERIAL').send),
  ]
})

test('ListKeyRotations: the event reads, and has no answer', async () => {
  const event = recordOf(
    trent,
    await kms.send(
      new ListKeyRotationsCommand({
        KeyId: rotated.KeyId,
        IncludeKeyMaterial: 'ALL_KEY_MATERIAL',
        Limit: 2,
      }),
    ),
  )
  assert.equal(event.eventName, 'ListKeyRotations')
  assert.equal(event.readOnly, true)
  assert.deepEqual(event.requestParameters, {
    keyId: rotated.KeyId,
    includeKeyMaterial: 'ALL_KEY_MATERIAL',
    limit: 2,
  })
  assert.equal(event.responseElements, null)
  assert.deepEqual(event.resources, [resource(rotated.Arn)])
})
