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
export function materialRowName({ keyId, region, materialId }: MaterialName): RowName {
  if (newest.materialId !== materialId || newest.keyId !== keyId || newest.region !== region) {
    newest = { keyId, region, materialId, row: `material/${keyId}/${region}/${materialId}` }
  }
  return newest.row
}

/** The name that was made last: a text that was looked up once is found sooner the next time. */
let newest: MaterialName & { readonly row: RowName } = {
  keyId: '',
  region: '',
  materialId: '',
  row: 'material///',
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

/** A material with what its sealing names: the key's spec and one of its regions, which a row that has lost its key lacks. */
export interface OwnedMaterialRow extends MaterialName {
  readonly account: string
  readonly sealed: Uint8Array
  readonly keyRegion: string | undefined
  readonly spec: string | undefined
}

/** Materials whose sealed bytes begin otherwise than `header`, behind `after` by name, at most `limit`. */
export async function listMaterialsBut(
  reader: Reader,
  header: Uint8Array,
  page: { readonly after: MaterialName; readonly limit: number },
): Promise<readonly OwnedMaterialRow[]> {
  const { keyId, region, materialId } = page.after
  const rows = await reader.all<{
    key_id: string
    region: string
    material_id: string
    account_id: string
    sealed: Uint8Array
    key_region: string | null
    key_spec: string | null
  }>(
    sql`SELECT m.key_id AS key_id, m.region AS region, m.material_id AS material_id, m.account_id AS account_id,
          m.sealed AS sealed, MIN(k.region) AS key_region, MIN(k.key_spec) AS key_spec
        FROM key_materials m LEFT JOIN keys k ON k.key_id = m.key_id
        WHERE substr(m.sealed, 1, ${header.length}) <> ${header}
          AND (m.key_id, m.region, m.material_id) > (${keyId}, ${region}, ${materialId})
        GROUP BY m.key_id, m.region, m.material_id, m.account_id, m.sealed
        ORDER BY m.key_id, m.region, m.material_id LIMIT ${page.limit}`,
  )
  return rows.map((row) => ({
    keyId: row.key_id,
    region: row.region,
    materialId: row.material_id,
    account: row.account_id,
    sealed: row.sealed,
    keyRegion: row.key_region ?? undefined,
    spec: row.key_spec ?? undefined,
  }))
}

/** Puts other sealed bytes of the same secret in the place of `was`; what has changed or gone meanwhile stays so. */
export async function resealMaterial(
  transaction: Writer,
  row: MaterialName & { readonly was: Uint8Array; readonly sealed: Uint8Array },
): Promise<void> {
  await transaction.run(
    sql`UPDATE key_materials SET sealed = ${row.sealed} WHERE key_id = ${row.keyId}
          AND region = ${row.region} AND material_id = ${row.materialId} AND sealed = ${row.was}`,
  )
}
