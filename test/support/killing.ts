/**
 * `kill -9` again and again: what the short and the long tests of it share.
 */
import assert from 'node:assert/strict'
import { CreateKeyCommand, DescribeKeyCommand } from '@aws-sdk/client-kms'
import { clientOf, pause, serveTrent, startTrentProcess, temporaryFolder } from './process.ts'
import { assertKept, nothing, storm } from './storm.ts'

/** Kills one server after the other in the middle of a storm, all on one data folder, and checks after each. */
export async function killInStorms(kills: number): Promise<void> {
  const data = temporaryFolder()
  const told = nothing()
  for (let i = 0; i < kills; i += 1) {
    const server = await serveTrent(data)
    const before = told.requests.size
    const over = storm(server, told)
    while (told.requests.size === before) await pause(5)
    await pause(Math.random() * 200)
    server.signal('SIGKILL')
    assert.equal((await server.finished).signal, 'SIGKILL')
    await over
    const again = await serveTrent(data)
    await assertKept(again, told)
    again.signal('SIGKILL')
    await again.finished
  }
}

/** Kills servers at any moment of their first start; whatever is left starts, and serves its first account. */
export async function killInStarts(kills: number): Promise<void> {
  for (let i = 0; i < kills; i += 1) {
    const data = temporaryFolder()
    for (let j = 0; j < 2; j += 1) {
      const server = startTrentProcess(['serve', '--port', '0', '--data', data])
      await pause(Math.random() * 400)
      server.signal('SIGKILL')
      await server.finished
    }
    const server = await serveTrent(data)
    const kms = clientOf(server)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }))
    server.signal('SIGKILL')
    await server.finished
  }
}
