/**
 * Every table as rows, for backups: which columns there are, what they hold, and in which order the rows are read. Rows are
 * the same whichever engine they come from or go to.
 */
import type { Reader, Writer } from './database.ts'
import type { Statement, Value } from './sql.ts'

/** A table: its columns with what they hold, the primary key first. */
export interface Table {
  readonly name: string
  /** How many of the columns are the primary key. */
  readonly keyColumns: number
  readonly columns: readonly Column[]
}

/** A column. Integers are as large as a JavaScript number holds exactly. */
export interface Column {
  readonly name: string
  readonly holds: 'text' | 'integer' | 'bytes'
}

/** A row, one value to a column. */
export type TableRow = readonly (string | number | Uint8Array | null)[]

/** `key | others`; a column is text unless `#` (an integer) or `*` (bytes) follows its name. */
function table(name: string, columns: string): Table {
  const [key = '', others = ''] = columns.split('|').map((part) => part.trim())
  const parse = (part: string) => part.split(/\s+/).filter((word) => word !== '')
  const holds = { '#': 'integer', '*': 'bytes' } as const
  return {
    name,
    keyColumns: parse(key).length,
    columns: [...parse(key), ...parse(others)].map((word) => {
      const mark = word.at(-1)
      return mark === '#' || mark === '*'
        ? { name: word.slice(0, -1), holds: holds[mark] }
        : { name: word, holds: 'text' }
    }),
  }
}

/** The tables that a backup holds. A test compares them with the schema. */
export const tables: readonly Table[] = [
  table('meta', 'name | value'),
  table('accounts', 'account_id | name created_at#'),
  table('access_keys', 'access_key_id | account_id user_id secret* status created_at#'),
  table(
    'keys',
    `region key_id | account_id created_at# description key_spec key_usage origin state manager multi_region#
     deletion_at# pending_window_days# current_material_id primary_region rotation_enabled# rotation_period_days#
     rotation_next_at# expiration_model valid_to# imported_once#`,
  ),
  table('key_counts', 'account_id region | count#'),
  table('key_policies', 'region key_id | policy pins'),
  table('key_materials', 'key_id region material_id | account_id sealed* created_at#'),
  table(
    'material_entries',
    `key_id region material_id | position# state rotated_at# rotation_type description import_state
     expiration_model valid_to#`,
  ),
  table('import_parameters', 'token_id | key_id region account_id algorithm sealed* valid_to#'),
  table('key_usage', 'region key_id | operation used_at# event_id request_id'),
  table('aliases', 'account_id region name | key_id created_at# updated_at#'),
  table('tags', 'region key_id tag_key | tag_value'),
  table(
    'grants',
    `region key_id grant_id | account_id name grantee grantee_name retiring retiring_name issuing_account
     operations constraints created_at# holder bucket shape describes# identity`,
  ),
  table('grant_counts', 'region key_id | count#'),
  table(
    'identities',
    `identity_id | kind account_id name folded_name path created_at# boundary_id trust_policy trust_pins
     description max_session_seconds#`,
  ),
  table('group_members', 'group_id user_id |'),
  table('inline_policies', 'identity_id name | document'),
  table(
    'managed_policies',
    `policy_id | account_id name folded_name path description default_version# last_version# created_at#
     updated_at#`,
  ),
  table('policy_versions', 'policy_id version# | document created_at#'),
  table('policy_attachments', 'identity_id policy_id | account_id'),
  table('iam_tags', 'owner tag_key | tag_value position#'),
  table('oidc_providers', 'account_id url | created_at# client_ids thumbprints'),
  table('account_aliases', 'account_id | alias'),
  table('access_key_usage', 'access_key_id | used_at# service region'),
  table('audit_outbox', 'event_id | position# event chain'),
]

/** Tables of one running database: its place in time, who holds which lease, and how far its own record went. */
export const ownTables: readonly string[] = [
  'migrations',
  'feed',
  'changes',
  'leases',
  'audit_heads',
  'nodes',
]

/** How many rows are read at a time. */
const page = 500

/** Every row of a table, in pages, by primary key. */
export async function* rowsOf(reader: Reader, from: Table): AsyncGenerator<readonly TableRow[]> {
  const { first, next } = statementsOf(from)
  let after: readonly Value[] | undefined
  for (;;) {
    const statement: Statement =
      after === undefined
        ? { parts: first, values: [page] }
        : { parts: next, values: [...after, page] }
    const rows = await reader.all<Record<string, unknown>>(statement)
    if (rows.length > 0) yield rows.map((row) => tableRow(from, row))
    if (rows.length < page) return
    after = keyOf(from, rows.at(-1))
  }
}

/** Puts a row into a table. */
export async function putRow(transaction: Writer, into: Table, row: TableRow): Promise<void> {
  await transaction.run({ parts: statementsOf(into).insert, values: row })
}

/** Removes every row of a table: what a new schema brings along. */
export async function emptyTable(transaction: Writer, { name }: Table): Promise<void> {
  await transaction.run({ parts: template([`DELETE FROM ${name}`]), values: [] })
}

function keyOf(from: Table, row: Record<string, unknown> | undefined): Value[] {
  return from.columns.slice(0, from.keyColumns).map(({ name }) => row?.[name] as Value)
}

function tableRow(from: Table, row: Record<string, unknown>): TableRow {
  return from.columns.map(({ name, holds }) => {
    const value = row[name]
    if (value === null || value === undefined) return null
    // An engine may answer large integers as text.
    return holds === 'integer' ? exact(Number(value)) : (value as string | Uint8Array)
  })
}

function exact(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error('an integer is too large for a backup')
  return value
}

interface TableStatements {
  readonly first: TemplateStringsArray
  readonly next: TemplateStringsArray
  readonly insert: TemplateStringsArray
}

/** One object to each statement, because prepared statements are kept by it. */
const kept = new Map<string, TableStatements>()

function statementsOf(of: Table): TableStatements {
  const before = kept.get(of.name)
  if (before !== undefined) return before
  const all = of.columns.map(({ name }) => name)
  const key = all.slice(0, of.keyColumns)
  const select = `SELECT ${all.join(', ')} FROM ${of.name}`
  const order = ` ORDER BY ${key.join(', ')} LIMIT `
  const made: TableStatements = {
    first: template([`${select}${order}`, '']),
    next: template([`${select} WHERE (${key.join(', ')}) > (`, ...between(key), `)${order}`, '']),
    insert: template([`INSERT INTO ${of.name} (${all.join(', ')}) VALUES (`, ...between(all), ')']),
  }
  kept.set(of.name, made)
  return made
}

const between = (values: readonly unknown[]): string[] => values.slice(1).map(() => ', ')

/** A statement from the names above alone: nothing that anybody sent becomes text. */
function template(parts: readonly string[]): TemplateStringsArray {
  return Object.assign([...parts], { raw: parts })
}
