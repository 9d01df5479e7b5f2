import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DisableKeyCommand,
  EncryptCommand,
  type ExpirationModelType,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type ImportType,
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
  wrap,
} from '../support/importing.ts'
import {
  testAwsManagedKey,
  testForeignKeys,
  testKeyIdForms,
  testKeyIdShape,
  testNoAliases,
} from '../support/key-id.ts'
import { absentId, day, describe, makeKey } from '../support/made-keys.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const Plaintext = Buffer.from('plain')
const rubbish = Buffer.alloc(256, 7)
const forEver = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const
const asNew = { ImportType: 'NEW_KEY_MATERIAL' } as const
const asExisting = { ImportType: 'EXISTING_KEY_MATERIAL' } as const
/** An import of rubbish, which goes wrong late. */
const send = (client: KMSClient, KeyId: string | undefined, more = {}) =>
  client.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken: rubbish,
      EncryptedKeyMaterial: rubbish,
      ...forEver,
      ...more,
    }),
  )
const invalid = (call: Promise<unknown>, text: string | RegExp) =>
  refused(call, 'ValidationException', text)
const incorrect = (call: Promise<unknown>) =>
  refused(call, 'IncorrectKeyMaterialException', undefined)
const pendingImport = (call: Promise<unknown>, arn: string) =>
  refused(call, 'KMSInvalidStateException', `${arn} is pending import.`)
const encrypt = async (KeyId: string) =>
  (await kms.send(new EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob
const stateOf = async (keyId: string) => (await describe(kms, keyId)).KeyState
const member = { trent, operation: 'ImportKeyMaterial', send }

testKeyIdShape(member)

test('ImportKeyMaterial: key, token and material are required', () =>
  invalid(
    kms.send(
      new ImportKeyMaterialCommand({
        KeyId: undefined,
        ImportToken: undefined,
        EncryptedKeyMaterial: undefined,
      }),
    ),
    violated(
      "null at 'keyId': not be null",
      "null at 'importToken': not be null",
      "null at 'encryptedKeyMaterial': not be null",
    ),
  ))

test('ImportKeyMaterial: token and material have 1 to 6144 bytes, which are not shown', async () => {
  for (const [Member, at] of [
    ['ImportToken', 'importToken'],
    ['EncryptedKeyMaterial', 'encryptedKeyMaterial'],
  ] as const) {
    await invalid(
      send(kms, absentId, { [Member]: new Uint8Array() }),
      violated(`at '${at}': have length greater than or equal to 1`),
    )
    await invalid(
      send(kms, absentId, { [Member]: new Uint8Array(6145) }),
      violated(`at '${at}': have length less than or equal to 6144`),
    )
  }
})

test('ImportKeyMaterial: values of no enum are refused before any key is looked up', async () => {
  const within = (value: string, at: string) =>
    new RegExp(
      `^1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint: Member must satisfy enum value set: \\[[A-Z_, ]+\\]$`,
    )
  await invalid(
    send(kms, absentId, { ExpirationModel: 'NEVER' as ExpirationModelType }),
    within('NEVER', 'expirationModel'),
  )
  await invalid(
    send(kms, absentId, { ImportType: 'OLD' as ImportType }),
    within('OLD', 'importType'),
  )
})

test('ImportKeyMaterial: a description has at most 256 characters, of those that AWS allows', async () => {
  const long = 'd'.repeat(257)
  await invalid(
    send(kms, absentId, { KeyMaterialDescription: long }),
    violated(`'${long}' at 'keyMaterialDescription': have length less than or equal to 256`),
  )
  await invalid(
    send(kms, absentId, { KeyMaterialDescription: 'a,b' }),
    violated(
      String.raw`'a,b' at 'keyMaterialDescription': satisfy regular expression pattern: ^[a-zA-Z0-9:/_\s.-]+$`,
    ),
  )
})

test('ImportKeyMaterial: a KeyMaterialId is 64 hexadecimal digits', () =>
  invalid(
    send(kms, absentId, { KeyMaterialId: 'A'.repeat(64) }),
    violated(
      `'${'A'.repeat(64)}' at 'keyMaterialId': satisfy regular expression pattern: ^[a-f0-9]+$`,
    ),
  ))

testKeyIdForms(member)
testNoAliases(member)
testForeignKeys(member)
testAwsManagedKey(member)

test('ImportKeyMaterial: a key whose material is Trent’s own is refused by its origin, before the token is looked at', async () => {
  const key = await makeKey(kms)
  await refused(
    send(kms, key.KeyId),
    'UnsupportedOperationException',
    `${key.Arn} origin is AWS_KMS which is not valid for this operation.`,
  )
})

test('ImportKeyMaterial: a key pending deletion is KMSInvalidStateException, before the token is looked at', async () => {
  const key = await makeExternalKey(kms)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId }))
  await refused(send(kms, key.KeyId), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`)
})

test('ImportKeyMaterial: material expires unless the request says that it does not, and then it needs a date', async () => {
  const key = await makeExternalKey(kms)
  const text = 'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES'
  const parameters = await parametersOf(kms, key.KeyId)
  for (const ExpirationModel of [undefined, 'KEY_MATERIAL_EXPIRES'] as const) {
    await invalid(importMaterial(kms, parameters, randomBytes(32), { ExpirationModel }), text)
    await invalid(send(kms, key.KeyId, { ExpirationModel }), text)
  }
})

test('ImportKeyMaterial: a date must be in the future, within a year, and only of what expires', async () => {
  const { KeyId } = await makeExternalKey(kms)
  const now = trent.clock.now()
  for (const time of [0, now - 1, now]) {
    await invalid(send(kms, KeyId, until(time)), 'ValidTo must be in the future')
  }
  await invalid(send(kms, KeyId, until(now + 365 * day + 1)), /365/)
  await invalid(send(kms, KeyId, { ...forEver, ValidTo: new Date(now + day) }), /validTo/)
  assert.equal(await stateOf(KeyId), 'PendingImport')
})

test('ImportKeyMaterial: the date may be 365 days away', async () => {
  const key = await makeExternalKey(kms)
  const ValidTo = new Date(trent.clock.now() + 365 * day)
  const parameters = await parametersOf(kms, key.KeyId)
  await importMaterial(kms, parameters, randomBytes(32), {
    ExpirationModel: undefined,
    ValidTo,
  })
  const shown = await describe(kms, key.KeyId)
  assert.equal(shown.ExpirationModel, 'KEY_MATERIAL_EXPIRES')
  assert.deepEqual(shown.ValidTo, ValidTo)
})

test('ImportKeyMaterial: new material has no id yet', async () => {
  const { parameters } = await makeImportedKey(kms)
  const call = importMaterial(kms, parameters, randomBytes(32), {
    ...asNew,
    KeyMaterialId: 'a'.repeat(64),
  })
  await invalid(call, /KeyMaterialId/)
})

test('ImportKeyMaterial: keys that have one material have neither import types nor an id or a description of it', async () => {
  const key = await makeExternalKey(kms, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  const parameters = await parametersOf(kms, key.KeyId)
  for (const more of [
    asNew,
    asExisting,
    { KeyMaterialId: 'a'.repeat(64) },
    { KeyMaterialDescription: 'a key' },
  ]) {
    await invalid(
      importMaterial(kms, parameters, randomBytes(32), more),
      'ImportType, KeyMaterialId and KeyMaterialDescription can only be specified for symmetric encryption keys',
    )
  }
})

test('ImportKeyMaterial: a token that nobody gave out is InvalidImportTokenException', async () => {
  const { parameters } = await makeImportedKey(kms)
  const { token } = parameters
  const changed = Array.from(token, (byte, i) => {
    const copy = Uint8Array.from(token)
    copy[i] = byte ^ 1
    return copy
  })
  for (const bad of [rubbish, token.subarray(1), Buffer.concat([token, token]), ...changed]) {
    await refused(
      importMaterial(kms, { ...parameters, token: bad }, randomBytes(32)),
      'InvalidImportTokenException',
      undefined,
    )
  }
})

test('ImportKeyMaterial: a token of another key, or of the same one in another region, is InvalidImportTokenException', async () => {
  const other = await makeImportedKey(kms)
  const { key, parameters: here, material } = await makeImportedKey(kms, { MultiRegion: true })
  await kms.send(new ReplicateKeyCommand({ KeyId: key.KeyId, ReplicaRegion: 'eu-west-1' }))
  const there = await parametersOf(trent.client({ region: 'eu-west-1' }), key.KeyId)
  for (const parameters of [other.parameters, there]) {
    await refused(
      importMaterial(kms, { ...parameters, keyId: key.KeyId }, material),
      'InvalidImportTokenException',
      undefined,
    )
  }
  await importMaterial(kms, here, material)
})

test('ImportKeyMaterial: a token lives for a day, and then is ExpiredImportTokenException', async () => {
  const key = await makeExternalKey(kms)
  const parameters = await parametersOf(kms, key.KeyId)
  const material = randomBytes(32)
  trent.turn(day - 1)
  await importMaterial(kms, parameters, material)
  trent.turn(1)
  const late = () =>
    refused(importMaterial(kms, parameters, material), 'ExpiredImportTokenException', undefined)
  await late()
  await trent.confirmClock()
  await trent.runJobs()
  await late()
})

test('ImportKeyMaterial: several tokens may be out, each for its own wrapping key', async () => {
  const key = await makeExternalKey(kms)
  const [first, second] = await Promise.all([
    parametersOf(kms, key.KeyId),
    parametersOf(kms, key.KeyId, { algorithm: 'RSAES_OAEP_SHA_1' }),
  ])
  const material = randomBytes(32)
  await refused(
    importMaterial(kms, { ...first, token: second.token }, material),
    'InvalidCiphertextException',
    undefined,
  )
  const ids = [
    await importMaterial(kms, second, material),
    await importMaterial(kms, first, material),
    await importMaterial(kms, second, material),
  ].map(({ KeyMaterialId }) => KeyMaterialId)
  assert.equal(new Set(ids).size, 1)
})

test('ImportKeyMaterial: a wrapped key of another length than the modulus is a ValidationException', async () => {
  const { KeyId } = await makeExternalKey(kms)
  const parameters = await parametersOf(kms, KeyId)
  const wrapped = wrap(parameters, randomBytes(32))
  for (const EncryptedKeyMaterial of [
    wrapped.subarray(1),
    Buffer.concat([wrapped, wrapped]),
    Buffer.alloc(1),
  ]) {
    await invalid(
      send(kms, KeyId, { ImportToken: parameters.token, EncryptedKeyMaterial }),
      'Invalid encrypted key size.',
    )
  }
})

test('ImportKeyMaterial: what does not unwrap is InvalidCiphertextException', async () => {
  const { KeyId } = await makeExternalKey(kms)
  const parameters = await parametersOf(kms, KeyId)
  const otherHash = { ...parameters, algorithm: 'RSAES_OAEP_SHA_1' } as const
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  for (const EncryptedKeyMaterial of [
    rubbish,
    wrap(otherHash, randomBytes(32)),
    wrap({ ...parameters, wrappingKey: publicKey }, randomBytes(32)),
  ]) {
    await refused(
      send(kms, KeyId, { ImportToken: parameters.token, EncryptedKeyMaterial }),
      'InvalidCiphertextException',
      undefined,
    )
  }
  assert.equal(await stateOf(KeyId), 'PendingImport')
})

test('ImportKeyMaterial: material of another length than the key’s is IncorrectKeyMaterialException', async () => {
  const { KeyId } = await makeExternalKey(kms)
  const parameters = await parametersOf(kms, KeyId)
  for (const length of [1, 16, 31, 33, 64]) {
    await incorrect(importMaterial(kms, parameters, randomBytes(length)))
  }
  assert.equal(await stateOf(KeyId), 'PendingImport')
})

test('ImportKeyMaterial: the first material enables the key, and is current', async () => {
  const key = await makeExternalKey(kms)
  const { $metadata, ...answer } = await importMaterial(
    kms,
    await parametersOf(kms, key.Arn),
    randomBytes(32),
    { KeyId: key.Arn },
  )
  assert.equal($metadata.httpStatusCode, 200)
  assert.match(String(answer.KeyMaterialId), /^[0-9a-f]{64}$/)
  assert.deepEqual(answer, { KeyId: key.Arn, KeyMaterialId: answer.KeyMaterialId })
  assert.deepEqual(await describe(kms, key.KeyId), {
    ...key,
    Enabled: true,
    KeyState: 'Enabled',
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    CurrentKeyMaterialId: answer.KeyMaterialId,
  })
  const CiphertextBlob = await encrypt(key.KeyId)
  const decrypted = await kms.send(new DecryptCommand({ CiphertextBlob }))
  assert.equal(decrypted.KeyMaterialId, answer.KeyMaterialId)
})

test('ImportKeyMaterial: the first material is new material, and no existing one', async () => {
  const { KeyId } = await makeExternalKey(kms)
  const parameters = await parametersOf(kms, KeyId)
  await incorrect(importMaterial(kms, parameters, randomBytes(32), asExisting))
  assert.equal(await stateOf(KeyId), 'PendingImport')
  await importMaterial(kms, parameters, randomBytes(32), asNew)
  assert.equal(await stateOf(KeyId), 'Enabled')
})

test('ImportKeyMaterial: the same material has the same id for one key, and another for another', async () => {
  const { key, parameters, material, materialId } = await makeImportedKey(kms)
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId }))
  const again = await importMaterial(kms, parameters, material)
  assert.equal(again.KeyMaterialId, materialId)
  const other = await makeExternalKey(kms)
  const elsewhere = await importMaterial(kms, await parametersOf(kms, other.KeyId), material)
  assert.notEqual(elsewhere.KeyMaterialId, materialId)
})

test('ImportKeyMaterial: once a key had material, other material is incorrect unless it is said to be new', async () => {
  const { key, parameters, material, materialId } = await makeImportedKey(kms)
  for (const more of [{}, asExisting]) {
    await incorrect(importMaterial(kms, parameters, randomBytes(32), more))
  }
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId }))
  await incorrect(importMaterial(kms, parameters, randomBytes(32)))
  assert.equal(await stateOf(key.KeyId), 'PendingImport')
  const named = { ...asExisting, KeyMaterialId: materialId }
  await incorrect(
    importMaterial(kms, parameters, material, { ...named, KeyMaterialId: 'a'.repeat(64) }),
  )
  await importMaterial(kms, parameters, material, named)
  assert.equal(await stateOf(key.KeyId), 'Enabled')
})

test('ImportKeyMaterial: material that the key has already is not new', async () => {
  const { parameters, material } = await makeImportedKey(kms)
  await incorrect(importMaterial(kms, parameters, material, asNew))
})

test('ImportKeyMaterial: importing again changes whether the material expires, and keeps its description', async () => {
  const { key, parameters, material } = await makeImportedKey(kms)
  const ValidTo = new Date(trent.clock.now() + day)
  const entry = async () =>
    (
      await kms.send(
        new ListKeyRotationsCommand({
          KeyId: key.KeyId,
          IncludeKeyMaterial: 'ALL_KEY_MATERIAL',
        }),
      )
    ).Rotations?.[0]
  await importMaterial(kms, parameters, material, {
    ...until(ValidTo.getTime()),
    KeyMaterialDescription: 'From our own HSM',
  })
  assert.deepEqual((await describe(kms, key.KeyId)).ValidTo, ValidTo)
  assert.equal((await entry())?.KeyMaterialDescription, 'From our own HSM')
  await importMaterial(kms, parameters, material)
  const shown = await describe(kms, key.KeyId)
  assert.equal(shown.ExpirationModel, 'KEY_MATERIAL_DOES_NOT_EXPIRE')
  assert.equal(shown.ValidTo, undefined)
  assert.equal((await entry())?.KeyMaterialDescription, 'From our own HSM')
  trent.turn(2 * day)
  await encrypt(key.KeyId)
})

test('ImportKeyMaterial: new material waits for a rotation, and a third one waits for the second', async () => {
  const { key, parameters, materialId } = await makeImportedKey(kms)
  const second = randomBytes(32)
  const { KeyMaterialId } = await importMaterial(kms, parameters, second, asNew)
  assert.notEqual(KeyMaterialId, materialId)
  assert.equal((await describe(kms, key.KeyId)).CurrentKeyMaterialId, materialId)
  const third = randomBytes(32)
  const state = new RegExp(
    `^New key material \\(id: [0-9a-f]{64}\\) cannot be imported into KMS key ${key.Arn}, because another key material \\(id: ${KeyMaterialId}\\) is pending rotation\\.$`,
  )
  const early = importMaterial(kms, parameters, third, asNew)
  await refused(early, 'KMSInvalidStateException', state)
  await importMaterial(kms, parameters, second, asExisting)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  await importMaterial(kms, parameters, third, asNew)
})

test('ImportKeyMaterial: a disabled key is enabled by its own material, and not by what waits', async () => {
  const { key, parameters, material } = await makeImportedKey(kms)
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  await importMaterial(kms, parameters, randomBytes(32), asNew)
  assert.equal(await stateOf(key.KeyId), 'Disabled')
  await importMaterial(kms, parameters, material)
  assert.equal(await stateOf(key.KeyId), 'Enabled')
})

test('ImportKeyMaterial: what expires is refused at once at its time, before any job has run', async () => {
  const { key, parameters, material, materialId } = await makeImportedKey(kms)
  const CiphertextBlob = await encrypt(key.KeyId)
  await importMaterial(kms, parameters, material, until(trent.clock.now() + 1000))
  trent.turn(999)
  await kms.send(new DecryptCommand({ CiphertextBlob }))
  trent.turn(1)
  await pendingImport(kms.send(new DecryptCommand({ CiphertextBlob })), key.Arn)
  await pendingImport(encrypt(key.KeyId), key.Arn)
  const { KeyState, ValidTo, ExpirationModel, CurrentKeyMaterialId } = await describe(
    kms,
    key.KeyId,
  )
  assert.deepEqual(
    { KeyState, ValidTo, ExpirationModel, CurrentKeyMaterialId },
    {
      KeyState: 'PendingImport',
      ValidTo: undefined,
      ExpirationModel: undefined,
      CurrentKeyMaterialId: materialId,
    },
  )
  await importMaterial(kms, parameters, material)
  await kms.send(new DecryptCommand({ CiphertextBlob }))
})

test('ImportKeyMaterial: the job erases what has expired, and records DeleteExpiredKeyMaterial', async () => {
  await trent.confirmClock()
  const { key, parameters, material } = await makeImportedKey(kms)
  const CiphertextBlob = await encrypt(key.KeyId)
  await importMaterial(kms, parameters, material, until(trent.clock.now() + 1000))
  trent.turn(1000)
  assert.equal(await trent.runJobs(), true)
  const events = recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes('"DeleteExpiredKeyMaterial"') && line.includes(key.Arn))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  assert.equal(events.length, 1)
  assert.equal(events[0]?.['eventType'], 'AwsServiceEvent')
  assert.deepEqual(events[0]?.['serviceEventDetails'], { keyId: key.KeyId })
  assert.equal(await stateOf(key.KeyId), 'PendingImport')
  await incorrect(importMaterial(kms, parameters, randomBytes(32)))
  await importMaterial(kms, parameters, material)
  await kms.send(new DecryptCommand({ CiphertextBlob }))
})

test('ImportKeyMaterial: a key with several materials is pending import from the first expiry on', async () => {
  const { key, parameters, material } = await makeImportedKey(kms)
  await importMaterial(kms, parameters, randomBytes(32), asNew)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  const ValidTo = new Date(trent.clock.now() + 1000)
  await importMaterial(kms, parameters, material, until(ValidTo.getTime()))
  const shown = await describe(kms, key.KeyId)
  assert.equal(shown.ExpirationModel, 'KEY_MATERIAL_EXPIRES')
  assert.deepEqual(shown.ValidTo, ValidTo)
  trent.turn(1000)
  await pendingImport(encrypt(key.KeyId), key.Arn)
})

test('ImportKeyMaterial: the event has what was said of the material, and nothing of the material', async () => {
  const key = await makeExternalKey(kms)
  const parameters = await parametersOf(kms, key.KeyId)
  const ValidTo = new Date(Math.floor(trent.clock.now() / 1000) * 1000 + day)
  const more: Partial<ImportKeyMaterialCommandInput> = {
    ...until(ValidTo.getTime()),
    ...asNew,
    KeyMaterialDescription: 'first',
  }
  const answer = await importMaterial(kms, parameters, randomBytes(32), more)
  const event = recordOf(trent, answer)
  assert.equal(event.eventName, 'ImportKeyMaterial')
  assert.equal(event.readOnly, false)
  const { validTo, ...parametersShown } = event.requestParameters ?? {}
  assert.equal(typeof validTo, 'string')
  assert.deepEqual(parametersShown, {
    keyId: key.KeyId,
    expirationModel: 'KEY_MATERIAL_EXPIRES',
    importType: 'NEW_KEY_MATERIAL',
    keyMaterialDescription: 'first',
  })
  assert.deepEqual(event.responseElements, {
    keyId: key.Arn,
    keyMaterialId: answer.KeyMaterialId,
  })
  assert.deepEqual(event.resources, [resource(key.Arn)])
})

test('ImportKeyMaterial: the event of a refusal has its code, and no text where AWS has none', async () => {
  const { parameters } = await makeImportedKey(kms)
  const event = await recordOfRefused(trent, importMaterial(kms, parameters, randomBytes(32)))
  assert.equal(event.errorCode, 'IncorrectKeyMaterialException')
  assert.equal(event.errorMessage, undefined)
  assert.equal(event.responseElements, null)
})
