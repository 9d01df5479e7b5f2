/**
 * The first schema. Times are milliseconds since 1970. Key material and secrets are stored sealed only.
 */
import type { Migration } from '../migrate.ts'

export const first: Migration = {
  name: '0001-first',
  statements: ({ blob, big }) => [
    `CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    `CREATE TABLE feed (sequence ${big} NOT NULL)`,
    `INSERT INTO feed (sequence) VALUES (0)`,
    `CREATE TABLE changes (
      sequence ${big} NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (sequence, name))`,
    `CREATE TABLE accounts (account_id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at ${big} NOT NULL)`,
    `CREATE TABLE access_keys (
      access_key_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, user_id TEXT NOT NULL, secret ${blob} NOT NULL,
      status TEXT NOT NULL, created_at ${big} NOT NULL)`,
    `CREATE INDEX access_keys_by_account ON access_keys (account_id, user_id, access_key_id)`,
    `CREATE TABLE keys (
      region TEXT NOT NULL, key_id TEXT NOT NULL, account_id TEXT NOT NULL, created_at ${big} NOT NULL,
      description TEXT NOT NULL, key_spec TEXT NOT NULL, key_usage TEXT NOT NULL, origin TEXT NOT NULL,
      state TEXT NOT NULL, manager TEXT NOT NULL, multi_region INTEGER NOT NULL, deletion_at ${big},
      pending_window_days INTEGER, current_material_id TEXT, PRIMARY KEY (region, key_id))`,
    `CREATE INDEX keys_by_account ON keys (account_id, region, key_id)`,
    `CREATE INDEX keys_by_deletion ON keys (deletion_at)`,
    `CREATE TABLE key_counts (
      account_id TEXT NOT NULL, region TEXT NOT NULL, count ${big} NOT NULL, PRIMARY KEY (account_id, region))`,
    `CREATE TABLE key_policies (
      region TEXT NOT NULL, key_id TEXT NOT NULL, policy TEXT NOT NULL, PRIMARY KEY (region, key_id))`,
    `CREATE TABLE key_materials (
      key_id TEXT NOT NULL, region TEXT NOT NULL, material_id TEXT NOT NULL, account_id TEXT NOT NULL,
      sealed ${blob} NOT NULL, created_at ${big} NOT NULL, PRIMARY KEY (key_id, region, material_id))`,
    `CREATE TABLE key_usage (
      region TEXT NOT NULL, key_id TEXT NOT NULL, operation TEXT NOT NULL, used_at ${big} NOT NULL,
      event_id TEXT NOT NULL, request_id TEXT NOT NULL, PRIMARY KEY (region, key_id))`,
    `CREATE TABLE aliases (
      account_id TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, key_id TEXT NOT NULL,
      created_at ${big} NOT NULL, updated_at ${big} NOT NULL, PRIMARY KEY (account_id, region, name))`,
    `CREATE INDEX aliases_by_key ON aliases (region, key_id, name)`,
    `CREATE TABLE tags (
      region TEXT NOT NULL, key_id TEXT NOT NULL, tag_key TEXT NOT NULL, tag_value TEXT NOT NULL,
      PRIMARY KEY (region, key_id, tag_key))`,
    `CREATE TABLE audit_outbox (
      position ${big} NOT NULL, event_id TEXT PRIMARY KEY, event TEXT NOT NULL)`,
    `CREATE TABLE audit_heads (
      chain TEXT PRIMARY KEY, sequence ${big} NOT NULL, hash TEXT NOT NULL, time ${big} NOT NULL)`,
  ],
}
