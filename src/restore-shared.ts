/**
 * Restores a backup into an empty PostgreSQL. The events that come with the backup, and the one of the restore itself, are
 * for the record of the node that is to start on the data folder.
 */
import { type Restored, restoreInto, type RestoreParts } from './backup/restore.ts'
import { systemClock } from './clock.ts'
import { nodeName } from './database/node-name.ts'
import { fillEmpty } from './database/postgres-fill.ts'
import type { StartWait } from './database/start-wait.ts'

/** The database, and the folder of the node. */
export interface SharedTarget {
  readonly url: string
  readonly data: string
  readonly mayLoseAcknowledgedChanges?: boolean | undefined
  readonly wait?: StartWait
}

/** Restores a checked backup; when this resolves, it is committed. */
export function restoreShared(target: SharedTarget, parts: RestoreParts): Promise<Restored> {
  const { url, data, mayLoseAcknowledgedChanges: mayLose = false, wait } = target
  const options = { url, clock: systemClock, mayLose, chain: nodeName(data), ...(wait && { wait }) }
  return fillEmpty(options, (transaction) => restoreInto(transaction, parts))
}
