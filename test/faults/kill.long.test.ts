import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashAtEachStep, killInStarts, killInStorms } from '../support/killing.ts'
import { pause, serveTrent, temporaryFolder } from '../support/process.ts'
import { Wire } from '../support/wire.ts'

test('after fifty times kill -9 everything acknowledged is there, with its event', async () => {
  await killInStorms(50)
})

test('after a crash before any step of its first start a server starts with an account', async () => {
  const steps = await crashAtEachStep('')
  assert.ok(steps >= 30, `${steps} steps`)
})

test('after a hundred times kill -9 in its first start a server starts with an account', async () => {
  await killInStarts(50)
})

test('a client that never ends its request holds up SIGTERM for five seconds at most', async () => {
  const server = await serveTrent(temporaryFolder())
  const wire = await Wire.open(server.endpoint)
  wire.write('POST / HTTP/1.1\r\nHost: a\r\n')
  await pause(50)
  const before = performance.now()
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
  assert.ok(performance.now() - before < 7000)
  wire.destroy()
})
