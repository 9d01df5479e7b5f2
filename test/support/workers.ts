/**
 * `trent serve --workers`: its processes, and connections of which each stays with one of them.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { after } from 'node:test'
import { eventsOf } from './folder.ts'
import { credentialsOf, pause, type Server, serveTrent } from './process.ts'
import { signHeader } from './signer.ts'
import { bytesOf, documentOf, Wire } from './wire.ts'

/** How long a process may take to come or to go, in milliseconds. */
const patience = 20_000

/** What a call came to: the code of the refusal, or nothing, and the document. */
export interface Told {
  readonly refusal: string | undefined
  readonly requestId: string
  readonly document: Readonly<Record<string, unknown>>
}

/** One connection. */
export interface Line {
  ask(operation: string, body?: object): Promise<Told>
}

/** Starts a server with workers. */
export function serveWorkers(
  data: string,
  workers: number,
  args: readonly string[] = [],
): Promise<Server> {
  return serveTrent(data, ['--workers', String(workers), ...args])
}

/** Opens connections to a server; they end with the test file. */
export function openLines(server: Server, count: number): Promise<readonly Line[]> {
  return Promise.all(Array.from({ length: count }, () => openLine(server)))
}

async function openLine({ endpoint, data }: Server): Promise<Line> {
  const wire = await Wire.open(endpoint)
  after(() => {
    wire.destroy()
  })
  const credentials = credentialsOf(data)
  return {
    ask: async (operation, body = {}) => {
      const request = signHeader({ endpoint, credentials, at: Date.now(), operation, body })
      wire.write(bytesOf(request))
      const answer = await wire.next()
      const document = documentOf(answer) ?? {}
      const refusal = answer.status === 200 ? undefined : String(document['__type'])
      return { refusal, requestId: String(answer.headers.get('x-amzn-requestid')), document }
    },
  }
}

/** Makes a key; answers its id. */
export async function makeKey(line: Line | undefined): Promise<string> {
  assert.ok(line !== undefined)
  const { document } = await line.ask('CreateKey')
  return (document['KeyMetadata'] as { readonly KeyId: string }).KeyId
}

/** The ids of the processes that a process has started: Linux tells them, elsewhere there is pgrep. */
export function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${pid}/task/${pid}/children`
  const text = existsSync(file)
    ? readFileSync(file, 'utf8')
    : spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).stdout
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number)
}

/** Resolves when `look` finds something; fails when it does not in time. */
export async function until<Found>(look: () => Found | undefined, what: string): Promise<Found> {
  const late = performance.now() + patience
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    assert.ok(performance.now() < late, what)
    await pause(20)
  }
}

/** Whether there is no such process any more. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

/** How many calls of clients each chain of the record has. */
export function callsByChain(data: string): ReadonlyMap<string, number> {
  const calls = eventsOf(data).filter((event) => event['requestID'] !== undefined)
  const chains = Map.groupBy(calls, ({ trent }) => (trent as { readonly chain: string }).chain)
  return new Map([...chains].map(([chain, events]) => [chain, events.length]))
}
