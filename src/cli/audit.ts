/**
 * `trent audit ...`: the record, checked and read.
 */
import { createPublicKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { readDataFolder } from '../config.ts'
import { withData } from './account.ts'
import { ask, show } from './terminal.ts'

interface Flags {
  readonly data?: string
  readonly publicKey?: string
  readonly folder?: string
  readonly all?: boolean
  readonly json?: boolean
}

/** Adds the commands. */
export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('the record of every call')
  withData(audit.command('verify'))
    .description('check the chain, the signed checkpoints and the heads in the database')
    .option(
      '--public-key <file>',
      'a PEM file with the key; the running server is asked when left out',
    )
    .option('--folder <folder>', 'the folder of the record (default <data>/audit)')
    .action(verify)
  withData(audit.command('tail'))
    .description('show the events as they come, one line each')
    .option('--all', 'begin with the oldest event')
    .option('--json', 'show the lines as they stand in the record')
    .action(tail)
  withData(audit.command('public-key'))
    .description('print the public key that the checkpoints are signed under')
    .action(async (flags: Flags) => {
      const { PublicKey } = await heads(flags)
      process.stdout.write(PublicKey)
    })
}

async function verify(flags: Flags): Promise<void> {
  const { verifyAudit } = await import('../audit/verify.ts')
  const known = flags.publicKey === undefined ? await heads(flags) : undefined
  const pem =
    flags.publicKey === undefined ? (known?.PublicKey ?? '') : readFileSync(flags.publicKey)
  const folder = existingFolder(flags)
  const report = await verifyAudit({
    folder,
    publicKey: createPublicKey(pem),
    ...(known && { heads: known.Heads }),
  })
  if (report.chains.length === 0 && report.ok) throw noRecord(folder)
  show(report)
  if (!report.ok) throw new Error('the record does not verify')
}

async function tail(flags: Flags): Promise<void> {
  const { followAudit, formatEvent } = await import('../audit/tail.ts')
  const folder = existingFolder(flags)
  // Who read this may go when he has seen enough, as `head` does.
  process.stdout.on('error', () => process.exit(0))
  const lines = followAudit({ folder, clock: systemClock, fromStart: flags.all === true })
  for await (const line of lines) {
    const text = flags.json === true ? line : formatEvent(line)
    if (text !== undefined) process.stdout.write(`${text}\n`)
  }
}

function existingFolder(flags: Flags): string {
  const folder = flags.folder ?? join(readDataFolder(flags.data), 'audit')
  if (!existsSync(folder)) throw noRecord(folder)
  return folder
}

const noRecord = (folder: string) => new Error(`there is no record in \`${folder}\``)

async function heads(flags: Flags): Promise<{
  readonly PublicKey: string
  readonly Heads: readonly { chain: string; sequence: number; hash: string; time: number }[]
}> {
  return (await ask(readDataFolder(flags.data), 'audit-heads', {})) as Awaited<
    ReturnType<typeof heads>
  >
}
