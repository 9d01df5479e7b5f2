/**
 * The command line. Rules for what people read: errors say what is wrong and what to do, in lower case, on standard error;
 * results are JSON on standard output; nothing secret is printed but a new secret access key, once.
 */
import { Command } from 'commander'
import { readConfig, variables } from '../config.ts'
import { addAccountCommands } from './account.ts'
import { addAuditCommands } from './audit.ts'
import { addBackupCommands } from './backup.ts'
import { useCompiled } from './compile-cache.ts'
import { addExplainCommands } from './explain.ts'
import { addDatabaseCommands } from './database.ts'
import { addJobsCommands } from './jobs.ts'
import { withOperatingFlags } from './operating-flags.ts'
import { addRootKeyCommands } from './root-key.ts'
import { fail } from './terminal.ts'
import { version } from './version.ts'

/** Runs a command; answers the exit code. `serve` answers when the server has been told to stop. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('trent')
    .description('A key management service that speaks the AWS KMS API.')
    .helpOption('-h, --help', 'show help, also for each command: trent account --help')
    .helpCommand(false)
    .addHelpText('after', help)
  withOperatingFlags(program.command('serve'))
    .description('serve the API; a new data folder gets a root key and an account')
    .option('--port <port>', 'the port to listen on (default 4599)')
    .option('--host <address>', 'the address to listen on (default 127.0.0.1)')
    .option('--data <folder>', 'the data folder (default .trent)')
    .option(
      '--database <url>',
      'a PostgreSQL that several nodes share (default a file in the folder)',
    )
    .option(
      '--may-lose-acknowledged-changes',
      'accept a PostgreSQL that may lose changes which it has confirmed',
    )
    .option('--root-key <file>', 'the file with the root key (default <folder>/root.key)')
    .option('--root-key-passphrase-file <file>', 'the passphrase that the root key is sealed under')
    .option('--regions <list>', "the regions to serve, with commas (default AWS's commercial ones)")
    .option('--workers <n>', 'how many processes serve (default 1)')
    .option('--oidc-issuers <list>', 'issuers that may be at private addresses, with commas')
    .option('--config <file>', 'a JSON file with these settings')
    .action(async (flags: Record<string, string | true>) => {
      const texts = Object.entries(flags).map(([name, value]) => [name, String(value)])
      const settings = Object.fromEntries(texts) as Record<string, string>
      useCompiled(readConfig(settings).data)
      const { runServer } = await import('./serve.ts')
      code = await runServer(settings)
    })
  addAccountCommands(program)
  addAuditCommands(program)
  addExplainCommands(program)
  addJobsCommands(program)
  addDatabaseCommands(program)
  addRootKeyCommands(program)
  addBackupCommands(program)
  program
    .command('version')
    .description('print the version')
    .action(() => {
      process.stdout.write(`${version()}\n`)
    })
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    return fail(error)
  }
  return code
}

const help = `
A first session:
  trent serve                          start on .trent/, with a new root key and a first account
  export AWS_CONFIG_FILE=... AWS_SHARED_CREDENTIALS_FILE=...     as trent serve prints them
  aws kms create-key                   any AWS client now talks to this server

Settings can also be variables: ${Object.values(variables).join(', ')}.
A flag is stronger than a variable, a variable stronger than the configuration file.`
