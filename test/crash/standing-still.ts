/**
 * A node that stands still for longer than its lease holds, while others change what it has in memory.
 */
import assert from 'node:assert/strict'
import { pause } from '../support/process.ts'
import { beyondLease, type Node } from './cluster.ts'
import type { Call } from './history.ts'

/**
 * Stops a node and wakes it when changes have been acknowledged without it, and calls wait for it. It wakes before its
 * network does: what it has in memory is all that it could answer from.
 */
export async function standStill(node: Node, calls: readonly Call[]): Promise<void> {
  node.signal('SIGSTOP')
  const before = calls.length
  await pause(beyondLease)
  const isElsewhere = (call: Call) => call.node !== node.name && call.outcome.is === 'answered'
  assert.ok(calls.slice(before).some(isElsewhere), 'the other nodes go on')
  node.network?.slow(wakeful)
  node.signal('SIGCONT')
  await pause(2 * wakeful)
  node.network?.mend()
}

/** How long a message takes to and from a node that has just woken, in milliseconds. */
const wakeful = 400
