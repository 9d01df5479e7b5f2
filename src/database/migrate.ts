/**
 * Brings a database's schema to this version, one numbered step after the other, inside the transaction that the caller
 * holds: either all of it is there afterwards, or nothing.
 */
import { first } from './migrations/0001-first.ts'
import { wholeLife } from './migrations/0002-whole-life.ts'
import { identitiesMigration } from './migrations/0003-identities.ts'
import { grantsMigration } from './migrations/0004-grants.ts'
import { policyPins } from './migrations/0005-policy-pins.ts'
import { nodesMigration } from './migrations/0006-nodes.ts'

/** The names that differ between the engines' column types. */
export interface Dialect {
  readonly blob: 'BLOB' | 'BYTEA'
  readonly big: 'INTEGER' | 'BIGINT'
}

/** One step: statements that take the schema from the step before to this one. */
export interface Migration {
  readonly name: string
  readonly statements: (dialect: Dialect) => readonly string[]
}

/** Every step, oldest first. A step that has shipped never changes. */
export const migrations: readonly Migration[] = [
  first,
  wholeLife,
  identitiesMigration,
  grantsMigration,
  policyPins,
  nodesMigration,
]

/**
 * The steps that are missing, oldest first. Throws when the database holds a step that this version does not know: it was
 * written by a newer Trent, and running on would lose what that one knows.
 */
export function missingSteps(
  applied: readonly string[],
  steps: readonly Migration[] = migrations,
): readonly Migration[] {
  const known = new Set(steps.map((migration) => migration.name))
  const foreign = applied.find((name) => !known.has(name))
  if (foreign !== undefined) {
    throw new Error(`the database has the schema \`${foreign}\` of a newer Trent; run that version`)
  }
  return steps.filter((migration) => !applied.includes(migration.name))
}
