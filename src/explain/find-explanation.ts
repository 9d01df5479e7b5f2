/**
 * Looks a call up in the files of the decision log: the newest file first, and in it the newest line.
 */
import { existsSync, readFileSync } from 'node:fs'
import { decisionFiles } from './decision-log.ts'
import type { ExplainedCall } from './explanation.ts'

/** The call of this request, or the last one there is; undefined if and only if the files have none. */
export function findExplanation(
  folder: string,
  requestId: string | undefined,
): ExplainedCall | undefined {
  for (const file of decisionFiles(folder)) {
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
