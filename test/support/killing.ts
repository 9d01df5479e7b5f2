/**
 * `kill -9` again and again: what the short and the long tests of it share.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { CreateKeyCommand, DescribeKeyCommand } from '@aws-sdk/client-kms'
import {
  askTrent,
  clientOf,
  pause,
  ready,
  serveTrent,
  startTrentProcess,
  temporaryFolder,
} from './process.ts'
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

/**
 * Ends the first start of one server after the other before its first, second, third ... step, until one gets through;
 * whatever is left starts, and serves its first account. Answers how many steps there were.
 */
export async function crashAtEachStep(steps: string): Promise<number> {
  const preload = join(import.meta.dirname, 'crash-at.ts')
  for (let at = 1; ; at += 1) {
    const data = temporaryFolder()
    const env = { CRASH_AT: String(at), CRASH_STEPS: steps }
    const args = ['serve', '--port', '0', '--data', data]
    const server = startTrentProcess(args, { env, preload })
    const crashed = await Promise.race([server.finished, ready(server).catch(() => undefined)])
    if (typeof crashed === 'string') {
      server.signal('SIGKILL')
      return at - 1
    }
    assert.equal((await server.finished).signal, 'SIGKILL')
    const again = await serveTrent(data)
    await clientOf(again).send(new CreateKeyCommand({}))
    const report = await askTrent(['audit', 'verify', '--data', data])
    assert.deepEqual((report as { readonly problems: unknown }).problems, [], `step ${at}`)
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
