/**
 * The Dockerfile and the Compose file without containers: the very commands and variables that stand in them, with the paths
 * of this machine in place of the image's, start two nodes on a real PostgreSQL, and their health checks say that they are
 * well. What an image itself is made of is beyond this test.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CreateKeyCommand, DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { freePort } from '../../src/server/free-port.ts'
import { createDatabase, runIn } from '../support/postgres.ts'
import { credentialsOf, pause, temporaryFolder } from '../support/process.ts'

const root = join(import.meta.dirname, '..', '..')
const dockerfile = readFileSync(join(root, 'tools/container/Dockerfile'), 'utf8')
const compose = readFileSync(join(root, 'tools/container/compose.yaml'), 'utf8')

/** The JSON of an instruction, as `CMD ["a"]` has it. */
function listOf(instruction: RegExp): readonly string[] {
  const text = new RegExp(
    `^(?:HEALTHCHECK.*\\\\\\n\\s*)?${instruction.source} (\\[.*\\])$`,
    'm',
  ).exec(dockerfile)?.[1]
  assert.ok(text !== undefined, `the Dockerfile has no ${instruction.source}`)
  return JSON.parse(text) as string[]
}

const entrypoint = listOf(/ENTRYPOINT/)
const command = listOf(/CMD(?= \["serve)/)
const healthCheck = listOf(/CMD(?= \["node)/)

/** The variables that the image sets. */
const imageVariables = Object.fromEntries(
  (/^ENV (.*)$/m.exec(dockerfile)?.[1] ?? '')
    .split(' ')
    .map((pair) => pair.split('=') as [string, string]),
)

/** What stands in one service of the Compose file, up to the next. */
function serviceText(name: string): string {
  const text = new RegExp(`^  ${name}:.*\\n((?:    .*\\n|\\n)*)`, 'm').exec(compose)?.[1]
  assert.ok(text !== undefined, `the Compose file has no ${name}`)
  return text
}

/** The variables of the nodes; the second takes them from the first. */
const composeVariables = Object.fromEntries(
  [...serviceText('node-1').matchAll(/^ {6}(TRENT_\w+): "?([^"\n]*)"?$/gm)].map(
    ([, name = '', value = '']) => [name, value] as const,
  ),
)

interface Node {
  readonly url: string
  readonly data: string
  /** Runs the image's health check; answers its exit code. */
  check(): number | null
  stop(): Promise<number | null>
}

/** Starts a node as Compose would: entry point, command and variables, with what differs on this machine. */
async function startNode(database: string, rootKeyFolder: string): Promise<Node> {
  const [port, opsPort, data] = [
    await freePort('127.0.0.1'),
    await freePort('127.0.0.1'),
    temporaryFolder(),
  ]
  const here = (text: string) =>
    text
      .replace('/opt/trent', root)
      .replace('/run/trent-root', rootKeyFolder)
      .replace(/^0\.0\.0\.0$/, '127.0.0.1')
      .replace('127.0.0.1:4600', `127.0.0.1:${opsPort}`)
  const { TRENT_DATABASE = '', ...others } = composeVariables
  assert.match(
    TRENT_DATABASE,
    /^postgres:\/\/trent:\$\{TRENT_DATABASE_PASSWORD\}@database:5432\/trent$/,
  )
  const env = {
    ...Object.fromEntries(
      Object.entries({ ...imageVariables, ...others }).map(([name, value]) => [name, here(value)]),
    ),
    PATH: process.env['PATH'] ?? '',
    TRENT_DATABASE: database,
    TRENT_DATA: data,
    TRENT_PORT: String(port),
    TRENT_OPS_PORT: String(opsPort),
    TRENT_DRAIN_DELAY: '100',
  }
  const run = ([program = '', ...args]: readonly string[]) => ({
    program: program === 'node' ? process.execPath : program,
    args: args.map(here),
  })
  const { program, args } = run([...entrypoint, ...command])
  const child = spawn(program, args, { env, stdio: 'ignore', cwd: data })
  after(() => {
    child.kill('SIGKILL')
  })
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
  })
  return {
    url: `http://127.0.0.1:${port}`,
    data,
    check: () => {
      const asked = run(healthCheck)
      return spawnSync(asked.program, asked.args, { env, timeout: 5000 }).status
    },
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

async function untilWell(node: Node): Promise<void> {
  while (node.check() !== 0) await pause(100)
}

function clientAt({ url }: Node, credentials: ReturnType<typeof credentialsOf>): KMSClient {
  const client = new KMSClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 })
  after(() => {
    client.destroy()
  })
  return client
}

test('the commands of the Compose file start two nodes that are well, share keys, and drain', async () => {
  const database = await createDatabase()
  // The role of the file, which owns its database and is nobody's superuser.
  await runIn(database, 'CREATE ROLE trent LOGIN; GRANT ALL ON SCHEMA public TO trent')
  const url = database.replace('postgres@', 'trent:swordfish@')
  const rootKeys = temporaryFolder()
  const one = await startNode(url, rootKeys)
  assert.notEqual(one.check(), 0, 'it is not ready at once')
  await untilWell(one)
  assert.ok(existsSync(join(rootKeys, 'root.key')), 'the first node makes the root key')
  const two = await startNode(url, rootKeys)
  await untilWell(two)
  const credentials = credentialsOf(one.data)
  const { KeyMetadata } = await clientAt(one, credentials).send(new CreateKeyCommand({}))
  const Plaintext = Buffer.from('plain')
  const { CiphertextBlob } = await clientAt(two, credentials).send(
    new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext }),
  )
  await clientAt(one, credentials).send(new DecryptCommand({ CiphertextBlob }))
  assert.equal(await one.stop(), 0)
  assert.notEqual(one.check(), 0, 'a node that has ended is not well')
  await clientAt(two, credentials).send(new DecryptCommand({ CiphertextBlob }))
  assert.equal(await two.stop(), 0)
})

test('the files name what there is: sources, a lock, settings, ports and volumes', () => {
  const copied = [...dockerfile.matchAll(/^COPY (.*) \S+$/gm)].flatMap(([, names = '']) =>
    names.split(' '),
  )
  assert.ok(copied.length > 4)
  const ignored = readFileSync(join(root, 'tools/container/Dockerfile.dockerignore'), 'utf8')
  for (const name of copied) {
    assert.ok(existsSync(join(root, name)), `${name} is copied and is not there`)
    assert.ok(ignored.includes(`!${name}\n`), `${name} is copied and is left out`)
  }
  assert.ok(existsSync(entrypoint[1]?.replace('/opt/trent', root) ?? ''))
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  assert.match(dockerfile, new RegExp(`^FROM node:${manifest.devDependencies['node']}-`, 'm'))
  assert.equal(imageVariables['TRENT_DATA'], '/var/lib/trent')
  assert.match(dockerfile, /^EXPOSE 4599 4600$/m)
  for (const name of ['node-1', 'node-2']) {
    const text = serviceText(name)
    assert.match(text, /root-key:\/run\/trent-root\]/)
    assert.ok(text.includes(`${name}:/var/lib/trent`))
    const published = [...text.matchAll(/"([^"]*):4599"|"([^"]*):4600"/g)].map(([, a, b]) => a ?? b)
    assert.equal(published.length, 2)
    for (const address of published) assert.match(address ?? '', /^127\.0\.0\.1:/)
  }
  const volumes = /^volumes:\n((?: {2}\S+:\n?)+)/m.exec(compose)?.[1] ?? ''
  for (const name of ['database', 'node-1', 'node-2', 'root-key']) {
    assert.ok(volumes.includes(`  ${name}:`))
  }
})

test('every variable of the files is a setting', async () => {
  const { variables } = await import('../../src/config.ts')
  const known = new Set<string>(Object.values(variables))
  for (const name of [...Object.keys(imageVariables), ...Object.keys(composeVariables)]) {
    assert.ok(known.has(name), name)
  }
})
