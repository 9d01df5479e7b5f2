/**
 * Another root key is taken into use: by the custodian and then the database, or, on a database that nodes share, by one
 * transaction, since every node holds the next one already. What is sealed under the one before is `root-key-rotation.ts`'s.
 */
import { seedOfEd25519 } from '../crypto/derive.ts'
import { randomBytes } from '../crypto/random.ts'
import type { Database, Writer } from '../database/database.ts'
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
import type { SealedRows } from './sealed-rows.ts'

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

/** Makes the next root key, for the custodian and then the database. */
export async function begin(parts: RotationParts): Promise<void> {
  const { custodian, database } = parts
  const before = openCurrent(parts)
  const bytes = randomBytes(32)
  try {
    const next = rootKeys(Buffer.from(bytes))
    const change = await describe(parts, next, before)
    await writeMeta(database, metaNames.change, JSON.stringify(change))
    replaceIn(custodian, bytes)
    await switchTo(parts, next, change)
  } finally {
    bytes.fill(0)
    before.fill(0)
  }
}

/** Custodians have it already, all of them: one transaction is the change. */
export async function rotateShared(parts: RotationParts, nodes: RootKeyNodes): Promise<void> {
  await nodes.keeper.freshen()
  const next = await nodes.require()
  const before = openCurrent(parts)
  try {
    await switchTo(parts, next, await describe(parts, next, before))
  } finally {
    before.fill(0)
  }
}

/** A change whose commit failed after the custodian had the new key is finished; otherwise there is nothing to finish. */
export async function resume(parts: RotationParts, change: RootKeyChange): Promise<boolean> {
  const held = rootKeys(parts.custodian.open())
  if (held.id !== change.nextId) return false
  await switchTo(parts, held, change)
  return true
}

function openCurrent({ custodian, root }: RotationParts): Buffer {
  const bytes = custodian.open()
  if (rootKeys(Buffer.from(bytes)).id === root.current.id) return bytes
  bytes.fill(0)
  throw new CustodianError(`\`${custodian.file}\` does not hold the root key that is in use`)
}

async function describe(
  { database, root, now }: RotationParts,
  next: RootKeys,
  before: Buffer,
): Promise<RootKeyChange> {
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

async function switchTo(
  { database, now, record, root, nodes }: RotationParts,
  next: RootKeys,
  change: RootKeyChange,
): Promise<void> {
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

function replaceIn(custodian: Custodian, bytes: Buffer): void {
  try {
    custodian.replace(bytes)
  } catch (error) {
    if (error instanceof CustodianError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new CustodianError(`the root key \`${custodian.file}\` cannot be replaced: ${reason}`)
  }
}

/** Refuses while the last change is not over. */
export function refuseUnlessOver(change: RootKeyChange | undefined): void {
  if (change === undefined || change.stage === 'begun') return
  throw new RootKeyChangeRefused(
    change.stage === 'switched'
      ? 'the last change of the root key is not over: rows are still sealed under the one before'
      : 'the root key before is kept for tokens that were made under it; trent root-key retire ends them and it',
  )
}
