/**
 * TLS and mutual TLS: what is spoken, what the record and policies see of it, and certificates that are renewed. The
 * certificates are made by openssl, another implementation than the server's own reader of them.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { testClock, type Trent } from '../../src/index.ts'
import { type Certificates, makeCertificates } from '../support/issuer.ts'
import { withoutOpenssl } from '../support/openssl.ts'
import { pause, serveTrent, startTrentProcess, temporaryFolder } from '../support/process.ts'
import { recordOf } from '../support/record.ts'
import { signHeader } from '../support/signer.ts'
import { bytesOf } from '../support/wire.ts'
import { startTrent } from '../support/service.ts'

const skip = withoutOpenssl
/** An authority and the server's certificate; two others that the server does not know; the clients' own. */
const [server, stranger, clients] =
  skip === false ? Array.from({ length: 3 }, makeCertificates) : []

/** Writes a certificate and its key, and the authority of clients; answers the settings. */
function filesOf(folder: string, own: Certificates | undefined, clientCa?: string) {
  const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  writeFileSync(files.cert, own?.cert ?? '')
  writeFileSync(files.key, own?.key ?? '')
  if (clientCa === undefined) return files
  const ca = join(folder, 'clients.crt')
  writeFileSync(ca, clientCa)
  return { ...files, clientCa: ca }
}

/** A client of the SDK that trusts one authority alone. */
function client(trent: Trent, tls: ConnectionOptions): KMSClient {
  const httpsAgent = new Agent({ keepAlive: false, ...tls })
  const kms = new KMSClient({ ...trent, maxAttempts: 1, requestHandler: { httpsAgent } })
  after(() => {
    kms.destroy()
  })
  return kms
}

/** Shakes hands; rejects when the server will not, or when what it shows is not from the authority. */
async function handshake(trent: Trent, options: ConnectionOptions): Promise<TLSSocket> {
  const port = Number(new URL(trent.endpoint).port)
  const socket = connect({ host: '127.0.0.1', port, ca: server?.ca, ...options })
  after(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** The name of the authority of the certificate that the server shows. */
async function shown(trent: Trent, options: ConnectionOptions = {}): Promise<string> {
  const socket = await handshake(trent, { ...options, rejectUnauthorized: false })
  const raw = socket.getPeerCertificate().fingerprint256
  socket.destroy()
  return raw
}

const mutual = (own: Certificates | undefined) => ({ cert: own?.cert, key: own?.key })

test('the SDK calls over TLS 1.3, and the record says how', { skip }, async () => {
  await using trent = await startTrent({ tls: filesOf(temporaryFolder(), server) })
  assert.match(trent.endpoint, /^https:\/\/127\.0\.0\.1:\d+$/)
  const answer = await client(trent, { ca: server?.ca }).send(new CreateKeyCommand({}))
  assert.deepEqual((recordOf(trent, answer) as { tlsDetails?: unknown }).tlsDetails, {
    tlsVersion: 'TLSv1.3',
    cipherSuite: 'TLS_AES_256_GCM_SHA384',
    clientProvidedHostHeader: new URL(trent.endpoint).host,
  })
})

test('TLS 1.2 is spoken with forward secrecy and authenticated encryption', { skip }, async () => {
  await using trent = await startTrent({ tls: filesOf(temporaryFolder(), server) })
  const kms = client(trent, { ca: server?.ca, maxVersion: 'TLSv1.2' })
  const { tlsDetails } = recordOf(trent, await kms.send(new ListKeysCommand({}))) as {
    tlsDetails?: { tlsVersion: string; cipherSuite: string }
  }
  assert.equal(tlsDetails?.tlsVersion, 'TLSv1.2')
  assert.match(tlsDetails?.cipherSuite ?? '', /^ECDHE-ECDSA-AES\d+-GCM-SHA\d+$/)
  for (const ciphers of ['ECDHE-ECDSA-AES128-SHA', 'AES128-GCM-SHA256']) {
    await assert.rejects(handshake(trent, { maxVersion: 'TLSv1.2', ciphers }), { code: /ALERT/ })
  }
})

test('TLS 1.1 is not spoken', { skip }, async () => {
  await using trent = await startTrent({ tls: filesOf(temporaryFolder(), server) })
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  await assert.rejects(handshake(trent, old), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
})

test('a client that does not trust the authority refuses the server', { skip }, async () => {
  await using trent = await startTrent({ tls: filesOf(temporaryFolder(), server) })
  await assert.rejects(client(trent, { ca: stranger?.ca }).send(new ListKeysCommand({})), {
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  })
})

test('aws:SecureTransport is true over TLS and false without it', { skip }, async () => {
  const statement = (Effect: string, value: string) => ({
    Effect,
    Principal: '*',
    Action: 'kms:*',
    Resource: '*',
    Condition: { Bool: { 'aws:SecureTransport': value } },
  })
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [statement('Allow', 'true'), statement('Deny', 'false')],
  })
  const create = new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true })
  const data = temporaryFolder()
  const first = await startTrent({ data, tls: filesOf(temporaryFolder(), server) })
  const { credentials } = first
  const kms = client(first, { ca: server?.ca })
  const { KeyMetadata } = await kms.send(create)
  const describe = new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId })
  assert.equal((await kms.send(describe)).KeyMetadata?.Arn, KeyMetadata?.Arn)
  await first.close()
  await using plain = await startTrent({ data })
  const over = new KMSClient({ ...plain, credentials, maxAttempts: 1 })
  await assert.rejects(over.send(describe), { name: 'AccessDeniedException' })
  over.destroy()
})

test('with an authority for clients, only a client with a certificate of it is served', {
  skip,
}, async () => {
  const tls = filesOf(temporaryFolder(), server, clients?.ca)
  await using trent = await startTrent({ tls })
  const list = new ListKeysCommand({})
  const ca = server?.ca
  await client(trent, { ca, ...mutual(clients) }).send(list)
  await client(trent, { ca, maxVersion: 'TLSv1.2', ...mutual(clients) }).send(list)
  await assert.rejects(client(trent, { ca }).send(list), { code: /ALERT|ECONNRESET|EPIPE/ })
  await assert.rejects(client(trent, { ca, ...mutual(stranger) }).send(list), {
    code: /ALERT|ECONNRESET|EPIPE/,
  })
  await client(trent, { ca, ...mutual(clients) }).send(list)
})

test('what is not TLS on its port ends without an answer, and the server serves on', {
  skip,
}, async () => {
  await using trent = await startTrent({ tls: filesOf(temporaryFolder(), server) })
  const { port } = new URL(trent.endpoint)
  const socket = connectPlain(Number(port), '127.0.0.1')
  socket.on('error', () => undefined)
  let received = ''
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
  })
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'close')
  assert.ok(!received.includes('HTTP/'), received)
  await client(trent, { ca: server?.ca }).send(new ListKeysCommand({}))
})

test('a handshake that never ends does not hold up the end of the server', { skip }, async () => {
  const httpLimits = { drainTime: 50 }
  const trent = await startTrent({ tls: filesOf(temporaryFolder(), server), httpLimits })
  const { port } = new URL(trent.endpoint)
  const socket = connectPlain(Number(port), '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  await trent.close()
  await closed
})

test('a renewed certificate is shown to new connections, without a restart', { skip }, async () => {
  const clock = testClock()
  const folder = temporaryFolder()
  await using trent = await startTrent({ clock, tls: filesOf(folder, server) })
  const before = await shown(trent)
  const kept = await handshake(trent, {})
  filesOf(folder, stranger)
  await turnUntil(clock, async () => (await shown(trent)) !== before)
  const kms = client(trent, { ca: stranger?.ca })
  await assert.doesNotReject(kms.send(new ListKeysCommand({})))
  assert.ok(await ends(kept), 'a connection under the old certificate, idle, is closed')
})

test('files that do not load are not taken, until they do', { skip }, async () => {
  const clock = testClock()
  const folder = temporaryFolder()
  const files = filesOf(folder, server)
  await using trent = await startTrent({ clock, tls: files })
  const before = await shown(trent)
  const broken = [stranger?.cert ?? '', 'no certificate', '']
  for (const cert of broken) {
    writeFileSync(files.cert, cert)
    for (let turn = 0; turn < 3; turn += 1) {
      clock.turn(10_000)
      await pause(20)
    }
    assert.equal(await shown(trent), before)
  }
  writeFileSync(files.key, stranger?.key ?? '')
  writeFileSync(files.cert, stranger?.cert ?? '')
  await turnUntil(clock, async () => (await shown(trent)) !== before)
})

test('a client whose authority was replaced is answered what it had begun to ask, and no more', {
  skip,
}, async () => {
  const clock = testClock()
  const folder = temporaryFolder()
  await using trent = await startTrent({ clock, tls: filesOf(folder, server, clients?.ca) })
  const kept = await handshake(trent, mutual(clients))
  const request = () =>
    bytesOf(signHeader({ ...trent, at: clock.now(), operation: 'ListKeys', body: {} }))
  // A request that lacks its last byte is under way while the files change.
  const bytes = request()
  kept.write(bytes.subarray(0, -1))
  await pause(50)
  filesOf(folder, server, stranger?.ca)
  await turnUntil(clock, () => lets(trent, mutual(stranger)))
  assert.ok(!(await lets(trent, mutual(clients))), 'the old authority lets nobody in')
  let answer = ''
  kept.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1')
  })
  kept.write(bytes.subarray(-1))
  await once(kept, 'close')
  assert.match(answer, /^HTTP\/1\.1 \d{3} .*\r\nConnection: close\r\n/is)
})

test('a session of TLS under the old authority is not resumed under the new one', {
  skip,
}, async () => {
  const clock = testClock()
  const folder = temporaryFolder()
  await using trent = await startTrent({ clock, tls: filesOf(folder, server, clients?.ca) })
  const first = connect({
    host: '127.0.0.1',
    port: Number(new URL(trent.endpoint).port),
    ca: server?.ca,
    ...mutual(clients),
  })
  const [session] = (await once(first, 'session')) as [Buffer]
  first.destroy()
  const again = await handshake(trent, { ...mutual(clients), session })
  assert.ok(again.isSessionReused(), 'sessions are resumed at all')
  again.destroy()
  filesOf(folder, server, stranger?.ca)
  await turnUntil(clock, () => lets(trent, mutual(stranger)))
  assert.ok(!(await lets(trent, { ...mutual(clients), session })))
})

test('the server says what is wrong with its TLS files, and does not start', { skip }, async () => {
  const folder = temporaryFolder()
  const refusal = async (args: readonly string[]) => {
    const ended = await startTrentProcess(['serve', '--port', '0', '--data', folder, ...args])
      .finished
    assert.equal(ended.code, 1)
    assert.equal(ended.stdout, '')
    return ended.stderr
  }
  const { cert, key } = filesOf(folder, server)
  assert.match(await refusal(['--tls-cert', cert]), /TLS needs both `tlsCert` and `tlsKey`/)
  const absent = join(folder, 'absent')
  assert.match(await refusal(['--tls-cert', cert, '--tls-key', absent]), /TLS files do not load/)
  writeFileSync(key, stranger?.key ?? '')
  assert.match(await refusal(['--tls-cert', cert, '--tls-key', key]), /do not load: .*mismatch/)
  const empty = join(folder, 'empty')
  writeFileSync(empty, '')
  writeFileSync(key, server?.key ?? '')
  const ca = ['--tls-cert', cert, '--tls-key', key, '--tls-client-ca', empty]
  assert.match(await refusal(ca), /TLS files do not load/)
})

test('trent serve takes the files from variables, and tells the AWS files of https', {
  skip,
}, async () => {
  const folder = temporaryFolder()
  const { cert, key } = filesOf(folder, server)
  const env = { TRENT_TLS_CERT: cert, TRENT_TLS_KEY: key }
  const serving = await serveTrent(join(folder, 'data'), [], { env })
  assert.match(serving.endpoint, /^https:/)
})

/** Whether the server serves somebody who shakes hands like that. In TLS 1.3 its refusal comes after the handshake. */
async function lets(trent: Trent, options: ConnectionOptions): Promise<boolean> {
  try {
    const socket = await handshake(trent, options)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const answer = once(socket, 'data').then(([bytes]: Buffer[]) => bytes?.toString('latin1'))
    const text = await Promise.race([answer, once(socket, 'close').then(() => '')])
    socket.destroy()
    return text?.startsWith('HTTP/1.1') === true
  } catch {
    return false
  }
}

/** Turns the clock past the looks at the files until something is so. */
async function turnUntil(
  clock: { turn(milliseconds: number): void },
  so: () => Promise<boolean>,
): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    clock.turn(10_000)
    await pause(20)
    if (await so()) return
  }
  assert.fail('it never came to be so')
}

async function ends(socket: TLSSocket): Promise<boolean> {
  if (!socket.resume().closed) await once(socket, 'close')
  return true
}
