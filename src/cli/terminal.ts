/**
 * What the command line shows: JSON for results, one sentence for errors.
 */
import { usualWait } from '../database/start-wait.ts'
import { askServer } from '../server/admin-socket.ts'

/** Prints a result as JSON. */
export function show(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
}

/** Prints an error and answers the exit code. */
export function fail(error: unknown): number {
  process.stderr.write(`trent: ${error instanceof Error ? error.message : String(error)}\n`)
  return 1
}

/** Waits for a shared database as a start does, and says so. */
export const waitAloud = usualWait((sentence, reason) => {
  process.stderr.write(`trent: ${sentence}${reason === undefined ? '' : ` (${reason})`}\n`)
})

/** Asks the running server and answers its result; throws what is wrong. */
export async function ask(
  folder: string,
  operation: string,
  input: Readonly<Record<string, string | undefined>>,
): Promise<unknown> {
  const given = Object.entries(input).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const answer = await askServer(folder, operation, Object.fromEntries(given))
  if ('problem' in answer) throw new Error(answer.problem)
  return answer.result
}
