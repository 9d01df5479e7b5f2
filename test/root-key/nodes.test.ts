/**
 * A change of the root key of nodes that share a database: every node has the next one first, no node uses the old one
 * afterwards, and whoever lacks the new one refuses until it is brought.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { test } from 'node:test'
import { GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { createDatabase, runIn } from '../support/postgres.ts'
import {
  clientOf,
  credentialsOf,
  pause,
  ready,
  runTrent,
  type Server,
  serveTrent,
  startTrentProcess,
  temporaryFolder,
} from '../support/process.ts'
import { ask, assertDecrypts, newBlob, type Status, until } from '../support/root-keys.ts'

const refusal = async (server: Pick<Server, 'data'>, command: string): Promise<string> => {
  const { code, stderr } = await runTrent(['root-key', command, '--data', server.data])
  assert.equal(code, 1)
  return stderr
}

async function kill(...servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    server.signal('SIGKILL')
    await server.finished
  }
}

/** Why a server is not ready, as operators are told. */
async function reasonsOf({ data }: Server): Promise<unknown> {
  const [response] = (await once(
    request({ socketPath: join(data, 'admin.sock'), path: '/health/ready' }).end(),
    'response',
  )) as [IncomingMessage]
  return ((await json(response)) as { readonly reasons?: unknown }).reasons
}

const rootKeyOf = (data: string): string => join(data, 'root.key')
const nodeOf = (data: string): string => readFileSync(join(data, 'node'), 'utf8').trim()

/** Two nodes, each with a file of its own for the root key. */
async function twoNodes(): Promise<{ one: Server; two: Server; url: string }> {
  const url = await createDatabase()
  const one = await serveTrent(temporaryFolder(), ['--database', url])
  const data = temporaryFolder()
  copyFileSync(rootKeyOf(one.data), rootKeyOf(data))
  return { one, two: await serveTrent(data, ['--database', url]), url }
}

const clientAt = (server: Server, withFilesIn: Pick<Server, 'data'>): KMSClient =>
  clientOf({ ...server, data: withFilesIn.data })

/** Under which root keys the sealed rows are, by what they say. */
async function sealedUnder(url: string): Promise<readonly string[]> {
  const rows = await runIn(
    url,
    `SELECT DISTINCT encode(substr(sealed, 2, 8), 'hex') AS id FROM key_materials
     UNION SELECT encode(substr(secret, 2, 8), 'hex') FROM access_keys`,
  )
  return rows.map(({ id }) => String(id))
}

test('the root key is changed once every node holds the next one, and all of them go on', async () => {
  const { one, two, url } = await twoNodes()
  const [kms, other] = [clientAt(one, one), clientAt(two, one)]
  const blobs = [await newBlob(kms), await newBlob(other)]
  assert.match(await refusal(one, 'rotate'), /run trent root-key prepare, and bring the next one/)
  const before = (await ask(one, 'status')).RootKeyId
  const prepared = await ask(one, 'prepare')
  const next = `${rootKeyOf(one.data)}.next`
  assert.ok(existsSync(next))
  const byName = (nodes: Status['Nodes']) =>
    Object.fromEntries((nodes ?? []).map(({ Node, HoldsNext }) => [Node, HoldsNext]))
  assert.deepEqual(byName(prepared.Nodes), { [nodeOf(one.data)]: true, [nodeOf(two.data)]: false })
  assert.equal((await ask(one, 'prepare')).NextRootKeyId, prepared.NextRootKeyId, 'it is kept')
  const refused = await refusal(one, 'rotate')
  assert.match(refused, /not every node holds the next root key; bring it to node-[0-9a-f]{8}, or/)
  assert.ok(refused.includes(nodeOf(two.data)) && !refused.includes(nodeOf(one.data)))
  assert.equal((await ask(two, 'status')).RootKeyId, before)
  copyFileSync(next, `${rootKeyOf(two.data)}.next`)

  const sts = new STSClient({
    endpoint: two.endpoint,
    region: 'us-east-1',
    credentials: credentialsOf(one.data),
  })
  const { Credentials } = await sts.send(new GetSessionTokenCommand({}))
  sts.destroy()
  const using = useAll([kms, other], blobs)
  const rotated = await ask(one, 'rotate')
  assert.equal(rotated.RootKeyId, prepared.NextRootKeyId)
  assert.equal(rotated.PreviousRootKeyId, before)
  blobs.push(await newBlob(other), await newBlob(kms))
  assert.equal((await ask(two, 'status')).RootKeyId, prepared.NextRootKeyId)
  await until(two, 'rewrapped')
  assert.deepEqual(await using.end(), [], 'nobody was refused')
  assert.deepEqual(await sealedUnder(url), [rotated.RootKeyId])
  const { KMSClient: Client } = await import('@aws-sdk/client-kms')
  const session = new Client({
    endpoint: one.endpoint,
    region: 'us-east-1',
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    },
  })
  await assertDecrypts(session, blobs)
  session.destroy()
  for (const { data } of [one, two]) assert.ok(!existsSync(`${rootKeyOf(data)}.next`), 'moved')
  assert.equal(readFileSync(rootKeyOf(one.data), 'utf8'), readFileSync(rootKeyOf(two.data), 'utf8'))
  assert.match(await refusal(two, 'prepare'), /the root key before is kept for tokens/)
  await kill(one, two)
  const again = await serveTrent(two.data, ['--database', url])
  await assertDecrypts(clientAt(again, one), blobs)
  await kill(again)
})

/** Calls of both kinds, one after the other at each node, until told to end; answers what was refused. */
function useAll(clients: readonly KMSClient[], blobs: readonly Uint8Array[]) {
  let isOver = false
  const refused: unknown[] = []
  const use = async (kms: KMSClient): Promise<void> => {
    while (!isOver) {
      try {
        const blob = await newBlob(kms)
        await assertDecrypts(kms, [...blobs, blob])
      } catch (error) {
        refused.push(error)
      }
    }
  }
  const running = clients.map(use)
  return {
    end: async (): Promise<readonly unknown[]> => {
      isOver = true
      await Promise.all(running)
      return refused
    },
  }
}

test('a node that was away during the change refuses until the new root key is brought, and harms nothing', async () => {
  const { one, two, url } = await twoNodes()
  const old = readFileSync(rootKeyOf(two.data), 'utf8')
  const [kms, other] = [clientAt(one, one), clientAt(two, one)]
  const blobs = [await newBlob(kms), await newBlob(other)]
  two.signal('SIGSTOP')
  await ask(one, 'prepare')
  await ask(one, 'rotate')
  await until(one, 'rewrapped')
  blobs.push(await newBlob(kms))
  two.signal('SIGCONT')
  for (const call of [
    () => assertDecrypts(other, blobs),
    () => newBlob(other),
    () => other.send(new GenerateDataKeyCommand({ KeyId: 'alias/none', KeySpec: 'AES_256' })),
  ]) {
    await assert.rejects(call(), { name: 'DependencyTimeoutException' })
  }
  assert.match(two.said().stderr, /the root key was changed, and .* is not the new one; bring it/)
  assert.match(await refusal(two, 'status'), /the root key was changed/)
  assert.deepEqual(await reasonsOf(two), [
    'the root key was changed, and this node does not hold the new one',
  ])
  await assertDecrypts(kms, blobs)
  assert.equal((await sealedUnder(url)).length, 1)
  assert.equal(readFileSync(rootKeyOf(two.data), 'utf8'), old, 'it is left alone')

  const third = temporaryFolder()
  copyFileSync(rootKeyOf(two.data), rootKeyOf(third))
  const started = await runTrent(['serve', '--port', '0', '--data', third, '--database', url])
  assert.equal(started.code, 1)
  assert.match(started.stderr, /that was changed, from [0-9a-f]{16} to [0-9a-f]{16}; bring the new/)

  copyFileSync(rootKeyOf(one.data), rootKeyOf(two.data))
  for (;;) {
    const isBack = await assertDecrypts(other, blobs).then(
      () => true,
      () => false,
    )
    if (isBack) break
    await pause(100)
  }
  blobs.push(await newBlob(other))
  await assertDecrypts(kms, blobs)
  await kill(one, two)
})

test('nodes on one file, under a passphrase, change the root key without bringing anything', async () => {
  const { writeFileSync } = await import('node:fs')
  const url = await createDatabase()
  const folder = temporaryFolder()
  const passphrase = join(folder, 'passphrase')
  writeFileSync(passphrase, 'correct horse battery staple\n', { mode: 0o600 })
  const shared = ['--database', url, '--root-key', rootKeyOf(folder)]
  const flags = [...shared, '--root-key-passphrase-file', passphrase]
  const one = await serveTrent(temporaryFolder(), flags)
  const two = await serveTrent(temporaryFolder(), flags)
  const blobs = [await newBlob(clientAt(two, one))]
  const prepared = await ask(two, 'prepare')
  assert.ok(prepared.Nodes?.every(({ HoldsNext }) => HoldsNext))
  assert.equal((await ask(one, 'rotate')).RootKeyId, prepared.NextRootKeyId)
  for (const node of [one, two]) await assertDecrypts(clientAt(node, one), blobs)
  while (existsSync(`${rootKeyOf(folder)}.next`)) await pause(20)
  assert.match(readFileSync(rootKeyOf(folder), 'utf8'), /^trent-sealed-root-key-v1:/)
  await kill(one, two)
  const again = await serveTrent(two.data, flags)
  await assertDecrypts(clientAt(again, one), blobs)
  await kill(again)
})

const kills = [
  ['as the next root key is made', 'crash-at.ts', 'linkSync', 'before'],
  ['as the nodes are asked', 'crash-at-query.ts', '^INSERT INTO meta', 'before'],
  ['in the transaction of the change', 'crash-at-query.ts', '^DELETE FROM meta', 'before'],
  ['before its file is in place', 'crash-at.ts', 'renameSync', 'after'],
  ['as rows are sealed anew', 'crash-at-query.ts', '^UPDATE key_materials', 'after'],
] as const

for (const [where, module, steps, expected] of kills) {
  test(`a node that is killed ${where} finds one root key with the others when it is back`, async () => {
    const env = { CRASH_STEPS: steps, CRASH_QUERIES: steps, CRASH_AT: '1', CRASH_BEGIN: 'later' }
    assert.equal(await killedChange({ module, env }), expected)
  })
}

/** Kills the node that changes the root key, and asserts that both nodes go on under one root key. */
async function killedChange(how: {
  readonly module: string
  readonly env: Readonly<Record<string, string>>
}): Promise<'before' | 'after'> {
  const { one, two, url } = await twoNodes()
  const blobs = [await newBlob(clientAt(one, one)), await newBlob(clientAt(two, one))]
  const first = (await ask(one, 'status')).RootKeyId
  one.signal('SIGTERM')
  await one.finished
  const preload = join(import.meta.dirname, '..', 'support', how.module)
  const args = ['serve', '--port', '0', '--data', one.data, '--database', url]
  const process = startTrentProcess(args, { env: how.env, preload })
  await ready(process)
  process.signal('SIGUSR2')
  // Whether each of these gets an answer depends on where it is killed.
  const run = (command: string) => runTrent(['root-key', command, '--data', one.data])
  await run('prepare')
  const next = `${rootKeyOf(one.data)}.next`
  if (existsSync(next)) copyFileSync(next, `${rootKeyOf(two.data)}.next`)
  await run('rotate')
  assert.equal((await process.finished).signal, 'SIGKILL', JSON.stringify(how.env))
  const again = await serveTrent(one.data, ['--database', url])
  const { RootKeyId: now } = await ask(again, 'status')
  assert.equal((await ask(two, 'status')).RootKeyId, now)
  blobs.push(await newBlob(clientAt(two, one)), await newBlob(clientAt(again, one)))
  for (const node of [again, two]) await assertDecrypts(clientAt(node, one), blobs)
  if (now === first) {
    await ask(again, 'prepare')
    copyFileSync(next, `${rootKeyOf(two.data)}.next`)
    await ask(again, 'rotate')
  }
  await until(again, 'rewrapped')
  assert.equal((await sealedUnder(url)).length, 1)
  for (const node of [again, two]) await assertDecrypts(clientAt(node, one), blobs)
  rmSync(next, { force: true })
  await kill(again, two)
  return now === first ? 'before' : 'after'
}
