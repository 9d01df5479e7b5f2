/**
 * The shared engine: one PostgreSQL, or what speaks its protocol, behind several equal nodes. What a node holds in memory
 * is fresh by its lease (`node-lease.ts`), and a change is acknowledged when no node can answer from before it
 * (`acknowledgement.ts`).
 */
import type { Clock } from '../clock.ts'
import { Acknowledgement } from './acknowledgement.ts'
import type { Besides, Database, Reader, RowName, SetUp, Standing, Writer } from './database.ts'
import type { Migration } from './migrate.ts'
import { NodeLease } from './node-lease.ts'
import { connect } from './postgres-connector.ts'
import { type Connect, PostgresLink, PostgresPool } from './postgres-pool.ts'
import { openPatiently } from './postgres-start.ts'
import { prepareSchema } from './postgres-schema.ts'
import { readPostgresUrl } from './postgres-url.ts'
import { PostgresWriter } from './postgres-writer.ts'
import type { StartWait } from './start-wait.ts'
import { Unavailable } from './unavailable.ts'
import { View } from './view.ts'

/** A shared database, and how a node behaves to it. Times are milliseconds. */
export interface PostgresOptions {
  readonly url: string
  /** The machine's own clock, in every process: leases are about time as other machines have it too. */
  readonly clock: Clock
  /** The node's name, which its chain of the record has too. */
  readonly chain: string
  /** Whether the lock on the node's data folder is held: an earlier process of this name has ended then. */
  readonly alone?: boolean
  /** Whether a server is accepted that may lose changes which it has confirmed. */
  readonly mayLose?: boolean
  /** How long a node may answer from memory after it last looked at the feed; the same on every node. */
  readonly maxStaleness?: number
  /** How long a change may wait for its commit. */
  readonly deadline?: number
  /** The steps of the schema; those of this version when left out, and those of others in tests of upgrades. */
  readonly steps?: readonly Migration[]
  /** How a start waits for a database that is away; it does not when left out. */
  readonly wait?: StartWait
  readonly report: (error: unknown) => void
  /** What has to be fresh with the views. */
  readonly besides?: Besides
}

/** How long a lease holds, and how much longer a writer waits for clocks that run at another speed. */
const usualStaleness = 5000
const marginOf = (staleness: number): number => staleness / 5
/** How long a change may wait for its commit, and one statement for its end. */
const usualDeadline = 10_000
/** How long a transaction may stand idle: what waits behind it has the other half of its time. */
const idleOf = (deadline: number): number => Math.floor(deadline / 2)
/** How long a statement may take that changes the schema. */
const longTime = 600_000

/**
 * Opens the database, brings its schema up to date and runs `prepare` under the schema's lock. When it resolves, the node is
 * registered and has its first lease. Throws an error that an operator can act on.
 */
export async function openPostgres(
  options: PostgresOptions,
  prepare: (first: SetUp) => void,
): Promise<Database> {
  await migratePostgres(options, prepare)
  const database = new Postgres(options)
  try {
    await database.refresh()
    return database
  } catch (error) {
    await database[Symbol.asyncDispose]()
    throw error
  }
}

/** Brings the schema up to date and does nothing else; answers the names of the steps that were missing. */
export async function migratePostgres(
  options: ConnectOptions,
  prepare: (first: SetUp) => void = () => {},
): Promise<readonly string[]> {
  const migrate = async (): Promise<readonly string[]> => {
    // A step may take long, but a node that stands still between two must not hold up the others, which wait behind it.
    const connection = await connectAtOnce(options, idleOf(options.deadline ?? usualDeadline))
    try {
      return await prepareSchema(connection, { prepare, steps: options.steps })
    } finally {
      await connection.close()
    }
  }
  return openPatiently(migrate, options.clock, options.wait)
}

/** Makes a connection for work that takes its time: of copies and restores. */
export function connectOnce(options: ConnectOptions) {
  return openPatiently(() => connectAtOnce(options, longTime), options.clock, options.wait)
}

function connectAtOnce({ url, clock, mayLose = false }: ConnectOptions, idle: number) {
  return connect({ address: readPostgresUrl(url), clock, mayLose, patience: longTime, idle })
}

/** What a connection is made with. */
type ConnectOptions = Pick<
  PostgresOptions,
  'url' | 'clock' | 'mayLose' | 'deadline' | 'steps' | 'wait'
>

class Postgres implements Database {
  readonly chain: string
  /** Deleted rows stay in the server's files until it has overwritten them: that is the operator's to know. */
  readonly owesPurge = false
  readonly #views: View<unknown>[] = []
  readonly #pool: PostgresPool
  readonly #lease: NodeLease
  readonly #acknowledgement: Acknowledgement
  readonly #writer: PostgresWriter
  readonly #clock: Clock
  readonly #newConnection: Connect
  readonly #besides: Besides | undefined

  constructor(options: PostgresOptions) {
    const { url, clock, chain, report, mayLose = false, alone = false } = options
    const { maxStaleness: duration = usualStaleness, deadline = usualDeadline } = options
    const address = readPostgresUrl(url)
    const times = { patience: deadline, idle: idleOf(deadline) }
    const newConnection = () => connect({ address, clock, mayLose, ...times })
    const link = () => new PostgresLink(newConnection)
    this.chain = chain
    this.#besides = options.besides
    this.#clock = clock
    this.#newConnection = newConnection
    this.#pool = new PostgresPool(newConnection, address.connections - ownLinks)
    this.#lease = new NodeLease({
      link: link(),
      clock,
      name: chain,
      alone,
      duration,
      report,
      drop: (name) => {
        this.#drop(name)
      },
      dropAll: () => {
        for (const view of this.#views) view.clear()
        this.#pool.drop('the server may be another')
      },
    })
    this.#acknowledgement = new Acknowledgement({
      link: link(),
      clock,
      duration,
      margin: marginOf(duration),
      own: () => this.#lease.registration,
      report,
    })
    this.#writer = new PostgresWriter({
      link: link(),
      clock,
      chain,
      deadline,
      guard: (reader) => this.#besides?.guard(reader),
      changed: (names, sequence) => this.#changed(names, sequence),
    })
  }

  get read(): Reader {
    return this.#pool
  }

  get fresh(): boolean {
    return this.#lease.fresh
  }

  get staleness(): number | undefined {
    return this.#lease.age
  }

  get standing(): Standing {
    return { registration: this.#lease.held }
  }

  view<Entry>(capacity: number): View<Entry> {
    const view = new View<Entry>(capacity)
    this.#views.push(view)
    return view
  }

  refresh(): Promise<void> | undefined {
    const { fresh = true } = this.#besides ?? {}
    return this.#lease.fresh && fresh ? undefined : this.#renew()
  }

  catchUp(): Promise<void> {
    return this.#lease.renewAnew()
  }

  write<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result> {
    return this.#writer.write(work)
  }

  get commits(): number {
    return this.#writer.commits
  }

  async snapshot<Result>(work: (reader: Reader) => Promise<Result>): Promise<Result> {
    const connection = await this.#newConnection()
    try {
      await connection.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      return await work(connection)
    } finally {
      await connection.close()
    }
  }

  async purge(): Promise<void> {
    // There is nothing that a client can do: VACUUM and the end of the write-ahead log are the server's.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close()
    await this.#acknowledgement.close()
    await this.#lease.close()
    await this.#pool.close()
  }

  async #renew(): Promise<void> {
    if (!this.#lease.fresh) await this.#renewLease()
    await this.#besides?.freshen()
    if (!this.#lease.fresh) throw new Unavailable('this node has no lease')
  }

  async #renewLease(): Promise<void> {
    await this.#lease.renew()
    // The look that was shared may have begun before whatever ended the lease.
    if (!this.#lease.fresh) await this.#lease.renewAnew()
    this.#lease.wake()
  }

  /** A node's own writers need not wait for it: it has dropped what they change. */
  #changed(names: ReadonlySet<RowName>, sequence: number | undefined): Promise<void> {
    const at = this.#clock.monotonic()
    for (const name of names) this.#drop(name)
    if (sequence === undefined) return Promise.resolve()
    this.#lease.wake()
    return this.#acknowledgement.settle({ sequence, at })
  }

  #drop(name: RowName): void {
    for (const view of this.#views) view.drop(name)
  }
}

/** Connections that a node has for its lease, its acknowledgements and its changes. */
const ownLinks = 3
