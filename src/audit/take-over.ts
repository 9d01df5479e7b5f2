/**
 * The chains of workers, while no worker is there: there may have been more of them at an earlier start. What a start does
 * for its own chain is done for each of them: what a crash tore off is marked, and what changes left in the database goes
 * to the files, so that no event is lost and no chain has two writers.
 */
import { auditStore, chainsWithEvents } from '../database/audit.ts'
import type { Database } from '../database/database.ts'
import { isChainOf } from '../database/node-name.ts'
import { eventOwner } from '../database/orphans.ts'
import { listFiles } from './files.ts'
import { AuditLog } from './log.ts'
import type { AuditOptions } from './options.ts'

/** Brings the chains of this data folder's workers up to date. Nobody else may be writing them. */
export async function takeOverChains(
  database: Database,
  record: Omit<AuditOptions, 'chain' | 'store' | 'owner'>,
): Promise<void> {
  const inFiles = listFiles(record.folder).map(({ chain }) => chain)
  for (const chain of new Set([...inFiles, ...(await chainsWithEvents(database))])) {
    if (chain === database.chain || !isChainOf(database.chain, chain)) continue
    const [store, owner] = [auditStore(database, chain), eventOwner(database, chain)]
    const log = await AuditLog.open({ ...record, chain, store, owner })
    await log.close()
  }
}
