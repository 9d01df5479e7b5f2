/**
 * `trent jobs ...`: what an operator says to the jobs of the clock.
 */
import type { Command } from 'commander'
import { readDataFolder } from '../config.ts'
import { withData } from './account.ts'
import { ask, show } from './terminal.ts'

/** Adds the commands. */
export function addJobsCommands(program: Command): void {
  const jobs = program.command('jobs').description('the jobs that the clock does')
  withData(jobs.command('confirm-clock'))
    .description('say that the wall clock is right after a jump, so that erasing goes on')
    .action(async (flags: { readonly data?: string }) => {
      show(await ask(readDataFolder(flags.data), 'confirm-clock', {}))
    })
}
