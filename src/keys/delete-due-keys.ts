/**
 * The job that destroys keys whose deletion date has come: the key, its aliases, tags and policy, and its material, whose
 * bytes are gone from the files when the job is over.
 */
import type { Database, Writer } from '../database/database.ts'
import { deleteKey, findKey, listDueKeys } from '../database/keys.ts'
import type { KeyStore } from '../key-stores/key-store.ts'
import type { Key } from './key.ts'

/** What the job works with. */
export interface DeletionJob {
  readonly database: Database
  readonly keyStore: KeyStore
  readonly now: number
  /** Puts the event DeleteKey into the transaction that deletes. */
  readonly record: (transaction: Writer, key: Key) => Promise<void>
}

/** How many keys one transaction deletes. */
const batch = 100

/** Destroys every key that is due; answers how many. */
export async function deleteDueKeys(job: DeletionJob): Promise<number> {
  let deleted = 0
  for (;;) {
    const due = await listDueKeys(job.database.read, job.now, batch)
    for (const key of due) {
      deleted += await job.database.write((transaction) => destroy(job, transaction, key))
    }
    if (due.length < batch) break
  }
  if (deleted > 0) await job.database.purge()
  return deleted
}

async function destroy(job: DeletionJob, transaction: Writer, listed: Key): Promise<number> {
  // Whoever cancelled the deletion in the meantime has saved the key.
  const key = await findKey(transaction, listed.region, listed.id)
  if (key?.deletionAt === undefined || key.deletionAt > job.now) return 0
  await job.record(transaction, key)
  await job.keyStore.destroy(transaction, key)
  await deleteKey(transaction, key)
  return 1
}
