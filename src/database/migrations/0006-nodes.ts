/**
 * Several nodes over one database: a row for each node that answers, and for each event of a change the chain of the record
 * that it belongs to.
 */
import type { Migration } from '../migrate.ts'

export const nodesMigration: Migration = {
  name: '0006-nodes',
  statements: ({ big }) => [
    `CREATE TABLE nodes (
      registration TEXT PRIMARY KEY, name TEXT NOT NULL, seen ${big} NOT NULL, marks ${big} NOT NULL)`,
    `ALTER TABLE audit_outbox ADD COLUMN chain TEXT NOT NULL DEFAULT 'main'`,
    `CREATE INDEX audit_outbox_by_chain ON audit_outbox (chain, position, event_id)`,
  ],
}
