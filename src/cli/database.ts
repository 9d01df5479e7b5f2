/**
 * `trent migrate` and `trent copy`: the database, while nobody serves on it.
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { isDatabaseUrl, readDatabaseSetting, readDataFolder } from '../config.ts'
import type { CopySide } from '../database/copy-side.ts'
import { show, waitAloud } from './terminal.ts'

interface Flags {
  readonly data?: string
  readonly database?: string
  readonly mayLoseAcknowledgedChanges?: boolean
}

/** Adds the commands. */
export function addDatabaseCommands(program: Command): void {
  program
    .command('migrate')
    .description('bring the schema of a database up to date, as a start would')
    .option('--database <url>', 'a PostgreSQL; its nodes may serve on')
    .option('--data <folder>', 'the data folder whose database it is otherwise (default .trent)')
    .option('--may-lose-acknowledged-changes', mayLoseHelp)
    .action(async (flags: Flags) => {
      const url = readDatabaseSetting(flags.database)
      const steps =
        url === undefined
          ? await migrateFolder(readDataFolder(flags.data))
          : await migrateShared(url, flags)
      show({ Steps: steps })
    })
  program
    .command('copy')
    .argument('<from>', 'a data folder, or the URL of a PostgreSQL')
    .argument('<to>', 'the same; it has to be empty')
    .description('copy a database whole, and compare the copy; nobody may serve on either')
    .option('--may-lose-acknowledged-changes', mayLoseHelp)
    .action(async (from: string, to: string, flags: Flags) => {
      const { copyDatabase } = await import('../database/copy.ts')
      await using source = await openSource(from, flags)
      await using target = await openTarget(to, flags)
      show({ Tables: await copyDatabase(source, target) })
    })
}

/** What the switch of the same words says. */
export const mayLoseHelp = 'accept a PostgreSQL that may lose changes which it has confirmed'

async function migrateFolder(folder: string): Promise<readonly string[]> {
  const { migrateFile } = await import('../database/sqlite.ts')
  const { createPrivateFile, lockFolder } = await import('../database/folder-lock.ts')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = lockFolder(folder)
  try {
    const file = join(folder, 'trent.db')
    createPrivateFile(file)
    return migrateFile(file)
  } finally {
    unlock()
  }
}

async function migrateShared(url: string, flags: Flags): Promise<readonly string[]> {
  const { migratePostgres } = await import('../database/postgres.ts')
  return migratePostgres({ url, clock: systemClock, mayLose: mayLose(flags), wait: waitAloud })
}

/** A switch of the command line is there or not. */
const mayLose = (flags: Flags): boolean => flags.mayLoseAcknowledgedChanges === true

async function openSource(place: string, flags: Flags): Promise<CopySide> {
  const { folderSide, postgresSide, requireNobodyServes } = await import('../database/copy-side.ts')
  if (!isDatabaseUrl(place)) return folderSide(resolve(place))
  const connection = await connectTo(place, flags)
  try {
    await requireNobodyServes(connection, systemClock)
  } catch (error) {
    await connection.close()
    throw error
  }
  return postgresSide(connection)
}

/** An empty place gets its schema first. */
async function openTarget(place: string, flags: Flags): Promise<CopySide> {
  const { folderSide, postgresSide } = await import('../database/copy-side.ts')
  if (!isDatabaseUrl(place)) {
    await migrateFolder(resolve(place))
    return folderSide(resolve(place))
  }
  await migrateShared(place, flags)
  return postgresSide(await connectTo(place, flags))
}

async function connectTo(url: string, flags: Flags) {
  const { connectOnce } = await import('../database/postgres.ts')
  return connectOnce({ url, clock: systemClock, mayLose: mayLose(flags), wait: waitAloud })
}
