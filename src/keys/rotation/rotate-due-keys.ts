/**
 * The job that rotates keys whose automatic rotation is due. A key that is not enabled waits until it is.
 */
import type { Database, Writer } from '../../database/database.ts'
import { findKey, type KeyName, listKeysToRotate } from '../../database/keys.ts'
import type { KeyStore } from '../../key-stores/key-store.ts'
import { settleDueKeys } from '../due-keys.ts'
import type { Key } from '../key.ts'
import { relatedRegions } from '../multi-region/related-keys.ts'
import { day } from '../day.ts'
import { rotateToNew } from './rotate.ts'

/** What the job works with. */
export interface RotationJob {
  readonly database: Database
  readonly keyStore: KeyStore
  readonly now: number
  /** Puts the event RotateKey, or another one, into the transaction that rotates. */
  readonly record: (
    transaction: Writer,
    key: Key,
    name?: 'SynchronizeMultiRegionKey',
  ) => Promise<void>
  /** Told of a key that failed. */
  readonly report: (error: unknown) => void
}

/** Rotates every key that is due, once each; answers how many. */
export async function rotateDueKeys(job: RotationJob): Promise<number> {
  return settleDueKeys({
    list: (limit) => listKeysToRotate(job.database.read, job.now, limit),
    settle: (name) => rotateOne(job, name),
    report: job.report,
  })
}

async function rotateOne(job: RotationJob, name: KeyName): Promise<number> {
  const listed = await findKey(job.database.read, name.region, name.id)
  if (listed === undefined) return 0
  const material = await job.keyStore.prepare(listed)
  return job.database.write(async (transaction) => {
    // Whoever disabled the rotation, or rotated the key, in the meantime comes first.
    const key = await findKey(transaction, name.region, name.id)
    if (key?.rotationNextAt === undefined || key.rotationNextAt > job.now) return 0
    if (!key.rotationEnabled || key.state !== 'Enabled') return 0
    const nextAt = job.now + (key.rotationPeriodInDays ?? 365) * day
    await rotateToNew(transaction, key, { at: job.now, type: 'AUTOMATIC', nextAt, material })
    await job.record(transaction, key)
    if ((await relatedRegions(transaction, key)).length > 1) {
      await job.record(transaction, key, 'SynchronizeMultiRegionKey')
    }
    return 1
  })
}
