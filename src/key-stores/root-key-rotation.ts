/**
 * The change of the root key of a running service. The new one seals as soon as custodian and database have it; rows under
 * the one before are sealed anew in the background, batch by batch, and whatever stops that, a start goes on with it. The one
 * before is forgotten when no row is left under it and the tokens that were made under it are over, or when an operator
 * says so.
 */
import { seedOfEd25519 } from '../crypto/derive.ts'
import { randomBytes } from '../crypto/random.ts'
import type { Database, Reader, Writer } from '../database/database.ts'
import { deleteMeta, putMeta, readMeta, writeMeta } from '../database/meta.ts'
import type { Custodian } from './custodian.ts'
import { type RootKeys, rootKeys } from './root-key.ts'
import {
  auditPlace,
  metaNames,
  openPrevious,
  parseChange,
  previousPlace,
  ringRow,
  type RootKeyChange,
  RootKeyChangeRefused,
} from './root-key-change.ts'
import { CustodianError } from './root-key-file.ts'
import type { RootKeyNodes } from './root-key-nodes.ts'
import { RootKeyRing } from './root-key-ring.ts'
import { reseal, type SealedRows, visitRows } from './sealed-rows.ts'

/** What a change works with. */
export interface RotationParts {
  readonly database: Database
  readonly root: RootKeyRing
  readonly custodian: Custodian
  readonly tables: readonly SealedRows<unknown>[]
  /** The nodes that use the same root key, where the database is one that nodes share. */
  readonly nodes: RootKeyNodes | undefined
  /** Whether no other process of this server has the data folder: workers are not told of a change on one file. */
  readonly alone: boolean
  readonly now: () => number
  /** Puts what happens into the transaction that does it; the answer is called when that is committed. */
  readonly record: (
    transaction: Writer,
    name: 'RootKeyPrepared' | 'RootKeyRotated' | 'RootKeyRetired',
    details: Readonly<Record<string, string>>,
  ) => Promise<() => Promise<void>>
  /** Told of rows that do not open, and of what fails in the background. */
  readonly report: (error: unknown, message: string) => void
}

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
        await this.#rotateShared(this.#parts.nodes)
        return this.status()
      }
      const resumed = change !== undefined && (await this.#resume(change))
      if (!resumed) await this.#begin()
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

  async #begin(): Promise<void> {
    const { custodian, database } = this.#parts
    const before = this.#openCurrent()
    const bytes = randomBytes(32)
    try {
      const next = rootKeys(Buffer.from(bytes))
      const change = await this.#describe(next, before)
      await writeMeta(database, metaNames.change, JSON.stringify(change))
      replaceIn(custodian, bytes)
      await this.#switch(next, change)
    } finally {
      bytes.fill(0)
      before.fill(0)
    }
  }

  /** Custodians have it already, all of them: one transaction is the change. */
  async #rotateShared(nodes: RootKeyNodes): Promise<void> {
    await nodes.keeper.freshen()
    const next = await nodes.require()
    const before = this.#openCurrent()
    try {
      await this.#switch(next, await this.#describe(next, before))
    } finally {
      before.fill(0)
    }
  }

  /** A change whose commit failed after the custodian had the new key is finished; otherwise there is nothing to finish. */
  async #resume(change: RootKeyChange): Promise<boolean> {
    const held = rootKeys(this.#parts.custodian.open())
    if (held.id !== change.nextId) return false
    await this.#switch(held, change)
    return true
  }

  #openCurrent(): Buffer {
    const { custodian, root } = this.#parts
    const bytes = custodian.open()
    if (rootKeys(Buffer.from(bytes)).id === root.current.id) return bytes
    bytes.fill(0)
    throw new CustodianError(`\`${custodian.file}\` does not hold the root key that is in use`)
  }

  async #describe(next: RootKeys, before: Buffer): Promise<RootKeyChange> {
    const { database, root, now } = this.#parts
    const storeId = (await readMeta(database.read, metaNames.storeId)) ?? ''
    const sealer = new RootKeyRing(next)
    const previousId = root.current.id
    const seed = seedOfEd25519(root.audit)
    const previous = sealer.seal('sealedKeys', before, previousPlace(previousId))
    const audit = sealer.seal('sealedKeys', seed, auditPlace)
    seed.fill(0)
    return {
      stage: 'begun',
      since: now(),
      previousId,
      nextId: next.id,
      nextCheck: next.check(storeId),
      previous: previous.toString('base64'),
      audit: audit.toString('base64'),
    }
  }

  async #switch(next: RootKeys, change: RootKeyChange): Promise<void> {
    const { database, now, record, root, nodes } = this.#parts
    // What does not open now would be found out only after a restart.
    openPrevious(new RootKeyRing(next), change)
    const written = await database.write(async (transaction) => {
      // Another node may have been quicker.
      refuseUnlessOver(parseChange(await readMeta(transaction, metaNames.change)))
      await nodes?.requireStill(transaction)
      transaction.changed(ringRow)
      await deleteMeta(transaction, metaNames.next)
      await putMeta(transaction, metaNames.check, change.nextCheck)
      await putMeta(transaction, metaNames.audit, change.audit)
      const switched: RootKeyChange = { ...change, stage: 'switched', since: now() }
      await putMeta(transaction, metaNames.change, JSON.stringify(switched))
      const { previousId, nextId } = change
      const ids = { previousRootKeyId: previousId, rootKeyId: nextId }
      return record(transaction, 'RootKeyRotated', ids)
    })
    if (nodes === undefined) root.switchTo(next)
    else await nodes.keeper.freshen()
    await written()
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

function replaceIn(custodian: Custodian, bytes: Buffer): void {
  try {
    custodian.replace(bytes)
  } catch (error) {
    if (error instanceof CustodianError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CustodianError(`the root key \`${custodian.file}\` cannot be replaced: ${reason}`)
  }
}

function refuseUnlessOver(change: RootKeyChange | undefined): void {
  if (change === undefined || change.stage === 'begun') return
  throw new RootKeyChangeRefused(
    change.stage === 'switched'
      ? 'the last change of the root key is not over: rows are still sealed under the one before'
      : 'the root key before is kept for tokens that were made under it; trent root-key retire ends them and it',
  )
}
