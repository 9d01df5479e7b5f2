/**
 * A second node beside that of a test, and one address for both: each request goes to the next node, as behind what
 * balances the load. `NODES=2` runs on them whatever does not say what its database is; the answers have to be those of one.
 */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { after } from 'node:test'
import { type StartOptions, startTrent, type Trent } from '../../src/index.ts'
import { nodeCount } from './node-count.ts'

const folders = new Map<string, string>()

/** The data folders of all nodes beside which one with this folder stands. */
export function foldersWith(data: string): readonly string[] {
  const other = folders.get(data)
  return other === undefined ? [data] : [data, other]
}

/** A use of a key is told to the other nodes within a second, and until then to nobody who asks them. */
export const skipOfOthers = nodeCount > 1 && 'the last use of a key reaches other nodes later'

/** Two nodes: their address, and the jobs of both. */
export interface Nodes {
  readonly endpoint: string
  runJobs(): Promise<boolean>
}

/** Starts a second node with the same settings over the same database. */
export async function joinSecond(first: Trent, options: StartOptions): Promise<Nodes> {
  const rootKey = options.rootKey ?? join(first.data, 'root.key')
  const second = await startTrent({ ...options, rootKey, port: 0 })
  folders.set(first.data, second.data)
  const endpoint = await startRoundRobin([first.endpoint, second.endpoint])
  after(() => second.close())
  return {
    endpoint,
    // A node runs none while the other has the lease, as by the clock that the test has turned.
    runJobs: async () => {
      const held = [await first.runJobs(), await second.runJobs()]
      return held.every((holds) => holds)
    },
  }
}

async function startRoundRobin(nodes: readonly string[]): Promise<string> {
  let turn = 0
  const server = createServer((incoming, outgoing) => {
    const node = new URL(nodes[turn % nodes.length] ?? '')
    turn += 1
    pass({ incoming, outgoing }, node)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return `http://127.0.0.1:${address.port}`
}

/** Headers go through as they came: what is signed is the name that the client called. */
function pass(
  { incoming, outgoing }: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse },
  { hostname, port }: URL,
): void {
  const { method, url: path, rawHeaders: headers } = incoming
  const onward = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  incoming.pipe(onward)
}
