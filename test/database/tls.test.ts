/**
 * TLS between a node and its PostgreSQL: a real server with certificates that openssl made, and who is not let in.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { migratePostgres } from '../../src/database/postgres.ts'
import { Misconfigured } from '../../src/database/postgres-connector.ts'
import { makeCertificates } from '../support/issuer.ts'
import { withoutOpenssl } from '../support/openssl.ts'
import { type PostgresServer, startPostgres } from '../support/postgres.ts'
import { runTrent, serveTrent, temporaryFolder } from '../support/process.ts'

const skip = withoutOpenssl
const folder = temporaryFolder()
const ca = join(folder, 'ca.crt')
const strangerCa = join(folder, 'stranger.crt')
let server: PostgresServer
let port = 0

before(async () => {
  if (skip !== false) return
  const [own, stranger] = [makeCertificates(), makeCertificates()]
  writeFileSync(ca, own.ca)
  writeFileSync(strangerCa, stranger.ca)
  const settings = { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' }
  server = await startPostgres(settings, { 'server.crt': own.cert, 'server.key': own.key })
  port = server.port
})

after(() => (skip === false ? server.remove() : undefined))

const urlOf = (host: string, query: string): string =>
  `postgres://postgres:swordfish@${host}:${port}/postgres?${query}`

const migrate = (host: string, query: string) =>
  migratePostgres({ url: urlOf(host, query), clock: systemClock })

/** Asserts that a connection is refused for who answers, at once and without the password. */
const isRefused = (host: string, query: string, why: RegExp) =>
  assert.rejects(migrate(host, query), (error) => {
    assert.ok(error instanceof Misconfigured, String(error))
    assert.match(error.message, why)
    return !error.message.includes('swordfish')
  })

test('a node speaks TLS to a server that proves who it is', { skip }, async () => {
  const database = urlOf('127.0.0.1', `sslmode=verify-full&sslrootcert=${ca}`)
  const node = await serveTrent(temporaryFolder(), ['--database', database])
  const connections = await server.run(
    `SELECT ssl.ssl FROM pg_stat_ssl AS ssl JOIN pg_stat_activity AS activity USING (pid)
     WHERE activity.application_name = 'trent'`,
  )
  assert.ok(connections.length > 0)
  for (const connection of connections) assert.equal(connection['ssl'], true)
  node.signal('SIGTERM')
  assert.equal((await node.finished).code, 0)
})

test('a server with a certificate of another authority is refused', { skip }, async () => {
  for (const mode of ['verify-full', 'verify-ca']) {
    const query = `sslmode=${mode}&sslrootcert=${strangerCa}`
    await isRefused('127.0.0.1', query, /certificate|signature/)
    await isRefused('127.0.0.1', `sslmode=${mode}`, /certificate/)
  }
})

test('verify-full asks for the name that is called, and verify-ca for none', { skip }, async () => {
  // The certificate is for 127.0.0.1.
  await isRefused('localhost', `sslmode=verify-full&sslrootcert=${ca}`, /altnames/)
  await migrate('localhost', `sslmode=verify-ca&sslrootcert=${ca}`)
})

test('a server that speaks no TLS is refused where TLS was asked for', { skip }, async () => {
  const plain = await startPostgres()
  after(() => plain.remove())
  const url = `postgres://postgres@127.0.0.1:${plain.port}/postgres?sslmode=verify-full`
  await assert.rejects(
    migratePostgres({ url, clock: systemClock }),
    (error) => error instanceof Misconfigured && /does not support SSL/.test(error.message),
  )
})

test('a mode that does not check who answers ends the start with a sentence', {
  skip,
}, async () => {
  for (const mode of ['require', 'prefer', 'allow']) {
    const flags = ['--data', temporaryFolder(), '--database', urlOf('127.0.0.1', `sslmode=${mode}`)]
    const { code, stderr } = await runTrent(['serve', '--port', '0', ...flags])
    assert.equal(code, 1)
    assert.match(stderr, /does not check who answers; take verify-full or disable/)
    assert.equal(stderr.includes('swordfish'), false)
  }
})
