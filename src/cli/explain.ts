/**
 * `trent explain` and `trent simulate`: why a request was allowed or refused, and what a request would be.
 */
import { join } from 'node:path'
import type { Command } from 'commander'
import { readDataFolder } from '../config.ts'
import type { ExplainedCall, ExplainedDecision } from '../explain/explanation.ts'
import { NoServer } from '../server/admin-socket.ts'
import { withData } from './account.ts'
import { ask, show } from './terminal.ts'

interface Flags {
  readonly data?: string
  readonly json?: boolean
  readonly last?: boolean
}

interface SimulateFlags extends Flags {
  readonly principal: string
  readonly action: string
  readonly key?: string
  readonly region?: string
  readonly context?: readonly string[]
}

/** Adds the commands. */
export function addExplainCommands(program: Command): void {
  withData(program.command('explain'))
    .argument('[request-id]', 'the x-amzn-RequestId of the answer')
    .description('why a request was allowed or refused: every policy, statement, grant and value')
    .option('--last', 'the last request that was decided')
    .option('--json', 'as JSON')
    .action(explain)
  withData(program.command('simulate'))
    .description('what a principal may do, without calling')
    .requiredOption('--principal <arn>', 'a root user, a user, a role or a session of a role')
    .requiredOption('--action <action>', 'such as kms:Decrypt')
    .option('--key <key>', 'a key id, a key ARN, an alias or its ARN; none for actions without')
    .option('--region <region>', "the key's region (default: of its ARN, or us-east-1)")
    .option('--context <key=value...>', 'condition keys, such as kms:EncryptionContext:app=x')
    .option('--json', 'as JSON')
    .action(simulate)
}

async function explain(requestId: string | undefined, flags: Flags): Promise<void> {
  if ((requestId === undefined) === (flags.last !== true)) {
    throw new Error('name a request id, or give --last')
  }
  const folder = readDataFolder(flags.data)
  const call = (await ask(folder, 'explain', { 'request-id': requestId }).catch(
    (error: unknown) => {
      if (error instanceof NoServer) return readFiles(folder, requestId)
      throw error
    },
  )) as ExplainedCall
  const { showCall } = await import('../explain/show-explanation.ts')
  if (flags.json === true) show(call)
  else process.stdout.write(`${showCall(call)}\n`)
}

/** Without a server there are still its files. */
async function readFiles(folder: string, requestId: string | undefined): Promise<ExplainedCall> {
  const { findExplanation } = await import('../explain/find-explanation.ts')
  const call = findExplanation(join(folder, 'decisions'), requestId)
  if (call !== undefined) return call
  throw new Error(
    `nothing is kept of ${requestId === undefined ? 'any' : 'this'} request in \`${folder}\``,
  )
}

async function simulate(flags: SimulateFlags): Promise<void> {
  const { principal, action, key, region } = flags
  const context = JSON.stringify(pairs(flags.context ?? []))
  const input = { principal, action, key, region, context }
  const decision = (await ask(readDataFolder(flags.data), 'simulate', input)) as ExplainedDecision
  const { showDecision } = await import('../explain/show-explanation.ts')
  if (flags.json === true) show(decision)
  else process.stdout.write(`${showDecision(decision)}\n`)
}

/** A key that is given more than once has all of the values. */
function pairs(given: readonly string[]): Record<string, readonly string[]> {
  const values = new Map<string, readonly string[]>()
  for (const each of given) {
    const equals = each.indexOf('=')
    if (equals < 1) throw new Error(`\`${each}\` is not <condition key>=<value>`)
    const key = each.slice(0, equals)
    values.set(key, [...(values.get(key) ?? []), each.slice(equals + 1)])
  }
  return Object.fromEntries(values)
}
