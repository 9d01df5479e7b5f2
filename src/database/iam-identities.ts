/**
 * Rows of users, groups and roles. A name is unique for its kind in its account, ignoring case, but is looked up exactly:
 * a permission is asked for on the name as it was given.
 */
import type { Reader, RowName, Writer } from './database.ts'
import { sql } from './sql.ts'

/** What kind of identity a row is. */
export type IdentityKind = 'user' | 'group' | 'role'

/** The row of a user, group or role. */
export interface IdentityRow {
  /** The unique id: `AIDA...`, `AGPA...`, `AROA...`. */
  readonly id: string
  readonly kind: IdentityKind
  readonly account: string
  readonly name: string
  readonly path: string
  readonly createdAt: number
  /** The id of the managed policy that is the permissions boundary; of users and roles. */
  readonly boundaryId: string | undefined
  /** Of roles. */
  readonly trustPolicy: string | undefined
  /** The unique ids that the ARNs in the trust policy stood for when it was stored. */
  readonly trustPins?: ReadonlyMap<string, string>
  readonly description: string | undefined
  readonly maxSessionSeconds: number | undefined
}

/** The kind and the account that a name belongs to. */
export interface IdentityScope {
  readonly account: string
  readonly kind: IdentityKind
}

interface Raw {
  readonly identity_id: string
  readonly kind: IdentityKind
  readonly account_id: string
  readonly name: string
  readonly path: string
  readonly created_at: number
  readonly boundary_id: string | null
  readonly trust_policy: string | null
  readonly trust_pins: string | null
  readonly description: string | null
  readonly max_session_seconds: number | null
}

/** The name of an identity's row in the feed. It is named for whatever the identity's permissions depend on. */
export function identityRowName(id: string): RowName {
  return `identity/${id}`
}

/** The identity of this unique id; undefined if and only if there is none. */
export async function findIdentity(reader: Reader, id: string): Promise<IdentityRow | undefined> {
  const row = await reader.first<Raw>(
    sql`SELECT identity_id, kind, account_id, name, path, created_at, boundary_id, trust_policy, trust_pins,
          description, max_session_seconds
        FROM identities WHERE identity_id = ${id}`,
  )
  return row && fromRow(row)
}

/** The identity of exactly this name; undefined if and only if there is none. */
export async function findIdentityByName(
  reader: Reader,
  scope: IdentityScope,
  name: string,
): Promise<IdentityRow | undefined> {
  const row = await reader.first<Raw>(
    sql`SELECT identity_id, kind, account_id, name, path, created_at, boundary_id, trust_policy, trust_pins,
          description, max_session_seconds
        FROM identities
        WHERE account_id = ${scope.account} AND kind = ${scope.kind} AND folded_name = ${name.toLowerCase()}
          AND name = ${name}`,
  )
  return row && fromRow(row)
}

/** The unique id of the identity with this name in any case; undefined if and only if the name is free. */
export async function findNameOwner(
  reader: Reader,
  scope: IdentityScope,
  name: string,
): Promise<string | undefined> {
  const row = await reader.first<{ identity_id: string }>(
    sql`SELECT identity_id FROM identities
        WHERE account_id = ${scope.account} AND kind = ${scope.kind} AND folded_name = ${name.toLowerCase()}`,
  )
  return row?.identity_id
}

/** Where a page of names begins, how long it is, and the prefix of the paths in it. */
export interface NamePage {
  /** The folded name behind which the page begins. */
  readonly after: string
  readonly limit: number
  readonly pathPrefix: string
}

/** Identities by name. */
export async function listIdentities(
  reader: Reader,
  scope: IdentityScope,
  page: NamePage,
): Promise<readonly IdentityRow[]> {
  const { length } = page.pathPrefix
  const rows = await reader.all<Raw>(
    sql`SELECT identity_id, kind, account_id, name, path, created_at, boundary_id, trust_policy, trust_pins,
          description, max_session_seconds
        FROM identities
        WHERE account_id = ${scope.account} AND kind = ${scope.kind} AND folded_name > ${page.after}
          AND substr(path, 1, ${length}) = ${page.pathPrefix}
        ORDER BY folded_name LIMIT ${page.limit}`,
  )
  return rows.map(fromRow)
}

/** How many identities of a kind an account has. */
export async function countIdentities(reader: Reader, scope: IdentityScope): Promise<number> {
  const row = await reader.first<{ count: number }>(
    sql`SELECT COUNT(*) AS count FROM identities WHERE account_id = ${scope.account} AND kind = ${scope.kind}`,
  )
  return Number(row?.count ?? 0)
}

/** Adds an identity. */
export async function insertIdentity(transaction: Writer, row: IdentityRow): Promise<void> {
  transaction.changed(identityRowName(row.id))
  await transaction.run(
    sql`INSERT INTO identities (identity_id, kind, account_id, name, folded_name, path, created_at, boundary_id,
          trust_policy, trust_pins, description, max_session_seconds)
        VALUES (${row.id}, ${row.kind}, ${row.account}, ${row.name}, ${row.name.toLowerCase()}, ${row.path},
          ${row.createdAt}, ${row.boundaryId ?? null}, ${row.trustPolicy ?? null}, ${pins(row)}, ${row.description ?? null},
          ${row.maxSessionSeconds ?? null})`,
  )
}

/** Writes everything of an identity that can change. */
export async function updateIdentity(transaction: Writer, row: IdentityRow): Promise<void> {
  transaction.changed(identityRowName(row.id))
  await transaction.run(
    sql`UPDATE identities
        SET name = ${row.name}, folded_name = ${row.name.toLowerCase()}, path = ${row.path},
          boundary_id = ${row.boundaryId ?? null}, trust_policy = ${row.trustPolicy ?? null},
          trust_pins = ${pins(row)}, description = ${row.description ?? null}, max_session_seconds = ${row.maxSessionSeconds ?? null}
        WHERE identity_id = ${row.id}`,
  )
}

/** Deletes an identity's row alone; what hangs on it has been refused or deleted before. */
export async function deleteIdentity(transaction: Writer, id: string): Promise<void> {
  transaction.changed(identityRowName(id))
  await transaction.run(sql`DELETE FROM identities WHERE identity_id = ${id}`)
}

const pins = ({ trustPins = new Map() }: IdentityRow) =>
  trustPins.size === 0 ? null : JSON.stringify([...trustPins])

function fromRow(row: Raw): IdentityRow {
  return {
    id: row.identity_id,
    kind: row.kind,
    account: row.account_id,
    name: row.name,
    path: row.path,
    createdAt: Number(row.created_at),
    boundaryId: row.boundary_id ?? undefined,
    trustPolicy: row.trust_policy ?? undefined,
    trustPins: new Map(JSON.parse(row.trust_pins ?? '[]') as [string, string][]),
    description: row.description ?? undefined,
    maxSessionSeconds:
      row.max_session_seconds === null ? undefined : Number(row.max_session_seconds),
  }
}
