/**
 * The job that erases imported material whose time is over. It refuses the key at once; here its bytes go.
 */
import type { Database, Writer } from '../../database/database.ts'
import { findKey, type KeyName, listKeysToExpire } from '../../database/keys.ts'
import { deleteOverdueParameters } from '../../database/import-parameters.ts'
import { listEntries, putEntry } from '../../database/material-entries.ts'
import type { KeyStore } from '../../key-stores/key-store.ts'
import type { Key } from '../key.ts'
import { settleImported } from './settle-imported.ts'

/** What the job works with. */
export interface ExpiryJob {
  readonly database: Database
  readonly keyStore: KeyStore
  readonly now: number
  /** Puts the event DeleteExpiredKeyMaterial into the transaction that erases. */
  readonly record: (transaction: Writer, key: Key) => Promise<void>
}

/** How many keys are listed at a time. */
const batch = 100

/** Erases all material and all wrapping keys that are over; answers how many keys lost material. */
export async function expireKeyMaterial(job: ExpiryJob): Promise<number> {
  let expired = 0
  for (;;) {
    const due = await listKeysToExpire(job.database.read, job.now, batch)
    for (const name of due) {
      expired += await job.database.write((transaction) => expireOne(job, transaction, name))
    }
    if (due.length < batch) break
  }
  const parameters = await job.database.write((transaction) =>
    deleteOverdueParameters(transaction, job.now),
  )
  if (expired + parameters > 0) await job.database.purge()
  return expired
}

async function expireOne(job: ExpiryJob, transaction: Writer, name: KeyName): Promise<number> {
  const key = await findKey(transaction, name.region, name.id)
  if (key === undefined) return 0
  const entries = await listEntries(transaction, { keyId: key.id, region: key.region })
  // Whoever imported the material again in the meantime has kept it.
  const over = entries.filter((entry) => entry.validTo !== undefined && entry.validTo <= job.now)
  if (over.length === 0) return 0
  for (const entry of over) {
    await job.keyStore.destroyMaterial(transaction, key, entry.materialId)
    await putEntry(transaction, {
      ...entry,
      importState: 'PENDING_IMPORT',
      expirationModel: undefined,
      validTo: undefined,
    })
  }
  await settleImported(transaction, key)
  await job.record(transaction, key)
  return 1
}
