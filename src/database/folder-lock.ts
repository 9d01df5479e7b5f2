/**
 * One process to a data folder. The lock is SQLite's own on a file beside the database: the operating system lets go of it
 * when the process ends, however it ends.
 */
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Takes the lock on a data folder and answers how to let go. Throws when another process has it. */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock')
  createPrivateFile(file)
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch {
    lock.close()
    throw new Error(`another trent serves \`${folder}\`; stop it, or give this one another --data`)
  }
  return () => {
    lock.close()
  }
}

/** Creates an empty file that only its owner may read, if there is none. */
export function createPrivateFile(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
}
