/**
 * Imported multi-Region keys: every region is given the material by itself, and a rotation waits for all of them.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  type KMSClient,
  RotateKeyOnDemandCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import {
  importMaterial,
  makeImportedKey,
  type Parameters,
  parametersOf,
  until,
} from '../support/importing.ts'
import { day, describe, type MadeKey } from '../support/made-keys.ts'
import {
  arnIn,
  assertDecrypts,
  encryptWord,
  materialOf,
  materialsOf,
  replicate,
  scheduleDeletion,
  stateOf,
} from '../support/multi-region.ts'
import { refused, startService } from '../support/service.ts'
import { rowsOfKey } from '../support/stored.ts'

const trent = await startService()
const kms = trent.client()
const europe = trent.client({ region: 'eu-west-1' })
const oregon = trent.client({ region: 'us-west-2' })
const asNew = { ImportType: 'NEW_KEY_MATERIAL' } as const
const waits = 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION'

test('multi-Region import: the replica of an imported key has no material of its own', async () => {
  const { key } = await imported()
  const replica = await describe(europe, key.KeyId)
  assert.equal(replica.Origin, 'EXTERNAL')
  assert.equal(replica.KeyState, 'PendingImport')
  assert.equal(replica.Enabled, false)
  assert.equal(replica.ExpirationModel, undefined)
  await refused(
    europe.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from('plain') })),
    'KMSInvalidStateException',
    `${arnIn('eu-west-1', key)} is pending import.`,
  )
  assert.equal(await stateOf(kms, key.KeyId), 'Enabled')
})

test('multi-Region import: the same material makes a replica the equal of its primary', async () => {
  const { key, material, materialId, there } = await imported()
  const answer = await importMaterial(europe, there, material)
  assert.equal(answer.KeyId, arnIn('eu-west-1', key))
  assert.equal(answer.KeyMaterialId, materialId)
  assert.equal(await stateOf(europe, key.KeyId), 'Enabled')
  await assertDecrypts(europe, await encryptWord(kms, key.KeyId, 'here'), 'here')
  await assertDecrypts(kms, await encryptWord(europe, key.KeyId, 'there'), 'there')
})

test('multi-Region import: other material is IncorrectKeyMaterialException on a replica', async () => {
  const { key, there } = await imported()
  await refused(
    importMaterial(europe, there, randomBytes(32)),
    'IncorrectKeyMaterialException',
    undefined,
  )
  assert.equal(await stateOf(europe, key.KeyId), 'PendingImport')
})

test('multi-Region import: new material is refused on a replica', async () => {
  const { key, material, there } = await imported()
  await importMaterial(europe, there, material)
  await refused(
    importMaterial(europe, there, randomBytes(32), asNew),
    'UnsupportedOperationException',
    `${arnIn('eu-west-1', key)} is not a multi-region primary key.`,
  )
})

test('multi-Region import: what is said of a material is the primary’s to say, for every region', async () => {
  const { key, material, parameters, there } = await imported()
  const said = (KeyMaterialDescription: string) => ({ KeyMaterialDescription })
  const descriptions = async (client: KMSClient) =>
    (await materialsOf(client, key.KeyId)).map((entry) => entry.KeyMaterialDescription)
  await refused(
    importMaterial(europe, there, material, said('theirs')),
    'UnsupportedOperationException',
    `${arnIn('eu-west-1', key)} is not a multi-region primary key.`,
  )
  await importMaterial(kms, parameters, material, said('first'))
  await importMaterial(europe, there, material)
  const next = randomBytes(32)
  await importMaterial(kms, parameters, next, { ...asNew, ...said('second') })
  for (const client of [kms, europe]) {
    assert.deepEqual(await descriptions(client), ['first', 'second'])
  }
  await importMaterial(kms, parameters, next, said('the next'))
  await importMaterial(europe, there, next)
  for (const client of [kms, europe]) {
    assert.deepEqual(await descriptions(client), ['first', 'the next'])
  }
})

test('multi-Region import: a token of one region is no token of another', async () => {
  const { material, parameters } = await imported()
  await refused(
    importMaterial(europe, parameters, material),
    'InvalidImportTokenException',
    undefined,
  )
})

test('multi-Region import: each region says by itself until when the material is valid', async () => {
  const { key, material, there } = await imported()
  const end = trent.clock.now() + day
  await importMaterial(europe, there, material, until(end))
  assert.deepEqual((await describe(europe, key.KeyId)).ValidTo, new Date(end))
  assert.equal((await describe(kms, key.KeyId)).ValidTo, undefined)
  const blob = await encryptWord(europe, key.KeyId, 'word')
  trent.turn(day)
  assert.equal(await stateOf(europe, key.KeyId), 'PendingImport')
  await trent.confirmClock()
  await trent.runJobs()
  assert.equal(await stateOf(europe, key.KeyId), 'PendingImport')
  await assertDecrypts(kms, blob, 'word')
})

test('multi-Region import: without replicas new material waits for the rotation alone', async () => {
  const { key, parameters } = await makeImportedKey(kms, { MultiRegion: true })
  await importMaterial(kms, parameters, randomBytes(32), asNew)
  assert.deepEqual(await states(kms, key), ['CURRENT IMPORTED', 'PENDING_ROTATION IMPORTED'])
})

test('multi-Region import: new material waits until every replica has it, and so does the rotation', async () => {
  const { key, material, parameters, there } = await imported('us-west-2')
  const elsewhere = await parametersOf(oregon, key.KeyId)
  await importMaterial(europe, there, material)
  await importMaterial(oregon, elsewhere, material)
  const next = randomBytes(32)
  const { KeyMaterialId } = await importMaterial(kms, parameters, next, asNew)
  await assertNoRotation(key)
  assert.deepEqual(await states(kms, key), ['CURRENT IMPORTED', `${waits} IMPORTED`])
  assert.deepEqual(await states(europe, key), ['CURRENT IMPORTED', `${waits} PENDING_IMPORT`])
  await importMaterial(europe, there, next)
  await assertNoRotation(key)
  assert.deepEqual(await states(europe, key), ['CURRENT IMPORTED', `${waits} IMPORTED`])
  await importMaterial(oregon, elsewhere, next)
  const ready = ['CURRENT IMPORTED', 'PENDING_ROTATION IMPORTED']
  for (const client of [kms, europe, oregon]) assert.deepEqual(await states(client, key), ready)
  const before = await encryptWord(oregon, key.KeyId, 'before')
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  const after = await encryptWord(europe, key.KeyId, 'after')
  for (const client of [kms, europe, oregon]) {
    assert.equal(await materialOf(client, key.KeyId), KeyMaterialId)
    assert.deepEqual(await states(client, key), ['NON_CURRENT IMPORTED', 'CURRENT IMPORTED'])
    await assertDecrypts(client, before, 'before')
    await assertDecrypts(client, after, 'after')
  }
})

test('multi-Region import: a replica waits for its material while the others go on', async () => {
  const { key, material, there } = await imported()
  await importMaterial(europe, there, material)
  await europe.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId }))
  assert.equal(await stateOf(europe, key.KeyId), 'PendingImport')
  assert.equal(await stateOf(kms, key.KeyId), 'Enabled')
  const blob = await encryptWord(kms, key.KeyId, 'word')
  await refused(
    europe.send(new DecryptCommand({ CiphertextBlob: blob })),
    'KMSInvalidStateException',
    `${arnIn('eu-west-1', key)} is pending import.`,
  )
  await importMaterial(europe, there, material)
  await assertDecrypts(europe, blob, 'word')
})

test('multi-Region import: deleting the material of the primary leaves the replica what it has', async () => {
  const { key, material, there } = await imported()
  await importMaterial(europe, there, material)
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId }))
  assert.equal(await stateOf(kms, key.KeyId), 'PendingImport')
  assert.equal(await stateOf(europe, key.KeyId), 'Enabled')
  await assertDecrypts(europe, await encryptWord(europe, key.KeyId, 'word'), 'word')
})

test('multi-Region import: waiting material that is deleted on the primary is gone from every replica', async () => {
  const { key, material, parameters, there } = await imported()
  await importMaterial(europe, there, material)
  const next = randomBytes(32)
  const { KeyMaterialId } = await importMaterial(kms, parameters, next, asNew)
  await importMaterial(europe, there, next)
  assert.equal(await storedMaterials(key.KeyId), 4)
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId, KeyMaterialId }))
  for (const client of [kms, europe]) {
    assert.deepEqual(await states(client, key), ['CURRENT IMPORTED'])
    assert.equal(await stateOf(client, key.KeyId), 'Enabled')
  }
  assert.equal(await storedMaterials(key.KeyId), 2)
  await importMaterial(kms, parameters, randomBytes(32), asNew)
})

test('multi-Region import: waiting material that is deleted on a replica stays with the primary, and holds the rotation up', async () => {
  const { key, material, parameters, there } = await imported()
  await importMaterial(europe, there, material)
  const next = randomBytes(32)
  const { KeyMaterialId } = await importMaterial(kms, parameters, next, asNew)
  await importMaterial(europe, there, next)
  await europe.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId, KeyMaterialId }))
  assert.deepEqual((await states(kms, key))[0], 'CURRENT IMPORTED')
  assert.match((await states(kms, key))[1] ?? '', / IMPORTED$/)
  assert.match((await states(europe, key))[1] ?? '', / PENDING_IMPORT$/)
  assert.equal(await stateOf(europe, key.KeyId), 'Enabled')
  await assertNoRotation(key)
  await importMaterial(europe, there, next)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  await assertDecrypts(europe, await encryptWord(kms, key.KeyId, 'word'), 'word')
})

test('multi-Region import: a disabled replica stays disabled when waiting material is withdrawn', async () => {
  const { key, material, parameters, there } = await imported()
  await importMaterial(europe, there, material)
  const { KeyMaterialId } = await importMaterial(kms, parameters, randomBytes(32), asNew)
  await europe.send(new DisableKeyCommand({ KeyId: key.KeyId }))
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId, KeyMaterialId }))
  assert.equal(await stateOf(europe, key.KeyId), 'Disabled')
})

test('multi-Region import: a second new material is refused while one waits', async () => {
  const { key, material, parameters, there } = await imported()
  await importMaterial(europe, there, material)
  const { KeyMaterialId } = await importMaterial(kms, parameters, randomBytes(32), asNew)
  await refused(
    importMaterial(kms, parameters, randomBytes(32), asNew),
    'KMSInvalidStateException',
    new RegExp(`because another key material \\(id: ${KeyMaterialId}\\) is pending rotation\\.$`),
  )
  assert.equal((await states(kms, key)).length, 2)
})

test('multi-Region import: a new replica has to be given the waiting material, too, before the rotation', async () => {
  const { key, parameters, material } = await makeImportedKey(kms, { MultiRegion: true })
  const next = randomBytes(32)
  await importMaterial(kms, parameters, next, asNew)
  await replicate(kms, key, 'eu-west-1')
  assert.deepEqual(await states(kms, key), ['CURRENT IMPORTED', `${waits} IMPORTED`])
  await assertNoRotation(key)
  const there = await parametersOf(europe, key.KeyId)
  await importMaterial(europe, there, material)
  assert.equal(await stateOf(europe, key.KeyId), 'Enabled')
  await importMaterial(europe, there, next)
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  await assertDecrypts(europe, await encryptWord(kms, key.KeyId, 'word'), 'word')
})

test('multi-Region import: a replica that is deleted holds no rotation up', async () => {
  const { key, parameters } = await imported()
  await importMaterial(kms, parameters, randomBytes(32), asNew)
  assert.deepEqual(await states(kms, key), ['CURRENT IMPORTED', `${waits} IMPORTED`])
  await scheduleDeletion(europe, key.KeyId)
  trent.turn(7 * day)
  await trent.confirmClock()
  await trent.runJobs()
  assert.deepEqual(await states(kms, key), ['CURRENT IMPORTED', 'PENDING_ROTATION IMPORTED'])
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
})

test('multi-Region import: rotated materials all have to be given to a new replica', async () => {
  const { key, parameters, material } = await makeImportedKey(kms, { MultiRegion: true })
  const next = randomBytes(32)
  await importMaterial(kms, parameters, next, asNew)
  const blob = await encryptWord(kms, key.KeyId, 'old')
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  await replicate(kms, key, 'eu-west-1')
  const there = await parametersOf(europe, key.KeyId)
  await importMaterial(europe, there, next)
  assert.equal(await stateOf(europe, key.KeyId), 'PendingImport')
  await importMaterial(europe, there, material)
  assert.equal(await stateOf(europe, key.KeyId), 'Enabled')
  await assertDecrypts(europe, blob, 'old')
})

test('multi-Region import: the origin is what is complained of when rotation is to be enabled', async () => {
  const { key } = await imported()
  for (const [region, client] of [
    ['us-east-1', kms],
    ['eu-west-1', europe],
  ] as const) {
    await refused(
      client.send(new EnableKeyRotationCommand({ KeyId: key.KeyId })),
      'UnsupportedOperationException',
      `${arnIn(region, key)} origin is EXTERNAL which is not valid for this operation.`,
    )
  }
})

test('multi-Region import: the primary Region does not move to a key without material', async () => {
  const { key, material, there } = await imported()
  const move = () =>
    kms.send(new UpdatePrimaryRegionCommand({ KeyId: key.KeyId, PrimaryRegion: 'eu-west-1' }))
  const text = `${arnIn('eu-west-1', key)} is pending import.`
  await refused(move(), 'KMSInvalidStateException', text)
  await importMaterial(europe, there, material, until(trent.clock.now() + day))
  trent.turn(day)
  await refused(move(), 'KMSInvalidStateException', text)
  const again = await parametersOf(europe, key.KeyId)
  await importMaterial(europe, again, material)
  await move()
  await importMaterial(europe, again, randomBytes(32), asNew)
})

test('multi-Region import: material goes with the key of its region', async () => {
  const { key, material, there } = await imported()
  await importMaterial(europe, there, material)
  assert.equal(await storedMaterials(key.KeyId), 2)
  await scheduleDeletion(europe, key.KeyId)
  trent.turn(7 * day)
  await trent.confirmClock()
  await trent.runJobs()
  assert.equal(await storedMaterials(key.KeyId), 1)
  await assertDecrypts(kms, await encryptWord(kms, key.KeyId, 'word'), 'word')
})

/** An imported primary with a replica in eu-west-1 that waits for its material, and maybe others. */
async function imported(...more: readonly string[]): Promise<Imported> {
  const made = await makeImportedKey(kms, { MultiRegion: true })
  for (const region of ['eu-west-1', ...more]) await replicate(kms, made.key, region)
  return { ...made, there: await parametersOf(europe, made.key.KeyId) }
}

interface Imported {
  readonly key: MadeKey
  readonly material: Buffer
  readonly materialId: string
  /** For importing into the primary, and into the replica. */
  readonly parameters: Parameters
  readonly there: Parameters
}

/** State and import state of each of a key's materials in a client's region. */
async function states(client: KMSClient, key: MadeKey): Promise<string[]> {
  const materials = await materialsOf(client, key.KeyId)
  return materials.map(({ KeyMaterialState, ImportState }) => `${KeyMaterialState} ${ImportState}`)
}

function assertNoRotation(key: MadeKey): Promise<void> {
  return refused(
    kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId })),
    'KMSInvalidStateException',
    `No available key material pending rotation for the key: ${key.Arn}.`,
  )
}

/** How many materials of a key are stored, in all regions. */
async function storedMaterials(keyId: string): Promise<number> {
  return (await rowsOfKey(trent, 'key_materials', keyId)).length
}
