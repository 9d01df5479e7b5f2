/**
 * The change of the root key of a running service. The new one seals as soon as custodian and database have it; rows under
 * the one before are sealed anew in the background, batch by batch, and whatever stops that, a start goes on with it. The one
 * before is forgotten when no row is left under it and the tokens that were made under it are over, or when an operator
 * says so.
 */
import type { Reader } from '../database/database.ts'
import { putMeta, readMeta } from '../database/meta.ts'
import {
  metaNames,
  parseChange,
  ringRow,
  type RootKeyChange,
  RootKeyChangeRefused,
} from './root-key-change.ts'
import type { RootKeyNodes } from './root-key-nodes.ts'
import {
  begin,
  refuseUnlessOver,
  resume,
  rotateShared,
  type RotationParts,
} from './root-key-switch.ts'
import { reseal, visitRows } from './sealed-rows.ts'

/** Where a change stands. */
export interface RotationStatus {
  readonly rootKeyId: string
  readonly previousRootKeyId: string | undefined
  readonly stage: RootKeyChange['stage'] | 'none'
  /** Milliseconds since 1970; of a change that is not over. */
  readonly since: number | undefined
  /** On a shared database, the root key that is to come, and who holds it. */
  readonly next: Awaited<ReturnType<RootKeyNodes['status']>>
}

/** The longest that a token lives: GetFederationToken's and GetSessionToken's 36 hours. */
export const longestToken = 36 * 3_600_000

/** How long writes that were prepared before a change may take to be committed. */
const longestWrite = 60_000

/** The change of the root key of one service. */
export class RootKeyRotation implements AsyncDisposable {
  readonly #parts: RotationParts
  #turn: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(parts: RotationParts) {
    this.#parts = parts
  }

  /** On a shared database: makes the next root key, which then is to be brought to every node. */
  prepare(): Promise<RotationStatus> {
    return this.#alone(async () => {
      const { database, nodes, record, root } = this.#parts
      if (nodes === undefined) {
        throw new RootKeyChangeRefused(
          'one server alone needs no preparation: run trent root-key rotate',
        )
      }
      await nodes.keeper.freshen()
      refuseUnlessOver(await this.#change())
      await nodes.prepare(root.current)
      const status = await this.status()
      const nextRootKeyId = status.next?.id ?? ''
      const written = await database.write((transaction) =>
        record(transaction, 'RootKeyPrepared', { rootKeyId: root.current.id, nextRootKeyId }),
      )
      await written()
      return status
    })
  }

  /** Changes the root key. When this resolves, custodian and database have the new one, and rows are yet to follow. */
  async rotate(): Promise<RotationStatus> {
    if (!this.#parts.alone && this.#parts.nodes === undefined) {
      throw new RootKeyChangeRefused(
        'the root key is not changed beside workers; start with one process',
      )
    }
    refuseUnlessOver(await this.#change())
    return this.#alone(async () => {
      const change = await this.#change()
      refuseUnlessOver(change)
      if (this.#parts.nodes !== undefined) {
        await rotateShared(this.#parts, this.#parts.nodes)
        return this.status()
      }
      const resumed = change !== undefined && (await resume(this.#parts, change))
      if (!resumed) await begin(this.#parts)
      return this.status()
    })
  }

  /** Where it stands. */
  async status(): Promise<RotationStatus> {
    await this.#parts.nodes?.keeper.freshen()
    const change = await this.#change()
    const { current, previous } = this.#parts.root
    return {
      rootKeyId: current.id,
      previousRootKeyId: previous?.id,
      stage: change?.stage ?? 'none',
      since: change?.since,
      next: await this.#parts.nodes?.status(),
    }
  }

  /** Seals rows anew until none is left, and forgets the root key before when its time has come. */
  goOn(mayForget: boolean): Promise<void> {
    return this.#alone(async () => {
      await this.#parts.nodes?.keeper.freshen()
      const change = await this.#change()
      if (change?.stage === 'switched') await this.#rewrap(change)
      if (!mayForget || change?.stage !== 'rewrapped') return
      if (this.#parts.now() >= change.since + longestToken) await this.#retire(change)
    })
  }

  /** Forgets the root key before at once: sessions, import tokens, grant tokens and markers from under it end. */
  retire(): Promise<RotationStatus> {
    return this.#alone(async () => {
      await this.#parts.nodes?.keeper.freshen()
      const change = await this.#change()
      if (change === undefined || change.stage === 'begun') {
        throw new RootKeyChangeRefused('there is no root key to retire')
      }
      if (change.stage === 'switched') {
        throw new RootKeyChangeRefused(
          'rows are still sealed under the root key before; wait until trent root-key status shows the stage rewrapped',
        )
      }
      const left = change.since + longestWrite - this.#parts.now()
      if (left > 0) {
        throw new RootKeyChangeRefused(
          `the root key was changed within the last minute; try again in ${Math.ceil(left / 1000)} seconds`,
        )
      }
      await this.#retire(change)
      return this.status()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#turn
  }

  /** One after the other. */
  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #change(): Promise<RootKeyChange | undefined> {
    return parseChange(await readMeta(this.#parts.database.read, metaNames.change))
  }

  async #rewrap(change: RootKeyChange): Promise<void> {
    const { database, root, tables, report } = this.#parts
    if (root.current.id !== change.nextId) return
    const from = { reader: database.read, header: root.header }
    let broken = 0
    for (const table of tables) {
      await visitRows(table, from, async (rows) => {
        for (const name of await reseal(table, rows, this.#parts)) {
          broken += 1
          report(new Error(`${name} does not open`), 'a row keeps the root key before in use')
        }
        return !this.#stopped
      })
    }
    if (this.#stopped || broken > 0) return
    const rewrapped: RootKeyChange = { ...change, stage: 'rewrapped' }
    await database.write(async (transaction) => {
      if (!(await stands(transaction, change))) return
      await putMeta(transaction, metaNames.change, JSON.stringify(rewrapped))
    })
  }

  async #retire(change: RootKeyChange): Promise<void> {
    const { database, record, root, tables, nodes } = this.#parts
    const written = await database.write(async (transaction) => {
      if (!(await stands(transaction, change))) return undefined
      // What was committed since the rows were counted is seen here: no other transaction runs meanwhile.
      if (await isAnyLeft(transaction, root.header, tables)) {
        const again: RootKeyChange = { ...change, stage: 'switched' }
        await putMeta(transaction, metaNames.change, JSON.stringify(again))
        return undefined
      }
      await putMeta(transaction, metaNames.change, '')
      transaction.changed(ringRow)
      return record(transaction, 'RootKeyRetired', { rootKeyId: change.previousId })
    })
    if (written === undefined) return
    if (nodes === undefined) root.retirePrevious()
    else await nodes.keeper.freshen()
    await written()
    await database.purge()
  }
}

async function isAnyLeft(
  reader: Reader,
  header: Uint8Array,
  tables: RotationParts['tables'],
): Promise<boolean> {
  for (const table of tables) {
    if ((await table.list(reader, header, { after: undefined, limit: 1 })).length > 0) return true
  }
  return false
}

/** Whether a change is still where it was: another node may have taken it further. */
async function stands(reader: Reader, { nextId, stage }: RootKeyChange): Promise<boolean> {
  const now = parseChange(await readMeta(reader, metaNames.change))
  return now?.nextId === nextId && now.stage === stage
}
