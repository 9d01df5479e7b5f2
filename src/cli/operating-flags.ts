/**
 * The flags of `trent serve` for the settings of operating it.
 */
import { type Command, Option } from 'commander'
import { operatingSettings } from '../operating/settings.ts'

/** Adds the flags, each under the name of its setting. */
export function withOperatingFlags(command: Command): Command {
  for (const { flag, about } of Object.values(operatingSettings)) {
    command.addOption(new Option(flag, about).helpGroup('Operating it:'))
  }
  return command
}
