/**
 * Rows that hold something sealed, of whatever table, for what goes through all of them: a change of the root key, and the
 * check of a restored database.
 */
import type { Database, Reader, Writer } from '../database/database.ts'
import type { RootKeyRing, SealedPlace, SealingPurpose } from './root-key-ring.ts'

/** One row and where its secret belongs. */
export interface SealedRow<Row> {
  readonly row: Row
  /** For messages. */
  readonly name: string
  readonly purpose: SealingPurpose
  readonly sealed: Uint8Array
  /** One, or where nothing says which it is, each that it can be; it opens in its own alone. */
  readonly places: readonly SealedPlace[]
}

/** The sealed rows of one table. Methods, so that tables of different rows stand in one list. */
export interface SealedRows<Row> {
  readonly kind: string
  /** Rows whose sealed bytes begin otherwise than `header`, behind `after` in the order of their names. */
  list(
    reader: Reader,
    header: Uint8Array,
    page: { readonly after: Row | undefined; readonly limit: number },
  ): Promise<readonly SealedRow<Row>[]>
  /** Puts other sealed bytes of the same secret into a row, unless it has changed or gone meanwhile. */
  put(transaction: Writer, row: SealedRow<Row>, sealed: Uint8Array): Promise<void>
}

/** How many rows are read, and sealed anew in one transaction. */
const batch = 100

/** Goes through the rows of a table that are not under the current root key; `visit` takes a batch at a time. */
export async function visitRows<Row>(
  table: SealedRows<Row>,
  from: { readonly reader: Reader; readonly header: Uint8Array },
  visit: (rows: readonly SealedRow<Row>[]) => Promise<boolean>,
): Promise<void> {
  let after: Row | undefined
  for (;;) {
    const rows = await table.list(from.reader, from.header, { after, limit: batch })
    if (rows.length === 0 || !(await visit(rows))) return
    after = rows.at(-1)?.row
  }
}

/** Seals a batch anew under the current root key; answers the names of those that do not open, which stay as they are. */
export async function reseal<Row>(
  table: SealedRows<Row>,
  rows: readonly SealedRow<Row>[],
  { database, root }: { readonly database: Database; readonly root: RootKeyRing },
): Promise<readonly string[]> {
  const renewed = rows.map((row) => ({
    row,
    sealed: renewRow(root, row),
  }))
  await database.write(async (transaction) => {
    for (const { row, sealed } of renewed) {
      if (sealed !== undefined) await table.put(transaction, row, sealed)
    }
  })
  return renewed.filter(({ sealed }) => sealed === undefined).map(({ row }) => row.name)
}

function renewRow(
  root: RootKeyRing,
  { purpose, sealed, places }: SealedRow<unknown>,
): Uint8Array | undefined {
  for (const place of places) {
    const renewed = root.renew(purpose, sealed, place)
    if (renewed !== undefined) return renewed
  }
  return undefined
}

/** Whether the secret of a row opens. */
export function rowOpens(
  root: RootKeyRing,
  { purpose, sealed, places }: SealedRow<unknown>,
): boolean {
  return places.some((place) => {
    const secret = root.open(purpose, sealed, place)
    secret?.fill(0)
    return secret !== undefined
  })
}
