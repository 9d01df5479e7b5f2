/**
 * Nodes over one PostgreSQL as people run them, and the commands for their database.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { createDatabase, runIn } from '../support/postgres.ts'
import {
  askTrent,
  clientOf,
  runTrent,
  type Server,
  serveTrent,
  temporaryFolder,
} from '../support/process.ts'

const Plaintext = Buffer.from('plain')

/** A client of the account whose files are in one folder, at another node. */
const clientAt = (server: Server, withFilesIn: string): KMSClient =>
  clientOf({ ...server, data: withFilesIn })

const newKey = async (kms: KMSClient): Promise<string> =>
  (await kms.send(new CreateKeyCommand({ Description: 'a key\0' }))).KeyMetadata?.KeyId ?? ''

async function stop(...servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    server.signal('SIGTERM')
    assert.equal((await server.finished).code, 0)
  }
}

test('two nodes that start at once on an empty database make one schema, one root key, one account', async () => {
  const url = await createDatabase()
  const folders = [temporaryFolder(), temporaryFolder()] as const
  const rootKey = join(temporaryFolder(), 'root.key')
  const shared = ['--database', url, '--root-key', rootKey]
  const [one, two] = await Promise.all([
    serveTrent(folders[0], shared),
    serveTrent(folders[1], shared),
  ])
  assert.equal(statSync(rootKey).mode & 0o777, 0o600)
  const withFiles = folders.filter((folder) => existsSync(join(folder, 'aws', 'credentials')))
  assert.equal(withFiles.length, 1)
  const files = withFiles[0] ?? ''
  const [kms, other] = [clientAt(one, files), clientAt(two, files)]
  const KeyId = await newKey(kms)
  const { CiphertextBlob } = await other.send(new EncryptCommand({ KeyId, Plaintext }))
  await kms.send(new DisableKeyCommand({ KeyId }))
  await assert.rejects(other.send(new DecryptCommand({ CiphertextBlob })), /disabled/)

  for (const server of [one, two]) {
    const report = await askTrent(['audit', 'verify', '--data', server.data])
    const { chains, ok } = report as { chains: readonly { chain: string }[]; ok: boolean }
    assert.equal(ok, true)
    assert.equal(chains.length, 1)
    assert.equal(chains[0]?.chain, readFileSync(join(server.data, 'node'), 'utf8').trim())
  }
  await stop(one, two)
  assert.deepEqual(await runIn(url, 'SELECT event_id FROM audit_outbox'), [])
  assert.equal((await runIn(url, 'SELECT chain FROM audit_heads')).length, 2)
  const again = await serveTrent(folders[1], shared)
  const described = await clientAt(again, files).send(new DescribeKeyCommand({ KeyId }))
  assert.equal(described.KeyMetadata?.KeyState, 'Disabled')
  await stop(again)
})

test('a node that was stopped and goes on answers nothing from before what was acknowledged meanwhile', async () => {
  const url = await createDatabase()
  const one = await serveTrent(temporaryFolder(), ['--database', url])
  const rootKey = join(one.data, 'root.key')
  const two = await serveTrent(temporaryFolder(), ['--database', url, '--root-key', rootKey])
  const [kms, other] = [clientOf(one), clientAt(two, one.data)]
  const KeyId = await newKey(kms)
  await other.send(new EncryptCommand({ KeyId, Plaintext }))
  two.signal('SIGSTOP')
  await kms.send(new DisableKeyCommand({ KeyId }))
  two.signal('SIGCONT')
  await assert.rejects(
    other.send(new EncryptCommand({ KeyId, Plaintext })),
    (error: Error) =>
      error.name === 'DisabledException' || error.name === 'DependencyTimeoutException',
  )
  await stop(one, two)
})

test('a node with a wrong root key, or none, is refused before it serves, and no password is told', async () => {
  const url = await createDatabase()
  const first = await serveTrent(temporaryFolder(), ['--database', url])
  const stranger = await serveTrent(temporaryFolder())
  const secret = url.replace('postgres@', 'postgres:swordfish@')
  const refusal = async (...more: readonly string[]) => {
    const folder = temporaryFolder()
    const flags = ['serve', '--port', '0', '--data', folder, '--database', secret, ...more]
    const { code, stderr } = await runTrent(flags)
    assert.equal(code, 1)
    assert.equal(stderr.includes('swordfish'), false)
    return { stderr, folder }
  }
  const wrong = await refusal('--root-key', join(stranger.data, 'root.key'))
  assert.match(wrong.stderr, /is not the root key that the database is sealed under/)
  const missing = await refusal()
  assert.match(missing.stderr, /the root key .* is missing/)
  assert.equal(existsSync(join(missing.folder, 'root.key')), false)
  await stop(first, stranger)
})

test('a database is copied to PostgreSQL and back, and serves from each', async () => {
  const folder = temporaryFolder()
  const rootKey = join(folder, 'root.key')
  const first = await serveTrent(folder)
  const KeyId = await newKey(clientOf(first))
  const { CiphertextBlob } = await clientOf(first).send(new EncryptCommand({ KeyId, Plaintext }))
  const url = await createDatabase()
  const busy = await runTrent(['copy', folder, url])
  assert.match(busy.stderr, /another trent serves/)
  await stop(first)

  const there = (await askTrent(['copy', folder, url])) as { Tables: readonly { table: string }[] }
  assert.ok(there.Tables.some(({ table }) => table === 'key_materials'))
  assert.match((await runTrent(['copy', folder, url])).stderr, /is not empty/)
  const second = await serveTrent(temporaryFolder(), ['--database', url, '--root-key', rootKey])
  const kms = clientAt(second, folder)
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob }))
  assert.deepEqual(Buffer.from(opened.Plaintext ?? []), Plaintext)
  const described = await kms.send(new DescribeKeyCommand({ KeyId }))
  assert.equal(described.KeyMetadata?.Description, 'a key\0')
  const later = await newKey(kms)
  const back = temporaryFolder()
  assert.match((await runTrent(['copy', url, back])).stderr, /nodes serve on the database/)
  await stop(second)

  await askTrent(['copy', url, back])
  const third = await serveTrent(back, ['--root-key', rootKey])
  await clientAt(third, folder).send(new DecryptCommand({ CiphertextBlob }))
  await clientAt(third, folder).send(new DescribeKeyCommand({ KeyId: later }))
  await stop(third)
})

test('the schema is brought up to date by itself, once, and a newer one is refused', async () => {
  const url = await createDatabase()
  const folder = temporaryFolder()
  for (const place of [
    ['--database', url],
    ['--data', folder],
  ]) {
    const { Steps } = (await askTrent(['migrate', ...place])) as { Steps: readonly string[] }
    assert.ok(Steps.includes('0006-nodes'))
    assert.deepEqual(await askTrent(['migrate', ...place]), { Steps: [] })
  }
  await runIn(url, "INSERT INTO migrations (position, name) VALUES (9999, '9999-future')")
  const { code, stderr } = await runTrent(['migrate', '--database', url])
  assert.equal(code, 1)
  assert.match(stderr, /9999-future.*newer/)
})
