/**
 * Rows of sealed key material. Only a key store reads them.
 */
import type { Reader, RowName, Writer } from './database.ts'
import { sql } from './sql.ts'

/** Which material: of which key, and in which region (`everyRegion` unless it was imported into one). */
export interface MaterialName {
  readonly keyId: string
  readonly region: string
  readonly materialId: string
}

/** A material's row. */
export interface MaterialRow extends MaterialName {
  readonly account: string
  readonly sealed: Uint8Array
  readonly createdAt: number
}

/** The name of a material's row in the feed. */
export function materialRowName(name: MaterialName): RowName {
  return `material/${name.keyId}/${name.region}/${name.materialId}`
}

/** The material of this name; undefined if and only if there is none. */
export async function findMaterial(
  reader: Reader,
  name: MaterialName,
): Promise<MaterialRow | undefined> {
  const row = await reader.first<{ account_id: string; sealed: Uint8Array; created_at: number }>(
    sql`SELECT account_id, sealed, created_at FROM key_materials
        WHERE key_id = ${name.keyId} AND region = ${name.region} AND material_id = ${name.materialId}`,
  )
  if (row === undefined) return undefined
  return {
    ...name,
    account: row.account_id,
    sealed: row.sealed,
    createdAt: Number(row.created_at),
  }
}

/** Adds a material, sealed; the same material again takes the place of what is there. */
export async function insertMaterial(transaction: Writer, row: MaterialRow): Promise<void> {
  transaction.changed(materialRowName(row))
  await transaction.run(
    sql`INSERT INTO key_materials (key_id, region, material_id, account_id, sealed, created_at)
        VALUES (${row.keyId}, ${row.region}, ${row.materialId}, ${row.account}, ${row.sealed}, ${row.createdAt})
        ON CONFLICT (key_id, region, material_id) DO UPDATE SET sealed = excluded.sealed`,
  )
}

/** Removes one material. Its bytes are gone from the files after `Database.purge`. */
export async function deleteMaterial(transaction: Writer, name: MaterialName): Promise<void> {
  transaction.changed(materialRowName(name))
  await transaction.run(
    sql`DELETE FROM key_materials WHERE key_id = ${name.keyId} AND region = ${name.region}
          AND material_id = ${name.materialId}`,
  )
}

/** Removes every material of a key in one region (or `everyRegion`). */
export async function deleteMaterials(
  transaction: Writer,
  key: { readonly keyId: string; readonly region: string },
): Promise<void> {
  const rows = await transaction.all<{ material_id: string }>(
    sql`SELECT material_id FROM key_materials WHERE key_id = ${key.keyId} AND region = ${key.region}`,
  )
  for (const row of rows) {
    transaction.changed(materialRowName({ ...key, materialId: row.material_id }))
  }
  await transaction.run(
    sql`DELETE FROM key_materials WHERE key_id = ${key.keyId} AND region = ${key.region}`,
  )
}
