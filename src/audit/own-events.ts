/**
 * Which events of changes this process may write. Where there are other nodes, one of them takes over the events of a node
 * that was silent for long; and a node that had only stood still wakes with the same events in its memory. So an event of a
 * change is written while nobody can have taken it, which a registration that holds says without asking; after a new
 * registration, the database is asked once which were taken.
 */
import { systemClock } from '../clock.ts'
import type { EventOwner } from '../database/orphans.ts'
import type { AuditEvent } from './log.ts'

/** What it works with. */
export interface OwnEventsParts {
  /** Undefined where there are no other nodes: every event is this process's then. */
  readonly owner: EventOwner | undefined
  /** Called with each event that was held back, when it may be written, or be held back again. */
  readonly again: (event: AuditEvent) => unknown
  readonly report: (problem: string, error: unknown) => void
}

/** How long it waits before it asks again, in milliseconds. */
const retryAfter = 250

/** The events of changes of one process. */
export class OwnEvents {
  readonly #parts: OwnEventsParts
  /** What others had taken when this was known to be all of it, and the registration that makes it so. */
  #known: { readonly registration: string; readonly taken: ReadonlySet<string> } | undefined
  /** They stand in the database, so that nothing is lost with them. */
  #held: AuditEvent[] = []
  #asking = false
  #failing = false
  #callOff = (): void => undefined
  #closed = false

  constructor(parts: OwnEventsParts) {
    this.#parts = parts
  }

  /** Begins. What the database has for this chain afterwards is this process's, and nobody can have taken it meanwhile. */
  async begin(): Promise<void> {
    const { owner } = this.#parts
    const registration = owner?.registration
    await owner?.forgetTaken()
    if (registration !== undefined) this.#learn(registration, new Set())
  }

  /** Those of the events that may be written in this turn of the event loop; others are held back until that is known. */
  admit(events: readonly AuditEvent[]): readonly AuditEvent[] {
    if (this.#parts.owner === undefined || !events.some(({ change }) => change)) return events
    const taken = this.#takenNow()
    if (taken?.size === 0) return events
    if (taken !== undefined) {
      return events.filter(({ change, eventId }) => !(change && taken.has(eventId)))
    }
    this.#held.push(...events.filter(({ change }) => change))
    this.prepare()
    return events.filter(({ change }) => !change)
  }

  /** Asks, when that is necessary, so that what is changed next need not be held back. */
  prepare(): void {
    if (this.#parts.owner === undefined || this.#takenNow() !== undefined || this.#closed) return
    if (this.#asking) return
    this.#asking = true
    this.#ask()
      .then(
        (known) => {
          this.#failing = false
          return known
        },
        (error: unknown) => {
          // Once for each time that it begins: the database may be away for long.
          if (!this.#failing) this.#parts.report('events of changes wait for the database', error)
          this.#failing = true
          return false
        },
      )
      .then((known) => {
        this.#asking = false
        if (known) this.#release()
        else this.#later()
      })
      .catch((error: unknown) => {
        this.#parts.report('events of changes were held back', error)
      })
  }

  /** Ends. What is held back stays in the database, for the next process of this chain or for another node. */
  close(): void {
    this.#closed = true
    this.#callOff()
  }

  /** What others have taken; undefined when more could have been taken. */
  #takenNow(): ReadonlySet<string> | undefined {
    const registration = this.#parts.owner?.registration
    const known = this.#known
    return registration !== undefined && registration === known?.registration
      ? known.taken
      : undefined
  }

  async #ask(): Promise<boolean> {
    const { owner } = this.#parts
    const registration = owner?.registration
    if (owner === undefined || registration === undefined) return false
    return this.#learn(registration, await owner.taken())
  }

  /** Holds only if the registration stood all the while: who takes events removes it before, or sees that it stands. */
  #learn(registration: string, taken: ReadonlySet<string>): boolean {
    if (this.#parts.owner?.registration !== registration) return false
    this.#known = { registration, taken }
    return true
  }

  #release(): void {
    if (this.#closed) return
    for (const event of this.#held.splice(0)) this.#parts.again(event)
  }

  #later(): void {
    if (this.#closed) return
    // The machine's clock, as leases have it, whatever the record's own is turned to.
    this.#callOff = systemClock.after(retryAfter, () => {
      this.prepare()
      if (this.#takenNow() !== undefined) this.#release()
    })
  }
}
