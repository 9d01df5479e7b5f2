/**
 * Leases: who does a job at the moment, so that several processes do each job once.
 */
import type { Writer } from './database.ts'
import { sql } from './sql.ts'

/** A lease to take; times are milliseconds since 1970. */
export interface Lease {
  readonly name: string
  readonly holder: string
  readonly now: number
  readonly until: number
}

/** Takes or renews a lease; false if and only if another holder has it still. */
export async function takeLease(transaction: Writer, lease: Lease): Promise<boolean> {
  const row = await transaction.first<{ holder: string; until: number }>(
    sql`SELECT holder, until FROM leases WHERE name = ${lease.name}`,
  )
  // A lease that ends much later than any does was taken on a clock that has been set back since; somewhat later, on the
  // clock of another machine.
  const until = Number(row?.until ?? 0)
  const valid = until > lease.now && until <= lease.until + (lease.until - lease.now)
  if (row !== undefined && row.holder !== lease.holder && valid) return false
  await transaction.run(
    sql`INSERT INTO leases (name, holder, until) VALUES (${lease.name}, ${lease.holder}, ${lease.until})
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until`,
  )
  return true
}

/** Lets go of a lease, if it is still the holder's. */
export async function releaseLease(
  transaction: Writer,
  lease: Pick<Lease, 'name' | 'holder'>,
): Promise<void> {
  await transaction.run(
    sql`DELETE FROM leases WHERE name = ${lease.name} AND holder = ${lease.holder}`,
  )
}
