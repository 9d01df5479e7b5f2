/**
 * What a restore says to the record: the events that were on their way to another one are this node's from now on, and the
 * last of them tells what the database was made from.
 */
import { markText } from '../audit/service-event.ts'
import { uuid } from '../crypto/random.ts'
import { adoptEvents, putEvent } from '../database/audit.ts'
import type { Writer } from '../database/database.ts'
import type { ReadBackup } from './read-backup.ts'

/** Puts the events into the transaction of the restore. */
export async function recordRestore(
  transaction: Writer,
  { header, manifest, newStoreId }: ReadBackup & { readonly newStoreId: string },
  time: number,
): Promise<void> {
  await adoptEvents(transaction)
  const eventId = uuid()
  const details = {
    backupId: header.backupId,
    backupTime: header.time,
    previousStoreId: header.storeId,
    storeId: newStoreId,
    rows: Object.values(manifest.tables).reduce((sum, { rows }) => sum + rows, 0),
  }
  const text = markText({ eventId, time, name: 'BackupRestored', details })
  await putEvent(transaction, { eventId, time, text })
}
