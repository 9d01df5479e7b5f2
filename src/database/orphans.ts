/**
 * The events of changes whose node is gone, for the record of another node. Whether a node is gone is seen by its rows in
 * `nodes`: none is there, or none has been marked for longer than a lease holds. Both transactions below run behind the lock
 * on the feed's row, as every change does, so that of a node that comes back and one that takes its events over, each sees
 * what the other has done.
 */
import { chainsWithEvents } from './audit.ts'
import type { Database, Reader, Writer } from './database.ts'
import { deleteMeta, putMeta, readMeta } from './meta.ts'
import { isChainOf, primaryOf } from './node-name.ts'
import { listNodes, type NodeRow, removeSilent } from './nodes.ts'
import { sql } from './sql.ts'

/** How often each registration has told how far it is. */
export type Marks = ReadonlyMap<string, number>

/** A chain of others with events in the database, and the nodes that could still write them. */
export interface ForeignChain {
  readonly chain: string
  readonly nodes: Marks
}

/** An event that has changed hands. */
export interface TakenEvent {
  readonly eventId: string
  readonly text: string
  readonly position: number
}

/** The chains of other nodes, and of their workers, whose events are not all in files. */
export async function foreignChains(database: Database): Promise<readonly ForeignChain[]> {
  const chains = await chainsWithEvents(database)
  const foreign = chains.filter((chain) => !isChainOf(primaryOf(database.chain), chain))
  if (foreign.length === 0) return []
  const rows = await database.read.all<NodeRow>(listNodes())
  return foreign.map((chain) => ({ chain, nodes: marksOf(chain, rows) }))
}

/** A worker's events are its primary's, too, which writes them when it starts without that worker. */
function marksOf(chain: string, rows: readonly NodeRow[]): Marks {
  const own = rows.filter(({ name }) => name === chain || name === primaryOf(chain))
  return new Map(own.map(({ registration, marks }) => [registration, Number(marks)]))
}

/**
 * Makes at most `limit` events of a chain this process's, the oldest first. Those of its nodes that were silent since `nodes`
 * was read are removed: they cannot tell that they live under these registrations any more. None when one of them does live.
 */
export async function takeEvents(
  transaction: Writer,
  { chain, nodes }: ForeignChain,
  limit: number,
): Promise<readonly TakenEvent[]> {
  const rows = await transaction.all<NodeRow>(listNodes())
  for (const [registration, marks] of marksOf(chain, rows)) {
    if (nodes.get(registration) !== marks) return []
    if ((await transaction.run(removeSilent(registration, marks))) === 0) return []
  }
  const events = await transaction.all<{ event_id: string; event: string; position: number }>(
    sql`SELECT event_id, event, position FROM audit_outbox WHERE chain = ${chain}
        ORDER BY position, event_id LIMIT ${limit}`,
  )
  for (const { event_id: eventId } of events) {
    await transaction.run(
      sql`UPDATE audit_outbox SET chain = ${transaction.chain} WHERE event_id = ${eventId}`,
    )
  }
  await addTraces(
    transaction,
    chain,
    events.map((row) => row.event_id),
  )
  return events.map(({ event_id: eventId, event: text, position }) => ({
    eventId,
    text,
    position: Number(position),
  }))
}

/** Which of some events are in the database under this process's chain. No commit is under way when this is read. */
export function ownedOf(
  database: Database,
  eventIds: readonly string[],
): Promise<ReadonlySet<string>> {
  return database.write(async (transaction) => {
    const owned = new Set<string>()
    for (const eventId of eventIds) {
      const row = await transaction.first(
        sql`SELECT event_id FROM audit_outbox WHERE event_id = ${eventId} AND chain = ${transaction.chain}`,
      )
      if (row !== undefined) owned.add(eventId)
    }
    return owned
  })
}

/** Whose the events of a chain are, for the process that writes it. */
export interface EventOwner {
  /** As `Standing` has it. */
  readonly registration: string | undefined
  /** The ids of events that others have made theirs: all, as long as this process has the registration that it asks under. */
  taken(): Promise<ReadonlySet<string>>
  /** Forgets which they were: a process that has just begun has none of them in its memory. */
  forgetTaken(): Promise<void>
}

/** Whose the events of a chain are, its own if no other is named; undefined where nobody else could take them. */
export function eventOwner(
  database: Database,
  chain: string = database.chain,
): EventOwner | undefined {
  if (database.standing === undefined) return undefined
  return {
    get registration() {
      return database.standing?.registration
    },
    taken: () => database.write((transaction) => readTraces(transaction, chain)),
    forgetTaken: () => database.write((transaction) => deleteMeta(transaction, tracesOf(chain))),
  }
}

/** For a process that only stood still, and has the events in its memory. */
async function addTraces(
  transaction: Writer,
  chain: string,
  eventIds: readonly string[],
): Promise<void> {
  if (eventIds.length === 0) return
  const all = [...(await readTraces(transaction, chain)), ...eventIds]
  await putMeta(transaction, tracesOf(chain), all.join(' '))
}

async function readTraces(reader: Reader, chain: string): Promise<ReadonlySet<string>> {
  const text = await readMeta(reader, tracesOf(chain))
  return new Set(text?.split(' '))
}

const tracesOf = (chain: string): string => `taken-events/${chain}/`
