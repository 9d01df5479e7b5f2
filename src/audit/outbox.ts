/**
 * Which events of changes the database may forget: those whose line is on disk. It keeps them until it is told, so an
 * event is lost only if the database and the files both are.
 */
import type { ChainHead } from './chain.ts'
import type { AuditStore } from './options.ts'

/** Follows each event of a change from its line to its end in the outbox. */
export class OutboxKeeper {
  readonly #store: AuditStore
  /** In the file, perhaps not on disk. */
  #written: string[] = []
  /** On disk, still in the outbox. */
  #forgettable: string[] = []
  #head: ChainHead | undefined
  #saved = -1

  constructor(store: AuditStore) {
    this.#store = store
  }

  /** These are in the file. */
  wrote(eventIds: readonly string[]): void {
    if (eventIds.length > 0) this.#written = this.#written.concat(eventIds)
  }

  /** Those that a sync which begins now will have put on disk. */
  take(): readonly string[] {
    const taken = this.#written
    this.#written = []
    return taken
  }

  /** The sync failed. */
  putBack(eventIds: readonly string[]): void {
    this.#written = eventIds.concat(this.#written)
  }

  /** These are on disk, under a checkpoint of this head. */
  synced(head: ChainHead, eventIds: readonly string[]): void {
    this.#head = head
    this.#forgettable = this.#forgettable.concat(eventIds)
  }

  /** When this resolves, the database has the head and has forgotten what it may; when it rejects, call it again. */
  async tellStore(): Promise<void> {
    const head = this.#head
    if (head !== undefined && head.sequence !== this.#saved) {
      await this.#store.saveHead(head)
      this.#saved = head.sequence
    }
    const eventIds = this.#forgettable
    if (eventIds.length === 0) return
    await this.#store.forget(eventIds)
    this.#forgettable = this.#forgettable.slice(eventIds.length)
  }
}
