/**
 * The events that nodes of a shared database leave there when they end between a change and its line. A node that starts
 * again writes them itself; those of one that does not, another node takes into its own record, behind a mark that says whose
 * they are. They change hands in one transaction, and are then written, or found by the next start, like the node's own.
 */
import type { Clock } from '../clock.ts'
import { uuid } from '../crypto/random.ts'
import { putEvent } from '../database/audit.ts'
import type { Database } from '../database/database.ts'
import {
  type ForeignChain,
  foreignChains,
  ownedOf,
  type TakenEvent,
  takeEvents,
} from '../database/orphans.ts'
import type { AuditEvent, AuditLog } from './log.ts'
import { markText } from './service-event.ts'

/** What it works with. */
export interface GoneNodesParts {
  readonly database: Database
  readonly audit: AuditLog
  /** Of the record. */
  readonly clock: Clock
  /** The machine's own, by which nodes are silent. */
  readonly silence: Pick<Clock, 'monotonic'>
  /** For how long a node has to be silent, in milliseconds; never less than a lease holds on another machine's clock. */
  readonly patience?: number
  /** Told whose events were written here, and how many. */
  readonly told: (chain: string, events: number) => void
}

/** Long enough for a machine to start again: what its node had written without telling the database is in its own record. */
const usualPatience = 600_000
/** How many events change hands in one transaction. */
const batch = 100

/** Looks after the other nodes' events. */
export class GoneNodes {
  readonly #parts: GoneNodesParts
  /** The chains with events left, each with its nodes as they were when they were last heard of, and when that was found. */
  #silent = new Map<string, ForeignChain & { readonly at: number }>()
  /** What may have been taken: nobody knows what became of the commit. */
  #doubtful: AuditEvent[] = []

  constructor(parts: GoneNodesParts) {
    this.#parts = parts
  }

  /** Takes what nodes have left that were silent for long enough, by what earlier looks have seen. */
  async look(): Promise<void> {
    const { database, silence, patience = usualPatience } = this.#parts
    await this.#settleDoubts()
    const at = silence.monotonic()
    const found = await foreignChains(database)
    this.#silent = new Map(found.map((each) => [each.chain, this.#stillSilent(each, at)]))
    for (const each of this.#silent.values()) {
      if (silence.monotonic() - each.at >= patience) await this.#takeAll(each)
    }
  }

  /** A node that went is as silent as before; one that told something, or came, was heard of now. */
  #stillSilent(found: ForeignChain, at: number): ForeignChain & { readonly at: number } {
    const before = this.#silent.get(found.chain)
    const isHeardOf = [...found.nodes].some(([name, marks]) => before?.nodes.get(name) !== marks)
    return { ...found, at: before === undefined || isHeardOf ? at : before.at }
  }

  async #takeAll(from: ForeignChain): Promise<void> {
    let all = 0
    for (;;) {
      const taken = await this.#take(from)
      all += taken
      if (taken < batch) break
    }
    if (all > 0) this.#parts.told(from.chain, all)
  }

  async #take(from: ForeignChain): Promise<number> {
    const { audit, database } = this.#parts
    audit.requireWritable()
    let events: AuditEvent[] = []
    try {
      await database.write(async (transaction) => {
        events = []
        const taken = await takeEvents(transaction, from, batch)
        const [oldest] = taken
        if (oldest === undefined) return
        const mark = this.#mark(from.chain, taken)
        // Before the others, also where a start writes them.
        await putEvent(transaction, { ...mark, time: oldest.position - 1 })
        events = [mark, ...taken].map(({ eventId, text }) => ({ eventId, text, change: true }))
      })
    } catch (error) {
      this.#doubtful.push(...events)
      throw error
    }
    await this.#append(events)
    return Math.max(0, events.length - 1)
  }

  #mark(chain: string, taken: readonly TakenEvent[]): { eventId: string; text: string } {
    const eventId = uuid()
    const details = { chain, eventIDs: taken.map((event) => event.eventId) }
    const time = this.#parts.clock.now()
    return { eventId, text: markText({ eventId, time, name: 'AuditEventsTaken', details }) }
  }

  async #append(events: readonly AuditEvent[]): Promise<void> {
    await Promise.all(events.map((event) => this.#parts.audit.append(event)))
  }

  /** What was committed after all is in the database, under this node's name. */
  async #settleDoubts(): Promise<void> {
    if (this.#doubtful.length === 0) return
    const ids = this.#doubtful.map(({ eventId }) => eventId)
    const owned = await ownedOf(this.#parts.database, ids)
    const events = this.#doubtful.filter(({ eventId }) => owned.has(eventId))
    this.#doubtful = []
    await this.#append(events)
  }
}
