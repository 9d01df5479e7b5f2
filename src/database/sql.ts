/**
 * SQL as tagged templates: the text is fixed where it is written and every value travels beside it, so that no value can
 * become text. One statement serves both engines; each writes its own placeholders.
 */

/** What a column can hold. Times are milliseconds since 1970; booleans are 0 and 1. */
export type Value = string | number | bigint | null | Uint8Array

/** A statement and its values. `parts` is one object per place in the source, which is what prepared statements are kept by. */
export interface Statement {
  readonly parts: TemplateStringsArray
  readonly values: readonly Value[]
}

/** Makes a statement: sql`SELECT name FROM aliases WHERE key_id = ${keyId}`. */
export function sql(parts: TemplateStringsArray, ...values: Value[]): Statement {
  return { parts, values }
}
