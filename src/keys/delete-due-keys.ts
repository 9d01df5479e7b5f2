/**
 * The job that destroys keys whose deletion date has come: the key, its grants, aliases, tags and policy, and its material,
 * whose bytes are gone from the files when the job is over.
 */
import type { Database, Writer } from '../database/database.ts'
import { deleteParametersOfKey } from '../database/import-parameters.ts'
import {
  deleteKey,
  findKey,
  findRelatedKeys,
  type KeyName,
  listKeysToDelete,
  updateKey,
} from '../database/keys.ts'
import { deleteEntries, everyRegion } from '../database/material-entries.ts'
import { deleteGrantsOfDueKey } from '../grants/delete-grants.ts'
import type { KeyStore } from '../key-stores/key-store.ts'
import { releaseWaiting } from './import/settle-imported.ts'
import { settleDueKeys } from './due-keys.ts'
import type { Key } from './key.ts'
import { day } from './day.ts'

/** What the job works with. */
export interface DeletionJob {
  readonly database: Database
  readonly keyStore: KeyStore
  readonly now: number
  /** Puts the event DeleteKey into the transaction that deletes. */
  readonly record: (transaction: Writer, key: Key) => Promise<void>
  /** Told of a key that failed. */
  readonly report: (error: unknown) => void
}

/** Destroys every key that is due; answers how many. */
export async function deleteDueKeys(job: DeletionJob): Promise<number> {
  const deleted = await settleDueKeys({
    list: (limit) => listKeysToDelete(job.database.read, job.now, limit),
    settle: async (name) => {
      await deleteGrantsOfDueKey(job.database, name, job.now)
      return job.database.write((transaction) => destroy(job, transaction, name))
    },
    report: job.report,
  })
  if (deleted > 0) await job.database.purge()
  return deleted
}

async function destroy(job: DeletionJob, transaction: Writer, name: KeyName): Promise<number> {
  // Whoever cancelled the deletion in the meantime has saved the key.
  const key = await findKey(transaction, name.region, name.id)
  if (key?.deletionAt === undefined || key.deletionAt > job.now) return 0
  await job.record(transaction, key)
  await job.keyStore.destroy(transaction, key)
  await deleteParametersOfKey(transaction, key)
  await deleteEntries(transaction, { keyId: key.id, region: key.region })
  await deleteKey(transaction, key)
  await settleRelated(job, transaction, key)
  return 1
}

/** With the last related key goes what they shared; a primary that waited for its replicas begins its own window. */
async function settleRelated(job: DeletionJob, transaction: Writer, gone: Key): Promise<void> {
  const related = await findRelatedKeys(transaction, gone.id)
  const [last] = related
  if (last === undefined) {
    await deleteEntries(transaction, { keyId: gone.id, region: everyRegion })
    return
  }
  // Nothing waits any longer for material that the key which is gone did not have.
  await releaseWaiting(transaction, last)
  if (related.length > 1 || last.state !== 'PendingReplicaDeletion') return
  await updateKey(transaction, last, {
    state: 'PendingDeletion',
    deletionAt: job.now + (last.pendingWindowInDays ?? 30) * day,
  })
}
