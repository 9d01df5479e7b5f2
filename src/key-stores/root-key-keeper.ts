/**
 * Keeps the root keys of a node as the shared database says that they are. The feed names a change of them like a change of
 * any row: a node that has seen it answers nothing and changes nothing until it has taken up the new root key, and a node
 * that does not hold that one refuses until somebody brings it.
 */
import type { Clock } from '../clock.ts'
import type { Besides, Database, Reader } from '../database/database.ts'
import { readMeta, readMetas, writeMeta } from '../database/meta.ts'
import { RootKeyLacking, Unavailable } from '../database/unavailable.ts'
import type { View } from '../database/view.ts'
import type { CustodianSettings } from './custodian.ts'
import { heldRootKeys, openNext, promoteNext } from './next-root-key.ts'
import type { RootKeys } from './root-key.ts'
import {
  metaNames,
  type NextRootKey,
  openPrevious,
  parseChange,
  parseNext,
  ringRow,
} from './root-key-change.ts'
import { RootKeyRing } from './root-key-ring.ts'

/** What keeping works with. */
export interface KeeperOptions {
  readonly settings: CustodianSettings
  /** The machine's own clock. */
  readonly clock: Clock
  readonly report: (error: unknown, message: string) => void
}

/** How often a node without requests looks whether it has something to take up, in milliseconds. */
const lookEvery = 500
/** How long a node that lacks the root key waits before it looks for it again. */
const retryAfter = 2000
/** How often a look is begun again because the root keys changed under it. */
const attempts = 5

/** The root keys of one node. Before it is attached there is nothing to keep. */
export class RootKeyKeeper implements Besides, AsyncDisposable {
  readonly #options: KeeperOptions
  #database: Database | undefined
  #root: RootKeyRing | undefined
  #view: View<true> | undefined
  /** The check value that the ring was last found to match. */
  #check = ''
  #storeId = ''
  /** The root key that is to come, once this node was found to hold it. */
  #next: RootKeys | undefined
  /** The question that stands, and the one that this node has answered. */
  #asked: NextRootKey | undefined
  #answered = ''
  #looking: Promise<void> | undefined
  #failure: { readonly error: Unavailable; readonly at: number } | undefined
  #callOff = (): void => undefined
  #closed = false

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  /** Begins. Rejects when the database has moved on to a root key that this node does not hold. */
  async attach(database: Database, root: RootKeyRing): Promise<void> {
    this.#root = root
    this.#view = database.view(1)
    this.#database = database
    await this.freshen()
    this.#tidy(root)
    this.#schedule()
  }

  get fresh(): boolean {
    return this.#view === undefined || this.#view.get(ringRow) !== undefined
  }

  /** The root key that is to come, if this node has been asked for it and holds it. */
  get next(): RootKeys | undefined {
    return this.#next
  }

  async freshen(): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (this.fresh) return
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined
      })
      await this.#looking
    }
    if (!this.fresh) throw new Unavailable('the root keys change too often')
  }

  async guard(reader: Reader): Promise<void> {
    if (this.#database === undefined) return
    if ((await readMeta(reader, metaNames.check)) === this.#check) return
    this.freshen().catch(() => undefined)
    throw new Unavailable('the root key was changed, and this node has not taken that up yet')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#callOff()
    await this.#looking?.catch(() => undefined)
  }

  async #look(): Promise<void> {
    const [database, root] = [this.#database, this.#root]
    if (database === undefined || root === undefined) return
    const before = root.current.id
    await this.#view?.find(ringRow, () => this.#takeUp(database.read, root))
    if (root.current.id !== before) this.#tidy(root)
  }

  /** Makes the ring what the database says, by what this node holds. */
  async #takeUp(reader: Reader, root: RootKeyRing): Promise<true> {
    const { storeId: store, check: name, change: changed, next } = metaNames
    const values = await readMetas(reader, [store, name, changed, next])
    const storeId = values.get(store) ?? ''
    const check = values.get(name) ?? ''
    const change = parseChange(values.get(changed))
    if (check !== this.#check || storeId !== this.#storeId) {
      const current = this.#find(root, (keys) => keys.matches(storeId, check))
      const before = [root.current, root.previous].find((keys) => keys?.id === change?.previousId)
      const isUnderWay = change !== undefined && change.stage !== 'begun'
      const opened = () => change && openPrevious(new RootKeyRing(current), change)
      root.become({ current, previous: isUnderWay ? (before ?? opened()) : undefined })
      this.#storeId = storeId
      this.#check = check
    } else if (change === undefined && root.previous !== undefined) {
      root.become({ current: root.current, previous: undefined })
    }
    this.#asked = parseNext(values.get(next))
    if (this.#asked === undefined) this.#next = undefined
    return true
  }

  /** What is in memory comes first: a passphrase takes its time. */
  #find(root: RootKeyRing, isWanted: (keys: RootKeys) => boolean): RootKeys {
    const { clock, settings, report } = this.#options
    const known = [root.current, this.#next].find((keys) => keys !== undefined && isWanted(keys))
    if (known !== undefined) return known
    const failure = this.#failure
    if (failure !== undefined && clock.monotonic() - failure.at < retryAfter) throw failure.error
    try {
      for (const keys of heldRootKeys(settings)) if (isWanted(keys)) return keys
    } catch (error) {
      if (failure === undefined) report(error, 'a root key does not open')
    }
    const text = `the root key was changed, and \`${settings.rootKey}\` is not the new one; bring it there`
    const error = new RootKeyLacking(text)
    if (failure === undefined) report(error, 'this node refuses every request')
    this.#failure = { error, at: clock.monotonic() }
    throw error
  }

  /** A root key that has been taken into use takes the place of the one before. */
  #tidy(root: RootKeyRing): void {
    this.#failure = undefined
    try {
      promoteNext(this.#options.settings, root.current)
    } catch (error) {
      this.#options.report(error, 'the new root key stays beside the old one')
    }
  }

  #schedule(): void {
    this.#callOff = this.#options.clock.after(lookEvery, () => {
      if (this.#closed) return
      this.#turn()
        .catch(() => undefined)
        .finally(() => {
          if (!this.#closed) this.#schedule()
        })
    })
  }

  async #turn(): Promise<void> {
    await this.freshen()
    const [database, asked] = [this.#database, this.#asked]
    if (database === undefined || asked === undefined || asked.asked === this.#answered) return
    await this.#answer(database, asked)
  }

  /** Says whether this node holds the root key that is to come, each time that somebody asks. */
  async #answer(database: Database, asked: NextRootKey): Promise<void> {
    const held = this.#openNext()
    this.#next = held?.id === asked.id ? held : undefined
    const holds = JSON.stringify({ asked: asked.asked, holds: this.#next !== undefined })
    await writeMeta(database, `${metaNames.next}/${database.chain}`, holds)
    this.#answered = asked.asked
  }

  #openNext(): RootKeys | undefined {
    try {
      return openNext(this.#options.settings)
    } catch (error) {
      this.#options.report(error, 'the root key that is to come does not open')
      return undefined
    }
  }
}
