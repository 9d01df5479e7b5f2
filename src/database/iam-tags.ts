/**
 * Rows of the tags of users, roles, managed policies and identity providers, in the order in which they were given.
 */
import type { Reader, RowName, Writer } from './database.ts'
import { sql } from './sql.ts'

/** A tag. */
export interface IamTag {
  readonly key: string
  readonly value: string
}

/** The tags of an owner: the unique id of a user, role or policy, or a provider's row name. There are at most fifty. */
export async function readTags(reader: Reader, owner: string): Promise<readonly IamTag[]> {
  const rows = await reader.all<{ tag_key: string; tag_value: string }>(
    sql`SELECT tag_key, tag_value FROM iam_tags WHERE owner = ${owner} ORDER BY position LIMIT 1000`,
  )
  return rows.map((row) => ({ key: row.tag_key, value: row.tag_value }))
}

/** Replaces an owner's tags by others. `row` is the name of what shows them, for the feed. */
export async function writeTags(
  transaction: Writer,
  { owner, row }: { readonly owner: string; readonly row: RowName },
  tags: readonly IamTag[],
): Promise<void> {
  transaction.changed(row)
  await transaction.run(sql`DELETE FROM iam_tags WHERE owner = ${owner}`)
  for (const [position, tag] of tags.entries()) {
    await transaction.run(
      sql`INSERT INTO iam_tags (owner, tag_key, tag_value, position)
          VALUES (${owner}, ${tag.key}, ${tag.value}, ${position})`,
    )
  }
}
