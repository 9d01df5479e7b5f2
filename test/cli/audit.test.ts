/**
 * `trent audit ...`: the record, read, verified, and found out when somebody has changed it.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { usualEngine } from '../support/engines.ts'
import {
  askTrent,
  clientOf,
  pause,
  type Process,
  runTrent,
  serveTrent,
  startTrentProcess,
  temporaryFolder,
} from '../support/process.ts'

interface Report {
  readonly ok: boolean
  readonly signaturesChecked: boolean
  readonly chains: readonly unknown[]
  readonly problems: readonly string[]
}

const server = await serveTrent(temporaryFolder())
const { data } = server
const kms = clientOf(server)
const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'recorded' }))
const KeyId = KeyMetadata?.Arn ?? ''
await kms.send(
  new EncryptCommand({ KeyId, Plaintext: Buffer.from('a'), EncryptionContext: { team: 'red' } }),
)
await kms.send(new DescribeKeyCommand({ KeyId: 'alias/none' })).catch(() => undefined)
// A checkpoint is signed within a second.
await pause(1300)
const publicKey = join(temporaryFolder(), 'public.pem')
writeFileSync(publicKey, (await runTrent(['audit', 'public-key', '--data', data])).stdout)

/** A copy of the record that a test may spoil. */
function copyOfRecord(): string {
  const folder = join(temporaryFolder(), 'audit')
  cpSync(join(data, 'audit'), folder, { recursive: true })
  return folder
}

const fileOf = (folder: string): string => {
  const name = readdirSync(folder).find((each) => each.endsWith('.jsonl'))
  return join(folder, name ?? '')
}

/** Verifies a record offline, which has to fail; answers its problems. */
async function problemsOf(folder: string): Promise<string> {
  const args = ['audit', 'verify', '--folder', folder, '--public-key', publicKey]
  const { code, stdout, stderr } = await runTrent(args)
  assert.equal(code, 1)
  assert.equal(stderr, 'trent: the record does not verify\n')
  const report = JSON.parse(stdout) as Report
  assert.equal(report.ok, false)
  return report.problems.join('\n')
}

/** Waits for a command to print what is looked for. */
async function printed(command: Process, pattern: RegExp): Promise<string> {
  const until = performance.now() + 10_000
  for (;;) {
    const { stdout, stderr } = command.said()
    if (pattern.test(stdout)) return stdout
    assert.ok(performance.now() < until, `not printed: ${pattern} in ${stdout}${stderr}`)
    await pause(20)
  }
}

test('audit verify says that a record is whole, against the running server', async () => {
  const report = (await askTrent(['audit', 'verify', '--data', data])) as Report
  assert.equal(report.ok, true)
  assert.equal(report.signaturesChecked, true)
  assert.deepEqual(report.problems, [])
  assert.equal(report.chains.length, 1)
})

test('audit verify needs no server when it has the public key', async () => {
  const args = ['audit', 'verify', '--folder', copyOfRecord(), '--public-key', publicKey]
  assert.equal(((await askTrent(args)) as Report).ok, true)
})

/** The name of the server's chain, as the problems tell it. */
const chain = usualEngine === 'sqlite' ? /main/ : /node-[0-9a-f]{8}/

test('audit public-key prints an Ed25519 key as PEM', () => {
  const key = createPublicKey(readFileSync(publicKey))
  assert.equal(key.asymmetricKeyType, 'ed25519')
})

test('a line that was altered is found', async () => {
  const folder = copyOfRecord()
  const file = fileOf(folder)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"recorded"', '"recordet"'))
  assert.match(await problemsOf(folder), chain)
})

test('a line that was taken out is found', async () => {
  const folder = copyOfRecord()
  const file = fileOf(folder)
  const lines = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, [lines[0], ...lines.slice(2)].join('\n'))
  assert.match(await problemsOf(folder), chain)
})

test('a file that was cut short is found', async () => {
  const folder = copyOfRecord()
  const file = fileOf(folder)
  const lines = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, `${lines.slice(0, 2).join('\n')}\n`)
  assert.match(await problemsOf(folder), chain)
})

test('a file that is gone is found', async () => {
  const folder = copyOfRecord()
  rmSync(fileOf(folder))
  assert.match(await problemsOf(folder), chain)
})

test("a record under another server's key is found", async () => {
  const other = await serveTrent(temporaryFolder())
  const { stdout } = await runTrent(['audit', 'public-key', '--data', other.data])
  const file = join(temporaryFolder(), 'other.pem')
  writeFileSync(file, stdout)
  const args = ['audit', 'verify', '--folder', copyOfRecord(), '--public-key', file]
  assert.equal((await runTrent(args)).code, 1)
})

test('a public key that is none is refused in words', async () => {
  const file = join(temporaryFolder(), 'none.pem')
  writeFileSync(file, 'no key')
  const { code, stderr } = await runTrent(['audit', 'verify', '--data', data, '--public-key', file])
  assert.equal(code, 1)
  assert.match(stderr, /^trent: [^\n]+\n$/)
})

test('audit tail --all shows what was done, allowed or refused, one line each', async () => {
  const tail = startTrentProcess(['audit', 'tail', '--all', '--data', data])
  const text = await printed(tail, /DescribeKey/)
  const lines = text.trimEnd().split('\n')
  const accounts = KeyId.split(':')[4] ?? ''
  assert.match(lines[0] ?? '', new RegExp(`Z  .*${accounts}.*  CreateKey  .*${KeyId}  allowed`))
  assert.match(lines[1] ?? '', new RegExp(`Encrypt  .*${KeyId}  allowed  .*"team":"red"`))
  assert.match(lines[2] ?? '', /DescribeKey .* refused NotFoundException/)
  tail.signal('SIGTERM')
  await tail.finished
})

test('audit tail shows events as they come', async () => {
  const tail = startTrentProcess(['audit', 'tail', '--data', data])
  // It has nothing to show before the first event that it waits for.
  const calls = setInterval(() => {
    void kms.send(new ListKeysCommand({}))
  }, 100)
  const text = await printed(tail, /ListKeys/).finally(() => {
    clearInterval(calls)
  })
  assert.ok(!text.includes('CreateKey'))
  tail.signal('SIGINT')
  await tail.finished
})

test('audit tail --json shows the lines of the record themselves', async () => {
  const tail = startTrentProcess(['audit', 'tail', '--all', '--json', '--data', data])
  const [first = ''] = (await printed(tail, /\n/)).split('\n')
  assert.equal(first, readFileSync(fileOf(join(data, 'audit')), 'utf8').split('\n')[0])
  tail.signal('SIGTERM')
  await tail.finished
})

test('audit tail ends without a word when nobody reads it any more', async (t) => {
  const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')
  const child = spawn(process.execPath, [main, 'audit', 'tail', '--all', '--data', data])
  t.after(() => child.kill('SIGKILL'))
  const closed = once(child, 'close')
  let stderr = ''
  child.stderr.on('data', (text) => {
    stderr += String(text)
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const calls = setInterval(() => {
    void kms.send(new ListKeysCommand({}))
  }, 100)
  const [code] = (await closed.finally(() => {
    clearInterval(calls)
  })) as [number | null]
  assert.equal(code, 0)
  assert.equal(stderr, '')
})

test('where there is no record, nothing verifies and nothing is shown', async () => {
  const folder = temporaryFolder()
  for (const [args, place] of [
    [['tail', '--data', folder], join(folder, 'audit')],
    [['verify', '--data', folder, '--public-key', publicKey], join(folder, 'audit')],
    [['verify', '--folder', folder, '--public-key', publicKey], folder],
  ] as const) {
    const { code, stdout, stderr } = await runTrent(['audit', ...args])
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.equal(stderr, `trent: there is no record in \`${place}\`\n`)
  }
})
