/**
 * Looks a call up in the files of the decision log: of each process the newest file first, and in it the newest line.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { decisionFiles } from './decision-log.ts'
import type { ExplainedCall } from './explanation.ts'

/** The call of this request, or the last one there is; undefined if and only if the files have none. */
export function findExplanation(
  folder: string,
  requestId: string | undefined,
): ExplainedCall | undefined {
  const found = processesIn(folder)
    .map((worker) => findIn(decisionFiles(folder, worker), requestId))
    .filter((call) => call !== undefined)
  return found.reduce<ExplainedCall | undefined>(
    (newest, call) => (newest !== undefined && newest.time >= call.time ? newest : call),
    undefined,
  )
}

/** The process without a number, and every worker that has left a file. */
function processesIn(folder: string): readonly (number | undefined)[] {
  const names = existsSync(folder) ? readdirSync(folder) : []
  const workers = names.flatMap((name) => /^worker-(\d+)\.jsonl$/.exec(name)?.[1] ?? [])
  return [undefined, ...workers.map(Number)]
}

function findIn(
  files: readonly string[],
  requestId: string | undefined,
): ExplainedCall | undefined {
  for (const file of files) {
    const line = existsSync(file) ? findLine(readFileSync(file), requestId) : undefined
    if (line !== undefined) return JSON.parse(line) as ExplainedCall
  }
  return undefined
}

/** Every line begins with the id of its request. */
function findLine(content: Buffer, requestId: string | undefined): string | undefined {
  // A last line without its end is still being written.
  const end = content.lastIndexOf('\n')
  if (end < 0) return undefined
  const start =
    requestId === undefined
      ? content.lastIndexOf('\n', end - 1) + 1
      : content.lastIndexOf(`{"requestId":${JSON.stringify(requestId)},`, end)
  if (start < 0 || start > end) return undefined
  return content.toString('utf8', start, content.indexOf('\n', start))
}
