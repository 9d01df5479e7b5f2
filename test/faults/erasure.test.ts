/**
 * What is destroyed is gone from the disk: the sealed bytes of a row, noted before, are in no file of the data folder after.
 */
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import {
  DeleteImportedKeyMaterialCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { sqliteOnly } from '../support/engines.ts'
import { filesOf } from '../support/folder.ts'
import {
  importMaterial,
  makeExternalKey,
  makeImportedKey,
  parametersOf,
  until,
} from '../support/importing.ts'
import { day, makeKey } from '../support/made-keys.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const file = join(trent.data, 'trent.db')

type SealedTable = 'key_materials' | 'import_parameters'

/** The sealed bytes of a key's rows. */
function sealedOf(table: SealedTable, keyId: string): readonly Buffer[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const rows = database.prepare(`SELECT sealed FROM ${table} WHERE key_id = ?`).all(keyId)
    return rows.map((row) => Buffer.from(row['sealed'] as Uint8Array))
  } finally {
    database.close()
  }
}

/** The files that hold any piece of the sealed bytes: a page may be cut off in the middle of them. */
function holders(sealed: readonly Buffer[]): readonly string[] {
  const pieces = sealed.flatMap((bytes) => [
    bytes.subarray(0, 24),
    bytes.subarray(bytes.length / 2, bytes.length / 2 + 16),
    bytes.subarray(-24),
  ])
  return filesOf(trent.data)
    .filter(({ bytes }) => pieces.some((piece) => bytes.includes(piece)))
    .map(({ name }) => name)
}

/** Asserts that something destroys all of these bytes, which are there before. */
async function assertErased(
  sealed: readonly Buffer[],
  destroy: () => Promise<unknown>,
): Promise<void> {
  assert.ok(sealed.length > 0)
  for (const bytes of sealed) {
    assert.ok(bytes.length >= 48)
    assert.ok(holders([bytes]).length > 0, 'the bytes are found while they are there')
  }
  await destroy()
  assert.deepEqual(holders(sealed), [])
}

/** The clock moves, and an operator says that it is right. */
async function passed(milliseconds: number): Promise<void> {
  trent.turn(milliseconds)
  await trent.confirmClock()
  assert.equal(await trent.runJobs(), true)
}

test('DeleteImportedKeyMaterial destroys the material by the time it answers', {
  skip: sqliteOnly,
}, async () => {
  const { key } = await makeImportedKey(kms)
  await assertErased(sealedOf('key_materials', key.KeyId), () =>
    kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId })),
  )
})

test('DeleteImportedKeyMaterial destroys the one material that it names, of several', {
  skip: sqliteOnly,
}, async () => {
  const { key, parameters, materialId } = await makeImportedKey(kms)
  const [first] = sealedOf('key_materials', key.KeyId)
  assert.ok(first !== undefined)
  await importMaterial(kms, parameters, randomBytes(32), { ImportType: 'NEW_KEY_MATERIAL' })
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  await assertErased([first], () =>
    kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId, KeyMaterialId: materialId })),
  )
  const left = sealedOf('key_materials', key.KeyId)
  assert.equal(left.length, 1)
  assert.ok(holders(left).includes('trent.db'))
})

test('private keys that fill pages of their own are destroyed whole', {
  skip: sqliteOnly,
}, async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096 })
  const key = await makeExternalKey(kms, { KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' })
  const parameters = await parametersOf(kms, key.KeyId, { algorithm: 'RSA_AES_KEY_WRAP_SHA_256' })
  await importMaterial(kms, parameters, privateKey.export({ format: 'der', type: 'pkcs8' }))
  const sealed = sealedOf('key_materials', key.KeyId)
  assert.ok((sealed[0]?.length ?? 0) > 2000)
  await assertErased(sealed, () =>
    kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId })),
  )
})

test('material that has expired is destroyed by the job', { skip: sqliteOnly }, async () => {
  const { key, parameters, material } = await makeImportedKey(kms)
  await importMaterial(kms, parameters, material, until(trent.clock.now() + 1000))
  await assertErased(sealedOf('key_materials', key.KeyId), () => passed(1000))
})

test('the sealed bytes of an import are gone with those of the import before', {
  skip: sqliteOnly,
}, async () => {
  const { key, parameters, material } = await makeImportedKey(kms)
  const before = sealedOf('key_materials', key.KeyId)
  await importMaterial(kms, parameters, material)
  const after = sealedOf('key_materials', key.KeyId)
  assert.notDeepEqual(after, before)
  await assertErased(after, () =>
    kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: key.KeyId })),
  )
  assert.deepEqual(holders(before), [])
})

test('the deletion of a key destroys every material it had, and the wrapping keys of its imports', {
  skip: sqliteOnly,
}, async () => {
  const own = await makeKey(kms)
  for (let i = 0; i < 3; i += 1) {
    await kms.send(new RotateKeyOnDemandCommand({ KeyId: own.KeyId }))
  }
  const imported = await makeImportedKey(kms)
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: own.KeyId, PendingWindowInDays: 7 }))
  await kms.send(
    new ScheduleKeyDeletionCommand({ KeyId: imported.key.KeyId, PendingWindowInDays: 7 }),
  )
  const sealed = [
    ...sealedOf('key_materials', own.KeyId),
    ...sealedOf('key_materials', imported.key.KeyId),
    ...sealedOf('import_parameters', imported.key.KeyId),
  ]
  assert.equal(sealed.length, 6)
  await assertErased(sealed, () => passed(7 * day))
})

test('the wrapping keys of imports are destroyed after a day, used or not', {
  skip: sqliteOnly,
}, async () => {
  const { key: used } = await makeImportedKey(kms)
  const unused = await makeExternalKey(kms)
  await parametersOf(kms, unused.KeyId)
  trent.turn(day / 2)
  const later = await makeExternalKey(kms)
  await parametersOf(kms, later.KeyId)
  const sealed = [
    ...sealedOf('import_parameters', used.KeyId),
    ...sealedOf('import_parameters', unused.KeyId),
  ]
  assert.equal(sealed.length, 2)
  await assertErased(sealed, () => passed(day / 2))
  assert.equal(sealedOf('import_parameters', later.KeyId).length, 1)
})

test('nothing of it stays where rows were moved to make room for others', {
  skip: sqliteOnly,
}, async () => {
  const keys = []
  for (let i = 0; i < 60; i += 1) keys.push(await makeKey(kms))
  const destroyed = keys.filter((_, i) => i % 3 !== 0)
  const kept = keys.filter((_, i) => i % 3 === 0)
  const sealed = destroyed.flatMap(({ KeyId }) => sealedOf('key_materials', KeyId))
  for (const { KeyId } of destroyed) {
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  }
  for (const { KeyId } of kept) await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  await assertErased(sealed, () => passed(7 * day))
  for (const { KeyId } of kept) assert.equal(sealedOf('key_materials', KeyId).length, 2)
})
