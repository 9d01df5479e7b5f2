/**
 * Copies a database whole into an empty one of either engine, and reads the copy again to compare. Nobody may serve on
 * either meanwhile: a copy of something that goes on is the past as soon as it is made.
 */
import { createHash } from 'node:crypto'
import type { CopySide, Row } from './copy-side.ts'

/** What a copy has found of one table. */
export interface CopiedTable {
  readonly table: string
  readonly rows: number
}

/** Tables that belong to a place and not to what is kept there. */
const ofThePlace = ['migrations', 'nodes', 'schema_lock']

/**
 * Copies every row. When it resolves, the copy is committed, and each of its tables has been read back and found equal.
 * Throws an error that an operator can act on; the copy is then empty, unless it says otherwise.
 */
export async function copyDatabase(from: CopySide, to: CopySide): Promise<readonly CopiedTable[]> {
  const tables = await tablesOfBoth(from, to)
  await requireWhole(from)
  await requireEmpty(to)
  const sums = new Map<string, Sum>()
  await to.change(async () => {
    for (const [table, columns] of tables) {
      // What the schema itself puts there comes from the other side as well.
      await to.clear(table)
      const sum = new Sum()
      for await (const row of from.rows(table, columns)) {
        sum.add(columns, row)
        await to.insert(table, columns, row)
      }
      sums.set(table, sum)
    }
  })
  for (const [table, columns] of tables) {
    const copied = new Sum()
    for await (const row of to.rows(table, columns)) copied.add(columns, row)
    if (!copied.equals(sums.get(table))) {
      throw new Error(`the copy of the table \`${table}\` differs; throw the copy away`)
    }
  }
  return [...sums].map(([table, { rows }]) => ({ table, rows }))
}

/** The tables with their columns, which have to be the same. */
async function tablesOfBoth(from: CopySide, to: CopySide): Promise<Map<string, readonly string[]>> {
  const [given, wanted] = [await from.tables(), await to.tables()]
  for (const table of ofThePlace) {
    given.delete(table)
    wanted.delete(table)
  }
  const text = (tables: ReadonlyMap<string, readonly string[]>): string =>
    [...tables]
      .map(([table, columns]) => `${table}(${columns.toSorted(byCodeUnits).join()})`)
      .toSorted(byCodeUnits)
      .join()
  if (text(given) !== text(wanted)) {
    throw new Error('the database to copy has another schema; run `trent migrate` on it first')
  }
  return wanted
}

const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : 1)

/** An event that is on its way to the record of a node would be on its way for ever. */
async function requireWhole(from: CopySide): Promise<void> {
  if ((await from.count('accounts')) === 0) throw new Error('there is nothing to copy')
  if ((await from.count('audit_outbox')) > 0) {
    throw new Error(
      'the database to copy has events that are not in the record yet; start its server once more, and stop it',
    )
  }
}

async function requireEmpty(to: CopySide): Promise<void> {
  if ((await to.count('meta')) > 0 || (await to.count('accounts')) > 0) {
    throw new Error('the database to copy into is not empty')
  }
}

/** A sum over rows that does not depend on their order. */
class Sum {
  rows = 0
  #total = 0n

  add(columns: readonly string[], row: Row): void {
    this.rows += 1
    const hash = createHash('sha256')
    for (const column of columns) {
      const value = row[column] ?? null
      const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value))
      const kind = value === null ? 'null' : value instanceof Uint8Array ? 'bytes' : typeof value
      hash.update(`${column} ${kind} ${bytes.length}:`).update(bytes)
    }
    this.#total = (this.#total + BigInt(`0x${hash.digest('hex')}`)) % 2n ** 256n
  }

  equals(other: Sum | undefined): boolean {
    return other !== undefined && this.rows === other.rows && this.#total === other.#total
  }
}
