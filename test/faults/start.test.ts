/**
 * What a start refuses, in words for people and without harm, and what it leaves on disk.
 */
import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateKeyCommand, DescribeKeyCommand } from '@aws-sdk/client-kms'
import { readConfig } from '../../src/config.ts'
import type { Trent } from '../../src/index.ts'
import { sqliteOnly, usualEngine } from '../support/engines.ts'
import { clientOf, runTrent, serveTrent, temporaryFolder } from '../support/process.ts'
import { send } from '../support/wire.ts'
import { signHeader } from '../support/signer.ts'
import { startTrent } from '../support/service.ts'
import { askStored } from '../support/stored.ts'

const serveArguments = (data: string, ...more: readonly string[]) => [
  'serve',
  '--port',
  '0',
  '--data',
  data,
  ...more,
]

/** Starts a server that has to refuse; answers what it says on standard error. */
async function refusal(data: string, ...more: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runTrent(serveArguments(data, ...more))
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^trent: .*\n$/, 'one line, and no stack')
  return stderr
}

/** A data folder that has been served once. */
async function usedFolder(): Promise<string> {
  const data = temporaryFolder()
  await (await startTrent({ data })).close()
  return data
}

const isServed = async (trent: Trent): Promise<boolean> => {
  const { endpoint, credentials } = trent
  return (
    (await send(endpoint, signHeader({ endpoint, credentials, at: Date.now() }))).status === 200
  )
}

/** What stands in a folder, less what every start touches. */
const contents = (data: string) =>
  new Map(
    readdirSync(data, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.endsWith('-shm') && !name.endsWith('-wal'))
      .filter((name) => statSync(join(data, name)).isFile())
      .map((name) => [name, readFileSync(join(data, name))]),
  )

test('a second server on a data folder is refused, and the first serves on', async () => {
  const first = await serveTrent(temporaryFolder())
  const kms = clientOf(first)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  for (let i = 0; i < 2; i += 1) {
    assert.equal(
      await refusal(first.data),
      `trent: another trent serves \`${first.data}\`; stop it, or give this one another --data\n`,
    )
    await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }))
  }
  await assert.rejects(startTrent({ data: first.data }), /another trent serves/)
  const { code } = await runTrent(['account', 'list', '--data', first.data])
  assert.equal(code, 0, "the administrators' socket is the first one's still")
})

test('a data folder is free again as soon as its server has ended, however it did', async () => {
  const data = temporaryFolder()
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const server = await serveTrent(data)
    server.signal(signal)
    await server.finished
  }
  const last = await serveTrent(data)
  last.signal('SIGTERM')
})

test('a missing root key beside a database is refused and not made anew', async () => {
  const data = await usedFolder()
  const kept = readFileSync(join(data, 'root.key'))
  rmSync(join(data, 'root.key'))
  const before = contents(data)
  assert.equal(
    await refusal(data),
    `trent: the root key \`${join(data, 'root.key')}\` is missing, and the database is sealed under it; put it back, or name it with --root-key\n`,
  )
  assert.deepEqual(contents(data), before)
  assert.ok(!existsSync(join(data, 'root.key')))
  writeFileSync(join(data, 'root.key'), kept, { mode: 0o600 })
  await using trent = await startTrent({ data })
  assert.ok(await isServed(trent))
})

test("another database's root key is refused", async () => {
  const [data, other] = [await usedFolder(), await usedFolder()]
  const kept = readFileSync(join(data, 'root.key'))
  copyFileSync(join(other, 'root.key'), join(data, 'root.key'))
  const before = contents(data)
  assert.equal(
    await refusal(data),
    `trent: \`${join(data, 'root.key')}\` is not the root key that the database is sealed under\n`,
  )
  assert.deepEqual(contents(data), before)
  writeFileSync(join(data, 'root.key'), kept)
  await (await startTrent({ data })).close()
})

test('a root key that stands elsewhere is named, and none is made beside the database', async () => {
  const [data, elsewhere] = [temporaryFolder(), join(temporaryFolder(), 'my.key')]
  for (let i = 0; i < 2; i += 1) {
    const server = await serveTrent(data, ['--root-key', elsewhere])
    server.signal('SIGTERM')
    assert.equal((await server.finished).code, 0)
  }
  assert.equal(statSync(elsewhere).mode & 0o777, 0o600)
  assert.ok(!existsSync(join(data, 'root.key')))
  assert.match(await refusal(data), /root\.key` is missing, and the database is sealed under it/)
})

test('a root key that is there before its database is used and stays as it is', async () => {
  const [data, other] = [temporaryFolder(), await usedFolder()]
  copyFileSync(join(other, 'root.key'), join(data, 'root.key'))
  await (await startTrent({ data })).close()
  assert.deepEqual(readFileSync(join(data, 'root.key')), readFileSync(join(other, 'root.key')))
})

for (const mode of [0o644, 0o640, 0o604, 0o620, 0o601]) {
  test(`a root key of mode ${mode.toString(8)} is refused`, async () => {
    const data = await usedFolder()
    chmodSync(join(data, 'root.key'), mode)
    await assert.rejects(startTrent({ data }), {
      message: `others may read the root key \`${join(data, 'root.key')}\`; run chmod 600 on it`,
    })
    chmodSync(join(data, 'root.key'), 0o600)
    await (await startTrent({ data })).close()
  })
}

test('a root key that is damaged is refused, and not a byte of it is said', async () => {
  const data = await usedFolder()
  const file = join(data, 'root.key')
  const text = readFileSync(file, 'utf8')
  const damages = [
    '',
    '\n',
    text.slice(0, -10),
    text.slice(1),
    text.replace('v1', 'v2'),
    `${text.trimEnd()}AAAA\n`,
    text.replace(/:.*/, `:${Buffer.alloc(31).toString('base64')}`),
    text.replace(/:.*/, (found) => found.replaceAll(/[a-z]/g, '!')),
    'x'.repeat(100_000),
  ]
  for (const damage of damages) {
    writeFileSync(file, damage)
    await assert.rejects(startTrent({ data }), { message: `\`${file}\` does not hold a root key` })
    assert.equal(readFileSync(file, 'utf8'), damage)
  }
  assert.match(await refusal(data), /does not hold a root key/)
  writeFileSync(file, text)
  await (await startTrent({ data })).close()
})

test('a database of a newer Trent is refused and left as it is', async () => {
  const data = await usedFolder()
  await askStored(data, "INSERT INTO migrations (position, name) VALUES (9999, '9999-wonders')")
  const before = contents(data)
  assert.equal(
    await refusal(data),
    'trent: the database has the schema `9999-wonders` of a newer Trent; run that version\n',
  )
  assert.deepEqual(contents(data), before)
})

test('a file that is no database is refused and left as it is', { skip: sqliteOnly }, async () => {
  const data = temporaryFolder()
  writeFileSync(join(data, 'trent.db'), 'no database '.repeat(1000))
  assert.match(await refusal(data), /not a database/)
  assert.ok(!existsSync(join(data, 'root.key')), 'no root key for what is no database')
})

test('a data folder that cannot be one is refused', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  assert.match(await refusal(file), /file/)
  assert.match(await refusal(join(file, 'below')), /file/)
})

test('a port that is taken is refused in words, and its data folder is free', async () => {
  const data = temporaryFolder()
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const { port } = taken.address() as { port: number }
  const { code, stderr } = await runTrent(['serve', '--port', String(port), '--data', data])
  taken.close()
  assert.equal(code, 1)
  assert.equal(stderr, `trent: port ${port} on 127.0.0.1 is taken; choose another with --port\n`)
  await (await startTrent({ data })).close()
})

test('an address that is not of this machine is refused', async () => {
  assert.match(await refusal(temporaryFolder(), '--host', '192.0.2.1'), /^trent: .*192\.0\.2\.1/)
})

test('only its owner reads the data folder, whatever the umask', async () => {
  const data = join(temporaryFolder(), 'data')
  mkdirSync(data, { mode: 0o755 })
  chmodSync(data, 0o755)
  const umask = process.umask(0)
  await using trent = await startTrent({ data })
  process.umask(umask)
  assert.ok(await isServed(trent))
  const { endpoint } = trent
  await send(endpoint, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  const mode = (name: string) => (statSync(join(data, name)).mode & 0o777).toString(8)
  assert.equal(mode('.'), '700')
  const names = readdirSync(data, { recursive: true, withFileTypes: true }).map((entry) => ({
    name: join(entry.parentPath, entry.name).slice(data.length + 1),
    folder: entry.isDirectory(),
  }))
  assert.ok(names.some(({ name }) => name === 'admin.sock'))
  const database = usualEngine === 'sqlite' ? 'trent.db-wal' : 'node'
  assert.ok(names.some(({ name }) => name === database))
  const expected = (name: string, folder: boolean) =>
    folder || name === 'admin.sock' ? '700' : '600'
  for (const { name, folder } of names) assert.equal(mode(name), expected(name, folder), name)
})

test('the files of the first account are read by their owner alone', async () => {
  const server = await serveTrent(temporaryFolder())
  const mode = (name: string) => statSync(join(server.data, name)).mode & 0o777
  assert.equal(mode('aws'), 0o700)
  assert.equal(mode('aws/credentials'), 0o600)
  assert.equal(mode('aws/config'), 0o600)
})

test('settings that make no sense are refused before anything is made', async () => {
  const parent = temporaryFolder()
  const data = join(parent, 'data')
  const { code, stderr } = await runTrent(['serve', '--data', data, '--port', 'http'])
  assert.equal(code, 1)
  assert.equal(stderr, 'trent: `http` is no port number\n')
  for (const [name, value, message] of [
    ['port', '65536', '`65536` is no port number'],
    ['port', '-1', '`-1` is no port number'],
    ['port', '1e3', '`1e3` is no port number'],
    ['regions', 'us-east-1,mars', '`mars` is no region'],
    ['regions', 'us-east-1,', '`` is no region'],
    ['oidcIssuers', 'http://10.0.0.1', issuerText('http://10.0.0.1')],
    ['oidcIssuers', 'https://a.example,nonsense ca.pem', issuerText('nonsense')],
    ['oidcIssuers', 'https://a.example?b', issuerText('https://a.example?b')],
  ] as const) {
    assert.throws(() => readConfig({ data, [name]: value }), { message })
  }
  assert.deepEqual(readdirSync(parent), [])
})

const issuerText = (text: string) =>
  `\`${text}\` is no issuer: its URL is https, or http on 127.0.0.1`
