/**
 * `trent account ...`: accounts and the access keys of their root users, by the running server.
 */
import type { Command } from 'commander'
import { readDataFolder } from '../config.ts'
import { ask, show } from './terminal.ts'

interface Flags {
  readonly data?: string
  readonly name?: string
}

/** Adds the commands. */
export function addAccountCommands(program: Command): void {
  const account = program
    .command('account')
    .description('make accounts and access keys; asks the running server')
  withData(account.command('create'))
    .description(
      'a new account; prints {AccountId, AccessKeyId, SecretAccessKey}, the secret this once',
    )
    .option('--name <name>', 'a name for people')
    .action((flags: Flags) => run('create-account', flags, { name: flags.name }))
  withData(account.command('list'))
    .description('every account')
    .action((flags: Flags) => run('list-accounts', flags, {}))
  const key = account
    .command('access-key')
    .description("an account's access keys: create, list, deactivate, activate, delete")
  withData(key.command('create'))
    .argument('<account-id>')
    .description('another access key; prints the secret this once')
    .action((id: string, flags: Flags) => run('create-access-key', flags, { account: id }))
  withData(key.command('list'))
    .argument('<account-id>')
    .description('the access keys, without secrets')
    .action((id: string, flags: Flags) => run('list-access-keys', flags, { account: id }))
  for (const [command, status] of [
    ['deactivate', 'Inactive'],
    ['activate', 'Active'],
  ] as const) {
    withData(key.command(command))
      .argument('<access-key-id>')
      .description(`${command} an access key; it holds as soon as this returns`)
      .action((id: string, flags: Flags) =>
        run('update-access-key', flags, { 'access-key-id': id, status }),
      )
  }
  withData(key.command('delete'))
    .argument('<access-key-id>')
    .description('delete an access key; it holds as soon as this returns')
    .action((id: string, flags: Flags) => run('delete-access-key', flags, { 'access-key-id': id }))
}

/** Adds the flag that says whose server to ask. */
export function withData(command: Command): Command {
  return command.option('--data <folder>', 'the data folder of the server (default .trent)')
}

async function run(
  operation: string,
  flags: Flags,
  input: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  show(await ask(readDataFolder(flags.data), operation, input))
}
