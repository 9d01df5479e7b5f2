/**
 * The record of one process. Lines of one turn of the event loop go out in one write; once a second they are synced
 * and a checkpoint is signed; then the database learns the head and forgets the events it kept for us.
 */
import { kmsInternal } from '../api/errors.ts'
import { uuid } from '../crypto/random.ts'
import { openChain } from './opening.ts'
import type { AuditOptions } from './options.ts'
import { OutboxKeeper } from './outbox.ts'
import { OwnEvents } from './own-events.ts'
import { settleTornEnd } from './recovery.ts'
import { tidyFiles } from './rotation.ts'
import { type Mark, type MarkName, markText } from './service-event.ts'
import { SyncFailed } from './whole-file.ts'
import type { ChainWriter } from './writer.ts'

export type { AuditOptions, AuditStore, ChainHead } from './options.ts'

/** An event to write. */
export interface AuditEvent {
  readonly eventId: string
  /** From `eventText` or `serviceEventText`. */
  readonly text: string
  /** True when the event is also in the outbox. */
  readonly change: boolean
}

/** The open record. */
export class AuditLog implements AsyncDisposable {
  readonly #options: AuditOptions
  readonly #writer: ChainWriter
  #turn: { events: AuditEvent[]; settled: PromiseWithResolvers<void> } | undefined
  /** Changes that were committed but could not be written; they go first when writing works again. */
  #owed: AuditEvent[] = []
  /** Set while the last write failed. */
  #failure: { readonly since: number; refused: number } | undefined
  /** Set for good when a sync failed. */
  #lost: SyncFailed | undefined
  #outbox: OutboxKeeper
  readonly #own: OwnEvents
  #syncs: Promise<void> = Promise.resolve()
  #tidying: Promise<void> = Promise.resolve()
  #callOff: (() => void) | undefined
  #closing: Promise<void> | undefined

  /**
   * Opens the record. When this resolves, the chain ends with a whole line, a torn end is kept beside and marked, what
   * the outbox had and the files lacked is in the files, and all of it is on disk under a checkpoint.
   */
  static async open(options: AuditOptions): Promise<AuditLog> {
    const own = new OwnEvents({
      owner: options.owner,
      // Nobody waits for it any more: what cannot be written is owed.
      again: (event) => log.append(event).catch(() => undefined),
      report: (problem, error) => options.report?.(problem, error),
    })
    await own.begin()
    const opened = await openChain(options)
    const log: AuditLog = new AuditLog(options, { writer: opened.writer, own })
    const marks = opened.marks.map(({ name, details }) => log.#mark(name, details))
    const rows = opened.unwritten.map(({ eventId, event }) => ({
      eventId,
      text: event,
      change: true,
    }))
    try {
      log.#write([...marks, ...own.admit(rows)])
      log.#outbox.wrote(opened.written)
      await log.#checkpoint()
    } catch (error) {
      own.close()
      opened.writer.close()
      throw error
    }
    for (const torn of opened.torn) settleTornEnd(torn)
    log.#tidy()
    return log
  }

  private constructor(options: AuditOptions, parts: { writer: ChainWriter; own: OwnEvents }) {
    this.#options = options
    this.#writer = parts.writer
    this.#own = parts.own
    this.#outbox = new OutboxKeeper(options.store)
  }

  /**
   * Adds an event. When this resolves, its line is with the operating system, so that it survives the process; within
   * a second it is on disk. When it rejects (KMSInternalException), the line is not in the file; an event of a change
   * is then written as soon as that works again. One that another node may have taken is written when that is known not to
   * be so, be it later: it stands in the database.
   */
  append(event: AuditEvent): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(kmsInternal(undefined, CLOSED))
    if (!event.text.endsWith('}') || event.text.includes('\n')) {
      return Promise.reject(new TypeError('an event is one line with a JSON object'))
    }
    if (this.#turn === undefined) {
      this.#turn = { events: [], settled: Promise.withResolvers() }
      setImmediate(() => this.#flush())
    }
    this.#turn.events.push(event)
    return this.#turn.settled.promise
  }

  /**
   * Throws KMSInternalException while the record cannot be written. To be called before a change is committed. After a
   * failure it tries to write what is owed, so that the service recovers as soon as there is room.
   */
  requireWritable(): void {
    if (this.#closing !== undefined) throw kmsInternal(undefined, CLOSED)
    this.#own.prepare()
    if (this.#lost === undefined && this.#failure === undefined) return
    try {
      this.#write([])
    } catch (error) {
      this.#failed(error, [])
      throw kmsInternal(undefined, UNWRITABLE)
    }
  }

  /** Ends the use of the record. When this resolves, every line is on disk under a checkpoint. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Resolves when nothing is under way in the background any more. */
  async settled(): Promise<void> {
    // Tidying writes a mark, which may rotate a file, which has to be tidied.
    for (let tidying: unknown; tidying !== this.#tidying; ) {
      tidying = this.#tidying
      await tidying
    }
    await this.#syncs
  }

  async #close(): Promise<void> {
    this.#flush()
    this.#own.close()
    this.#callOff?.()
    await this.settled()
    try {
      if (this.#lost === undefined) await this.#checkpoint()
    } finally {
      this.#writer.close()
    }
  }

  #flush(): void {
    const turn = this.#turn
    if (turn === undefined) return
    this.#turn = undefined
    const events = this.#own.admit(turn.events)
    try {
      this.#write(events)
      turn.settled.resolve()
    } catch (error) {
      this.#failed(error, events)
      turn.settled.reject(kmsInternal(undefined, UNWRITABLE))
    }
  }

  #write(events: readonly AuditEvent[]): void {
    if (this.#lost !== undefined) throw this.#lost
    if (this.#owed.length > 0) this.#owed = [...this.#own.admit(this.#owed)]
    const apology =
      this.#failure === undefined ? [] : [this.#mark('AuditWriteFailed', { ...this.#failure })]
    const first = [...this.#owed, ...apology]
    const all = first.length === 0 ? events : [...first, ...events]
    if (all.length === 0) return
    this.#writer.append(all.map((event) => event.text))
    this.#outbox.wrote(all.filter((event) => event.change).map((event) => event.eventId))
    this.#owed = []
    this.#failure = undefined
    if (this.#writer.rotated) this.#tidy()
    this.#checkpointSoon()
  }

  #failed(error: unknown, events: readonly AuditEvent[]): void {
    if (error instanceof SyncFailed) this.#lost = error
    if (this.#failure === undefined) this.#report('the record cannot be written', error)
    this.#failure ??= { since: this.#options.clock.now(), refused: 0 }
    this.#owed.push(...events.filter((event) => event.change))
    this.#failure.refused += events.filter((event) => !event.change).length
  }

  #mark(name: MarkName, details: Mark['details']): AuditEvent {
    const eventId = uuid()
    const time = this.#options.clock.now()
    return { eventId, text: markText({ eventId, time, name, details }), change: false }
  }

  #checkpointSoon(): void {
    this.#callOff ??= this.#options.clock.after(CHECKPOINT_EVERY, () => {
      this.#callOff = undefined
      if (this.#closing !== undefined) return
      this.#checkpoint().catch((error: unknown) => {
        this.#report('the record was not checkpointed', error)
        this.#checkpointSoon()
      })
    })
  }

  /** When this resolves, what was written before is on disk under a checkpoint. One after the other. */
  #checkpoint(): Promise<void> {
    const done = this.#syncs.then(async () => {
      const changes = this.#outbox.take()
      try {
        const head = await this.#writer.checkpoint()
        this.#writer.closeRetired()
        this.#outbox.synced(head, changes)
      } catch (error) {
        if (error instanceof SyncFailed) this.#lost = error
        this.#outbox.putBack(changes)
        throw error
      }
      // The database may be away for a while; the record does not depend on it.
      await this.#outbox.tellStore().catch((error: unknown) => {
        this.#report('the database was not told of the record', error)
        this.#checkpointSoon()
      })
    })
    this.#syncs = done.catch(() => undefined)
    return done
  }

  #tidy(): void {
    const { folder, keepDays = 0, clock } = this.#options
    this.#tidying = this.#tidying
      .then(() => {
        const { chain, number } = this.#writer.file
        return tidyFiles({ folder, chain, keepDays, clock, current: number }, async (expiry) => {
          this.#write([this.#mark('AuditFilesExpired', { ...expiry })])
          await this.#checkpoint()
        })
      })
      .catch((error: unknown) => this.#report('the record was not tidied', error))
  }

  #report(problem: string, error: unknown): void {
    this.#options.report?.(problem, error)
  }
}

const CHECKPOINT_EVERY = 1000
const CLOSED = 'the record is closed'
const UNWRITABLE = 'the record cannot be written'
