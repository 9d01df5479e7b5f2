/**
 * Upgrades from each step of the schema, with what a database of that step can hold, on both engines; and nodes of two
 * versions side by side. `test/faults/migrations.test.ts` starts from rows that version 0001 itself has written.
 */
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe as group, test } from 'node:test'
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  KMSClient,
  ListKeyRotationsCommand,
  ListResourceTagsCommand,
  RotateKeyOnDemandCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import { systemClock } from '../../src/clock.ts'
import { type Migration, migrations } from '../../src/database/migrate.ts'
import { openPostgres, type PostgresOptions } from '../../src/database/postgres.ts'
import { sql } from '../../src/database/sql.ts'
import { type Account, startTrent as startLibrary, type Trent } from '../../src/index.ts'
import { engines } from '../support/engines.ts'
import { grantIdsOn, makeGrant, rootOf } from '../support/granting.ts'
import { makeImportedKey } from '../support/importing.ts'
import { describe, makeAlias, makeKey } from '../support/made-keys.ts'
import { makeOldDatabase, rowsOfFolder } from '../support/old-schema.ts'
import { createDatabase, runIn } from '../support/postgres.ts'
import { temporaryFolder } from '../support/process.ts'

const Plaintext = Buffer.from('from before')

/** A client of an account; what it leaves open ends with the process. */
const kmsOf = ({ endpoint, region }: Trent, { credentials }: Account): KMSClient =>
  new KMSClient({ endpoint, region, credentials, maxAttempts: 1 })
const iamOf = ({ endpoint }: Trent, { credentials }: Account): IAMClient =>
  new IAMClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 })

const encrypt = async (kms: KMSClient, KeyId: string) =>
  (await kms.send(new EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob

/** A folder that was served, and everything in it that an upgrade must not lose. */
async function makeSource() {
  const data = temporaryFolder()
  const trent = await startLibrary({ data })
  const other = await trent.createAccount('other')
  const kms = kmsOf(trent, trent)
  const key = await makeKey(kms, { Description: 'old' })
  await makeAlias(kms, 'alias/old', key)
  await kms.send(
    new TagResourceCommand({ KeyId: key.KeyId, Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
  )
  const blobs = [await encrypt(kms, key.KeyId)]
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  blobs.push(await encrypt(kms, key.KeyId))
  const { key: imported } = await makeImportedKey(kms)
  blobs.push(await encrypt(kms, imported.KeyId))
  const GranteePrincipal = rootOf(other.accountId)
  const grant = await makeGrant(kms, key.KeyId, { GranteePrincipal, Operations: ['Decrypt'] })
  const iam = iamOf(trent, trent)
  await iam.send(new CreateUserCommand({ UserName: 'Ada' }))
  const account = { accountId: trent.accountId, credentials: trent.credentials }
  for (const client of [kms, iam]) client.destroy()
  await trent.close()
  return { data, account, other, key, blobs, grant, rows: rowsOfFolder(data) }
}

const source = await makeSource()

/** Asserts that all is there which a database of that step could hold, and that it works. */
async function assertKept(trent: Trent, step: string): Promise<void> {
  const { account, other, key, blobs, grant } = source
  const kms = kmsOf(trent, account)
  for (const CiphertextBlob of blobs) {
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob }))
    assert.deepEqual(Buffer.from(opened.Plaintext ?? []), Plaintext)
  }
  const shown = await describe(kms, 'alias/old')
  assert.equal(shown.KeyId, key.KeyId)
  assert.equal(shown.Description, 'old')
  const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId: key.KeyId }))
  assert.deepEqual(Tags, [{ TagKey: 'a', TagValue: 'b' }])
  const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId: key.KeyId }))
  assert.equal(Rotations?.length, 1)
  const iam = iamOf(trent, account)
  const { Users = [] } = await iam.send(new ListUsersCommand({}))
  assert.deepEqual(
    Users.map(({ UserName }) => UserName),
    step < '0003' ? [] : ['Ada'],
  )
  assert.deepEqual(await grantIdsOn(kms, key.KeyId), step < '0004' ? [] : [grant.id])
  const stranger = kmsOf(trent, other)
  const byGrant = stranger.send(new DecryptCommand({ CiphertextBlob: blobs[1] }))
  if (step < '0004') await assert.rejects(byGrant, { name: 'AccessDeniedException' })
  else assert.deepEqual(Buffer.from((await byGrant).Plaintext ?? []), Plaintext)
  // What is new since then works too.
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }))
  const young = await kms.send(new CreateKeyCommand({}))
  await encrypt(kms, young.KeyMetadata?.KeyId ?? '')
  if (step < '0004') await makeGrant(kms, key.KeyId, { GranteePrincipal: rootOf(other.accountId) })
  if (step < '0003') await iam.send(new CreateUserCommand({ UserName: 'Ada' }))
  for (const client of [kms, iam, stranger]) client.destroy()
}

for (const engine of engines) {
  group(engine, () => {
    for (const { name: last } of migrations.slice(1)) {
      test(`what a database of ${last} holds is kept, and works`, async () => {
        const data = temporaryFolder()
        copyFileSync(join(source.data, 'root.key'), join(data, 'root.key'))
        const database = await makeOldDatabase(engine, data, { last, rows: source.rows })
        const options = { data, ...(database !== undefined && { database }) }
        await using trent = await startLibrary(options)
        await assertKept(trent, last)
      })
    }
  })
}

const open = (url: string, more: Partial<PostgresOptions> = {}) =>
  openPostgres(
    { url, clock: systemClock, chain: 'node-00000001', report: assert.ifError, ...more },
    () => {},
  )

test('two nodes that start at once on an old schema bring it up to date once, and share it', async () => {
  const data = temporaryFolder()
  const old = { last: '0002-whole-life', rows: source.rows }
  const url = (await makeOldDatabase('postgres', data, old)) ?? ''
  const roots = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
  for (const folder of roots) {
    copyFileSync(join(source.data, 'root.key'), join(folder, 'root.key'))
  }
  const nodes = await Promise.all(roots.map((each) => startLibrary({ data: each, database: url })))
  const names = await runIn(url, 'SELECT name FROM migrations ORDER BY position')
  assert.deepEqual(
    names.map(({ name }) => name),
    migrations.map(({ name }) => name),
  )
  for (const [index, trent] of nodes.entries()) {
    await assertKeyServed(trent, index)
    await trent.close()
  }
})

async function assertKeyServed(trent: Trent, index: number): Promise<void> {
  const kms = kmsOf(trent, source.account)
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: source.blobs[index] }))
  assert.deepEqual(Buffer.from(opened.Plaintext ?? []), Plaintext)
  kms.destroy()
}

const later: readonly Migration[] = [
  ...migrations,
  {
    name: '9000-later',
    statements: ({ big }) => [
      `ALTER TABLE meta ADD COLUMN later ${big} NOT NULL DEFAULT 7`,
      `CREATE TABLE later (id ${big} PRIMARY KEY)`,
      `INSERT INTO later (id) SELECT COUNT(*) FROM meta`,
    ],
  },
]

test('a node of the version before serves on while a newer one migrates, and is refused when it starts again', async () => {
  const url = await createDatabase()
  await using old = await open(url)
  const failures: unknown[] = []
  let migrated = false
  let written = 0
  const write = async () => {
    for (; !migrated || written < 20; written += 1) {
      const name = `old ${written}`
      await old.write((transaction) =>
        transaction.run(sql`INSERT INTO meta (name, value) VALUES (${name}, 'old')`),
      )
      const row = await old.read.first(sql`SELECT value FROM meta WHERE name = ${name}`)
      assert.ok(row !== undefined)
    }
  }
  const writing = write().catch((error: unknown) => failures.push(error))
  while (written < 5 && failures.length === 0) {
    await old.read.first(sql`SELECT sequence FROM feed`)
  }
  await using young = await open(url, { chain: 'node-00000002', steps: later })
  migrated = true
  await writing
  assert.deepEqual(failures, [])
  const view = young.view<string>(10)
  const read = async () => {
    await young.refresh()
    return view.find('key/x/1', async () => {
      const row = await young.read.first<{ value: string }>(
        sql`SELECT value FROM meta WHERE name = 'shared'`,
      )
      return row?.value
    })
  }
  for (const [index, node] of [old, young, old].entries()) {
    await node.write(async (transaction) => {
      transaction.changed('key/x/1')
      await transaction.run(
        sql`INSERT INTO meta (name, value) VALUES ('shared', ${String(index)})
            ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      )
    })
    assert.equal(await read(), String(index))
  }
  const [row] = await runIn(url, "SELECT later FROM meta WHERE name = 'old 0'")
  assert.equal(Number(row?.['later']), 7)
  await assert.rejects(open(url, { chain: 'node-00000003' }), /9000-later.*newer/)
})

test('a migration that fails leaves the nodes that serve as they were, and the next try finds nothing of it', async () => {
  const url = await createDatabase()
  await using old = await open(url)
  const steps = [
    ...migrations,
    {
      name: '9000-broken',
      statements: () => ['CREATE TABLE half (id INTEGER)', 'SELECT nonsense'],
    },
  ]
  await assert.rejects(open(url, { chain: 'node-00000002', steps }), /nonsense/)
  await old.write((transaction) =>
    transaction.run(sql`INSERT INTO meta (name, value) VALUES ('after', '')`),
  )
  const found = await runIn(url, "SELECT 1 FROM pg_tables WHERE tablename = 'half'")
  assert.deepEqual(found, [])
  await using again = await open(url, { chain: 'node-00000003', steps: later })
  assert.ok(await again.read.first(sql`SELECT id FROM later`))
})
