/**
 * `trent backup` of a running server, and `trent restore` where none runs.
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { readConfig, readDataFolder } from '../config.ts'
import { withData } from './account.ts'
import { mayLoseHelp } from './database.ts'
import { ask, show, waitAloud } from './terminal.ts'

/** Adds the commands. */
export function addBackupCommands(program: Command): void {
  withData(program.command('backup'))
    .description('write everything but the root key to one encrypted file; asks the running server')
    .requiredOption('--to <file>', 'the file to make; there must be none of that name')
    .action(async (flags: { readonly data?: string; readonly to: string }) => {
      show(await ask(readDataFolder(flags.data), 'backup', { file: resolve(flags.to) }))
    })
  withData(program.command('restore'))
    .description('make a database out of a backup and its root key; shows what came back')
    .requiredOption('--from <file>', 'the backup')
    .option('--database <url>', 'an empty PostgreSQL to restore into, for the node on the folder')
    .option('--may-lose-acknowledged-changes', mayLoseHelp)
    .option('--root-key <file>', 'the file with the root key (default <folder>/root.key)')
    .option('--root-key-passphrase-file <file>', 'the passphrase that the root key is sealed under')
    .option('--config <file>', 'a JSON file with these settings')
    .action(async (flags: Record<string, string | true>) => {
      const { restoreFolder } = await import('../restore-folder.ts')
      const { from = '', ...settings } = textsOf(flags)
      show(await restoreFolder(resolve(from), { ...readConfig(settings), wait: waitAloud }))
    })
}

/** A switch that is there is true. */
function textsOf(flags: Readonly<Record<string, string | true>>): Record<string, string> {
  return Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, String(value)]))
}
