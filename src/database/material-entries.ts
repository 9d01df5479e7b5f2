/**
 * What is to be known of each key material, its bytes apart: its place in the key's history, and for imported material
 * whether it is there and until when. Material that Trent made has one entry for every region, imported material one for
 * each.
 */
import type { ExpirationModel, ImportState, KeyMaterialState, RotationType } from '../api/types.ts'
import { keyRowName } from './keys.ts'
import type { Reader, Writer } from './database.ts'
import { sql } from './sql.ts'

/** The region of material that Trent made: one row serves every region of a multi-Region key. */
export const everyRegion = '*'

/** The region that a key's material belongs to. */
export function materialRegion(key: { readonly origin: string; readonly region: string }): string {
  return key.origin === 'EXTERNAL' ? key.region : everyRegion
}

/** A material's entry; times are milliseconds since 1970. `position` counts the key's materials from 1. */
export interface MaterialEntry {
  readonly keyId: string
  readonly region: string
  readonly materialId: string
  readonly position: number
  readonly state: KeyMaterialState
  readonly rotatedAt: number | undefined
  readonly rotationType: RotationType | undefined
  readonly description: string | undefined
  /** Of imported material alone. */
  readonly importState: ImportState | undefined
  readonly expirationModel: ExpirationModel | undefined
  readonly validTo: number | undefined
}

interface EntryRow {
  readonly key_id: string
  readonly region: string
  readonly material_id: string
  readonly position: number
  readonly state: string
  readonly rotated_at: number | null
  readonly rotation_type: string | null
  readonly description: string | null
  readonly import_state: string | null
  readonly expiration_model: string | null
  readonly valid_to: number | null
}

/** A new entry; what is not given is absent. */
export function newEntry(
  given: Partial<MaterialEntry> & Pick<MaterialEntry, 'keyId' | 'region' | 'materialId'>,
): MaterialEntry {
  return {
    position: 1,
    state: 'CURRENT',
    rotatedAt: undefined,
    rotationType: undefined,
    description: undefined,
    importState: undefined,
    expirationModel: undefined,
    validTo: undefined,
    ...given,
  }
}

/** Whether imported material is there at a moment: what has expired is gone, whether or not the job has erased it yet. */
export function importStateAt(entry: MaterialEntry, now: number): ImportState | undefined {
  return entry.validTo !== undefined && entry.validTo <= now ? 'PENDING_IMPORT' : entry.importState
}

/** Adds an entry, or writes a changed one back. */
export async function putEntry(transaction: Writer, entry: MaterialEntry): Promise<void> {
  transaction.changed(keyRowName(entry.region, entry.keyId))
  await transaction.run(
    sql`INSERT INTO material_entries (key_id, region, material_id, position, state, rotated_at, rotation_type,
          description, import_state, expiration_model, valid_to)
        VALUES (${entry.keyId}, ${entry.region}, ${entry.materialId}, ${entry.position}, ${entry.state},
          ${entry.rotatedAt ?? null}, ${entry.rotationType ?? null}, ${entry.description ?? null},
          ${entry.importState ?? null}, ${entry.expirationModel ?? null}, ${entry.validTo ?? null})
        ON CONFLICT (key_id, region, material_id) DO UPDATE SET position = excluded.position,
          state = excluded.state, rotated_at = excluded.rotated_at, rotation_type = excluded.rotation_type,
          description = excluded.description, import_state = excluded.import_state,
          expiration_model = excluded.expiration_model, valid_to = excluded.valid_to`,
  )
}

/** The entries of a key in one region (or `everyRegion`), oldest first, behind position `after`, at most `limit`. */
export async function listEntries(
  reader: Reader,
  key: { readonly keyId: string; readonly region: string },
  page: { readonly after: number; readonly limit: number } = { after: 0, limit: 10_000 },
): Promise<readonly MaterialEntry[]> {
  const rows = await reader.all<EntryRow>(
    sql`SELECT key_id, region, material_id, position, state, rotated_at, rotation_type, description, import_state,
          expiration_model, valid_to
        FROM material_entries WHERE key_id = ${key.keyId} AND region = ${key.region}
          AND position > ${page.after} ORDER BY position LIMIT ${page.limit}`,
  )
  return rows.map(entryFromRow)
}

/** Removes one entry: material that was never in use and is withdrawn. */
export async function deleteEntry(transaction: Writer, entry: MaterialEntry): Promise<void> {
  transaction.changed(keyRowName(entry.region, entry.keyId))
  await transaction.run(
    sql`DELETE FROM material_entries WHERE key_id = ${entry.keyId} AND region = ${entry.region}
          AND material_id = ${entry.materialId}`,
  )
}

/** Removes every entry of a key in one region (or `everyRegion`). */
export async function deleteEntries(
  transaction: Writer,
  key: { readonly keyId: string; readonly region: string },
): Promise<void> {
  await transaction.run(
    sql`DELETE FROM material_entries WHERE key_id = ${key.keyId} AND region = ${key.region}`,
  )
}

function entryFromRow(row: EntryRow): MaterialEntry {
  return {
    keyId: row.key_id,
    region: row.region,
    materialId: row.material_id,
    position: Number(row.position),
    state: row.state as MaterialEntry['state'],
    rotatedAt: row.rotated_at === null ? undefined : Number(row.rotated_at),
    rotationType: (row.rotation_type ?? undefined) as MaterialEntry['rotationType'],
    description: row.description ?? undefined,
    importState: (row.import_state ?? undefined) as MaterialEntry['importState'],
    expirationModel: (row.expiration_model ?? undefined) as MaterialEntry['expirationModel'],
    validTo: row.valid_to === null ? undefined : Number(row.valid_to),
  }
}
