/**
 * The long form: hundreds of kills at any moment, all on one cluster. `CRASH_ROUNDS` says how many kills of a node; of the
 * rest there are fewer.
 */
import { after, test } from 'node:test'
import { startPostgres } from '../support/postgres.ts'
import { pause } from '../support/process.ts'
import { primaryOf, startNodes } from './cluster.ts'
import { Rig } from './rig.ts'
import { standStill } from './standing-still.ts'

const kills = Number(process.env['CRASH_ROUNDS'] ?? 200)
/** How many kills there are under one load, at whose end everything is proved. */
const together = 4
const anyMoment = (longest = 600) => pause(Math.random() * longest)

const postgres = await startPostgres()
after(() => postgres.remove())
const primary = primaryOf(postgres)
const [one, two] = await startNodes(postgres)
const rig = await Rig.at([one, two])

/** Does something again and again, a few times under one load. */
async function again(times: number, fault: (round: number) => Promise<void>): Promise<void> {
  for (let round = 0; round < times; ) {
    await rig.prove(async () => {
      for (let each = 0; each < together && round < times; each += 1) {
        await anyMoment()
        await fault(round)
        round += 1
      }
    })
  }
  await rig.verify()
}

const nodeOf = (round: number) => (round % 2 === 0 ? one : two)

test('a node killed again and again at any moment loses nothing', () =>
  again(kills, async (round) => {
    const node = nodeOf(round)
    await node.kill()
    await anyMoment()
    await node.start()
  }))

test('a PostgreSQL killed again and again at any moment loses nothing', () =>
  again(kills * 0.3, async () => {
    await primary.kill()
    await anyMoment()
    await primary.start()
  }))

test('both killed again and again at any moment lose nothing', () =>
  again(kills * 0.2, async (round) => {
    const node = nodeOf(round)
    await Promise.all([node.kill(), anyMoment(50).then(() => primary.kill())])
    await primary.start()
    await node.start()
  }))

test('a node cut off again and again for any time answers nothing from before', () =>
  again(kills * 0.04, async (round) => {
    const { network } = nodeOf(round)
    if (round % 3 === 0) network?.cut()
    else network?.silence()
    await anyMoment(8000)
    network?.mend()
  }))

test('a node that stands still again and again answers nothing from before', async () => {
  for (let round = 0; round < kills * 0.04; round += 1) {
    await rig.prove((scene) => standStill(nodeOf(round), scene))
  }
})
