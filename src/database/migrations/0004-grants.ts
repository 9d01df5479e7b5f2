/**
 * Grants. `holder`, `bucket` and `shape` are what a request finds its grants by, however many there are on the key
 * (`grants/grant-place.ts` says what stands in them); `identity` is what makes a named grant the same as another.
 */
import type { Migration } from '../migrate.ts'

export const grantsMigration: Migration = {
  name: '0004-grants',
  statements: ({ big }) => [
    `CREATE TABLE grants (
      region TEXT NOT NULL, key_id TEXT NOT NULL, grant_id TEXT NOT NULL, account_id TEXT NOT NULL,
      name TEXT NOT NULL, grantee TEXT NOT NULL, grantee_name TEXT NOT NULL, retiring TEXT, retiring_name TEXT,
      issuing_account TEXT NOT NULL, operations TEXT NOT NULL, constraints TEXT, created_at ${big} NOT NULL,
      holder TEXT NOT NULL, bucket TEXT NOT NULL, shape TEXT NOT NULL, describes INTEGER NOT NULL, identity TEXT,
      PRIMARY KEY (region, key_id, grant_id))`,
    `CREATE INDEX grants_by_holder ON grants (region, key_id, holder, bucket, shape, grant_id)`,
    `CREATE INDEX grants_describing ON grants (region, key_id, holder, grant_id) WHERE describes = 1`,
    `CREATE INDEX grants_by_grantee ON grants (region, key_id, grantee, grant_id)`,
    `CREATE INDEX grants_by_retiring ON grants (region, retiring_name, grant_id)
      WHERE retiring_name IS NOT NULL`,
    `CREATE INDEX grants_by_identity ON grants (region, key_id, identity) WHERE identity IS NOT NULL`,
    `CREATE TABLE grant_counts (
      region TEXT NOT NULL, key_id TEXT NOT NULL, count ${big} NOT NULL, PRIMARY KEY (region, key_id))`,
  ],
}
