/**
 * A standby that is promoted under load, again and again. The nodes run without `--may-lose-acknowledged-changes`.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pause } from '../support/process.ts'
import { startNodes } from './cluster.ts'
import { endLine, failOver, startLine } from './failover.ts'
import { Rig } from './rig.ts'

const failovers = 4

test('a standby that every commit waits for takes over under load, and nothing is lost', async () => {
  for (let round = 0; round < failovers; round += 1) {
    const line = await startLine()
    const nodes = await startNodes(line.primary, { standby: line.standby })
    const lined = await Rig.at(nodes)
    await lined.prove(async () => {
      await pause(Math.random() * 600)
      await failOver(line)
    })
    const [answer] = await line.standby.run('SELECT pg_is_in_recovery() AS follows')
    assert.equal(answer?.['follows'], false)
    await lined.verify()
    for (const node of nodes) await node.kill()
    await endLine(line)
  }
})
