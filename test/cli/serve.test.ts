/**
 * `trent serve`: what it prints, what it writes, where its settings come from, and where its socket may be.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { CreateKeyCommand, DescribeKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import {
  askTrent,
  clientOf,
  credentialsOf,
  ready,
  type Running,
  runTrent,
  serveTrent,
  startTrentProcess,
  temporaryFolder,
} from '../support/process.ts'
import { signHeader } from '../support/signer.ts'
import { documentOf, send } from '../support/wire.ts'

const freePort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}

/** Serves with arguments of the test's own, and answers the endpoint; the server ends with the test. */
async function endpointOf(args: readonly string[], how: Running): Promise<string> {
  return ready(startTrentProcess(['serve', ...args], how))
}

test('it prints where it is and how AWS clients find it, and nothing else', async () => {
  const server = await serveTrent(temporaryFolder())
  assert.match(server.endpoint, /^http:\/\/127\.0\.0\.1:\d+$/)
  await clientOf(server).send(new CreateKeyCommand({}))
  server.signal('SIGTERM')
  const { code, stdout, stderr } = await server.finished
  assert.equal(code, 0)
  assert.equal(
    stdout,
    `Trent is ready at ${server.endpoint}\n` +
      `export AWS_CONFIG_FILE=${server.data}/aws/config\n` +
      `export AWS_SHARED_CREDENTIALS_FILE=${server.data}/aws/credentials\n`,
  )
  assert.equal(stderr, '')
  assert.ok(!stdout.includes(credentialsOf(server.data).secretAccessKey))
})

test('the lines that it prints are ones that a shell takes, whatever the folder is called', async () => {
  const data = join(temporaryFolder(), "it's a $HOME; `echo x`")
  const server = await serveTrent(data)
  const script = `${server.said().stdout.split('\n').slice(1).join('\n')}
    cat "$AWS_CONFIG_FILE" "$AWS_SHARED_CREDENTIALS_FILE"`
  const { stdout, status } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
  assert.equal(status, 0)
  const { accessKeyId, secretAccessKey } = credentialsOf(data)
  assert.equal(
    stdout,
    `[default]\nregion = us-east-1\noutput = json\nendpoint_url = ${server.endpoint}\n` +
      `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  )
})

test('it comes back with its keys and credentials, and tells the AWS files its new port', async () => {
  const data = temporaryFolder()
  const first = await serveTrent(data)
  const { KeyMetadata } = await clientOf(first).send(new CreateKeyCommand({}))
  const credentials = credentialsOf(data)
  first.signal('SIGINT')
  assert.equal((await first.finished).code, 0)
  const second = await serveTrent(data)
  assert.deepEqual(credentialsOf(data), credentials)
  const config = readFileSync(join(data, 'aws', 'config'), 'utf8')
  assert.ok(config.includes(`endpoint_url = ${second.endpoint}\n`))
  const found = await clientOf(second).send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }))
  assert.equal(found.KeyMetadata?.Arn, KeyMetadata?.Arn)
})

test('without settings it serves port 4599 on .trent in the working directory', async () => {
  const cwd = temporaryFolder()
  const server = startTrentProcess(['serve'], { cwd })
  const end = await Promise.race([server.finished, ready(server).catch(() => undefined)])
  if (typeof end === 'string') assert.equal(end, 'http://127.0.0.1:4599')
  // Somebody else's server may be on this machine.
  else assert.match((await server.finished).stderr, /4599 on 127\.0\.0\.1 is taken/)
  assert.ok(existsSync(join(cwd, '.trent', 'root.key')))
})

test('a setting is taken from its variable, and a flag is stronger', async () => {
  const [cwd, folder] = [temporaryFolder(), temporaryFolder()]
  const [port, other] = [await freePort(), await freePort()]
  const env = { TRENT_PORT: port, TRENT_DATA: folder, TRENT_HOST: '127.0.0.1' }
  assert.equal(await endpointOf([], { cwd, env }), `http://127.0.0.1:${port}`)
  assert.ok(existsSync(join(folder, 'trent.db')))
  await askTrent(['account', 'list'], { cwd, env })
  const flags = ['--port', other, '--data', 'here', '--root-key', 'my.key']
  assert.equal(await endpointOf(flags, { cwd, env }), `http://127.0.0.1:${other}`)
  assert.ok(existsSync(join(cwd, 'here', 'trent.db')))
  assert.ok(existsSync(join(cwd, 'my.key')))
  await askTrent(['account', 'list', '--data', 'here'], { cwd, env })
})

test('a setting is taken from the configuration file, and a variable is stronger', async () => {
  const cwd = temporaryFolder()
  const [port, other] = [await freePort(), await freePort()]
  const settings = { port: Number(port), data: 'from-file', regions: ['eu-central-1', 'eu-west-1'] }
  writeFileSync(join(cwd, 'trent.json'), JSON.stringify(settings))
  const flags = ['--config', 'trent.json']
  assert.equal(await endpointOf(flags, { cwd }), `http://127.0.0.1:${port}`)
  const config = readFileSync(join(cwd, 'from-file', 'aws', 'config'), 'utf8')
  assert.match(config, /^region = eu-central-1$/m)
  const env = { TRENT_CONFIG: 'trent.json', TRENT_PORT: other, TRENT_DATA: 'from-variable' }
  assert.equal(await endpointOf([], { cwd, env }), `http://127.0.0.1:${other}`)
  assert.ok(existsSync(join(cwd, 'from-variable', 'trent.db')))
})

test('a configuration file that makes no sense is refused in words', async () => {
  const cwd = temporaryFolder()
  for (const [text, says] of [
    ['[]', /^trent: the configuration `c\.json` is no JSON object\n$/],
    ['null', /^trent: the configuration `c\.json` is no JSON object\n$/],
    ['{"prot": 1}', /^trent: `prot` in `c\.json` is no setting\n$/],
    ['{"port": "http"}', /^trent: `http` is no port number\n$/],
    ['{"port": 1', /^trent: the configuration `c\.json` is no JSON object\n$/],
  ] as const) {
    writeFileSync(join(cwd, 'c.json'), text)
    const { code, stderr } = await runTrent(['serve', '--config', 'c.json'], { cwd })
    assert.equal(code, 1)
    assert.match(stderr, says)
    assert.ok(!existsSync(join(cwd, '.trent')))
  }
  const { code, stderr } = await runTrent(['serve', '--config', 'none.json'], { cwd })
  assert.equal(code, 1)
  assert.match(stderr, /^trent: .*none\.json/)
})

test('it serves the regions that it is given and no other', async () => {
  const server = await serveTrent(temporaryFolder(), ['--regions', 'eu-west-1, us-gov-west-1'])
  const what = { endpoint: server.endpoint, credentials: credentialsOf(server.data) }
  const ask = (region: string) =>
    send(server.endpoint, signHeader({ ...what, at: Date.now(), region, operation: 'CreateKey' }))
  const made = documentOf(await ask('us-gov-west-1')) as { KeyMetadata: { Arn: string } }
  assert.match(made.KeyMetadata.Arn, /^arn:aws-us-gov:kms:us-gov-west-1:\d{12}:key\//)
  assert.equal((await ask('eu-west-1')).status, 200)
  assert.equal(documentOf(await ask('us-east-1'))?.['__type'], 'InvalidSignatureException')
})

test('it serves IPv6 where it is told to', async () => {
  const server = await serveTrent(temporaryFolder(), ['--host', '::1'])
  assert.match(server.endpoint, /^http:\/\/\[::1\]:\d+$/)
  await clientOf(server).send(new ListKeysCommand({}))
})

test('a data folder whose path is too long for a socket works from near by', async () => {
  const parent = join(temporaryFolder(), 'a'.repeat(70))
  mkdirSync(parent)
  const data = join(parent, 'b'.repeat(50))
  const from = { cwd: parent }
  const server = await serveTrent(data, [], from)
  await askTrent(['account', 'list', '--data', data], from)
  assert.ok(statSync(join(data, 'admin.sock')).isSocket())
  const far = await runTrent(['account', 'list', '--data', data])
  assert.equal(far.code, 1)
  assert.match(
    far.stderr,
    /^trent: the path `.*` is too long for a socket; .*start in its parent\n$/,
  )
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
})

test('a data folder whose path is too long for a socket from anywhere is refused in words', async () => {
  const data = join(temporaryFolder(), 'c'.repeat(110))
  const { code, stdout, stderr } = await runTrent(['serve', '--port', '0', '--data', data])
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^trent: the path `.*` is too long for a socket; [^\n]*\n$/)
})
