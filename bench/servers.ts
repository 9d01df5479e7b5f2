/** The processes of a benchmark: Trent on a folder of its own, the bare server, and the load. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TlsPair } from './certificate.ts'
import type { Order, Told, Yield } from './load.ts'
import { cpuSeconds, residentBytes } from './processes.ts'
import type { Client } from './sign.ts'

const root = path.dirname(import.meta.dirname)

/** What answers, whoever it is and wherever it runs. */
export interface Server {
  /** As tables name it. */
  readonly name: string
  readonly client: Client
  /** Processor seconds used so far; undefined where nobody tells. */
  cpuSeconds(): number | undefined
  /** How many commits its database has made; undefined where nobody tells. */
  commits(): Promise<number | undefined>
}

/** A server of ours, in a process of its own. */
export interface Running extends Server {
  readonly process: ChildProcess
  residentBytes(): number | undefined
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

/** How a Trent is started. */
export interface TrentOptions {
  readonly name?: string
  /** A CPU profile stands in that folder when it has stopped. */
  readonly profile?: string | undefined
  readonly workers?: number
  /** The URL of a PostgreSQL. */
  readonly database?: string
  readonly tls?: TlsPair
}

/** Starts Trent from its sources. */
export async function startTrent(data: string, options: TrentOptions = {}): Promise<Running> {
  const { name = 'Trent', profile, workers = 1, database, tls } = options
  const flags =
    profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`]
  const args = ['serve', '--port', '0', '--ops-port', '0', '--data', data]
  args.push('--workers', String(workers))
  if (database !== undefined) args.push('--database', database)
  if (tls !== undefined) args.push('--tls-cert', tls.certFile, '--tls-key', tls.keyFile)
  const started = await start(path.join(root, 'src', 'main.ts'), { args, flags, last: 'export ' })
  const { host, opsUrl } = addressesIn(started.said)
  return {
    ...running(started.child),
    name,
    client: { ...credentialsOf(data), host, tls: tls && { ca: tls.ca } },
    commits: () => commitsAt(opsUrl),
  }
}

/** Starts the bare server, for the client of another. */
export async function startBare(like?: Client, tls?: TlsPair): Promise<Running> {
  const file = path.join(import.meta.dirname, 'bare-server.ts')
  const args = tls === undefined ? [] : [tls.certFile, tls.keyFile]
  const { child, said } = await start(file, { args, flags: [], last: 'ready' })
  const nobody = { accessKeyId: 'nobody', secretAccessKey: 'nobody', region: 'us-east-1' }
  return {
    ...running(child),
    name: `bare \`node:${tls === undefined ? 'http' : 'https'}\``,
    client: { ...nobody, ...like, ...addressesIn(said), tls: tls && { ca: tls.ca } },
    commits: async () => undefined,
  }
}

/** Starts one that does the least that an Encrypt takes, for whoever has the client's secret access key. */
export async function startLeast(like: Client): Promise<Running> {
  const least = await startBare(like)
  least.process.send({ secretAccessKey: like.secretAccessKey })
  await once(least.process, 'message')
  return { ...least, name: 'signature and cipher alone' }
}

/** Has the bare server answer with bodies of so many bytes. */
export async function resizeBare(bare: Running, bytes: number): Promise<void> {
  bare.process.send({ bytes })
  await once(bare.process, 'message')
}

interface Start {
  readonly args: readonly string[]
  readonly flags: readonly string[]
  /** How the last line begins that it says when it is ready. */
  readonly last: string
}

async function start(
  file: string,
  { args, flags, last }: Start,
): Promise<{ child: ChildProcess; said: string }> {
  const child = fork(file, args, {
    execArgv: [...flags],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const said = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (text.endsWith('\n') && text.includes(last)) resolve(text)
    })
    child.once('exit', (code) => {
      reject(new Error(`${path.basename(file)} ended with ${code}`))
    })
  })
  return { child, said }
}

function running(child: ChildProcess): Omit<Running, 'name' | 'client' | 'commits'> {
  return {
    process: child,
    cpuSeconds: () => cpuSeconds(child.pid),
    residentBytes: () => residentBytes(child.pid),
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

function addressesIn(said: string): { host: string; opsUrl: string } {
  return {
    host: /ready at https?:\/\/(\S+)/.exec(said)?.[1] ?? '',
    opsUrl: /metrics are at (\S+)/.exec(said)?.[1] ?? '',
  }
}

/** The credentials of a data folder's first account. */
function credentialsOf(data: string): Omit<Client, 'host'> {
  const credentials = readFileSync(path.join(data, 'aws', 'credentials'), 'utf8')
  const value = (name: string): string =>
    new RegExp(`^${name} = (.*)$`, 'm').exec(credentials)?.[1] ?? ''
  return {
    accessKeyId: value('aws_access_key_id'),
    secretAccessKey: value('aws_secret_access_key'),
    region: 'us-east-1',
  }
}

/** The sum over the processes of a server. */
async function commitsAt(opsUrl: string): Promise<number> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text()
  const samples = text.matchAll(/^trent_database_commits_total(?:\{.*\})? (\d+)$/gm)
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0)
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
