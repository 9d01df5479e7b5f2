/**
 * The short form: two nodes over one PostgreSQL, each fault once, all on one cluster. `faults.long.test.ts` has them
 * hundreds of times, and `more-faults.long.test.ts` has other kinds.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startPostgres } from '../support/postgres.ts'
import { pause } from '../support/process.ts'
import { beyondLease, primaryOf, startNodes } from './cluster.ts'
import type { Call } from './history.ts'
import { Rig } from './rig.ts'
import { standStill } from './standing-still.ts'

const postgres = await startPostgres()
after(() => postgres.remove())
const primary = primaryOf(postgres)
const [one, two] = await startNodes(postgres)
const rig = await Rig.at([one, two])

const at = (name: string, is: Call['outcome']['is']) => (call: Call) =>
  call.node === name && call.outcome.is === is

test('a node that is killed loses nothing that was acknowledged', async () => {
  const calls = await rig.prove(async () => {
    await two.kill()
    await pause(200)
    await two.start()
  })
  assert.ok(calls.some(at('two', 'unheard')))
})

test('a PostgreSQL that is killed loses nothing, and both nodes find it again', async () => {
  await rig.prove(async () => {
    await primary.kill()
    await primary.start()
  })
})

test('a node and PostgreSQL that are killed at once lose nothing', async () => {
  await rig.prove(async () => {
    await Promise.all([one.kill(), primary.kill()])
    await primary.start()
    await one.start()
  })
})

test('a node that stood still beyond its lease answers nothing from before', async () => {
  await rig.prove((scene) => standStill(two, scene))
})

test('a node whose network is cut refuses in time, and comes back', async () => {
  await rig.prove(async () => {
    two.network?.cut()
    await pause(beyondLease)
    two.network?.mend()
  })
})

test('the record of every node is whole after all of that', () => rig.verify())
