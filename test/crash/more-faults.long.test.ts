/**
 * Faults that are rarer, or take longer to show, than those of `kinds-of-faults.test.ts`: each once.
 */
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, test } from 'node:test'
import { startPostgres } from '../support/postgres.ts'
import { pause } from '../support/process.ts'
import { beyondLease, startNode, startNodes } from './cluster.ts'
import { Rig } from './rig.ts'
import { standStill } from './standing-still.ts'

const postgres = await startPostgres()
after(() => postgres.remove())
const preload = (name: string) => ({ preload: path.join(import.meta.dirname, name) })

const [one, two] = await startNodes(postgres)
const rig = await Rig.at([one, two])

test('a node whose network swallows everything refuses in time, and comes back', async () => {
  await rig.prove(async () => {
    two.network?.silence()
    await pause(beyondLease)
    two.network?.mend()
  })
})

test('a slow network makes changes slow and nothing wrong', async () => {
  await rig.prove(async () => {
    one.network?.slow(60)
    await pause(3000)
    one.network?.mend()
  })
})

test('a node that is killed behind a network that swallows everything holds up nobody for ever', async () => {
  await rig.prove(async () => {
    two.network?.silence()
    await pause(200)
    await two.kill()
    await pause(500)
    two.network?.mend()
    await two.start()
  })
  await rig.verify()
})

test('a wall clock that jumps ahead and back makes nothing stale and loses nothing', async () => {
  const nodes = await startNodes(postgres, preload('jumping-clock.ts'))
  const jumping = await Rig.at(nodes)
  await jumping.prove(async () => {
    for (let jump = 0; jump < 4; jump += 1) {
      nodes[jump % 2 === 0 ? 1 : 0].signal('SIGUSR2')
      await pause(500)
    }
  })
  await jumping.verify()
  for (const node of nodes) await node.kill()
})

test('a node whose lease never ends is found when it has stood still', async () => {
  const nodes = await startNodes(postgres, preload('eternal-lease.ts'))
  const eternal = await Rig.at(nodes)
  const found = await eternal
    .prove((scene) => standStill(nodes[1], scene))
    .then(
      () => 'nothing',
      (error: unknown) => String(error),
    )
  assert.match(
    found,
    /\[(?:Encrypt|Decrypt)[^\]]* at two, [^\]]*\] saw `(?:enabled|policy|grant)` on after/,
  )
  for (const node of nodes) await node.kill()
})

test('on an embedded database a node that is killed loses nothing', async () => {
  const alone = await startNode('alone')
  const embedded = await Rig.at([alone])
  await embedded.prove(async () => {
    await alone.kill()
    await alone.start()
  })
  await embedded.verify()
})
