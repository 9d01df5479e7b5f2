/**
 * A node that starts before its database: it waits, says so, and gives up where waiting is of no use.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { CreateKeyCommand } from '@aws-sdk/client-kms'
import { systemClock } from '../../src/clock.ts'
import { openPostgres } from '../../src/database/postgres.ts'
import { Misconfigured } from '../../src/database/postgres-connector.ts'
import { Unavailable } from '../../src/database/unavailable.ts'
import { startAgain, startPostgres } from '../support/postgres.ts'
import { clientOf, pause, ready, startTrentProcess, temporaryFolder } from '../support/process.ts'

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
