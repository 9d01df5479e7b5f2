/**
 * A key's whole life: many materials to a key, rotation, import, multi-Region keys, and leases for the jobs. The sealed
 * bytes stay in `key_materials`; what is to be known of a material, also after its bytes are gone, is in `material_entries`.
 */
import type { Migration } from '../migrate.ts'

export const wholeLife: Migration = {
  name: '0002-whole-life',
  statements: ({ blob, big }) => [
    `ALTER TABLE keys ADD COLUMN primary_region TEXT`,
    `ALTER TABLE keys ADD COLUMN rotation_enabled INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE keys ADD COLUMN rotation_period_days INTEGER`,
    `ALTER TABLE keys ADD COLUMN rotation_next_at ${big}`,
    `ALTER TABLE keys ADD COLUMN expiration_model TEXT`,
    `ALTER TABLE keys ADD COLUMN valid_to ${big}`,
    `ALTER TABLE keys ADD COLUMN imported_once INTEGER NOT NULL DEFAULT 0`,
    `UPDATE keys SET rotation_enabled = 1, rotation_period_days = 365, rotation_next_at = created_at + 31536000000
      WHERE manager = 'AWS'`,
    `CREATE INDEX keys_by_rotation ON keys (rotation_next_at)`,
    `CREATE INDEX keys_by_id ON keys (key_id, region)`,
    `CREATE TABLE material_entries (
      key_id TEXT NOT NULL, region TEXT NOT NULL, material_id TEXT NOT NULL, position ${big} NOT NULL,
      state TEXT NOT NULL, rotated_at ${big}, rotation_type TEXT, description TEXT, import_state TEXT,
      expiration_model TEXT, valid_to ${big}, PRIMARY KEY (key_id, region, material_id))`,
    `INSERT INTO material_entries (key_id, region, material_id, position, state)
      SELECT key_id, region, material_id, 1, 'CURRENT' FROM key_materials`,
    `CREATE INDEX material_entries_by_expiry ON material_entries (valid_to)`,
    `CREATE TABLE import_parameters (
      token_id TEXT PRIMARY KEY, key_id TEXT NOT NULL, region TEXT NOT NULL, account_id TEXT NOT NULL,
      algorithm TEXT NOT NULL, sealed ${blob} NOT NULL, valid_to ${big} NOT NULL)`,
    `CREATE INDEX import_parameters_by_expiry ON import_parameters (valid_to)`,
    `CREATE INDEX import_parameters_by_key ON import_parameters (key_id, region)`,
    `CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until ${big} NOT NULL)`,
  ],
}
