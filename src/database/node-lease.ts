/**
 * What lets a node answer from memory: it reads the feed, drops what has changed, and marks in its row how far it has seen.
 * Only a confirmed mark gives it a lease, which counts from before the feed was read; a writer waits for every mark, or
 * until every lease that could lack one is over. `test/freshness-model` is this protocol, tried in every weather.
 */
import type { Clock } from '../clock.ts'
import { uuid } from '../crypto/random.ts'
import type { RowName } from './database.ts'
import { type FeedPosition, feedEnd, readChanges } from './feed.ts'
import { addNode, markNode, removeNode, removePredecessors } from './nodes.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import type { PostgresLink } from './postgres-pool.ts'
import { Unavailable } from './unavailable.ts'

/** What a lease is kept with. */
export interface LeaseOptions {
  readonly link: PostgresLink
  /** The machine's own clock: leases are about time as other machines have it too. */
  readonly clock: Clock
  /** The node's name, for people. */
  readonly name: string
  /** Whether no other process can have this name now, so that a row of it is of one that has ended. */
  readonly alone: boolean
  /** How long a lease holds, in milliseconds. */
  readonly duration: number
  readonly drop: (name: RowName) => void
  /** Everything may have changed: also the server that the readers are connected to. */
  readonly dropAll: () => void
  readonly report: (error: unknown) => void
}

/** How often a node looks at the feed when nobody can tell it of a change, in milliseconds. */
const pollEvery = 100
/** How long it waits after it could not, in milliseconds. */
const retryAfter = 250

/** The lease of one node. */
export class NodeLease {
  readonly #options: LeaseOptions
  /** The moment that the lease counts from, by both clocks; undefined while there is none. */
  #since: { readonly monotonic: number; readonly wall: number } | undefined
  #registration: string | undefined
  /** The registration that the lease was given under; its row may still stand. */
  #given: string | undefined
  #seen: FeedPosition = { sequence: 0, id: '' }
  #connection: PostgresConnection | undefined
  /** Whether the database tells of changes by itself. */
  #told = false
  #round: Promise<void> | undefined
  #again = false
  #callOff: (() => void) | undefined
  #failing = false
  #closed = false

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  /**
   * Whether the views may be answered from. It is a reading of the clocks, never a timer: the monotonic clock, and the
   * other in case the first stood still with the machine.
   */
  get fresh(): boolean {
    const { age } = this
    return age !== undefined && age < this.#options.duration
  }

  /** How old the lease is by the clock that says more, in milliseconds; undefined when there is none. */
  get age(): number | undefined {
    if (this.#since === undefined || this.#closed) return undefined
    const { clock } = this.#options
    return Math.max(clock.monotonic() - this.#since.monotonic, clock.now() - this.#since.wall)
  }

  /** The registration that this node's own writers need not wait for. */
  get registration(): string | undefined {
    return this.#registration
  }

  /**
   * The registration that the lease is held under at this moment: its row stands, for as long as the lease holds. Undefined
   * while there is no lease.
   */
  get held(): string | undefined {
    return this.fresh ? this.#registration : undefined
  }

  /** One look at the feed, shared by all who ask meanwhile. Rejects with `Unavailable` when it gave no lease. */
  renew(): Promise<void> {
    this.#round ??= this.#look().finally(() => {
      this.#round = undefined
      if (!this.#again) return
      this.#again = false
      this.wake()
    })
    return this.#round
  }

  /** A look at the feed that begins now. */
  async renewAnew(): Promise<void> {
    await this.#round?.catch(() => undefined)
    await this.renew()
  }

  /** Looks at the feed now, or again after the look that is under way. */
  wake(): void {
    if (this.#closed) return
    if (this.#round !== undefined) {
      this.#again = true
      return
    }
    this.#callOff?.()
    this.renew()
      .then(
        () => this.#succeeded(),
        (error: unknown) => this.#failed(error),
      )
      .catch(this.#options.report)
  }

  /** Ends the lease and takes the node's row away. */
  async close(): Promise<void> {
    this.#closed = true
    this.#callOff?.()
    await this.#round?.catch(() => undefined)
    const registration = this.#registration ?? this.#given
    if (registration !== undefined && this.#connection?.broken === false) {
      await this.#connection.run(removeNode(registration)).catch(() => undefined)
    }
    await this.#options.link.close()
  }

  async #look(): Promise<void> {
    const { clock, link } = this.#options
    const since = { monotonic: clock.monotonic(), wall: clock.now() }
    const connection = await link.get()
    if (connection !== this.#connection) {
      // Behind a new connection may be another server, which knows less than the one before.
      this.#registration = undefined
      this.#told = await listen(connection, () => this.wake())
      this.#connection = connection
    }
    if (this.#registration === undefined || !(await this.#catchUp(connection))) {
      await this.#register(connection)
    }
    if (!(await this.#mark(connection))) {
      // This node was too slow, and the others have gone on without it.
      await this.#register(connection)
      if (!(await this.#mark(connection))) throw new Unavailable('this node is too slow')
    }
    if (!this.#closed) this.#since = since
  }

  /** Tells the others how far this node has seen; false when they wait for it no more. */
  async #mark(connection: PostgresConnection): Promise<boolean> {
    const registration = this.#registration ?? ''
    const marked = await connection.run(markNode(registration, this.#seen.sequence))
    if (marked === 0) this.#registration = undefined
    return marked > 0
  }

  /** Drops what has changed since the last look; false when the feed does not say. */
  async #catchUp(connection: PostgresConnection): Promise<boolean> {
    const changes = await readChanges(connection, this.#seen)
    if (changes === undefined) return false
    for (const name of changes.names) this.#options.drop(name)
    this.#seen = changes.end
    return true
  }

  /** The row first, and then the load: who does not see the row has committed before it. */
  async #register(connection: PostgresConnection): Promise<void> {
    const { name } = this.#options
    const registration = uuid()
    // What was given under the row that goes is given up first.
    this.#since = undefined
    this.#registration = undefined
    await connection.run(addNode(registration, name))
    if (this.#given !== undefined) await connection.run(removeNode(this.#given))
    // Nobody has to wait out the lease of the process that this one replaces.
    else if (this.#options.alone) await connection.run(removePredecessors(registration, name))
    this.#given = registration
    this.#options.dropAll()
    this.#seen = await feedEnd(connection)
    this.#registration = registration
  }

  #succeeded(): void {
    this.#failing = false
    this.#schedule(this.#told ? this.#options.duration / 5 : pollEvery)
  }

  #failed(error: unknown): void {
    // Once for each time that it begins: the database may be away for long.
    if (!this.#failing) this.#options.report(error)
    this.#failing = true
    this.#schedule(retryAfter)
  }

  #schedule(milliseconds: number): void {
    this.#callOff?.()
    if (this.#closed) return
    this.#callOff = this.#options.clock.after(milliseconds, () => {
      this.wake()
    })
  }
}

/** Asks the database to tell of changes. Where it cannot, the node looks more often. */
async function listen(connection: PostgresConnection, heard: () => void): Promise<boolean> {
  connection.onNotification(heard)
  return connection.execute(`LISTEN ${changesChannel}`).then(
    () => true,
    () => false,
  )
}

/** The channel that tells nodes of changes. */
export const changesChannel = 'trent_changes'
