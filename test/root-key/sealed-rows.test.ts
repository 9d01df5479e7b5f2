/**
 * Rows of secrets while the root key changes: none is missed, and none is left under a root key that is gone.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomBytes } from '../../src/crypto/random.ts'
import type { WorkPool } from '../../src/crypto/work.ts'
import type { Database, Writer } from '../../src/database/database.ts'
import { sql } from '../../src/database/sql.ts'
import { Unavailable } from '../../src/database/unavailable.ts'
import { accessKeyRows, newAccessKey } from '../../src/identities/access-key.ts'
import { importParameterRows, importParameters } from '../../src/key-stores/import-parameters.ts'
import type { MaterialOwner } from '../../src/key-stores/key-store.ts'
import { rootKeys } from '../../src/key-stores/root-key.ts'
import { RootKeyRing } from '../../src/key-stores/root-key-ring.ts'
import { materialRows, prepared } from '../../src/key-stores/sealed-material.ts'
import { reseal, rowOpens, type SealedRows, visitRows } from '../../src/key-stores/sealed-rows.ts'
import type { Key } from '../../src/keys/key.ts'
import { engines, openNew } from '../support/engines.ts'

const newRootKeys = () => rootKeys(randomBytes(32))
const account = '111122223333'

const owners: readonly MaterialOwner[] = [
  { id: 'a', account, region: 'us-east-1', origin: 'AWS_KMS', spec: 'SYMMETRIC_DEFAULT' },
  { id: 'b', account, region: 'cn-north-1', origin: 'AWS_KMS', spec: 'HMAC_256' },
  { id: 'c', account, region: 'us-gov-west-1', origin: 'EXTERNAL', spec: 'RSA_2048' },
]

/** Seals what is to be the material of a key. */
const seal = (database: Database, root: RootKeyRing, owner: MaterialOwner) =>
  prepared({ database, root, now: () => 1 }, owner, Buffer.from(`material of ${owner.id}`))

/** Seals every row anew; answers how many there were, and the names of those that do not open. */
async function resealAll(database: Database, root: RootKeyRing) {
  const from = { reader: database.read, header: root.header }
  const broken: string[] = []
  let count = 0
  await visitRows(materialRows, from, async (rows) => {
    count += rows.length
    broken.push(...(await reseal(materialRows, rows, { database, root })))
    return true
  })
  return { count, broken }
}

for (const engine of engines) {
  test(`material whose key is gone is sealed anew with the rest, on ${engine}`, async () => {
    await using opened = await openNew(engine)
    const { database } = opened
    const root = new RootKeyRing(newRootKeys())
    for (const owner of owners) {
      const made = seal(database, root, owner)
      await database.write((transaction) => made.store(transaction))
    }
    const next = newRootKeys()
    root.switchTo(next)
    assert.deepEqual(await resealAll(database, root), { count: 3, broken: [] })
    assert.deepEqual(await resealAll(database, root), { count: 0, broken: [] })
    root.retirePrevious()
    const header = Buffer.of(0xff)
    const page = { after: undefined, limit: 10 }
    const rows = await materialRows.list(database.read, header, page)
    const alone = new RootKeyRing(next)
    assert.deepEqual(
      rows.map((row) => rowOpens(alone, row)),
      [true, true, true],
    )
    await database.write((transaction) =>
      transaction.run(sql`UPDATE key_materials SET account_id = '444455556666' WHERE key_id = 'a'`),
    )
    const again = await materialRows.list(database.read, header, page)
    const moved = again.filter((row) => !rowOpens(alone, row))
    assert.equal(moved.length, 1, 'a row that was moved does not open')
    root.switchTo(newRootKeys())
    const { count, broken } = await resealAll(database, root)
    assert.equal(count, 3)
    assert.deepEqual(broken, [moved[0]?.name])
  })

  test(`material that was sealed before a change is stored under the next root key, on ${engine}`, async () => {
    await using opened = await openNew(engine)
    const { database } = opened
    const root = new RootKeyRing(newRootKeys())
    const made = owners.map((owner) => seal(database, root, owner))
    root.switchTo(newRootKeys())
    for (const each of made) await database.write((transaction) => each.store(transaction))
    assert.deepEqual(await resealAll(database, root), { count: 0, broken: [] })
  })

  test(`material whose root key was retired meanwhile is not stored, on ${engine}`, async () => {
    await using opened = await openNew(engine)
    const { database } = opened
    const root = new RootKeyRing(newRootKeys())
    const made = owners.map((owner) => seal(database, root, owner))
    root.switchTo(newRootKeys())
    root.retirePrevious()
    await noneStored(database, made)
    assert.deepEqual(await resealAll(database, root), { count: 0, broken: [] })
    const rows = await database.read.all(sql`SELECT key_id FROM key_materials LIMIT 10`)
    assert.deepEqual(rows, [])
  })

  test(`neither is a secret access key, nor a wrapping key, on ${engine}`, async () => {
    await using opened = await openNew(engine)
    const { database } = opened
    const root = new RootKeyRing(newRootKeys())
    const pool = { run: async () => ({ privateKey: Buffer.alloc(9), publicKey: Buffer.alloc(9) }) }
    const parameters = importParameters(root, pool as unknown as WorkPool)
    const wrapping = { algorithm: 'RSAES_OAEP_SHA_256', spec: 'RSA_2048', validTo: 1 } as const
    const make = async () => [
      newAccessKey(root, { account, userId: account }, 1),
      await parameters.make(owners[2] as Key, wrapping),
    ]
    const first = await make()
    root.switchTo(newRootKeys())
    for (const each of first) await database.write((transaction) => each.store(transaction))
    for (const table of [accessKeyRows, importParameterRows] as readonly SealedRows<unknown>[]) {
      const page = { after: undefined, limit: 10 }
      assert.deepEqual(await table.list(database.read, root.header, page), [])
      assert.equal((await table.list(database.read, Buffer.of(0xff), page)).length, 1)
    }
    root.retirePrevious()
    const second = await make()
    root.switchTo(newRootKeys())
    root.retirePrevious()
    await noneStored(database, second)
  })
}

/** Asserts that nothing of this can be stored. */
async function noneStored(
  database: Database,
  made: readonly { readonly store: (transaction: Writer) => Promise<void> }[],
): Promise<void> {
  for (const each of made) {
    const storing = database.write((transaction) => each.store(transaction))
    await assert.rejects(storing, Unavailable)
  }
}
