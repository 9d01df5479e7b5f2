/**
 * One server to a data folder, of one process or of a primary with its workers. The locks are SQLite's own on two files
 * beside the database: the operating system lets go of them when the process ends, however it ends.
 *
 * The only process, or the primary, has `lock`. `lock.workers` is shared by the workers, and whoever has taken `lock` takes
 * it whole first: nobody starts while a worker of a primary that died is still there. It holds the name of the run, so that
 * a worker that comes late to a folder that somebody else serves by now does not stay.
 */
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { uuid } from '../crypto/random.ts'

/** How long the workers of a primary that died may take to end, in milliseconds. */
const patience = 5000

/** Takes a data folder for one process alone and answers how to let go. Throws when another process has it. */
export function lockFolder(folder: string): () => void {
  const { primary, workers } = takeBoth(folder)
  return () => {
    workers.close()
    primary.close()
  }
}

/** Takes a data folder for a primary: its workers join it under the name of the run. Throws when another process has it. */
export function lockForWorkers(folder: string): {
  readonly run: string
  readonly unlock: () => void
} {
  const { primary, workers } = takeBoth(folder)
  const run = uuid()
  try {
    workers.exec('CREATE TABLE IF NOT EXISTS run (name TEXT NOT NULL)')
    workers.exec('DELETE FROM run')
    workers.prepare('INSERT INTO run (name) VALUES (?)').run(run)
    workers.exec('COMMIT')
  } catch (error) {
    primary.close()
    throw error
  } finally {
    workers.close()
  }
  return {
    run,
    unlock: () => {
      primary.close()
    },
  }
}

/** Joins a data folder as a worker of a run, and answers how to leave. Throws when the run is over. */
export function joinFolder(folder: string, run: string): () => void {
  const lock = new DatabaseSync(join(folder, 'lock.workers'), { timeout: patience })
  try {
    // The lock is shared from the first read to the end of the transaction.
    lock.exec('BEGIN')
    const current = lock.prepare('SELECT name FROM run').get()
    if (current?.['name'] !== run) throw new Error(`another trent serves \`${folder}\` by now`)
  } catch (error) {
    lock.close()
    throw error
  }
  return () => {
    lock.close()
  }
}

function takeBoth(folder: string): { primary: DatabaseSync; workers: DatabaseSync } {
  const primary = exclusive(join(folder, 'lock'), 0)
  if (primary === undefined) {
    throw new Error(`another trent serves \`${folder}\`; stop it, or give this one another --data`)
  }
  const workers = exclusive(join(folder, 'lock.workers'), patience)
  if (workers !== undefined) return { primary, workers }
  primary.close()
  throw new Error(
    `a worker still serves \`${folder}\`, though its primary has ended; stop it first`,
  )
}

function exclusive(file: string, timeout: number): DatabaseSync | undefined {
  createPrivateFile(file)
  const lock = new DatabaseSync(file, { timeout })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch {
    lock.close()
    return undefined
  }
}

/** Creates an empty file that only its owner may read, if there is none. */
export function createPrivateFile(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
}
