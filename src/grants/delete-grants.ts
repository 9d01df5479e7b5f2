/**
 * With a key go its grants: a few at a time, so that nobody waits long for the database.
 */
import type { Database } from '../database/database.ts'
import { deleteGrantsOfKey } from '../database/grants.ts'
import { findKey, type KeyName } from '../database/keys.ts'

const batch = 200

/** Removes the grants of a key whose deletion date has come; a key whose deletion was cancelled keeps them. */
export async function deleteGrantsOfDueKey(
  database: Database,
  name: KeyName,
  now: number,
): Promise<void> {
  let deleted: number
  do {
    deleted = await database.write(async (transaction) => {
      const key = await findKey(transaction, name.region, name.id)
      if (key?.deletionAt === undefined || key.deletionAt > now) return 0
      return deleteGrantsOfKey(transaction, name, batch)
    })
  } while (deleted === batch)
}
