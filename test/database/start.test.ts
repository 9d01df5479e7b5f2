/**
 * A node that starts before its database, or a command: it waits, says so, and gives up where waiting is of no use.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CreateKeyCommand } from '@aws-sdk/client-kms'
import { systemClock } from '../../src/clock.ts'
import { openPostgres } from '../../src/database/postgres.ts'
import { Misconfigured } from '../../src/database/postgres-connector.ts'
import { Unavailable } from '../../src/database/unavailable.ts'
import { startAgain, startPostgres } from '../support/postgres.ts'
import {
  askTrent,
  clientOf,
  pause,
  ready,
  runTrent,
  serveTrent,
  startTrentProcess,
  temporaryFolder,
} from '../support/process.ts'

/** Opens with little patience, and writes down what was told. */
function openWith(url: string, patience: number) {
  const told: (readonly [what: string, reason: string])[] = []
  const opening = openPostgres(
    {
      url,
      clock: systemClock,
      chain: 'node-00000001',
      report: () => {},
      wait: { patience, told: (what, reason) => told.push([what, reason]) },
    },
    () => {},
  )
  return { told, opening }
}

test('a server whose database comes later waits for it, says so once, and serves', async () => {
  const server = await startPostgres()
  after(() => server.remove())
  await server.stop()
  const url = server.url().replace('postgres@', 'postgres:swordfish@')
  const data = temporaryFolder()
  const node = startTrentProcess(['serve', '--port', '0', '--data', data, '--database', url])
  while (!node.said().stderr.includes('the database is away')) await pause(20)
  const again = await startAgain(server)
  after(() => again.stop())
  const endpoint = await ready(node)
  await clientOf({ ...node, endpoint, data }).send(new CreateKeyCommand({}))
  node.signal('SIGTERM')
  const { code, stderr } = await node.finished
  assert.equal(code, 0)
  assert.equal(stderr.match(/waiting up to 60 seconds/g)?.length, 1)
  assert.match(stderr, /the database answers now/)
  assert.equal(stderr.includes('swordfish'), false)
})

for (const command of ['migrate', 'copy', 'restore']) {
  test(`trent ${command} waits for a database that comes later, as a start does`, async () => {
    const server = await startPostgres()
    after(() => server.remove())
    await server.stop()
    const url = server.url().replace('postgres@', 'postgres:swordfish@')
    const running = startTrentProcess(await argumentsOf(command, url))
    while (!running.said().stderr.includes('trent: the database is away')) {
      assert.equal(await Promise.race([running.finished, pause(20)]), undefined)
    }
    const again = await startAgain(server)
    after(() => again.stop())
    const { code, stderr } = await running.finished
    assert.equal(code, 0, stderr)
    assert.equal(stderr.match(/waiting up to 60 seconds for it \(.*127\.0\.0\.1/g)?.length, 1)
    assert.match(stderr, /trent: the database answers now/)
    assert.equal(stderr.includes('swordfish'), false)
  })
}

test('trent migrate ends at once where waiting mends nothing', async () => {
  const server = await startPostgres()
  after(() => server.remove())
  const { code, stderr } = await runTrent(['migrate', '--database', server.url('missing')])
  assert.equal(code, 1)
  assert.equal(stderr.includes('waiting'), false)
})

/** What a command is given; of a server that has ended, where it takes what one has left. */
async function argumentsOf(command: string, url: string): Promise<readonly string[]> {
  if (command === 'migrate') return ['migrate', '--database', url]
  const data = temporaryFolder()
  const server = await serveTrent(data)
  const file = join(temporaryFolder(), 'backup')
  await askTrent(['backup', '--to', file, '--data', data])
  server.signal('SIGTERM')
  await server.finished
  if (command === 'copy') return ['copy', data, url]
  const rootKey = join(data, 'root.key')
  const to = ['--database', url, '--data', temporaryFolder()]
  return ['restore', '--from', file, '--root-key', rootKey, ...to]
}

test('a node that has waited in vain ends with what was wrong and how long it waited', async () => {
  const { told, opening } = openWith('postgres://postgres:swordfish@127.0.0.1:1/none', 700)
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof Unavailable && !(error instanceof Misconfigured))
    assert.match(error.message, /^no server of the database takes writes \(127\.0\.0\.1:1: .*\)/)
    assert.match(error.message, /; waited 1 seconds for it$/)
    return !error.message.includes('swordfish')
  })
  assert.deepEqual(
    told.map(([what]) => what),
    ['waits'],
  )
})

test('what waiting does not mend ends a start at once', async () => {
  const server = await startPostgres()
  after(() => server.remove())
  for (const url of [server.url('missing'), server.url().replace('postgres@', 'stranger@')]) {
    const { told, opening } = openWith(url, 60_000)
    await assert.rejects(opening, Misconfigured)
    assert.deepEqual(told, [])
  }
})
