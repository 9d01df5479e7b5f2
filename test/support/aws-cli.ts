/**
 * The AWS CLI: every one on PATH, and how it is run with the files that `trent serve` writes.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { accessSync, constants, realpathSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** How long one command may take, in milliseconds. */
const patience = 40_000

/** An AWS CLI. */
export interface Cli {
  readonly path: string
  readonly version: readonly number[]
}

/** What a command answers. */
export type CliAnswer = Readonly<Record<string, unknown>>

/** Runs commands with the two variables that the server says to export, and with others over them. */
export function commands(
  cli: Cli,
  server: { readonly endpoint: string; said(): { readonly stdout: string } },
  variables: Readonly<Record<string, string>> = {},
): (...args: readonly string[]) => Promise<CliAnswer> {
  const exported = [...server.said().stdout.matchAll(/^export (AWS_\w+)=(\S+)$/gm)]
  assert.equal(exported.length, 2)
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
  const env = Object.fromEntries([
    ...kept,
    ...exported.map(([, name = '', value]) => [name, value] as const),
    ['AWS_EC2_METADATA_DISABLED', 'true'],
    ['AWS_PAGER', ''],
    ['NO_PROXY', '127.0.0.1'],
    ...Object.entries(variables),
  ])
  const endpoint = readsEndpoint(cli) ? [] : ['--endpoint-url', server.endpoint]
  return async (...args) => {
    const { stdout } = await run(cli.path, [...args, ...endpoint], { env, timeout: patience })
    return (stdout === '' ? {} : JSON.parse(stdout)) as CliAnswer
  }
}

/** Whether the CLI takes `endpoint_url` from its configuration file. */
export function readsEndpoint({ version: [major = 0, minor = 0] }: Cli): boolean {
  return major === 1 ? minor >= 29 : minor >= 13
}

/** A blob as this CLI takes it: version 2 in base64, version 1 from a file of its bytes. */
export function blobArgument(cli: Cli, file: string, base64: string): string {
  if (cli.version[0] !== 1) return base64
  writeFileSync(file, Buffer.from(base64, 'base64'))
  return `fileb://${file}`
}

/** Every AWS CLI on PATH. */
export async function everyCli(): Promise<Cli[]> {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'aws'))
  const files = new Map(paths.filter(isExecutable).map((path) => [realpathSync(path), path]))
  return Promise.all(
    Array.from(files.keys(), async (path) => {
      const { stdout, stderr } = await run(path, ['--version'], { timeout: patience })
      // Early versions tell their version as an error.
      const numbers = /aws-cli\/(\d+)\.(\d+)\.(\d+)/.exec(stdout + stderr)?.slice(1)
      assert.ok(numbers, `${path} tells no version`)
      return { path, version: numbers.map(Number) }
    }),
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
