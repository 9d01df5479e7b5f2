import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  importMaterial,
  makeExternalKey,
  makeImportedKey,
  parametersOf,
  until,
} from '../support/importing.ts'
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
const Plaintext = Buffer.from('plain')
const send = (client: KMSClient, KeyId: string | undefined) =>
  client.send(new RotateKeyOnDemandCommand({ KeyId }))
const encrypt = async (KeyId: string) =>
  (await kms.send(new EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob
const materialOf = async (CiphertextBlob: Uint8Array | undefined, client = kms) => {
  const answer = await client.send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(answer.Plaintext, new Uint8Array(Plaintext))
  return answer.KeyMaterialId
}
const currentOf = async (keyId: string, client = kms) =>
  (await describe(client, keyId)).CurrentKeyMaterialId
const noneAvailable = (arn: string) =>
  `No available key material pending rotation for the key: ${arn}.`
const member = { trent, operation: 'RotateKeyOnDemand', send }

testKeyIdShape(member)
testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('RotateKeyOnDemand: a disabled key is DisabledException, also one of RSA', async () => {
  const rsa = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })
  await kms.send(new DisableKeyCommand({ KeyId: rsa.KeyId }))
  for (const key of [await makeDisabledKey(kms), rsa]) {
    await refused(send(kms, key.KeyId), 'DisabledException', `${key.Arn} is disabled.`)
  }
})

test('RotateKeyOnDemand: a key pending deletion is KMSInvalidStateException, also one for HMAC', async () => {
  const hmac = await makeKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: hmac.KeyId }))
  for (const key of [await makePendingKey(kms), hmac]) {
    await refused(
      send(kms, key.KeyId),
      'KMSInvalidStateException',
      `${key.Arn} is pending deletion.`,
    )
  }
})

test('RotateKeyOnDemand: a key that was never given material is pending import, also one of RSA', async () => {
  const rsa = await makeExternalKey(kms, { KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' })
  for (const key of [await makeExternalKey(kms), rsa]) {
    await refused(send(kms, key.KeyId), 'KMSInvalidStateException', `${key.Arn} is pending import.`)
  }
})

test('RotateKeyOnDemand: keys that are not for symmetric encryption are refused without a text', async () => {
  const hmac = await makeExternalKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  await importMaterial(kms, await parametersOf(kms, hmac.KeyId), randomBytes(32))
  for (const key of [
    hmac,
    await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }),
    await makeKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
    await makeKey(kms, { KeySpec: 'HMAC_512', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    await makeKey(kms, { KeySpec: 'ML_DSA_44', KeyUsage: 'SIGN_VERIFY' }),
  ]) {
    await refused(send(kms, key.KeyId), 'UnsupportedOperationException', undefined)
  }
})

test('RotateKeyOnDemand: given an id or an ARN, it answers the ARN', async () => {
  const key = await makeKey(kms)
  for (const keyId of [key.KeyId, key.Arn]) {
    const { $metadata, ...answer } = await send(kms, keyId)
    assert.equal($metadata.httpStatusCode, 200)
    assert.deepEqual(answer, { KeyId: key.Arn })
  }
})

test('RotateKeyOnDemand: the material is another from then on, and what was encrypted before decrypts', async () => {
  const key = await makeKey(kms)
  const before = await encrypt(key.KeyId)
  await send(kms, key.KeyId)
  const current = await currentOf(key.KeyId)
  assert.match(String(current), /^[0-9a-f]{64}$/)
  assert.notEqual(current, key.CurrentKeyMaterialId)
  const after = await encrypt(key.KeyId)
  assert.equal(await materialOf(before), key.CurrentKeyMaterialId)
  assert.equal(await materialOf(after), current)
  assert.deepEqual(await describe(kms, key.KeyId), { ...key, CurrentKeyMaterialId: current })
})

test('RotateKeyOnDemand: it works with automatic rotation off, and leaves it off', async () => {
  const key = await makeKey(kms)
  await send(kms, key.KeyId)
  const { $metadata: _, ...status } = await kms.send(
    new GetKeyRotationStatusCommand({ KeyId: key.KeyId }),
  )
  assert.deepEqual(status, { KeyId: key.Arn, KeyRotationEnabled: false })
})

test('RotateKeyOnDemand: the next automatic rotation stays where it was', async () => {
  const key = await makeKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId }))
  const status = async () =>
    (await kms.send(new GetKeyRotationStatusCommand({ KeyId: key.KeyId }))).NextRotationDate
  const before = await status()
  trent.turn(day)
  await send(kms, key.KeyId)
  assert.deepEqual(await status(), before)
})

test('RotateKeyOnDemand: within 20 minutes of an automatic rotation it is ConflictException', async () => {
  const key = await makeKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId, RotationPeriodInDays: 90 }))
  trent.turn(90 * day - 20 * 60_000 - 1)
  await trent.runJobs()
  await send(kms, key.KeyId)
  trent.turn(1)
  await refused(send(kms, key.KeyId), 'ConflictException', /^/)
  trent.turn(20 * 60_000)
  await trent.runJobs()
  await send(kms, key.KeyId)
})

test('RotateKeyOnDemand: calls at once are one rotation each, and nothing is lost under them', async () => {
  const key = await makeKey(kms)
  const blobs = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const [blob] = await Promise.all([encrypt(key.KeyId), send(kms, key.KeyId)])
      return blob
    }),
  )
  const { Rotations = [] } = await kms.send(
    new ListKeyRotationsCommand({ KeyId: key.KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }),
  )
  const states = Rotations.map(({ KeyMaterialState }) => KeyMaterialState)
  assert.deepEqual(states, [...Array.from({ length: 5 }, () => 'NON_CURRENT'), 'CURRENT'])
  const ids = Rotations.map(({ KeyMaterialId }) => KeyMaterialId)
  assert.equal(new Set(ids).size, 6)
  assert.equal(ids.at(-1), await currentOf(key.KeyId))
  for (const blob of blobs) assert.ok(ids.includes(await materialOf(blob)))
})

test('RotateKeyOnDemand: the limit is 25 rotations of a key, whatever rotated it besides', async () => {
  const key = await makeKey(kms)
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId, RotationPeriodInDays: 90 }))
  for (let i = 0; i < 25; i += 1) await send(kms, key.KeyId)
  const limited = () =>
    refused(
      send(kms, key.KeyId),
      'LimitExceededException',
      `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.Arn}`,
    )
  await limited()
  trent.turn(90 * day)
  await trent.runJobs()
  await limited()
  const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId: key.KeyId }))
  assert.equal(Rotations?.length, 26, 'automatic rotation goes on')
})

test('RotateKeyOnDemand: an imported key without further material has none available', async () => {
  const { key } = await makeImportedKey(kms)
  await refused(send(kms, key.KeyId), 'KMSInvalidStateException', noneAvailable(key.Arn))
})

test('RotateKeyOnDemand: new imported material becomes current, and the old one decrypts', async () => {
  const { key, parameters, materialId } = await makeImportedKey(kms)
  const before = await encrypt(key.KeyId)
  const { KeyMaterialId } = await importMaterial(kms, parameters, randomBytes(32), {
    ImportType: 'NEW_KEY_MATERIAL',
  })
  assert.equal(await currentOf(key.KeyId), materialId)
  assert.equal((await send(kms, key.KeyId)).KeyId, key.Arn)
  assert.equal(await currentOf(key.KeyId), KeyMaterialId)
  assert.equal(await materialOf(await encrypt(key.KeyId)), KeyMaterialId)
  assert.equal(await materialOf(before), materialId)
  await refused(send(kms, key.KeyId), 'KMSInvalidStateException', noneAvailable(key.Arn))
})

test('RotateKeyOnDemand: imported material that expired while it waited is not available', async () => {
  const { key, parameters } = await makeImportedKey(kms)
  const material = randomBytes(32)
  await importMaterial(kms, parameters, material, {
    ImportType: 'NEW_KEY_MATERIAL',
    ...until(trent.clock.now() + 3_600_000),
  })
  trent.turn(3_600_000)
  await refused(send(kms, key.KeyId), 'KMSInvalidStateException', noneAvailable(key.Arn))
  await trent.confirmClock()
  assert.equal(await trent.runJobs(), true)
  await refused(send(kms, key.KeyId), 'KMSInvalidStateException', noneAvailable(key.Arn))
  assert.equal((await describe(kms, key.KeyId)).KeyState, 'Enabled')
  await importMaterial(kms, parameters, material)
  await send(kms, key.KeyId)
})

test('RotateKeyOnDemand: the expiry of the material that becomes current is the key’s own from then on', async () => {
  const { key, parameters } = await makeImportedKey(kms)
  const ValidTo = new Date(trent.clock.now() + day)
  await importMaterial(kms, parameters, randomBytes(32), {
    ImportType: 'NEW_KEY_MATERIAL',
    ...until(ValidTo.getTime()),
  })
  assert.equal((await describe(kms, key.KeyId)).ValidTo, undefined)
  await send(kms, key.KeyId)
  const shown = await describe(kms, key.KeyId)
  assert.equal(shown.ExpirationModel, 'KEY_MATERIAL_EXPIRES')
  assert.deepEqual(shown.ValidTo, ValidTo)
  trent.turn(day)
  await refused(
    kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext })),
    'KMSInvalidStateException',
    `${key.Arn} is pending import.`,
  )
})

test('RotateKeyOnDemand: of a multi-Region key, the primary alone can do it, for all of its regions', async () => {
  const key = await makeKey(kms, { MultiRegion: true })
  await kms.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'eu-west-1' }))
  const there = trent.client({ region: 'eu-west-1' })
  await refused(
    send(there, key.KeyId),
    'UnsupportedOperationException',
    `${key.Arn.replace('us-east-1', 'eu-west-1')} is not a multi-region primary key.`,
  )
  await send(kms, key.KeyId)
  const blob = await encrypt(key.KeyId)
  const current = await currentOf(key.KeyId)
  assert.notEqual(current, key.CurrentKeyMaterialId)
  assert.equal(await currentOf(key.KeyId, there), current)
  assert.equal(await materialOf(blob, there), current)
})

test('RotateKeyOnDemand: the event has the request and the ARN of the key', async () => {
  const key = await makeKey(kms)
  const event = recordOf(trent, await send(kms, key.KeyId))
  assert.equal(event.eventName, 'RotateKeyOnDemand')
  assert.equal(event.readOnly, false)
  assert.deepEqual(event.requestParameters, { keyId: key.KeyId })
  assert.deepEqual(event.responseElements, { keyId: key.Arn })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('RotateKeyOnDemand: the event of a refusal has its code and text', async () => {
  const { key } = await makeImportedKey(kms)
  const event = await recordOfRefused(trent, send(kms, key.KeyId))
  assert.equal(event.errorCode, 'KMSInvalidStateException')
  assert.equal(event.errorMessage, noneAvailable(key.Arn))
  assert.equal(event.responseElements, null)
})
