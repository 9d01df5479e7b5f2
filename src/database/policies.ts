/**
 * Rows of key policies: the text exactly as it was given, and the unique ids that its ARNs stood for at the time.
 */
import type { Key } from '../keys/key.ts'
import type { Reader, Writer } from './database.ts'
import { keyRowName } from './keys.ts'
import { sql } from './sql.ts'

/** A key policy as it is stored. */
export interface StoredPolicy {
  readonly text: string
  /** The unique ids of the users and roles that it names, by their ARNs. */
  readonly pins: ReadonlyMap<string, string>
}

/** A key's policy; every key has one. */
export async function findKeyPolicy(
  reader: Reader,
  key: { readonly region: string; readonly id: string },
): Promise<StoredPolicy> {
  const row = await reader.first<{ policy: string; pins: string | null }>(
    sql`SELECT policy, pins FROM key_policies WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
  if (row === undefined) throw new Error(`the key \`${key.id}\` has no policy`)
  return { text: row.policy, pins: new Map(JSON.parse(row.pins ?? '[]') as [string, string][]) }
}

/** Sets a key's policy. */
export async function setKeyPolicy(
  transaction: Writer,
  key: Key,
  { text, pins }: StoredPolicy,
): Promise<void> {
  transaction.changed(keyRowName(key.region, key.id))
  const pinned = JSON.stringify([...pins])
  await transaction.run(
    sql`INSERT INTO key_policies (region, key_id, policy, pins) VALUES (${key.region}, ${key.id}, ${text}, ${pinned})
        ON CONFLICT (region, key_id) DO UPDATE SET policy = excluded.policy, pins = excluded.pins`,
  )
}
