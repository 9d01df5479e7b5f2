/**
 * Processes of one server that end: by kill -9, and as they should.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase } from '../support/postgres.ts'
import {
  credentialsOf,
  pause,
  runTrent,
  type Server,
  serveTrent,
  temporaryFolder,
} from '../support/process.ts'
import { signHeader } from '../support/signer.ts'
import { assertKept, nothing, storm } from '../support/storm.ts'
import { callsByChain, childrenOf, isGone, serveWorkers, until } from '../support/workers.ts'
import { bytesOf, Wire } from '../support/wire.ts'

/** The workers that serve, once there are so many. */
const workersOf = (server: Server, count: number) =>
  until(() => {
    const pids = childrenOf(server.pid)
    return pids.length === count ? pids : undefined
  }, `there are not ${count} workers: ${server.said().stderr}`)

const kill = (pid: number | undefined) => {
  process.kill(pid ?? assert.fail('there is no worker'), 'SIGKILL')
}

const cases = [
  { database: 'a file', args: async () => [] },
  { database: 'PostgreSQL', args: async () => ['--database', await createDatabase()] },
] as const

for (const { database, args } of cases) {
  test(`a worker on ${database} that is killed under load comes back, and nothing is lost`, async () => {
    const server = await serveWorkers(temporaryFolder(), 2, await args())
    const told = nothing()
    const storms = Array.from({ length: 3 }, () => storm(server, told, 3))
    const serveAgain = (count: number) =>
      until(() => {
        const said = server.said().stderr.split(' serves again').length - 1
        return said >= count ? true : undefined
      }, `${count} workers did not come back`)
    while (told.requests.size < 20) await pause(5)
    const [first] = await workersOf(server, 2)
    kill(first)
    await serveAgain(1)
    await assertKept(server, told)
    // Both at once, so that nobody is left to take a connection.
    for (const pid of await workersOf(server, 2)) kill(pid)
    await Promise.all(storms)
    await serveAgain(3)
    await assertKept(server, told)
    server.signal('SIGTERM')
    assert.equal((await server.finished).code, 0)
  })
}

test('the workers of a primary that is killed end, and the next server finds everything', async () => {
  const data = temporaryFolder()
  const told = nothing()
  for (const workers of [3, 2]) {
    const server = await serveWorkers(data, workers)
    const pids = await workersOf(server, workers)
    const before = told.requests.size
    const over = storm(server, told)
    while (told.requests.size < before + 30) await pause(5)
    server.signal('SIGKILL')
    await until(() => (pids.every(isGone) ? true : undefined), 'the workers did not end')
    await over
  }
  // One process takes over what three have left.
  const alone = await serveTrent(data)
  await assertKept(alone, told)
})

test('after SIGTERM a storm over several workers ends, the exit code is 0 and nothing is lost', async () => {
  const server = await serveWorkers(temporaryFolder(), 3)
  const pids = await workersOf(server, 3)
  const told = nothing()
  const over = storm(server, told)
  while (told.requests.size < 30) await pause(5)
  server.signal('SIGTERM')
  const { code, stderr } = await server.finished
  assert.equal(code, 0)
  assert.equal(stderr, '')
  assert.ok(pids.every(isGone))
  await over
  const again = await serveWorkers(server.data, 2)
  await assertKept(again, told)
})

test('after SIGTERM every worker answers what it was asked before', async () => {
  const server = await serveWorkers(temporaryFolder(), 2)
  const request = { endpoint: server.endpoint, credentials: credentialsOf(server.data) }
  const bytes = (operation: string) =>
    bytesOf(signHeader({ ...request, at: Date.now(), operation }))
  const wires = await Promise.all(Array.from({ length: 20 }, () => Wire.open(server.endpoint)))
  for (const wire of wires) {
    wire.write(bytes('ListKeys'))
    await wire.next()
  }
  const last = bytes('CreateKey')
  for (const wire of wires) wire.write(last.subarray(0, -1))
  await pause(100)
  // The last byte of every request goes out just before the signal.
  for (const wire of wires) wire.write(last.subarray(-1))
  server.signal('SIGTERM')
  const answers = await Promise.all(wires.map((wire) => wire.next()))
  assert.ok(answers.every(({ status }) => status === 200))
  assert.equal((await server.finished).code, 0)
  const calls = callsByChain(server.data)
  assert.equal(calls.size, 2)
  assert.equal(
    [...calls.values()].reduce((a, b) => a + b, 0),
    40,
  )
})

test('a worker that is told to end does so by itself, and another follows', async () => {
  const server = await serveWorkers(temporaryFolder(), 2)
  const [first = 0] = await workersOf(server, 2)
  process.kill(first, 'SIGTERM')
  await until(() => (isGone(first) ? true : undefined), 'the worker did not end')
  await until(
    () => (/"msg":"worker \d serves again"/.test(server.said().stderr) ? true : undefined),
    'no worker followed',
  )
  assert.match(server.said().stderr, /"code":0,"signal":null,"msg":"worker \d ended"/)
})

test('a folder that a primary serves is refused to others until it has ended', async () => {
  const server = await serveWorkers(temporaryFolder(), 2)
  for (const more of [[], ['--workers', '2']]) {
    const args = ['serve', '--port', '0', '--data', server.data, ...more]
    const { code, stderr } = await runTrent(args)
    assert.equal(code, 1)
    assert.match(stderr, /^trent: another trent serves `.*`; stop it, [^\n]*\n$/)
  }
})
