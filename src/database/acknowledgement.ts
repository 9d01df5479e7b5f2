/**
 * When a change may be acknowledged: as soon as every node has seen it, or when the lease of one that has not must be over.
 * Such a node is fenced, so that later changes do not wait for it.
 */
import type { Clock } from '../clock.ts'
import { changesChannel } from './node-lease.ts'
import { fenceNode, listNodes, type NodeRow } from './nodes.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { isOfStatement } from './postgres-errors.ts'
import type { PostgresLink } from './postgres-pool.ts'

/** What acknowledging works with. */
export interface AcknowledgementOptions {
  readonly link: PostgresLink
  readonly clock: Clock
  /** How long a lease holds, and how much longer a writer waits, in milliseconds of its own clock. */
  readonly duration: number
  readonly margin: number
  /** The registration of this node, which has dropped what its own writers change. */
  readonly own: () => string | undefined
  readonly report: (error: unknown) => void
}

/** A change that was committed: its place in the feed, and the monotonic time after its commit returned. */
export interface Committed {
  readonly sequence: number
  readonly at: number
}

interface Waiting extends Committed {
  readonly resolve: () => void
}

/** How often the nodes' marks are looked at while a change waits, in milliseconds. */
const lookEvery = 10

/** The changes of one node that wait to be acknowledged. */
export class Acknowledgement {
  readonly #options: AcknowledgementOptions
  #waiting: Waiting[] = []
  #watching: Promise<void> | undefined
  /** Whether nodes can be told of changes, as far as is known. */
  #tells = true

  constructor(options: AcknowledgementOptions) {
    this.#options = options
  }

  /** Resolves when no node can answer from before the change any more. It never rejects: time alone is enough. */
  settle(committed: Committed): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ ...committed, resolve })
      this.#watching ??= this.#watch()
    })
  }

  /** Ends when nothing waits any more. */
  async close(): Promise<void> {
    await this.#watching
    await this.#options.link.close()
  }

  async #watch(): Promise<void> {
    let told = 0
    while (this.#waiting.length > 0) {
      // Only those that were committed before the nodes are read are judged by them.
      const batch = this.#waiting
      const nodes = await this.#readNodes()
      const newest = Math.max(...batch.map(({ sequence }) => sequence))
      const settled = new Set(batch.filter((each) => this.#isSettled(each, nodes)))
      this.#waiting = this.#waiting.filter((each) => !settled.has(each))
      for (const each of settled) each.resolve()
      if (this.#waiting.length === 0) break
      if (newest > told) await this.#tell()
      told = Math.max(told, newest)
      await new Promise<void>((resolve) => {
        this.#options.clock.after(lookEvery, resolve)
      })
    }
    this.#watching = undefined
  }

  #isSettled(committed: Committed, nodes: readonly NodeRow[] | undefined): boolean {
    const { clock, duration, margin } = this.#options
    const behind = nodes?.filter(({ seen }) => seen < committed.sequence)
    if (behind?.length === 0) return true
    if (clock.monotonic() - committed.at <= duration + margin) return false
    this.#fence(behind ?? [], committed.sequence)
    return true
  }

  /** The nodes but this one; undefined when they cannot be read at present. */
  async #readNodes(): Promise<readonly NodeRow[] | undefined> {
    try {
      const connection = await this.#options.link.get()
      const nodes = await connection.all<NodeRow>(listNodes())
      const own = this.#options.own()
      return nodes.filter(({ registration }) => registration !== own)
    } catch {
      return undefined
    }
  }

  #fence(behind: readonly NodeRow[], sequence: number): void {
    const fence = async (): Promise<void> => {
      const connection = await this.#options.link.get()
      for (const { registration } of behind) await connection.run(fenceNode(registration, sequence))
    }
    fence().catch(this.#options.report)
  }

  /** Tells the others that there is something to read. They would find it by themselves, but later. */
  async #tell(): Promise<void> {
    if (!this.#tells) return
    try {
      const connection: PostgresConnection = await this.#options.link.get()
      await connection.execute(`NOTIFY ${changesChannel}`)
    } catch (error) {
      // A database that is away now can tell again when it is back; one that knows no NOTIFY never can.
      if (isOfStatement(error)) this.#tells = false
    }
  }
}
