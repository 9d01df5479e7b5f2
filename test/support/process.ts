/**
 * Trent as people run it: `trent serve` and the other commands, each a process of its own.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after } from 'node:test'
import { KMSClient } from '@aws-sdk/client-kms'
import { databaseOf } from './engines.ts'
import type { Credentials } from './signer.ts'

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

/** How long a command may take, and a server to be ready, in milliseconds. */
const patience = 20_000

/** How a process is started. */
export interface Running {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** A module to load first. */
  readonly preload?: string
  /** How long a server may take to be ready, in milliseconds. */
  readonly patience?: number
}

/** What a command has left. */
export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A process and what it has said so far. */
export interface Process {
  readonly pid: number
  readonly finished: Promise<Finished>
  said(): { readonly stdout: string; readonly stderr: string }
  /** Sends a signal to this very process. */
  signal(name: NodeJS.Signals): void
}

/** A `trent serve` that is ready. */
export interface Server extends Process {
  readonly endpoint: string
  readonly data: string
}

/** A folder that goes away with the test file. */
export function temporaryFolder(prefix = 'trent-test-'): string {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** Starts a command. It is killed, by its own id, when the test file ends. */
export function startTrentProcess(args: readonly string[], how: Running = {}): Process {
  const preload = how.preload === undefined ? [] : ['--import', how.preload]
  const child = spawn(process.execPath, [...preload, main, ...args], {
    cwd: how.cwd,
    env: { ...withoutSettings(), ...how.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  }
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, ...said })
    })
  })
  after(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  return {
    pid: child.pid ?? 0,
    finished,
    said: () => ({ ...said }),
    signal: (name) => {
      child.kill(name)
    },
  }
}

/** Runs a command to its end. */
export async function runTrent(args: readonly string[], how: Running = {}): Promise<Finished> {
  const command = startTrentProcess(args, await onEngine(args, how))
  const late = setTimeout(() => {
    command.signal('SIGKILL')
  }, patience)
  const finished = await command.finished
  clearTimeout(late)
  return finished
}

/** Runs a command that answers in JSON; fails when it fails. */
export async function askTrent(args: readonly string[], how: Running = {}): Promise<unknown> {
  const { code, stdout, stderr } = await runTrent(args, how)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

/** Starts `trent serve` on a free port and waits until it is ready. */
export async function serveTrent(
  data: string,
  args: readonly string[] = [],
  how: Running = {},
): Promise<Server> {
  const all = ['serve', '--port', '0', '--data', data, ...args]
  const server = startTrentProcess(all, await onEngine(all, how))
  const endpoint = await ready(server, how.patience)
  return { ...server, endpoint, data }
}

/** Says which database a server has that does not say it itself; other commands ask the server. */
export async function onEngine(args: readonly string[], how: Running = {}): Promise<Running> {
  const data = args[args.indexOf('--data') + 1]
  const says =
    args.includes('--database') || args.includes('--config') || how.env?.['TRENT_DATABASE']
  if (args[0] !== 'serve' || !args.includes('--data') || data === undefined || says) return how
  const database = await databaseOf(resolve(how.cwd ?? '.', data))
  return database === undefined ? how : { ...how, env: { TRENT_DATABASE: database, ...how.env } }
}

/** The endpoint of the ready line; fails when the process ends without one. */
export async function ready(server: Process, within = patience): Promise<string> {
  const until = performance.now() + within
  for (;;) {
    const found = /^Trent is ready at (\S+)\n/.exec(server.said().stdout)?.[1]
    if (found !== undefined) return found
    const ended = await Promise.race([server.finished, pause(10)])
    if (ended !== undefined) assert.fail(`trent ended: ${ended.stderr}`)
    if (performance.now() >= until) {
      assert.fail(`trent is not ready${computedBy(server)}: ${server.said().stderr}`)
    }
  }
}

/** How long a process has computed, where the system says so: one that waits is told from one that gets no processor. */
function computedBy({ pid }: Process): string {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return ''
  const [user, system] = readFileSync(file, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, 13)
  return `, having computed for ${Number(user) + Number(system)} hundredths of a second`
}

/** The access key in the credentials file of a data folder. */
export function credentialsOf(data: string): Credentials {
  const text = readFileSync(join(data, 'aws', 'credentials'), 'utf8')
  const value = (name: string) => new RegExp(`^${name} = (.*)$`, 'm').exec(text)?.[1] ?? ''
  return {
    accessKeyId: value('aws_access_key_id'),
    secretAccessKey: value('aws_secret_access_key'),
  }
}

/** A client of a server's first account; it goes away with the test file. */
export function clientOf(server: Server): KMSClient {
  const client = new KMSClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: credentialsOf(server.data),
    maxAttempts: 1,
  })
  after(() => {
    client.destroy()
  })
  return client
}

/** Resolves after some milliseconds of real time, with nothing. */
export function pause(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds, undefined)
  })
}

/** The test's own environment, less what would be a setting. */
function withoutSettings(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(TRENT|NODE_TEST|NODE_OPTIONS|AWS)/.test(name),
    ),
  )
}
