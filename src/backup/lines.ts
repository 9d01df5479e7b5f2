/**
 * Rows as lines of JSON and back. Bytes are base64; what a column holds says which is which.
 */
import type { Table, TableRow } from '../database/tables.ts'

/** A row's line, with its end. */
export function lineOf(table: Table, row: TableRow): string {
  const values = row.map((value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
  return `${JSON.stringify([table.name, ...values])}\n`
}

/** The row of a parsed line, without its table's name. Throws when it is not as the table's columns are. */
export function rowOf(table: Table, values: readonly unknown[]): TableRow {
  if (values.length !== table.columns.length) throw malformed(table)
  return table.columns.map(({ holds }, index) => {
    const value = values[index]
    if (value === null) return null
    if (holds === 'integer' && Number.isSafeInteger(value)) return value as number
    if (holds === 'text' && typeof value === 'string') return value
    if (holds === 'bytes' && typeof value === 'string') return Buffer.from(value, 'base64')
    throw malformed(table)
  })
}

const malformed = ({ name }: Table) => new Error(`a row of the table ${name} is malformed`)
