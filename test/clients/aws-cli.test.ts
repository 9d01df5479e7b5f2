/**
 * The AWS CLI, every one on PATH, with the files that `trent serve` writes: the example of AWS's page on Encrypt.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { accessSync, constants, realpathSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { serveTrent, temporaryFolder } from '../support/process.ts'

const run = promisify(execFile)

/** How long one command may take, in milliseconds. */
const patience = 40_000

/** An AWS CLI. */
interface Cli {
  readonly path: string
  readonly version: readonly number[]
}

/** `This is Day 1 for the Internet`, as AWS's example encrypts it. */
const example = 'VGhpcyBpcyBEYXkgMSBmb3IgdGhlIEludGVybmV0Cg=='

const found = await everyCli()

if (found.length === 0) {
  const skip = 'THERE IS NO `aws` ON PATH: the AWS CLI was not tested'
  test('the AWS CLI runs the example of Encrypt', { skip }, () => undefined)
}

describe('The AWS CLI', { concurrency: true }, () => {
  for (const cli of found) {
    test(`${cli.version.join('.')} at ${cli.path} runs the example of Encrypt`, () =>
      runExample(cli))
  }
})

async function runExample(cli: Cli): Promise<void> {
  const folder = temporaryFolder()
  const server = await serveTrent(join(folder, 'data'))
  const aws = commands(cli, server)

  const { KeyMetadata: key } = await aws('create-key', '--description', 'Example key')
  const keyId = String((key as Record<string, unknown>)['KeyId'])
  const names = ['--alias-name', 'alias/ExampleAlias', '--target-key-id', keyId]
  assert.deepEqual(await aws('create-alias', ...names), {})

  const plaintext = blobArgument(cli, join(folder, 'plaintext'), example)
  const request = ['--key-id', 'alias/ExampleAlias', '--plaintext', plaintext]
  const encrypted = await aws('encrypt', ...request, '--encryption-context', 'Department=IT')
  assert.match(
    String(encrypted['KeyId']),
    new RegExp(`^arn:aws:kms:us-east-1:\\d{12}:key/${keyId}$`),
  )
  assert.equal(encrypted['EncryptionAlgorithm'], 'SYMMETRIC_DEFAULT')

  const blob = blobArgument(cli, join(folder, 'blob'), String(encrypted['CiphertextBlob']))
  const decrypt = ['decrypt', '--ciphertext-blob', blob]
  const decrypted = await aws(...decrypt, '--encryption-context', 'Department=IT')
  assert.equal(decrypted['Plaintext'], example)
  assert.equal(decrypted['KeyId'], encrypted['KeyId'])

  await assert.rejects(
    aws(...decrypt),
    /\(InvalidCiphertextException\) when calling the Decrypt operation/,
  )
  server.signal('SIGTERM')
  assert.equal((await server.finished).code, 0)
}

/** Runs `aws kms` with the two variables that the server says to export. */
function commands(
  cli: Cli,
  server: { readonly endpoint: string; said(): { readonly stdout: string } },
): (...args: readonly string[]) => Promise<Readonly<Record<string, unknown>>> {
  const exported = [...server.said().stdout.matchAll(/^export (AWS_\w+)=(\S+)$/gm)]
  assert.equal(exported.length, 2)
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))
  const env = Object.fromEntries([
    ...kept,
    ...exported.map(([, name = '', value]) => [name, value] as const),
    ['AWS_EC2_METADATA_DISABLED', 'true'],
    ['AWS_PAGER', ''],
    ['NO_PROXY', '127.0.0.1'],
  ])
  const endpoint = readsEndpoint(cli) ? [] : ['--endpoint-url', server.endpoint]
  return async (...args) => {
    const all = ['kms', ...args, ...endpoint]
    const { stdout } = await run(cli.path, all, { env, timeout: patience })
    return (stdout === '' ? {} : JSON.parse(stdout)) as Readonly<Record<string, unknown>>
  }
}

/** A blob as this CLI takes it: version 2 in base64, version 1 from a file of its bytes. */
function blobArgument(cli: Cli, file: string, base64: string): string {
  if (cli.version[0] !== 1) return base64
  writeFileSync(file, Buffer.from(base64, 'base64'))
  return `fileb://${file}`
}

/** Whether the CLI takes `endpoint_url` from its configuration file. */
function readsEndpoint({ version: [major = 0, minor = 0] }: Cli): boolean {
  return major === 1 ? minor >= 29 : minor >= 13
}

async function everyCli(): Promise<Cli[]> {
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
