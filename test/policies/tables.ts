/** Reads the tables of `tables/`: a line of column names, and rows of words that stand two blanks apart. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A row by its columns; `line` is where it stands. */
export interface TableRow {
  readonly line: string
  readonly cell: (column: string) => string
}

/** The rows of a table. */
export function readTable(name: string): readonly TableRow[] {
  const file = join(import.meta.dirname, 'tables', `${name}.txt`)
  const [head = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
  const columns = words(head)
  return lines.map((line, index) => {
    const cells = words(line)
    if (cells.length !== columns.length)
      throw new Error(`${name}: ${line} has no ${columns.length} words`)
    return {
      line: `${name}.txt:${index + 2}: ${line}`,
      cell: (column) => {
        const found = cells[columns.indexOf(column)]
        if (found === undefined) throw new Error(`${name} has no column ${column}`)
        return found
      },
    }
  })
}

const words = (line: string) => line.trim().split(/ {2,}/)
