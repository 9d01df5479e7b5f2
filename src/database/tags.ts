/**
 * Rows of tags.
 */
import type { Key } from '../keys/key.ts'
import type { Reader, Writer } from './database.ts'
import { keyRowName } from './keys.ts'
import { sql } from './sql.ts'

/** One tag of a key. */
export interface TagRow {
  readonly key: string
  readonly value: string
}

/** Adds a tag, or gives the one of this key another value. */
export async function putTag(transaction: Writer, key: Key, tag: TagRow): Promise<void> {
  transaction.changed(keyRowName(key.region, key.id))
  await transaction.run(
    sql`INSERT INTO tags (region, key_id, tag_key, tag_value)
        VALUES (${key.region}, ${key.id}, ${tag.key}, ${tag.value})
        ON CONFLICT (region, key_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value`,
  )
}

/** Removes a tag, if it is there. */
export async function deleteTag(transaction: Writer, key: Key, tagKey: string): Promise<void> {
  transaction.changed(keyRowName(key.region, key.id))
  await transaction.run(
    sql`DELETE FROM tags WHERE region = ${key.region} AND key_id = ${key.id} AND tag_key = ${tagKey}`,
  )
}

/** A key's tags, by tag key behind `after`, at most `limit`. */
export async function listTags(
  reader: Reader,
  key: Key,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly TagRow[]> {
  const rows = await reader.all<{ tag_key: string; tag_value: string }>(
    sql`SELECT tag_key, tag_value FROM tags
        WHERE region = ${key.region} AND key_id = ${key.id} AND tag_key > ${page.after}
        ORDER BY tag_key LIMIT ${page.limit}`,
  )
  return rows.map((row) => ({ key: row.tag_key, value: row.tag_value }))
}

/** How many tags a key has. */
export async function countTags(reader: Reader, key: Key): Promise<number> {
  const row = await reader.first<{ count: number }>(
    sql`SELECT COUNT(*) AS count FROM tags WHERE region = ${key.region} AND key_id = ${key.id}`,
  )
  return Number(row?.count ?? 0)
}
