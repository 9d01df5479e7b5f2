/**
 * Identities as IAM has them. Users, groups and roles are rows of one table, so that inline policies, attachments, tags and
 * boundaries are the same for all three. The managed policies of AWS itself are rows of the account `aws`.
 */
import type { Migration } from '../migrate.ts'
import { awsManagedPolicies } from './aws-managed-policies.ts'

export const identitiesMigration: Migration = {
  name: '0003-identities',
  statements: ({ big }) => [
    `CREATE TABLE identities (
      identity_id TEXT PRIMARY KEY, kind TEXT NOT NULL, account_id TEXT NOT NULL, name TEXT NOT NULL,
      folded_name TEXT NOT NULL, path TEXT NOT NULL, created_at ${big} NOT NULL, boundary_id TEXT,
      trust_policy TEXT, trust_pins TEXT, description TEXT, max_session_seconds INTEGER)`,
    `CREATE UNIQUE INDEX identities_by_name ON identities (account_id, kind, folded_name)`,
    `CREATE INDEX identities_by_boundary ON identities (boundary_id, account_id)`,
    `CREATE TABLE group_members (group_id TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (group_id, user_id))`,
    `CREATE INDEX group_members_by_user ON group_members (user_id, group_id)`,
    `CREATE TABLE inline_policies (
      identity_id TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (identity_id, name))`,
    `CREATE TABLE managed_policies (
      policy_id TEXT PRIMARY KEY, account_id TEXT NOT NULL, name TEXT NOT NULL, folded_name TEXT NOT NULL,
      path TEXT NOT NULL, description TEXT, default_version ${big} NOT NULL, last_version ${big} NOT NULL,
      created_at ${big} NOT NULL, updated_at ${big} NOT NULL)`,
    `CREATE UNIQUE INDEX managed_policies_by_name ON managed_policies (account_id, folded_name)`,
    `CREATE TABLE policy_versions (
      policy_id TEXT NOT NULL, version ${big} NOT NULL, document TEXT NOT NULL, created_at ${big} NOT NULL,
      PRIMARY KEY (policy_id, version))`,
    `CREATE TABLE policy_attachments (
      identity_id TEXT NOT NULL, policy_id TEXT NOT NULL, account_id TEXT NOT NULL,
      PRIMARY KEY (identity_id, policy_id))`,
    `CREATE INDEX policy_attachments_by_policy ON policy_attachments (policy_id, account_id, identity_id)`,
    `CREATE TABLE iam_tags (
      owner TEXT NOT NULL, tag_key TEXT NOT NULL, tag_value TEXT NOT NULL, position INTEGER NOT NULL,
      PRIMARY KEY (owner, tag_key))`,
    `CREATE TABLE oidc_providers (
      account_id TEXT NOT NULL, url TEXT NOT NULL, created_at ${big} NOT NULL, client_ids TEXT NOT NULL,
      thumbprints TEXT NOT NULL, PRIMARY KEY (account_id, url))`,
    `CREATE TABLE account_aliases (account_id TEXT PRIMARY KEY, alias TEXT NOT NULL UNIQUE)`,
    `CREATE TABLE access_key_usage (
      access_key_id TEXT PRIMARY KEY, used_at ${big} NOT NULL, service TEXT NOT NULL, region TEXT NOT NULL)`,
    ...awsManagedPolicies.flatMap(({ id, name, path, description, document }) => [
      `INSERT INTO managed_policies (policy_id, account_id, name, folded_name, path, description, default_version,
        last_version, created_at, updated_at)
        VALUES ('${id}', 'aws', '${name}', '${name.toLowerCase()}', '${path}', '${description}', 1, 1,
          ${startOf2015}, ${startOf2015})`,
      `INSERT INTO policy_versions (policy_id, version, document, created_at)
        VALUES ('${id}', 1, '${JSON.stringify(document)}', ${startOf2015})`,
    ]),
  ],
}

const startOf2015 = 1_420_070_400_000
