/**
 * The long form: kills at random moments, again and again on one cluster, and failovers under load.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startPostgres } from '../support/postgres.ts'
import { pause } from '../support/process.ts'
import { type Node, type Primary, primaryOf, startNodes } from './cluster.ts'
import { failOver, startPair } from './failover.ts'
import { Rig } from './rig.ts'

const rounds = Number(process.env['CRASH_ROUNDS'] ?? 100)
const anyMoment = (longest = 600) => pause(Math.random() * longest)

const cluster = async () => {
  const postgres = await startPostgres()
  after(() => postgres.remove())
  const [one, two] = await startNodes(postgres)
  const rig = await Rig.at([one, two])
  return { one, two, rig, primary: primaryOf(postgres) }
}

async function kill(node: Node): Promise<void> {
  await node.kill()
  await anyMoment()
  await node.start()
}

async function killPostgres(primary: Primary): Promise<void> {
  await primary.kill()
  await anyMoment()
  await primary.start()
}

test('a node killed again and again at any moment loses nothing', async () => {
  const { one, two, rig } = await cluster()
  for (let round = 0; round < rounds; round += 1) {
    await rig.prove(async () => {
      await anyMoment()
      await kill(round % 2 === 0 ? one : two)
    })
  }
})

test('a PostgreSQL killed again and again at any moment loses nothing', async () => {
  const { rig, primary } = await cluster()
  for (let round = 0; round < rounds; round += 1) {
    await rig.prove(async () => {
      await anyMoment()
      await killPostgres(primary)
    })
  }
})

test('both killed again and again at any moment lose nothing', async () => {
  const { one, two, rig, primary } = await cluster()
  for (let round = 0; round < rounds; round += 1) {
    await rig.prove(async () => {
      await anyMoment()
      const node = round % 2 === 0 ? one : two
      await Promise.all([node.kill(), anyMoment(50).then(() => primary.kill())])
      await primary.start()
      await node.start()
    })
  }
})

test('a node that stands still and is cut off again and again answers nothing from before', async () => {
  const { one, two, rig } = await cluster()
  for (let round = 0; round < rounds / 5; round += 1) {
    const node = round % 2 === 0 ? one : two
    await rig.prove(async () => {
      node.signal('SIGSTOP')
      await anyMoment(8000)
      node.signal('SIGCONT')
      if (round % 3 === 0) node.network?.cut()
      else node.network?.silence()
      await anyMoment(8000)
      node.network?.mend()
    })
  }
})

test('a standby that every commit waits for takes over under load, and nothing is lost', async () => {
  for (let round = 0; round < Math.max(1, rounds / 25); round += 1) {
    const pair = await startPair()
    // The new primary stands alone: whoever promotes it accepts that, and the old one has lost nothing by it.
    const args = ['--may-lose-acknowledged-changes']
    const [one, two] = await startNodes(pair.primary, { standby: pair.standby, args })
    const rig = await Rig.at([one, two])
    await rig.prove(async () => {
      await anyMoment()
      await failOver(pair)
    })
    const [answer] = await pair.standby.run('SELECT pg_is_in_recovery() AS follows')
    assert.equal(answer?.['follows'], false)
    await Promise.all([one.kill(), two.kill()])
  }
})
