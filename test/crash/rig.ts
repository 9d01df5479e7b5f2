/**
 * A fault under load, and the proof that nothing came of it: the history of all clients can be true, everything that was
 * acknowledged is there at every node, every answered call has its event, and all of it without a hand. `verify` at the
 * end of the rounds reads the record's chains.
 */
import assert from 'node:assert/strict'
import { askTrent, credentialsOf, pause } from '../support/process.ts'
import { type Clients, clientsAt, type Grantee, newGrantee } from './clients.ts'
import type { Node } from './cluster.ts'
import { type Call, isCertain, problemsOf, recordProblemsOf } from './history.ts'
import { type Load, startLoad, type Subject, useOf } from './load.ts'
import { RecordReader } from './record-reader.ts'

/** What a fault may need: the calls so far, and clients at each node whose calls are proved too. */
export interface Scene {
  readonly calls: readonly Call[]
  readonly clients: readonly Clients[]
}

/** Nodes, and clients at each of them. */
export class Rig {
  readonly nodes: readonly Node[]
  readonly #grantee: Grantee
  readonly #records: readonly RecordReader[]

  /** A rig at nodes that are ready; the first has the account's files. */
  static async at(nodes: readonly Node[]): Promise<Rig> {
    const [first] = nodes
    assert.ok(first !== undefined)
    return new Rig(nodes, await newGrantee(first))
  }

  private constructor(nodes: readonly Node[], grantee: Grantee) {
    this.nodes = nodes
    this.#grantee = grantee
    this.#records = nodes.map(({ data }) => new RecordReader(data))
  }

  /** Lets something go wrong while clients work; asserts that they noticed no more of it than they may. */
  async prove(fault: (scene: Scene) => Promise<void>): Promise<readonly Call[]> {
    const calls: Call[] = []
    const clients = this.#clients(calls)
    const load = startLoad(clients)
    try {
      await untilBusy(calls, this.nodes)
      await fault({ calls, clients })
      await untilBusy(calls, this.nodes)
    } finally {
      await load.stop()
    }
    await settle(clients, load)
    assert.deepEqual(problemsOf(calls), [])
    this.#assertRecorded(calls)
    return calls
  }

  #clients(calls: Call[]): readonly Clients[] {
    const owner = credentialsOf(this.nodes[0]?.data ?? '')
    const people = { owner, grantee: this.#grantee }
    return this.nodes.map((node) =>
      clientsAt(node, people, (call) => {
        calls.push(call)
      }),
    )
  }

  #assertRecorded(calls: readonly Call[]): void {
    const events = new Map<string, readonly string[]>()
    for (const record of this.#records) {
      for (const [request, names] of record.names()) {
        events.set(request, [...(events.get(request) ?? []), ...names])
      }
    }
    assert.deepEqual(recordProblemsOf(calls, events), [])
  }

  /** The chains of every node are whole, from their first line on. */
  async verify(): Promise<void> {
    for (const { data } of this.nodes) {
      const report = await askTrent(['audit', 'verify', '--data', data])
      assert.deepEqual((report as { readonly problems: unknown }).problems, [])
    }
  }
}

/** How long a node may take until it serves again, in milliseconds. */
const patience = 40_000
/** How many changes and how many uses are acknowledged at each node before something goes wrong, and again after it. */
const busy = 10

/** From now on every node works: changes are acknowledged at it, and uses answered. */
async function untilBusy(calls: readonly Call[], nodes: readonly Node[]): Promise<void> {
  const from = calls.length
  const until = performance.now() + patience
  const isBusy = ({ name }: Node): boolean => {
    const here = calls.slice(from).filter((call) => call.node === name && isCertain(call))
    const isUse = ({ operation }: Call) => /^(Encrypt|Decrypt)/.test(operation)
    return here.filter(isUse).length >= busy && here.length - here.filter(isUse).length >= busy
  }
  while (!nodes.every(isBusy)) {
    assert.ok(performance.now() < until, `a node does not recover: ${tallyOf(calls.slice(from))}`)
    await pause(20)
  }
}

/** Looks at every key at every node: it has to be as it was left. */
async function settle(clients: readonly Clients[], load: Load): Promise<void> {
  await Promise.all(
    clients.map(async (at) => {
      for (const subject of load.subjects) await look(at, subject)
    }),
  )
}

async function look(at: Clients, subject: Subject): Promise<void> {
  for (const operation of ['DescribeKey', useOf(subject)] as const) {
    const { call } = await at.make(operation, subject.key, subject)
    assert.ok(isCertain(call), `a node that had recovered fails: ${JSON.stringify(call)}`)
  }
}

/** How often each operation ended how: what a failed wait has to say. */
export function tallyOf(calls: readonly Call[]): string {
  const kinds = Map.groupBy(calls, ({ node, operation, outcome }) => {
    const end = outcome.is === 'refused' ? outcome.code : outcome.is
    return `${node} ${operation} ${end}`
  })
  return [...kinds].map(([kind, all]) => `${kind}: ${all.length}`).join(', ')
}
