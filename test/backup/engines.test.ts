/**
 * Backups from each engine, restored to each: everything of their moment is there and works, and what has been taken away
 * since is listed. Whatever stops a restore into PostgreSQL leaves nothing that a node would serve.
 */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  EnableKeyCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import type { BroughtBack } from '../../src/backup/brought-back.ts'
import { eventsOf } from '../support/folder.ts'
import { namesEngines } from '../support/engines.ts'
import { assertPopulated, type Clients, iamBeside, populate } from '../support/populated.ts'
import { createDatabase, runIn } from '../support/postgres.ts'
import {
  askTrent,
  clientOf,
  runTrent,
  type Server,
  serveTrent,
  temporaryFolder,
} from '../support/process.ts'

interface Restored {
  readonly BackupId: string
  readonly StoreId: string
  readonly PreviousStoreId: string
  readonly ToCheck: BroughtBack
}

const engines = ['sqlite', 'postgres'] as const

/** Where a server keeps its rows, as flags. */
const placeFlags = async (engine: (typeof engines)[number]): Promise<readonly string[]> =>
  engine === 'sqlite' ? [] : ['--database', await createDatabase()]

async function stop(server: Server): Promise<void> {
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
}

async function clientsOf(server: Server, withFilesIn: string): Promise<Clients> {
  const kms = clientOf({ ...server, data: withFilesIn })
  return { kms, iam: await iamBeside(kms, server.endpoint) }
}

/** A folder with the root key of another one. */
function besideRootKey(of: string): string {
  const data = temporaryFolder()
  copyFileSync(join(of, 'root.key'), join(data, 'root.key'))
  return data
}

async function populatedBackup(engine: (typeof engines)[number]) {
  const server = await serveTrent(temporaryFolder(), await placeFlags(engine))
  const clients = await clientsOf(server, server.data)
  const made = await populate(clients)
  const file = join(temporaryFolder(), 'all.backup')
  const backup = (await askTrent(['backup', '--data', server.data, '--to', file])) as Restored
  return { server, clients, made, file, backup }
}

for (const from of engines) {
  test(`a backup from ${from} is restored to each engine, and lists what came back`, {
    skip: namesEngines,
  }, async () => {
    const { server, clients, made, file, backup } = await populatedBackup(from)
    await clients.kms.send(new RevokeGrantCommand({ KeyId: made.symmetric, GrantId: made.grantId }))
    await clients.kms.send(new ScheduleKeyDeletionCommand({ KeyId: made.mac }))
    await stop(server)
    for (const to of engines) {
      const data = besideRootKey(server.data)
      const place = await placeFlags(to)
      const args = ['restore', '--from', file, '--data', data, ...place]
      const restored = (await askTrent(args)) as Restored
      assert.equal(restored.BackupId, backup.BackupId)
      assert.equal(restored.PreviousStoreId, backup.StoreId)
      assert.notEqual(restored.StoreId, backup.StoreId)
      const { Keys, Grants, ActiveAccessKeys } = restored.ToCheck
      const stateOf = (id: string) => Keys.find(({ KeyId }) => KeyId === id)?.['KeyState']
      assert.equal(stateOf(made.mac), 'Enabled', 'its deletion was scheduled later')
      assert.equal(stateOf(made.disabled), 'Disabled')
      assert.deepEqual(
        Grants.map(({ GrantId }) => GrantId),
        [made.grantId],
      )
      assert.ok(ActiveAccessKeys.some(({ AccessKeyId }) => AccessKeyId === made.accessKeyId))
      assert.equal(existsSync(join(data, 'trent.db')), to === 'sqlite')

      const again = await serveTrent(data, place)
      const there = await clientsOf(again, server.data)
      await assertPopulated(there, made)
      await there.kms.send(new EnableKeyCommand({ KeyId: made.disabled }))
      assert.match((await runTrent(args)).stderr, /another trent serves/)
      const report = await askTrent(['audit', 'verify', '--data', data])
      assert.deepEqual((report as { readonly problems: unknown }).problems, [])
      await stop(again)
      const [event] = eventsOf(data).filter(({ eventName }) => eventName === 'BackupRestored')
      const details = event?.['serviceEventDetails'] as Record<string, unknown>
      assert.equal(details['storeId'], restored.StoreId)
      assert.equal(details['previousStoreId'], backup.StoreId)
      const twice = await runTrent(args)
      assert.equal(twice.code, 1)
      assert.match(twice.stderr, /there is a database in|is not empty; restore into another one/)
      await assertKept(await serveTrent(data, place), server.data, made.blob)
    }
  })
}

/** What was refused has changed nothing. */
async function assertKept(server: Server, withFilesIn: string, CiphertextBlob: Uint8Array) {
  const { DecryptCommand } = await import('@aws-sdk/client-kms')
  const { kms } = await clientsOf(server, withFilesIn)
  await kms.send(new DecryptCommand({ CiphertextBlob }))
  await stop(server)
}

test('a restore into PostgreSQL that is killed anywhere leaves nothing to serve, and is done again', {
  skip: namesEngines,
  // It starts some thirty processes, one after the other.
  timeout: 180_000,
}, async () => {
  const { server, made, file } = await populatedBackup('sqlite')
  await stop(server)
  const preload = join(import.meta.dirname, '..', 'support', 'crash-at-query.ts')
  const kills = [
    ['^INSERT INTO meta', 1],
    ['^COMMIT', 3],
    ['^DELETE FROM', 1],
    ['^INSERT INTO keys', 2],
    ['^INSERT INTO grants', 1],
    ['^UPDATE audit_outbox', 1],
    ['^INSERT INTO audit_outbox', 1],
  ] as const
  for (const [CRASH_QUERIES, at] of kills) {
    const data = besideRootKey(server.data)
    const place = ['--database', await createDatabase()] as const
    const restore = ['restore', '--from', file, '--data', data, ...place]
    const env = { CRASH_QUERIES, CRASH_AT: String(at) }
    const killed = await runTrent(restore, { preload, env })
    assert.equal(killed.signal, 'SIGKILL', `${CRASH_QUERIES} ${at}`)
    const rows = await runIn(
      place[1],
      'SELECT key_id FROM keys UNION ALL SELECT name FROM accounts',
    )
    assert.deepEqual(rows, [])
    if (CRASH_QUERIES !== '^INSERT INTO meta') {
      const served = await runTrent(['serve', '--port', '0', '--data', data, ...place])
      assert.equal(served.code, 1)
      assert.match(served.stderr, /a restore into the database was begun and not finished/)
    }
    await askTrent(restore)
    const again = await serveTrent(data, place)
    await assertPopulated(await clientsOf(again, server.data), made)
    again.signal('SIGKILL')
    await again.finished
  }
})

test('a restore into a folder that is killed at any step leaves no database, or all of it', {
  skip: namesEngines,
}, async () => {
  const { server, made, file } = await populatedBackup('sqlite')
  await stop(server)
  const preload = join(import.meta.dirname, '..', 'support', 'crash-at.ts')
  const left = new Set<string>()
  for (let at = 1; ; at += 1) {
    const data = besideRootKey(server.data)
    const restore = ['restore', '--from', file, '--data', data]
    const env = {
      CRASH_AT: String(at),
      CRASH_STEPS: '^(BEGIN|COMMIT|RELEASE|renameSync|fsyncSync)',
    }
    const { signal } = await runTrent(restore, { preload, env })
    const isThere = existsSync(join(data, 'trent.db'))
    left.add(isThere ? 'all' : 'nothing')
    if (signal === null) break
    if (!isThere) await askTrent(restore)
    const again = await serveTrent(data)
    await assertPopulated(await clientsOf(again, server.data), made)
    again.signal('SIGKILL')
    await again.finished
  }
  assert.deepEqual([...left].toSorted(), ['all', 'nothing'])
})

test('a restore goes into no PostgreSQL that somebody uses, not even one of a node without keys', {
  skip: namesEngines,
}, async () => {
  const { server, file } = await populatedBackup('sqlite')
  await stop(server)
  const place = ['--database', await createDatabase()]
  const other = await serveTrent(temporaryFolder(), place)
  const data = besideRootKey(server.data)
  mkdirSync(data, { recursive: true })
  const refused = await runTrent(['restore', '--from', file, '--data', data, ...place])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /the database to restore into is not empty/)
  assert.ok(!refused.stderr.includes('postgres://'))
  await stop(other)
})
