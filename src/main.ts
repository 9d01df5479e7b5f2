/**
 * The process: the command line takes it from here.
 */
import { runCommandLine } from './cli/trent.ts'

// What is still open after a server has drained, or failed to, must not keep the process.
process.exit(await runCommandLine(process.argv.slice(2)))
