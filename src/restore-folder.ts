/**
 * Restores a backup into a data folder. The database gets its name when it is whole and closed, so that whatever stops a
 * restore leaves a folder without a database.
 */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { listBroughtBack } from './backup/brought-back.ts'
import { checkBackup, restoreInto, type RestoreParts } from './backup/restore.ts'
import { isoTime, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { createPrivateFile, lockFolder } from './database/folder-lock.ts'
import { openSqlite } from './database/sqlite.ts'
import { openForRestore } from './key-stores/open-root-key.ts'
import { syncFolder } from './key-stores/root-key-file.ts'
import { sealedTables } from './service.ts'

/** Restores, and answers what is to be checked. Throws an error that an operator can act on. */
export async function restoreFolder(
  file: string,
  config: Pick<Config, 'data' | 'rootKey' | 'rootKeyPassphraseFile'>,
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
    return await restoreLocked(data, parts)
  } finally {
    unlock()
  }
}

async function restoreLocked(data: string, parts: RestoreParts) {
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
    const report = await restoreFile(unfinished, parts)
    renameSync(unfinished, final)
    syncFolder(data)
    return report
  } finally {
    remove()
  }
}

async function restoreFile(unfinished: string, parts: RestoreParts) {
  await using database = openSqlite(unfinished, () => undefined)
  const { header, manifest, newStoreId } = await restoreInto(database, parts)
  return {
    BackupId: header.backupId,
    Time: isoTime(header.time),
    PreviousStoreId: header.storeId,
    StoreId: newStoreId,
    Tables: manifest.tables,
    ToCheck: await listBroughtBack(database.read),
  }
}
