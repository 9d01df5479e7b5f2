/**
 * Rows of key policies: the text exactly as it was given.
 */
import type { Key } from '../keys/key.ts'
import type { Reader, Writer } from './database.ts'
import { keyRowName } from './keys.ts'
import { sql } from './sql.ts'

/** A key's policy; every key has one. */
export async function findKeyPolicy(reader: Reader, key: Key): Promise<string | undefined> {
  const row = await reader.first<{ policy: string }>(
    sql`SELECT policy FROM key_policies WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
  return row?.policy
}

/** Sets a key's policy. */
export async function setKeyPolicy(transaction: Writer, key: Key, policy: string): Promise<void> {
  transaction.changed(keyRowName(key.region, key.id))
  await transaction.run(
    sql`INSERT INTO key_policies (region, key_id, policy) VALUES (${key.region}, ${key.id}, ${policy})
        ON CONFLICT (region, key_id) DO UPDATE SET policy = excluded.policy`,
  )
}
