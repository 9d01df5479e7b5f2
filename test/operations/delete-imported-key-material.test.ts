import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  importMaterial,
  type ImportedKey,
  makeExternalKey,
  makeImportedKey,
  parametersOf,
} from '../support/importing.ts'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { absentId, describe, makeKey } from '../support/made-keys.ts'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const Plaintext = Buffer.from('plain')
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new DeleteImportedKeyMaterialCommand({ KeyId }))
const erase = (KeyId: string, KeyMaterialId?: string) =>
  kms.send(new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId }))
const encrypt = async (KeyId: string) =>
  (await kms.send(new EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob
const stateOf = async (keyId: string) => (await describe(kms, keyId)).KeyState
const materialsOf = async (KeyId: string, client = kms) => {
  const { Rotations = [] } = await client.send(
    new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }),
  )
  return Rotations.map(
    (each) => `${each.KeyMaterialId} ${each.KeyMaterialState} ${each.ImportState}`,
  )
}
const importNew = async ({ parameters }: ImportedKey) => {
  const material = randomBytes(32)
  const { KeyMaterialId = '' } = await importMaterial(kms, parameters, material, {
    ImportType: 'NEW_KEY_MATERIAL',
  })
  return { material, id: KeyMaterialId }
}
const pendingImport = (call: Promise<unknown>, arn: string) =>
  refused(call, 'KMSInvalidStateException', `${arn} is pending import.`)
const member = { trent, operation: 'DeleteImportedKeyMaterial', send }

testKeyIdShape(member)

test('DeleteImportedKeyMaterial: a KeyMaterialId is 64 hexadecimal digits', async () => {
  const pattern = 'satisfy regular expression pattern: ^[a-f0-9]+$'
  await refused(
    erase(absentId, 'a'.repeat(63)),
    'ValidationException',
    violated(`'${'a'.repeat(63)}' at 'keyMaterialId': have length greater than or equal to 64`),
  )
  await refused(
    erase(absentId, 'a'.repeat(65)),
    'ValidationException',
    violated(`'${'a'.repeat(65)}' at 'keyMaterialId': have length less than or equal to 64`),
  )
  await refused(
    erase(absentId, 'A'.repeat(64)),
    'ValidationException',
    violated(`'${'A'.repeat(64)}' at 'keyMaterialId': ${pattern}`),
  )
})

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('DeleteImportedKeyMaterial: a key whose material is Trent’s own is refused by its origin', async () => {
  const key = await makeKey(kms)
  await refused(
    erase(key.KeyId),
    'UnsupportedOperationException',
    `${key.Arn} origin is AWS_KMS which is not valid for this operation.`,
  )
  assert.equal(await stateOf(key.KeyId), 'Enabled')
})

test('DeleteImportedKeyMaterial: a key that was never given material stays as it is', async () => {
  const key = await makeExternalKey(kms)
  const { $metadata, ...answer } = await erase(key.KeyId)
  assert.equal($metadata.httpStatusCode, 200)
  assert.deepEqual(answer, { KeyId: key.Arn })
  assert.deepEqual(await describe(kms, key.KeyId), key)
})

test('DeleteImportedKeyMaterial: the key is pending import, and keeps the id of its material', async () => {
  const { key, materialId } = await makeImportedKey(kms)
  const { $metadata: _, ...answer } = await erase(key.Arn)
  assert.deepEqual(answer, { KeyId: key.Arn, KeyMaterialId: materialId })
  const shown = await describe(kms, key.KeyId)
  assert.deepEqual(shown, { ...key, CurrentKeyMaterialId: materialId })
  assert.equal(shown.KeyState, 'PendingImport')
  await pendingImport(encrypt(key.KeyId), key.Arn)
})

test('DeleteImportedKeyMaterial: what was encrypted is refused by the state of the key, until the material is back', async () => {
  const { key, parameters, material } = await makeImportedKey(kms)
  const CiphertextBlob = await encrypt(key.KeyId)
  await erase(key.KeyId)
  await pendingImport(kms.send(new DecryptCommand({ CiphertextBlob })), key.Arn)
  await pendingImport(kms.send(new DecryptCommand({ CiphertextBlob, KeyId: key.KeyId })), key.Arn)
  const { KeyId: DestinationKeyId } = await makeKey(kms)
  await pendingImport(kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId })), key.Arn)
  await importMaterial(kms, parameters, material)
  const answer = await kms.send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(answer.Plaintext, new Uint8Array(Plaintext))
})

test('DeleteImportedKeyMaterial: deleting it again has no effect', async () => {
  const { key, materialId } = await makeImportedKey(kms)
  await erase(key.KeyId)
  const { $metadata: _, ...answer } = await erase(key.KeyId)
  assert.deepEqual(answer, { KeyId: key.Arn, KeyMaterialId: materialId })
  assert.equal(await stateOf(key.KeyId), 'PendingImport')
})

test('DeleteImportedKeyMaterial: material may be named; of a key with several, any that is missing makes it pending import', async () => {
  const made = await makeImportedKey(kms)
  const { key, parameters, materialId } = made
  const old = await encrypt(key.KeyId)
  const second = await importNew(made)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  const young = await encrypt(key.KeyId)
  const answer = await erase(key.KeyId, materialId)
  assert.equal(answer.KeyMaterialId, materialId)
  assert.deepEqual(await materialsOf(key.KeyId), [
    `${materialId} NON_CURRENT PENDING_IMPORT`,
    `${second.id} CURRENT IMPORTED`,
  ])
  for (const CiphertextBlob of [old, young]) {
    await pendingImport(kms.send(new DecryptCommand({ CiphertextBlob })), key.Arn)
  }
  await erase(key.KeyId)
  await importMaterial(kms, parameters, made.material)
  assert.equal(await stateOf(key.KeyId), 'PendingImport', 'the current material is missing too')
  await importMaterial(kms, parameters, second.material)
  assert.equal(await stateOf(key.KeyId), 'Enabled')
  for (const CiphertextBlob of [old, young]) {
    await kms.send(new DecryptCommand({ CiphertextBlob }))
  }
})

test('DeleteImportedKeyMaterial: material that waits for a rotation is withdrawn, and the key stays as it is', async () => {
  const made = await makeImportedKey(kms)
  const { key, materialId } = made
  const { id } = await importNew(made)
  await erase(key.KeyId, id)
  assert.equal(await stateOf(key.KeyId), 'Enabled')
  assert.deepEqual(await materialsOf(key.KeyId), [`${materialId} CURRENT IMPORTED`])
  await refused(
    kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId })),
    'KMSInvalidStateException',
    `No available key material pending rotation for the key: ${key.Arn}.`,
  )
  await importNew(made)
})

test('DeleteImportedKeyMaterial: withdrawing what waits does not enable a disabled key', async () => {
  const made = await makeImportedKey(kms)
  const { id } = await importNew(made)
  await kms.send(new DisableKeyCommand({ KeyId: made.key.KeyId }))
  await erase(made.key.KeyId, id)
  assert.equal(await stateOf(made.key.KeyId), 'Disabled')
})

test('DeleteImportedKeyMaterial: a disabled key is pending import', async () => {
  const { key } = await makeImportedKey(kms)
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  await erase(key.KeyId)
  assert.equal(await stateOf(key.KeyId), 'PendingImport')
  await pendingImport(kms.send(new EnableKeyCommand({ KeyId: key.KeyId })), key.Arn)
})

test('DeleteImportedKeyMaterial: a key pending deletion stays so; once that is cancelled it is pending import', async () => {
  const { key, parameters, material } = await makeImportedKey(kms)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId }))
  await erase(key.KeyId)
  assert.equal(await stateOf(key.KeyId), 'PendingDeletion')
  await kms.send(new CancelKeyDeletionCommand({ KeyId: key.KeyId }))
  assert.equal(await stateOf(key.KeyId), 'PendingImport')
  await pendingImport(kms.send(new EnableKeyCommand({ KeyId: key.KeyId })), key.Arn)
  await importMaterial(kms, parameters, material)
  await encrypt(key.KeyId)
})

test('DeleteImportedKeyMaterial: a KeyMaterialId that is none of the key’s is refused', async () => {
  const { key } = await makeImportedKey(kms)
  const other = await makeImportedKey(kms)
  await refused(erase(key.KeyId, other.materialId), 'NotFoundException', /./)
  assert.equal(await stateOf(key.KeyId), 'Enabled')
})

test('DeleteImportedKeyMaterial: keys of other kinds lose their material, and tell no id of it', async () => {
  const key = await makeExternalKey(kms, { KeySpec: 'HMAC_384', KeyUsage: 'GENERATE_VERIFY_MAC' })
  const material = randomBytes(48)
  const parameters = await parametersOf(kms, key.KeyId)
  await importMaterial(kms, parameters, material)
  const { $metadata: _, ...answer } = await erase(key.KeyId)
  assert.deepEqual(answer, { KeyId: key.Arn })
  assert.equal(await stateOf(key.KeyId), 'PendingImport')
  await importMaterial(kms, parameters, material)
  assert.equal(await stateOf(key.KeyId), 'Enabled')
})

test('DeleteImportedKeyMaterial: a replica loses its own alone, and the primary keeps its', async () => {
  const made = await makeImportedKey(kms, { MultiRegion: true })
  const { key, material } = made
  await kms.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'eu-west-1' }))
  const there = trent.client({ region: 'eu-west-1' })
  const theirs = await parametersOf(there, key.KeyId)
  await importMaterial(there, theirs, material)
  const CiphertextBlob = await encrypt(key.KeyId)
  await there.send(new DecryptCommand({ CiphertextBlob }))
  await send(there, key.KeyId)
  await pendingImport(
    there.send(new DecryptCommand({ CiphertextBlob })),
    key.Arn.replace('us-east-1', 'eu-west-1'),
  )
  await kms.send(new DecryptCommand({ CiphertextBlob }))
  await importMaterial(there, theirs, material)

  const { material: next, id } = await importNew(made)
  await importMaterial(there, theirs, next)
  await erase(key.KeyId, id)
  assert.equal((await materialsOf(key.KeyId)).length, 1)
  assert.equal((await materialsOf(key.KeyId, there)).length, 1, 'what waits goes everywhere')
  assert.equal((await describe(there, key.KeyId)).KeyState, 'Enabled')
})

test('DeleteImportedKeyMaterial: the primary does not rotate to what a replica has lost', async () => {
  const made = await makeImportedKey(kms, { MultiRegion: true })
  const { key, material } = made
  await kms.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'eu-west-1' }))
  const there = trent.client({ region: 'eu-west-1' })
  const theirs = await parametersOf(there, key.KeyId)
  await importMaterial(there, theirs, material)
  const { material: next, id } = await importNew(made)
  await importMaterial(there, theirs, next)
  await there.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId, KeyMaterialId: id }))
  await refused(
    kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId })),
    'KMSInvalidStateException',
    `No available key material pending rotation for the key: ${key.Arn}.`,
  )
  await importMaterial(there, theirs, next)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  await kms.send(new DecryptCommand({ CiphertextBlob: await encrypt(key.KeyId) }))
})

test('DeleteImportedKeyMaterial: the event has the material, and the ARN of the key', async () => {
  const { key, materialId } = await makeImportedKey(kms)
  const event = recordOf(trent, await erase(key.KeyId, materialId))
  assert.equal(event.eventName, 'DeleteImportedKeyMaterial')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId, keyMaterialId: materialId })
  assert.deepEqual(event.responseElements, { keyId: key.Arn, keyMaterialId: materialId })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('DeleteImportedKeyMaterial: the event of a refusal has its code and text', async () => {
  const key = await makeKey(kms)
  const event = await recordOfRefused(trent, erase(key.KeyId))
  assert.equal(event.errorCode, 'UnsupportedOperationException')
  assert.equal(
    event.errorMessage,
    `${key.Arn} origin is AWS_KMS which is not valid for this operation.`,
  )
})
