/**
 * A node that stands still for longer than its lease holds, while rights are taken away that it has in memory.
 */
import assert from 'node:assert/strict'
import { pause } from '../support/process.ts'
import type { Clients } from './clients.ts'
import type { Node } from './cluster.ts'
import { isCertain, type Operation } from './history.ts'
import { type Kind, kinds, makeSubject, type Subject, useOf } from './load.ts'
import type { Scene } from './rig.ts'

/** A right that can be taken away. */
interface Right extends Subject {
  readonly grantId: string | undefined
}

/** What takes a right away. */
const takings: Readonly<Record<Kind, Operation>> = {
  state: 'DisableKey',
  policy: 'PutKeyPolicy: deny',
  grant: 'RevokeGrant',
}

/** How many rights of each kind. */
const some = 4
/** How long a message takes to and from a node that has just woken, in milliseconds. */
const wakeful = 400

/**
 * Stops a node that has just used some rights, takes them away at another, and uses them at the one that stands still as
 * soon as that is acknowledged. When it wakes, these calls are the first that it reads; and it wakes before its network
 * does, so that what it has in memory is all that it could answer from.
 */
export async function standStill(node: Node, { clients }: Scene): Promise<void> {
  const there = clients.find((each) => each.node === node)
  const elsewhere = clients.find((each) => each.node !== node)
  assert.ok(there !== undefined && elsewhere !== undefined)
  const rights = await Promise.all(kinds.flatMap((kind) => give(kind, elsewhere)))
  await Promise.all(rights.map((right) => use(right, there)))
  node.signal('SIGSTOP')
  const uses: Promise<unknown>[] = []
  await Promise.all(
    rights.map(async (right) => {
      await take(right, elsewhere)
      uses.push(use(right, there))
    }),
  )
  // What has been sent is at the node's machine before it wakes.
  await pause(100)
  node.network?.slow(wakeful)
  node.signal('SIGCONT')
  await pause(2 * wakeful)
  node.network?.mend()
  await Promise.all(uses)
}

function give(kind: Kind, at: Clients): readonly Promise<Right>[] {
  return Array.from({ length: some }, async () => {
    const subject = await makeSubject(kind, at)
    assert.ok(subject !== undefined, 'a key is made')
    if (kind !== 'grant') return { ...subject, grantId: undefined }
    const { answer } = await at.make('CreateGrant', subject.key)
    return { ...subject, grantId: answer?.grantId }
  })
}

async function take(right: Right, at: Clients): Promise<void> {
  const { call } = await at.make(takings[right.kind], right.key, right)
  assert.ok(isCertain(call), `the other nodes go on: ${JSON.stringify(call)}`)
}

const use = (right: Right, at: Clients) => at.make(useOf(right), right.key, right)
