import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CreateKeyCommand } from '@aws-sdk/client-kms'
import { eventsOf } from '../support/folder.ts'
import { crashAtEachStep, killInStorms } from '../support/killing.ts'
import { clientOf, credentialsOf, pause, serveTrent, temporaryFolder } from '../support/process.ts'
import { signHeader } from '../support/signer.ts'
import { assertKept, nothing, storm } from '../support/storm.ts'
import { bytesOf, Wire } from '../support/wire.ts'

test('after kill -9 everything acknowledged is there, with its event', async () => {
  await killInStorms(4)
})

test('after a crash before any write of its first start a server starts with an account', async () => {
  const steps = await crashAtEachStep('^(writeSync|linkSync|COMMIT)')
  assert.ok(steps >= 6, `${steps} steps`)
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`after ${signal} a storm ends, the exit code is 0 and nothing is lost`, async () => {
    const server = await serveTrent(temporaryFolder())
    const told = nothing()
    const over = storm(server, told)
    await pause(150)
    const before = performance.now()
    server.signal(signal)
    const { code, stderr } = await server.finished
    assert.ok(performance.now() - before < 3000)
    assert.equal(code, 0)
    assert.equal(stderr, '')
    await over
    const again = await serveTrent(server.data)
    await assertKept(again, told)
  })
}

test('after SIGTERM what was done was answered', async () => {
  const server = await serveTrent(temporaryFolder())
  const request = { endpoint: server.endpoint, credentials: credentialsOf(server.data) }
  const bytes = bytesOf(signHeader({ ...request, at: Date.now(), operation: 'CreateKey' }))
  const wires = await Promise.all(Array.from({ length: 40 }, () => Wire.open(server.endpoint)))
  // The last byte of every request goes out together, just before the signal.
  for (const wire of wires) wire.write(bytes.subarray(0, -1))
  // Whoever is answered last knows that the server has read what came before.
  const probe = await Wire.open(server.endpoint)
  for (let round = 0; round < 3; round += 1) {
    probe.write(bytesOf(signHeader({ ...request, at: Date.now(), operation: 'ListKeys' })))
    await probe.next()
  }
  probe.destroy()
  for (const wire of wires) wire.write(bytes.subarray(-1))
  server.signal('SIGTERM')
  const answers = await Promise.all(wires.map((wire) => wire.next()))
  assert.ok(answers.every((answer) => answer.status === 200))
  assert.equal((await server.finished).code, 0)
  const done = eventsOf(server.data)
    .filter((event) => event['eventName'] === 'CreateKey')
    .map((event) => event['requestID'])
  const answered = answers.map((answer) => answer.headers.get('x-amzn-requestid'))
  assert.deepEqual(new Set(done), new Set(answered))
  assert.equal(done.length, answered.length)
})

test('a client that holds its connection does not hold up SIGTERM', async () => {
  const server = await serveTrent(temporaryFolder())
  const kms = clientOf(server)
  await kms.send(new CreateKeyCommand({}))
  const before = performance.now()
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
  assert.ok(performance.now() - before < 1500)
})
