/**
 * `trent root-key ...`: the root key and its custodian.
 */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { readConfig, readDataFolder } from '../config.ts'
import { withData } from './account.ts'
import { ask, show } from './terminal.ts'

interface Flags {
  readonly data?: string
  readonly rootKey?: string
  readonly rootKeyPassphraseFile?: string
  readonly config?: string
  readonly to?: string
  readonly newPassphraseFile?: string
}

/** Adds the commands. */
export function addRootKeyCommands(program: Command): void {
  const rootKey = program
    .command('root-key')
    .description('the root key: change it, and who keeps it')
  for (const [command, operation, description] of [
    [
      'prepare',
      'prepare-root-key',
      'make the next root key of nodes that share a database, in <root key>.next; bring it to each of them',
    ],
    ['rotate', 'rotate-root-key', 'make a new root key; rows are sealed anew in the background'],
    [
      'status',
      'root-key-status',
      'which root key is in use, and what is left under the one before',
    ],
    ['retire', 'retire-root-key', 'forget the root key before, and end every token made under it'],
  ] as const) {
    withData(rootKey.command(command))
      .description(`${description}; asks the running server`)
      .action(async (flags: Flags) => {
        show(await ask(readDataFolder(flags.data), operation, {}))
      })
  }
  withSettings(rootKey.command('show-custodian'))
    .description('who keeps the root key, without opening it')
    .action(showCustodian)
  withSettings(rootKey.command('change-custodian'))
    .description(
      'give the root key to another custodian, while no server runs; the key stays the same',
    )
    .requiredOption('--to <custodian>', 'key-file or passphrase')
    .option('--new-passphrase-file <file>', 'the passphrase to seal it under')
    .action(changeCustodian)
}

function withSettings(command: Command): Command {
  return withData(command)
    .option('--root-key <file>', 'the file with the root key (default <folder>/root.key)')
    .option('--root-key-passphrase-file <file>', 'the passphrase that the root key is sealed under')
    .option('--config <file>', 'a JSON file with these settings')
}

async function showCustodian(flags: Flags): Promise<void> {
  const { kindOfFile } = await import('../key-stores/custodian.ts')
  const { sealingCost } = await import('../key-stores/passphrase.ts')
  const { rootKey: file } = readConfig(flags)
  const kind = kindOfFile(file)
  if (kind === undefined) throw new Error(`there is no root key in \`${file}\``)
  const cost = kind === 'passphrase' ? sealingCost(readFileSync(file, 'latin1')) : undefined
  const scrypt = cost && { N: cost.blocks, r: cost.size, p: cost.lanes }
  show({ Custodian: kind, File: file, ...(scrypt && { Scrypt: scrypt }) })
}

async function changeCustodian(flags: Flags): Promise<void> {
  const { custodianOf } = await import('../key-stores/custodian.ts')
  const { changeCustodian: change } = await import('../key-stores/change-custodian.ts')
  const { lockFolder } = await import('../database/folder-lock.ts')
  const { data, rootKey, rootKeyPassphraseFile } = readConfig(flags)
  // A running server would put the next root key back in its old form.
  const unlock = lockFolder(data)
  try {
    const from = custodianOf({ rootKey, rootKeyPassphraseFile })
    const to = change(from, { to: flags.to ?? '', passphraseFile: flags.newPassphraseFile })
    show({ Custodian: to.kind, File: to.file })
  } finally {
    unlock()
  }
}
