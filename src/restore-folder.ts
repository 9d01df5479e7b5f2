/**
 * Restores a backup for a data folder: into a file there, or into the PostgreSQL of the node that is to start on it. The
 * file gets its name when it is whole and closed, and the PostgreSQL is filled in one transaction, so that whatever stops a
 * restore leaves nothing that could be served.
 */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { checkBackup, type Restored, restoreInto, type RestoreParts } from './backup/restore.ts'
import { isoTime, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { createPrivateFile, lockFolder } from './database/folder-lock.ts'
import { openSqlite } from './database/sqlite.ts'
import type { StartWait } from './database/start-wait.ts'
import { openForRestore } from './key-stores/open-root-key.ts'
import { syncFolder } from './key-stores/root-key-file.ts'
import { sealedTables } from './service.ts'

/** Where to, and the root key. */
export type RestoreConfig = Pick<
  Config,
  'data' | 'database' | 'mayLoseAcknowledgedChanges' | 'rootKey' | 'rootKeyPassphraseFile'
> & {
  /** How it waits for a PostgreSQL that is away; it does not when left out. */
  readonly wait?: StartWait
}

/** Restores, and answers what is to be checked. Throws an error that an operator can act on. */
export async function restoreFolder(
  file: string,
  config: RestoreConfig,
): Promise<Readonly<Record<string, unknown>>> {
  const { data } = config
  if (!existsSync(file)) throw new Error(`there is no backup \`${file}\``)
  const keys = openForRestore(config)
  const parts = { file, keys, tables: sealedTables, now: systemClock.now() }
  await checkBackup(parts)
  mkdirSync(data, { recursive: true, mode: 0o700 })
  chmodSync(data, 0o700)
  const unlock = lockFolder(data)
  try {
    return reportOf(await restoreLocked(config, parts))
  } finally {
    unlock()
  }
}

/** The driver of PostgreSQL is loaded by those who need it. */
async function restoreLocked(config: RestoreConfig, parts: RestoreParts): Promise<Restored> {
  const { database: url, data } = config
  if (url === undefined) return restoreFile(data, parts)
  const { restoreShared } = await import('./restore-shared.ts')
  return restoreShared({ ...config, url }, parts)
}

async function restoreFile(data: string, parts: RestoreParts): Promise<Restored> {
  const [final, unfinished] = [join(data, 'trent.db'), join(data, 'trent.db.restoring')]
  if (existsSync(final)) {
    throw new Error(`there is a database in \`${data}\` already; restore into another folder`)
  }
  const remove = (): void => {
    for (const suffix of ['', '-wal', '-shm']) rmSync(unfinished + suffix, { force: true })
  }
  remove()
  createPrivateFile(unfinished)
  try {
    const restored = await fill(unfinished, parts)
    renameSync(unfinished, final)
    syncFolder(data)
    return restored
  } finally {
    remove()
  }
}

async function fill(unfinished: string, parts: RestoreParts): Promise<Restored> {
  await using database = openSqlite(unfinished, () => undefined)
  return await database.write((transaction) => restoreInto(transaction, parts))
}

function reportOf({ header, manifest, newStoreId, broughtBack }: Restored) {
  return {
    BackupId: header.backupId,
    Time: isoTime(header.time),
    PreviousStoreId: header.storeId,
    StoreId: newStoreId,
    Tables: manifest.tables,
    ToCheck: broughtBack,
  }
}
