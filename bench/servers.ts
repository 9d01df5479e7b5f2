/** The processes of a benchmark: Trent on a folder of its own, the bare server, and the load. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Connection } from './connection.ts'
import type { Order, Told, Yield } from './load.ts'
import { type Client, signedRequest } from './sign.ts'

const root = path.dirname(import.meta.dirname)

/** A server that answers, in a process of its own. */
export interface Running {
  readonly port: number
  readonly process: ChildProcess
  /** Processor seconds used so far; undefined where the system does not tell. */
  cpuSeconds(): number | undefined
  stop(): Promise<void>
}

/** A data folder that is gone at the end of its scope. */
export interface Folder extends Disposable {
  readonly path: string
}

export function temporaryFolder(): Folder {
  const folder = mkdtempSync(path.join(tmpdir(), 'trent-bench-'))
  return {
    path: folder,
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Starts Trent from its sources; with `profile`, a CPU profile stands in that folder when it has stopped. */
export function startTrent(
  data: string,
  {
    profile,
    workers = 1,
  }: { readonly profile?: string | undefined; readonly workers?: number } = {},
): Promise<Running> {
  const flags =
    profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`]
  const args = ['serve', '--port', '0', '--data', data, '--workers', String(workers)]
  return start(path.join(root, 'src', 'main.ts'), args, flags)
}

export function startBare(): Promise<Running> {
  return start(path.join(import.meta.dirname, 'bare-server.ts'), [], [])
}

/** Starts a server and waits for the line that tells where it listens. */
async function start(
  file: string,
  args: readonly string[],
  flags: readonly string[],
): Promise<Running> {
  const child = fork(file, args, {
    execArgv: [...flags],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
      const found = /ready at http:\/\/127\.0\.0\.1:(\d+)\n/.exec(said)?.[1]
      if (found !== undefined) resolve(Number(found))
    })
    child.once('exit', (code) => {
      reject(new Error(`${path.basename(file)} ended with ${code}`))
    })
  })
  return {
    port,
    process: child,
    cpuSeconds: () => cpuSeconds(child.pid),
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** User and system time of a process and its workers, from Linux's /proc, in ticks of a hundredth of a second. */
function cpuSeconds(pid: number | undefined): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    const workers = children === '' ? [] : children.split(' ')
    const all = workers.map((worker) => cpuSeconds(Number(worker)) ?? 0)
    const ofWorkers = all.reduce((sum, each) => sum + each, 0)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return ofWorkers + (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return undefined
  }
}

/** The client of a data folder's first account, for a server at this port. */
export function clientOf(data: string, port: number): Client {
  const credentials = readFileSync(path.join(data, 'aws', 'credentials'), 'utf8')
  const value = (name: string): string =>
    new RegExp(`^${name} = (.*)$`, 'm').exec(credentials)?.[1] ?? ''
  return {
    accessKeyId: value('aws_access_key_id'),
    secretAccessKey: value('aws_secret_access_key'),
    region: 'us-east-1',
    host: `127.0.0.1:${port}`,
  }
}

/** Calls an operation of Trent; throws unless it succeeds. */
export async function call<Response extends object>(
  client: Client,
  operation: string,
  document: object,
): Promise<Response> {
  const connection = await connectionTo(client)
  try {
    return await callBy<Response>(connection, client, { operation, document })
  } finally {
    connection.close()
  }
}

/** A connection that many calls can use, one after the other. */
export const connectionTo = ({ host }: Client): Promise<Connection> =>
  Connection.open(Number(host.split(':')[1]))

/** The same by a connection that is there: whoever makes a new one each time runs out of ports. */
export async function callBy<Response extends object>(
  connection: Connection,
  client: Client,
  { operation, document }: { readonly operation: string; readonly document: object },
): Promise<Response> {
  const answer = await connection.ask(signedRequest(client, operation, document))
  if (answer.status !== 200) throw new Error(`${operation}: ${answer.body.toString()}`)
  return JSON.parse(answer.body.toString()) as Response
}

/** The process that makes the load. */
export interface Load {
  run(order: Order): Promise<Yield>
  stop(): void
}

export function startLoad(): Load {
  const child = fork(path.join(import.meta.dirname, 'load.ts'), { execArgv: [] })
  return {
    run: async (order) => {
      child.send(order)
      const [told] = (await once(child, 'message')) as [Told]
      if ('failed' in told) throw new Error(told.failed)
      return told.done
    },
    stop: () => {
      child.disconnect()
    },
  }
}
