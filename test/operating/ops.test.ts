/**
 * Health and metrics: on their port, on the administrators' socket, while the server drains, and when it cannot serve.
 */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
} from '@aws-sdk/client-kms'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { startTrent as startLibrary } from '../../src/index.ts'
import { createDatabase } from '../support/postgres.ts'
import {
  clientOf,
  pause,
  serveTrent,
  startTrentProcess,
  temporaryFolder,
} from '../support/process.ts'
import { startService, startTrent } from '../support/service.ts'
import { signHeader } from '../support/signer.ts'
import { send, Wire } from '../support/wire.ts'

const ops = { host: '127.0.0.1', port: 0 }
const trent = await startService({ ops })
const opsUrl = trent.opsUrl ?? ''
const kms = trent.client()

const ask = (path: string, method = 'GET') => fetch(`${opsUrl}${path}`, { method })
const metrics = async (url = opsUrl) => (await fetch(`${url}/metrics`)).text()

/** The value of a sample, by its name and labels as they stand. */
function sampled(text: string, sample: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `))
  return line === undefined ? undefined : Number(line.slice(sample.length + 1))
}

test('a server that serves is live and ready', async () => {
  for (const path of ['/health/live', '/health/ready', '/health']) {
    const answer = await ask(path)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-type'), 'application/json')
    const status = path === '/health/live' ? 'live' : 'ready'
    assert.deepEqual(await answer.json(), { status })
  }
})

test('operators can only look: other methods and other paths have nothing', async () => {
  assert.equal((await ask('/health', 'POST')).status, 405)
  assert.equal((await ask('/')).status, 404)
  assert.equal((await ask('/list-accounts')).status, 404)
  const head = await ask('/metrics', 'HEAD')
  assert.equal(head.status, 200)
  assert.equal(await head.text(), '')
})

test('requests are counted by operation and code, with how long they took', async () => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const KeyId = KeyMetadata?.KeyId
  for (let i = 0; i < 3; i += 1) {
    await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('a') }))
  }
  await assert.rejects(kms.send(new DescribeKeyCommand({ KeyId: 'alias/none' })))
  const text = await metrics()
  const requests = 'trent_requests_total'
  assert.equal(sampled(text, `${requests}{operation="kms:Encrypt",code="Success"}`), 3)
  const notFound = `${requests}{operation="kms:DescribeKey",code="NotFoundException"}`
  assert.equal(sampled(text, notFound), 1)
  const seconds = 'trent_request_duration_seconds'
  assert.equal(sampled(text, `${seconds}_count{operation="kms:Encrypt"}`), 3)
  assert.equal(sampled(text, `${seconds}_bucket{operation="kms:Encrypt",le="+Inf"}`), 3)
  assert.equal(sampled(text, 'trent_requests_under_way'), 0)
  assert.ok((sampled(text, 'trent_database_duration_seconds_count{kind="write"}') ?? 0) > 0)
  assert.equal(sampled(text, 'trent_database_errors_total{kind="write"}'), 0)
  assert.equal(sampled(text, 'trent_database_writes_waiting'), 0)
  assert.ok((sampled(text, 'trent_database_commits_total') ?? 0) > 0)
  assert.equal(sampled(text, 'trent_record_writable'), 1)
  assert.equal(sampled(text, 'trent_draining'), 0)
  assert.equal(sampled(text, 'trent_work_waiting{lane="threads"}'), 0)
})

test('actions of IAM and STS are counted under their service', async () => {
  const sts = new STSClient({ ...trent, region: 'us-east-1', maxAttempts: 1 })
  await sts.send(new GetCallerIdentityCommand({}))
  sts.destroy()
  const sample = 'trent_requests_total{operation="sts:GetCallerIdentity",code="Success"}'
  assert.equal(sampled(await metrics(), sample), 1)
})

test('what a caller makes up is counted as unknown, and never shown', async () => {
  const at = trent.clock.now()
  for (let i = 0; i < 5; i += 1) {
    await send(trent.endpoint, signHeader({ ...trent, at, operation: `MadeUp${i}` }))
  }
  const form = 'application/x-www-form-urlencoded'
  const invented = {
    ...trent,
    at,
    target: null,
    contentType: form,
    body: 'Action=MadeUp&Version=x',
  }
  await send(trent.endpoint, signHeader(invented))
  const text = await metrics()
  assert.ok(!text.includes('MadeUp'))
  const unknown = 'trent_requests_total{operation="unknown",code="UnknownOperationException"}'
  assert.equal(sampled(text, unknown), 5)
})

test('metrics name neither keys nor accounts nor secrets, and every line is of the format', async () => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  await kms.send(new GenerateDataKeyCommand({ KeyId: KeyMetadata?.KeyId, KeySpec: 'AES_256' }))
  const text = await metrics()
  const { accountId, credentials } = trent
  const hidden = [accountId, credentials.accessKeyId, credentials.secretAccessKey, 'arn:']
  for (const each of [...hidden, KeyMetadata?.KeyId ?? '']) assert.ok(!text.includes(each), each)
  const line = /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[\w:.+ -]*"(,\w+="[\w:.+ -]*")*\})? -?[\d.e+-]+)$/
  for (const each of text.trimEnd().split('\n')) assert.match(each, line)
  const types = text.match(/^# TYPE \w+/gm) ?? []
  assert.equal(new Set(types).size, types.length, 'each metric is described once')
})

test('how old memory may be is told on a shared database, and on an embedded one it is no question', async () => {
  const sample = 'trent_staleness_seconds'
  await using shared = await startLibrary({ ops, database: await createDatabase() })
  const staleness = sampled(await metrics(shared.opsUrl), sample)
  assert.ok(staleness !== undefined && staleness >= 0, 'a node that has begun has a lease')
  await using embedded = await startLibrary({ ops })
  const text = await metrics(embedded.opsUrl)
  assert.equal(sampled(text, sample), undefined)
  assert.match(text, /^# TYPE trent_staleness_seconds gauge$/m)
})

test('jobs are counted, and that erasing waits for the clock', async () => {
  assert.equal(await trent.runJobs(), true)
  const text = await metrics()
  assert.equal(sampled(text, 'trent_job_runs_total{job="delete due keys",outcome="succeeded"}'), 1)
  assert.equal(sampled(text, 'trent_erasure_held'), 0)
  trent.turn(2 * 3_600_000)
  await trent.runJobs()
  assert.equal(sampled(await metrics(), 'trent_erasure_held'), 1)
  await trent.confirmClock()
  await trent.runJobs()
  assert.equal(sampled(await metrics(), 'trent_erasure_held'), 0)
})

test('the administrators’ socket answers the same questions, and still takes operations', async () => {
  const overSocket = (path: string) =>
    new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const socketPath = join(trent.data, 'admin.sock')
      request({ socketPath, path }, (response) => {
        response.setEncoding('utf8')
        let body = ''
        response.on('data', (chunk: string) => {
          body += chunk
        })
        response.on('end', () => {
          resolve({ status: response.statusCode, body })
        })
      })
        .on('error', reject)
        .end()
    })
  assert.deepEqual(await overSocket('/health'), { status: 200, body: '{"status":"ready"}\n' })
  assert.match((await overSocket('/metrics')).body, /^# HELP trent_requests_total /)
  assert.equal((await overSocket('/list-accounts')).status, 404, 'a GET runs no operation')
})

test('a server without an operators’ port has none, and its API does not answer for it', async () => {
  await using plain = await startTrent()
  assert.equal(plain.opsUrl, undefined)
  assert.equal((await fetch(`${plain.endpoint}/metrics`)).status, 400)
})

test('a connection over the limit is refused and counted, and there is room again', async () => {
  const small = await startService({ ops, httpLimits: { connections: 2 } })
  const first = await Wire.open(small.endpoint)
  const second = await Wire.open(small.endpoint)
  const third = await Wire.open(small.endpoint)
  assert.equal(await third.ended(), '')
  const text = await metrics(small.opsUrl)
  assert.equal(sampled(text, 'trent_connections'), 2)
  assert.equal(sampled(text, 'trent_connections_refused_total'), 1)
  first.destroy()
  second.destroy()
  const at = small.clock.now()
  for (;;) {
    const answer = await send(small.endpoint, signHeader({ ...small, at })).catch(() => undefined)
    if (answer?.status === 200) break
    await pause(10)
  }
})

test('a server that is told to end is not ready, serves on for a while, and drains', async () => {
  const args = ['--ops-port', '0', '--drain-delay', '1500']
  const server = await serveTrent(temporaryFolder(), args)
  const url = /^Health and metrics are at (\S+)$/m.exec(server.said().stdout)?.[1] ?? ''
  assert.equal((await fetch(`${url}/health/ready`)).status, 200)
  server.signal('SIGTERM')
  for (;;) {
    const answer = await fetch(`${url}/health/ready`)
    const told: unknown = await answer.json()
    if (answer.status === 200) continue
    assert.equal(answer.status, 503)
    assert.deepEqual(told, { status: 'not ready', reasons: ['the server drains'] })
    break
  }
  assert.equal((await fetch(`${url}/health/live`)).status, 200, 'it lives, though not ready')
  await clientOf(server).send(new CreateKeyCommand({}))
  const { code, stderr } = await server.finished
  assert.equal(code, 0)
  assert.equal(stderr, '')
})

test('a port of operators that is taken stops the start', async () => {
  const { port } = new URL(opsUrl)
  const args = ['serve', '--port', '0', '--data', temporaryFolder(), '--ops-port', port]
  const { code, stderr } = await startTrentProcess(args).finished
  assert.equal(code, 1)
  assert.match(stderr, /is taken; choose another with --ops-port/)
})

test('a limit that makes no sense stops the start, and says which', async () => {
  const folder = temporaryFolder()
  for (const [flag, value, name] of [
    ['--max-connections', '0', 'maxConnections'],
    ['--max-body-bytes', '-1', 'maxBodyBytes'],
    ['--request-timeout', '1e3', 'requestTimeout'],
    ['--drain-delay', '99999999999', 'drainDelay'],
  ] as const) {
    const args = ['serve', '--port', '0', '--data', folder, `${flag}=${value}`]
    const { code, stderr } = await startTrentProcess(args).finished
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`\`${name}\` is a number from`))
  }
})

after(() => {
  kms.destroy()
})
