/**
 * Several processes behind one operators' port: their health, counts and quotas, TLS, and how they drain together.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms'
import { sqliteOnly } from '../support/engines.ts'
import { makeCertificates } from '../support/issuer.ts'
import { withoutOpenssl } from '../support/openssl.ts'
import { createDatabase } from '../support/postgres.ts'
import {
  askTrent,
  credentialsOf,
  runTrent,
  type Server,
  temporaryFolder,
} from '../support/process.ts'
import { childrenOf, makeKey, openLines, serveWorkers, until } from '../support/workers.ts'

const opsOf = (server: Server) =>
  until(
    () => /Health and metrics are at (\S+)/.exec(server.said().stdout)?.[1],
    'there is no port for operators',
  )

/** Asks until the answer is as it should be. */
async function untilReady(url: string, status: number): Promise<Record<string, unknown>> {
  for (;;) {
    const answer = await fetch(`${url}/health/ready`)
    const document = (await answer.json()) as Record<string, unknown>
    if (answer.status === status) return document
  }
}

const samples = (text: string, start: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => Number(line.split(' ').at(-1)))

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

test('the counts of all workers are told with the worker that has them', async () => {
  const server = await serveWorkers(temporaryFolder(), 2, ['--ops-port', '0'])
  const url = await opsOf(server)
  const lines = await openLines(server, 4)
  for (const line of lines) await line.ask('ListKeys')
  const text = await (await fetch(`${url}/metrics`)).text()
  const of = (worker: number) =>
    `trent_requests_total{worker="${worker}",operation="kms:ListKeys",code="Success"}`
  assert.equal(sum([1, 2].flatMap((worker) => samples(text, of(worker)))), 4)
  assert.equal(sum(samples(text, 'trent_connections{')), 4)
  assert.deepEqual(samples(text, 'trent_workers_serving'), [2])
  assert.equal(samples(text, 'process_resident_memory_bytes{').length, 3)
  assert.equal(text.match(/^# TYPE trent_requests_total counter$/gm)?.length, 1)
})

test('a server without any worker is not ready, and ready again when they are back', async () => {
  const server = await serveWorkers(temporaryFolder(), 2, ['--ops-port', '0'])
  const url = await opsOf(server)
  assert.deepEqual(await untilReady(url, 200), { status: 'ready' })
  for (const pid of childrenOf(server.pid)) process.kill(pid, 'SIGKILL')
  const { reasons } = await untilReady(url, 503)
  assert.deepEqual(reasons, ['no worker serves'])
  await untilReady(url, 200)
})

test('a server with workers is not ready while it drains, and serves on meanwhile', async () => {
  const args = ['--ops-port', '0', '--drain-delay', '1500']
  const server = await serveWorkers(temporaryFolder(), 2, args)
  const url = await opsOf(server)
  const [line] = await openLines(server, 1)
  server.signal('SIGTERM')
  const { reasons } = await untilReady(url, 503)
  assert.deepEqual(reasons, ['the server drains'])
  assert.equal((await line?.ask('ListKeys'))?.refusal, undefined)
  assert.equal((await server.finished).code, 0)
})

test('request quotas reach the workers, and each counts for itself', async () => {
  const server = await serveWorkers(temporaryFolder(), 2, ['--request-quotas', 'ListKeys=0.001'])
  const lines = await openLines(server, 4)
  const told = []
  for (const line of lines) told.push(await line.ask('ListKeys'))
  const throttled = told.filter(({ refusal }) => refusal === 'ThrottlingException').length
  assert.ok(throttled === 2 || throttled === 3, String(throttled))
})

test('connections beyond the limit of each worker are closed as they come', async () => {
  const server = await serveWorkers(temporaryFolder(), 2, ['--max-connections', '1'])
  const lines = await openLines(server, 6)
  const told = await Promise.allSettled(lines.map((line) => line.ask('ListKeys')))
  const answered = told.filter(({ status }) => status === 'fulfilled').length
  assert.ok(answered >= 1 && answered <= 2, String(answered))
})

test('every worker speaks TLS', { skip: withoutOpenssl }, async () => {
  const { ca, cert, key } = makeCertificates()
  const data = temporaryFolder()
  const [certFile, keyFile] = [join(data, 'tls.crt'), join(data, 'tls.key')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  const server = await serveWorkers(data, 2, ['--tls-cert', certFile, '--tls-key', keyFile])
  assert.match(server.endpoint, /^https:/)
  const httpsAgent = new Agent({ keepAlive: false, ca })
  const kms = new KMSClient({
    region: 'us-east-1',
    endpoint: server.endpoint,
    credentials: credentialsOf(data),
    requestHandler: { httpsAgent },
  })
  after(() => {
    kms.destroy()
  })
  for (let i = 0; i < 4; i += 1) assert.ok(await kms.send(new ListKeysCommand({})))
})

test('workers over PostgreSQL take up another root key while they serve', async () => {
  const args = ['--database', await createDatabase()]
  const server = await serveWorkers(temporaryFolder(), 2, args)
  const lines = await openLines(server, 4)
  const KeyId = await makeKey(lines[0])
  const Plaintext = Buffer.from('before').toString('base64')
  const blobs = await Promise.all(lines.map((line) => line.ask('Encrypt', { KeyId, Plaintext })))
  const own = ['--data', server.data]
  await askTrent(['root-key', 'prepare', ...own])
  await askTrent(['root-key', 'rotate', ...own])
  const made = await Promise.all(lines.map((line) => line.ask('CreateKey')))
  assert.deepEqual(
    made.map(({ refusal }) => refusal),
    [undefined, undefined, undefined, undefined],
  )
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
  const again = await serveWorkers(server.data, 2, args)
  for (const [index, line] of (await openLines(again, 4)).entries()) {
    const { CiphertextBlob } = blobs[index]?.document ?? {}
    assert.equal((await line.ask('Decrypt', { CiphertextBlob })).document['Plaintext'], Plaintext)
  }
})

test('a backup is made beside workers; the root key is not changed', {
  skip: sqliteOnly,
}, async () => {
  const server = await serveWorkers(temporaryFolder(), 2)
  const [line] = await openLines(server, 1)
  await makeKey(line)
  const file = join(temporaryFolder(), 'backup.trent')
  const made = (await askTrent(['backup', '--to', file, '--data', server.data])) as object
  assert.ok('BackupId' in made)
  const { code, stderr } = await runTrent(['root-key', 'rotate', '--data', server.data])
  assert.equal(code, 1)
  assert.match(stderr, /is not changed beside workers/)
})
