/**
 * Changes, many to a commit: those that wait run one after the other in one transaction, each in a savepoint of its own, and
 * are answered after the commit. The lock on the feed's row, taken first, puts the writers of all nodes in one line, so
 * that what a transaction checks still holds when it commits; and the order of commits is that of the feed's numbers.
 */
import type { Clock } from '../clock.ts'
import type { Reader, RowName, Writer } from './database.ts'
import { appendChanges } from './feed.ts'
import type { PostgresConnection } from './postgres-connection.ts'
import { isConflict, isOfStatement } from './postgres-errors.ts'
import type { PostgresLink } from './postgres-pool.ts'
import { sql, type Statement } from './sql.ts'
import { OutcomeUnknown, Unavailable } from './unavailable.ts'

/** What changes are written with. */
export interface WriterOptions {
  readonly link: PostgresLink
  readonly clock: Clock
  readonly chain: string
  /** How long a change may wait for its commit, in milliseconds. */
  readonly deadline: number
  /** Asked with the lock in hand; when it throws, nothing of the batch is changed. */
  readonly guard: (reader: Reader) => Promise<void> | undefined
  /**
   * Called when names have changed, or may have; with the place in the feed when the commit is confirmed. What it answers
   * is waited for before the changes are acknowledged.
   */
  readonly changed: (names: ReadonlySet<RowName>, sequence: number | undefined) => Promise<void>
}

/** How many waiting changes one commit may carry, and how often a batch is tried. */
const batchLimit = 256
const attempts = 10

interface Waiting {
  readonly work: (transaction: Writer) => Promise<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  /** Ends its deadline: what is waited for after the commit has one of its own. */
  readonly committed: () => void
  /** Whether it has been told of its deadline. */
  late: boolean
}

/** The queue of one node's changes. */
export class PostgresWriter {
  readonly #options: WriterOptions
  #waiting: Waiting[] = []
  #draining: Promise<void> | undefined
  readonly #settling = new Set<Promise<void>>()
  #closed = false
  #commits = 0

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** As `Database.commits` says. */
  get commits(): number {
    return this.#commits
  }

  /** As `Database.write` says. Past the deadline it rejects with `OutcomeUnknown`. */
  write<Result>(work: (transaction: Writer) => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new Error('the database is closed'))
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const callOff = this.#options.clock.after(this.#options.deadline, () => {
      member.late = true
      reject(new OutcomeUnknown('the change was not committed in time'))
    })
    const member: Waiting = {
      work,
      late: false,
      committed: callOff,
      resolve: (result) => {
        resolve(result as Result)
      },
      reject: (error) => {
        callOff()
        reject(error)
      },
    }
    this.#waiting.push(member)
    this.#draining ??= this.#drain()
    return promise
  }

  /** Ends when everything that waits has been answered. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#draining
    await Promise.all(this.#settling)
    await this.#options.link.close()
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Changes that arrive in the same turn of the event loop share one commit.
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      const batch = this.#waiting.splice(0, batchLimit).filter((member) => !member.late)
      if (batch.length > 0) await this.#commit(batch)
    }
    this.#draining = undefined
  }

  /** Commits a batch. The next one does not wait until this one is acknowledged. */
  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const done = await this.#tryAgain(batch)
      for (const member of batch) member.committed()
      const settled = done.acknowledged
        .then(() => {
          for (const answer of done.answers) answer()
        })
        .finally(() => {
          this.#settling.delete(settled)
        })
      this.#settling.add(settled)
    } catch (error) {
      for (const member of batch) member.reject(error)
    }
  }

  /** Runs a batch again while others are in its way, or no connection stands, until its deadline. */
  async #tryAgain(batch: readonly Waiting[]): Promise<Done> {
    const { clock, deadline, link } = this.#options
    const until = clock.monotonic() + deadline
    for (let attempt = 1; ; attempt += 1) {
      try {
        const connection = await link.get()
        const callOff = clock.after(until - clock.monotonic(), () => {
          connection.destroy('the changes were not committed in time')
        })
        return await this.#attempt(batch, connection).finally(callOff)
      } catch (error) {
        const again = isConflict(error) || error instanceof Unavailable
        if (!again || attempt === attempts || clock.monotonic() >= until) throw error
      }
      const milliseconds = 5 * 2 ** attempt
      await new Promise<void>((resolve) => {
        clock.after(milliseconds, resolve)
      })
    }
  }

  async #attempt(batch: readonly Waiting[], connection: PostgresConnection): Promise<Done> {
    const transaction = new Transaction(connection, this.#options.chain)
    const answers: (() => void)[] = []
    let sequence: number | undefined
    try {
      await connection.execute('BEGIN ISOLATION LEVEL READ COMMITTED')
      await connection.first(sql`SELECT sequence FROM feed FOR UPDATE`)
      await this.#options.guard(connection)
      for (const member of batch) answers.push(await runMember(member, transaction))
      sequence = await appendChanges(transaction, transaction.names)
    } catch (error) {
      await connection.execute('ROLLBACK').catch(() => {
        connection.destroy('the transaction could not be rolled back')
      })
      throw error
    }
    try {
      await connection.commit()
      this.#commits += 1
    } catch (error) {
      if (error instanceof OutcomeUnknown) {
        connection.destroy('nobody knows what became of the commit')
        await this.#options.changed(transaction.names, undefined)
      }
      throw error
    }
    return { answers, acknowledged: this.#options.changed(transaction.names, sequence) }
  }
}

/** A batch that was committed. */
interface Done {
  /** Answers each member. */
  readonly answers: readonly (() => void)[]
  /** When no node can answer from before it. */
  readonly acknowledged: Promise<void>
}

/** Runs one member; a statement that fails is the member's own affair, and whatever else fails is the batch's. */
async function runMember(member: Waiting, transaction: Transaction): Promise<() => void> {
  const names = new Set(transaction.names)
  await transaction.connection.execute('SAVEPOINT member')
  try {
    const result = await member.work(transaction)
    if (transaction.failure !== undefined) throw transaction.failure.error
    await transaction.connection.execute('RELEASE SAVEPOINT member')
    return () => {
      member.resolve(result)
    }
  } catch (error) {
    if (transaction.failure !== undefined) throw transaction.failure.error
    await transaction.connection.execute('ROLLBACK TO SAVEPOINT member')
    await transaction.connection.execute('RELEASE SAVEPOINT member')
    transaction.names.clear()
    for (const name of names) transaction.names.add(name)
    return () => {
      member.reject(error)
    }
  }
}

/** What a change works with. */
class Transaction implements Writer {
  readonly connection: PostgresConnection
  readonly chain: string
  readonly names = new Set<RowName>()
  /** What ends the whole transaction, once it has happened. */
  failure: { readonly error: unknown } | undefined

  constructor(connection: PostgresConnection, chain: string) {
    this.connection = connection
    this.chain = chain
  }

  all<Row>(statement: Statement): Promise<readonly Row[]> {
    return this.#watch(this.connection.all<Row>(statement))
  }

  first<Row>(statement: Statement): Promise<Row | undefined> {
    return this.#watch(this.connection.first<Row>(statement))
  }

  run(statement: Statement): Promise<number> {
    return this.#watch(this.connection.run(statement))
  }

  changed(name: RowName): void {
    this.names.add(name)
  }

  async #watch<Result>(result: Promise<Result>): Promise<Result> {
    try {
      return await result
    } catch (error) {
      if (!isOfStatement(error)) this.failure ??= { error }
      throw error
    }
  }
}
