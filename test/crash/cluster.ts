/**
 * Nodes as people run them, to be killed, stopped and cut off: each a `trent serve` of its own, at one address for ever.
 * Over PostgreSQL each node has a network of its own to it.
 */
import { AsyncResource } from 'node:async_hooks'
import path from 'node:path'
import { type PostgresServer, startAgain } from '../support/postgres.ts'
import {
  pause,
  type Running,
  type Server,
  serveTrent,
  temporaryFolder,
} from '../support/process.ts'
import { type Network, startNetwork } from './network.ts'

/** A node over all of its lives. */
export interface Node {
  readonly name: string
  readonly data: string
  readonly endpoint: string
  /** Undefined on an embedded database. */
  readonly network: Network | undefined
  /** Kills it, and resolves when it is gone. */
  kill(): Promise<void>
  signal(name: NodeJS.Signals): void
  /** Starts it again at its address. */
  start(): Promise<void>
  /** Ends it orderly; answers its exit code. */
  stop(): Promise<number | null>
}

/** Longer than a lease holds, and than a writer waits for it; in milliseconds. */
export const beyondLease = 7000

/** A node that a test starts again is there for the next test: it ends with the file. */
const file = new AsyncResource('crash')
/** Starts a node; a machine that is busy with other tests may take long over it. */
const serve = (data: string, args: readonly string[], how: Running): Promise<Server> =>
  file.runInAsyncScope(() => serveTrent(data, args, { patience: 60_000, ...how }))

let databases = 0

/**
 * Two nodes over a new database; the first has the account's files. They end with the test file.
 */
export async function startNodes(
  postgres: Pick<PostgresServer, 'port' | 'run'>,
  {
    standby,
    args: more = [],
    preload,
  }: Running & { readonly standby?: PostgresServer; readonly args?: readonly string[] } = {},
): Promise<readonly [Node, Node]> {
  databases += 1
  const database = `crash_${databases}`
  await postgres.run(`CREATE DATABASE ${database}`)
  const join = async (name: string, ...args: readonly string[]): Promise<Node> => {
    const network = await startNetwork(postgres.port)
    const others = standby === undefined ? '' : `,127.0.0.1:${standby.port}`
    const url = `postgres://postgres@127.0.0.1:${network.port}${others}/${database}`
    const all = ['--database', url, ...more, ...args]
    return startNode(name, { network, args: all, ...(preload !== undefined && { preload }) })
  }
  const one = await join('one')
  return [one, await join('two', '--root-key', path.join(one.data, 'root.key'))]
}

/** A node: on an embedded database, unless its arguments say otherwise. */
export async function startNode(
  name: string,
  {
    network,
    args = [],
    data = temporaryFolder(),
    ...how
  }: Running & {
    readonly network?: Network
    readonly args?: readonly string[]
    readonly data?: string
  } = {},
): Promise<Node> {
  let server: Server = await serve(data, args, how)
  const { endpoint } = server
  const { port } = new URL(endpoint)
  return {
    name,
    data,
    endpoint,
    network,
    signal: (signal) => {
      server.signal(signal)
    },
    kill: async () => {
      server.signal('SIGKILL')
      await server.finished
    },
    start: async () => {
      server = await serve(data, [...args, '--port', port], how)
    },
    stop: async () => {
      server.signal('SIGTERM')
      return (await server.finished).code
    },
  }
}

/** A PostgreSQL over all of its lives. */
export interface Primary {
  /** Kills the process that its others watch; they end by themselves. */
  kill(): Promise<void>
  start(): Promise<void>
}

/** A server to be killed. */
export function primaryOf(
  first: PostgresServer,
  settings: Readonly<Record<string, string>> = {},
): Primary {
  let server = first
  return {
    kill: () => server.stop('SIGKILL'),
    start: async () => {
      server = await revive(server, settings)
    },
  }
}

/** As long as a process of the killed server lives, a new one refuses to start: whoever keeps it running tries again. */
async function revive(
  server: PostgresServer,
  settings: Readonly<Record<string, string>>,
): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startAgain(server, settings)
    } catch (error) {
      if (attempt === 50) throw error
      await pause(100)
    }
  }
}
