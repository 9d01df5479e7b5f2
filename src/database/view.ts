/**
 * A view: entries made from rows, kept in memory by the row's name and dropped when the feed names it. A miss is never
 * kept as a miss, so that what was just made is found.
 */
import type { RowName } from './database.ts'

/** A bounded cache of entries by row name; the oldest goes first. */
export class View<Entry> {
  readonly #capacity: number
  readonly #entries = new Map<RowName, Entry>()
  /** Fills under way, by name; one that the feed names meanwhile is answered but not kept. */
  readonly #filling = new Map<RowName, { stale: boolean; readers: number }>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** The kept entry, or undefined when it has to be filled. */
  get(name: RowName): Entry | undefined {
    return this.#entries.get(name)
  }

  /** The kept entry, or what `load` reads; undefined if and only if there is no such row. */
  async find(name: RowName, load: () => Promise<Entry | undefined>): Promise<Entry | undefined> {
    const kept = this.#entries.get(name)
    if (kept !== undefined) return kept
    const fill = this.#filling.get(name) ?? { stale: false, readers: 0 }
    fill.readers += 1
    this.#filling.set(name, fill)
    try {
      const entry = await load()
      if (entry !== undefined && !fill.stale) this.#keep(name, entry)
      return entry
    } finally {
      fill.readers -= 1
      if (fill.readers === 0 && !fill.stale) this.#filling.delete(name)
    }
  }

  /** Forgets one name: its row has changed. */
  drop(name: RowName): void {
    this.#entries.delete(name)
    this.#markStale(name)
  }

  /** Forgets everything: the feed was missed, or belongs to another history. */
  clear(): void {
    this.#entries.clear()
    for (const name of this.#filling.keys()) this.#markStale(name)
  }

  #markStale(name: RowName): void {
    const fill = this.#filling.get(name)
    if (fill === undefined) return
    fill.stale = true
    this.#filling.delete(name)
  }

  #keep(name: RowName, entry: Entry): void {
    if (this.#entries.size >= this.#capacity) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    this.#entries.set(name, entry)
  }
}
