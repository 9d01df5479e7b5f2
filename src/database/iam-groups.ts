/**
 * Rows of who is in which group.
 */
import type { Reader, Writer } from './database.ts'
import { identityRowName } from './iam-identities.ts'
import { sql } from './sql.ts'

/** A user and a group, by their unique ids. */
export interface Membership {
  readonly groupId: string
  readonly userId: string
}

/** A member or a group, as lists show it. */
export interface NamedIdentity {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly createdAt: number
}

interface Raw {
  readonly identity_id: string
  readonly name: string
  readonly path: string
  readonly created_at: number
}

/** Puts a user into a group; answers whether that is new. */
export async function addMember(transaction: Writer, member: Membership): Promise<boolean> {
  transaction.changed(identityRowName(member.userId))
  const touched = await transaction.run(
    sql`INSERT INTO group_members (group_id, user_id) VALUES (${member.groupId}, ${member.userId})
        ON CONFLICT DO NOTHING`,
  )
  return touched > 0
}

/** Takes a user out of a group. */
export async function removeMember(transaction: Writer, member: Membership): Promise<void> {
  transaction.changed(identityRowName(member.userId))
  await transaction.run(
    sql`DELETE FROM group_members WHERE group_id = ${member.groupId} AND user_id = ${member.userId}`,
  )
}

/** A user's groups by name, behind the folded name `after`. */
export async function listGroupsOf(
  reader: Reader,
  userId: string,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly NamedIdentity[]> {
  const rows = await reader.all<Raw>(
    sql`SELECT identities.identity_id, name, path, created_at
        FROM group_members JOIN identities ON identities.identity_id = group_members.group_id
        WHERE user_id = ${userId} AND folded_name > ${page.after} ORDER BY folded_name LIMIT ${page.limit}`,
  )
  return rows.map(fromRow)
}

/** A group's users by name, behind the folded name `after`. */
export async function listMembers(
  reader: Reader,
  groupId: string,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly NamedIdentity[]> {
  const rows = await reader.all<Raw>(
    sql`SELECT identities.identity_id, name, path, created_at
        FROM group_members JOIN identities ON identities.identity_id = group_members.user_id
        WHERE group_id = ${groupId} AND folded_name > ${page.after} ORDER BY folded_name LIMIT ${page.limit}`,
  )
  return rows.map(fromRow)
}

const fromRow = (row: Raw): NamedIdentity => ({
  id: row.identity_id,
  name: row.name,
  path: row.path,
  createdAt: Number(row.created_at),
})
