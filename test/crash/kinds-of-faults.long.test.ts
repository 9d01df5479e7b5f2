/**
 * The short form: two nodes over one PostgreSQL, each fault once. `faults.long.test.ts` has them again and again.
 */
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'
import { startPostgres } from '../support/postgres.ts'
import { pause } from '../support/process.ts'
import { primaryOf, startNode, startNodes } from './cluster.ts'
import type { Call } from './history.ts'
import { Rig } from './rig.ts'

const postgres = await startPostgres()
after(() => postgres.remove())
const primary = primaryOf(postgres)
/** Longer than a lease holds, and than a writer waits for it. */
const beyondLease = 7000

const newCluster = async () => {
  const [one, two] = await startNodes(postgres)
  return { one, two, rig: await Rig.at([one, two]) }
}

const at = (name: string, is: Call['outcome']['is']) => (call: Call) =>
  call.node === name && call.outcome.is === is

test('a node that is killed loses nothing that was acknowledged, and the other goes on', async () => {
  const { rig, two } = await newCluster()
  const calls = await rig.prove(async () => {
    await two.kill()
    await pause(1000)
    await two.start()
  })
  assert.ok(calls.some(at('two', 'unheard')))
})

test('a PostgreSQL that is killed loses nothing, and both nodes find it again', async () => {
  const { rig } = await newCluster()
  await rig.prove(async () => {
    await primary.kill()
    await pause(500)
    await primary.start()
  })
})

test('a node and PostgreSQL that are killed at once lose nothing', async () => {
  const { rig, one } = await newCluster()
  await rig.prove(async () => {
    await Promise.all([one.kill(), primary.kill()])
    await primary.start()
    await one.start()
  })
})

test('a node that stood still beyond its lease answers nothing from before', async () => {
  const { rig, two } = await newCluster()
  await rig.prove(async (calls) => {
    two.signal('SIGSTOP')
    const before = calls.length
    await pause(beyondLease)
    const meanwhile = calls.slice(before).filter(at('one', 'answered'))
    assert.ok(meanwhile.length > 0, 'the other node goes on')
    two.signal('SIGCONT')
  })
})

test('a node whose network is cut refuses in time, and comes back', async () => {
  const { rig, two } = await newCluster()
  await rig.prove(async () => {
    two.network?.cut()
    await pause(beyondLease)
    two.network?.mend()
  })
})

test('a node whose network swallows everything refuses in time, and comes back', async () => {
  const { rig, two } = await newCluster()
  await rig.prove(async () => {
    two.network?.silence()
    await pause(beyondLease)
    two.network?.mend()
  })
})

test('a slow network makes changes slow and nothing wrong', async () => {
  const { rig, one } = await newCluster()
  await rig.prove(async () => {
    one.network?.slow(60)
    await pause(3000)
    one.network?.mend()
  })
})

test('a wall clock that jumps ahead and back makes nothing stale and loses nothing', async () => {
  const preload = path.join(import.meta.dirname, 'jumping-clock.ts')
  const [one, two] = await startNodes(postgres, { preload })
  const rig = await Rig.at([one, two])
  await rig.prove(async () => {
    for (const node of [two, one, two, one]) {
      node.signal('SIGUSR2')
      await pause(500)
    }
  })
})

test('on an embedded database a node that is killed loses nothing', async () => {
  const alone = await startNode('alone')
  const embedded = await Rig.at([alone])
  await embedded.prove(async () => {
    await alone.kill()
    await alone.start()
  })
})
