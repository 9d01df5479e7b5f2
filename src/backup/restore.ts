/**
 * Puts a backup into an empty database of either engine, in one transaction: all of it is there afterwards, or nothing. The
 * database gets a store id of its own, and the record says what it was made from.
 */
import { uuid } from '../crypto/random.ts'
import type { Writer } from '../database/database.ts'
import { putMeta } from '../database/meta.ts'
import { migrations } from '../database/migrate.ts'
import { emptyTable, putRow, tables } from '../database/tables.ts'
import type { RootKeys } from '../key-stores/root-key.ts'
import { metaNames } from '../key-stores/root-key-change.ts'
import { RootKeyRing } from '../key-stores/root-key-ring.ts'
import { rowOpens, type SealedRows, visitRows } from '../key-stores/sealed-rows.ts'
import { type BroughtBack, listBroughtBack } from './brought-back.ts'
import { BadBackup, type ReadBackup, readBackup } from './read-backup.ts'
import { recordRestore } from './restore-event.ts'

/** What is restored, and under which root key. */
export interface RestoreParts {
  readonly file: string
  readonly keys: RootKeys
  readonly tables: readonly SealedRows<unknown>[]
  readonly now: number
}

/** A backup that has been restored. */
export interface Restored extends ReadBackup {
  readonly newStoreId: string
  readonly broughtBack: BroughtBack
}

/** Reads a backup to its end without using it. Throws a `BadBackup` when it is not whole, or not of this schema. */
export async function checkBackup({ file, keys }: RestoreParts): Promise<ReadBackup> {
  const read = await readBackup(file, keys, async () => undefined)
  const schema = migrations.at(-1)?.name
  if (read.header.schema === schema) return read
  throw new BadBackup(
    `the backup has the schema \`${read.header.schema}\`, and this Trent has \`${schema}\`; restore it with the version that made it, then upgrade`,
  )
}

/** Restores a checked backup in the one transaction of a database that nobody serves yet. */
export async function restoreInto(transaction: Writer, parts: RestoreParts): Promise<Restored> {
  const newStoreId = uuid()
  for (const table of tables) await emptyTable(transaction, table)
  // The file may have changed since it was checked: what is taken is proven again, before the transaction ends.
  const read = await readBackup(parts.file, parts.keys, (table, row) =>
    putRow(transaction, table, row),
  )
  await putMeta(transaction, metaNames.storeId, newStoreId)
  await putMeta(transaction, metaNames.check, parts.keys.check(newStoreId))
  await requireOpen(transaction, parts)
  await recordRestore(transaction, { ...read, newStoreId }, parts.now)
  return { ...read, newStoreId, broughtBack: await listBroughtBack(transaction) }
}

/** Every sealed row has to open under the root key: what does not is found now, and not when it is needed. */
async function requireOpen(transaction: Writer, parts: RestoreParts): Promise<void> {
  const ring = new RootKeyRing(parts.keys)
  const from = { reader: transaction, header: everyRow }
  for (const table of parts.tables) {
    await visitRows(table, from, async (rows) => {
      const broken = rows.find((row) => !rowOpens(ring, row))
      if (broken === undefined) return true
      throw new BadBackup(`${broken.name} does not open; nothing was restored`)
    })
  }
}

/** No sealed row begins with this. */
const everyRow = Buffer.of(0xff)
