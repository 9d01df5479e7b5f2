/**
 * The job that erases imported material whose time is over. It refuses the key at once; here its bytes go.
 */
import type { Database, Writer } from '../../database/database.ts'
import { findKey, type KeyName, listKeysToExpire } from '../../database/keys.ts'
import { deleteOverdueParameters } from '../../database/import-parameters.ts'
import { listEntries, putEntry } from '../../database/material-entries.ts'
import type { KeyStore } from '../../key-stores/key-store.ts'
import { settleDueKeys } from '../due-keys.ts'
import type { Key } from '../key.ts'
import { settleImported } from './settle-imported.ts'

/** What the job works with. */
export interface ExpiryJob {
  readonly database: Database
  readonly keyStore: KeyStore
  readonly now: number
  /** Puts the event DeleteExpiredKeyMaterial into the transaction that erases. */
  readonly record: (transaction: Writer, key: Key) => Promise<void>
  /** Told of a key that failed. */
  readonly report: (error: unknown) => void
}

/** Erases all material and all wrapping keys that are over; answers how many keys lost material. */
export async function expireKeyMaterial(job: ExpiryJob): Promise<number> {
  const expired = await settleDueKeys({
    list: (limit) => listKeysToExpire(job.database.read, job.now, limit),
    settle: (name) => job.database.write((transaction) => expireOne(job, transaction, name)),
    report: job.report,
  })
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
