/**
 * A process that counts what requests cost in work rather than in time: it runs so many of each operation, one after the
 * other, through the pipeline, on a clock that stands still, and tells what each needed. Optimizing compilers are switched
 * off by whoever starts it, so that the same code allocates the same bytes each time. `--extra hash`, `--extra parse` and
 * `--extra copy` do a little too much on purpose.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import v8 from 'node:v8'
import { type Credentials, signHeader } from '../support/signer.ts'

/** What one request needed, on average. */
export interface Work {
  /** Bytes allocated on the heap of JavaScript. */
  readonly bytes: number
  readonly promises: number
  /** Calls of node:crypto. */
  readonly crypto: number
  /** Calls of JSON.parse and JSON.stringify. */
  readonly json: number
  /** Statements of the database. */
  readonly statements: number
  /** Writes to files, and syncs of them. */
  readonly writes: number
}

const counts = { promises: 0, crypto: 0, json: 0, statements: 0, writes: 0 }
const requireBuiltin = createRequire(import.meta.url)
const modules = {
  crypto: requireBuiltin('node:crypto') as Functions,
  fs: requireBuiltin('node:fs') as Functions,
  sqlite: requireBuiltin('node:sqlite') as typeof import('node:sqlite'),
}
type Functions = Record<string, unknown>

for (const name of Object.keys(modules.crypto)) {
  if (/^(create|random|hash$|hkdf|sign|verify|timing)/.test(name)) {
    counted(modules.crypto, name, 'crypto')
  }
}
for (const name of Object.keys(modules.fs)) {
  if (/^(write|append|fsync|fdatasync)/.test(name)) counted(modules.fs, name, 'writes')
}
for (const name of ['get', 'all', 'run']) {
  counted(modules.sqlite.StatementSync.prototype as unknown as Functions, name, 'statements')
}
counted(modules.sqlite.DatabaseSync.prototype as unknown as Functions, 'exec', 'statements')
counted(JSON as unknown as Functions, 'parse', 'json')
counted(JSON as unknown as Functions, 'stringify', 'json')
syncBuiltinESMExports()

/** Puts a function in the place of another that counts its calls. */
function counted(home: Functions, name: string, as: keyof typeof counts): void {
  const original = home[name] as (...args: readonly unknown[]) => unknown
  if (typeof original !== 'function') return
  home[name] = function (this: unknown, ...args: readonly unknown[]) {
    counts[as] += 1
    return Reflect.apply(original, this, args)
  }
}

// Only now, so that what they import is counted.
const { createAccount } = await import('../../src/admin/create-account.ts')
const { testClock } = await import('../../src/clock.ts')
const { silentLog } = await import('../../src/log.ts')
const { handle } = await import('../../src/server/handle.ts')
const { openService } = await import('../../src/service.ts')

const warmUp = 100
const requests = 100
/** The least of so many passes counts: what else the process does now and then allocates too. */
const passes = 5
const extra = process.argv[process.argv.indexOf('--extra') + 1]
const data = mkdtempSync(path.join(tmpdir(), 'trent-work-'))
const clock = testClock()
const service = await openService({
  data,
  database: undefined,
  mayLoseAcknowledgedChanges: false,
  rootKey: path.join(data, 'root.key'),
  regions: ['us-east-1'],
  clock,
  log: silentLog,
})
const account = (await createAccount({ name: '' }, service)) as Record<string, string>
const credentials: Credentials = {
  accessKeyId: account['AccessKeyId'] ?? '',
  secretAccessKey: account['SecretAccessKey'] ?? '',
}
const EncryptionContext = { purpose: 'work', tenant: '4711' }
const made = await ask('CreateKey', {})
const KeyId = (made['KeyMetadata'] as { readonly Arn: string }).Arn
const Plaintext = Buffer.alloc(32, 7).toString('base64')
const { CiphertextBlob } = await ask('Encrypt', { KeyId, Plaintext, EncryptionContext })
const measured = {
  Encrypt: await workOf('Encrypt', { KeyId, Plaintext, EncryptionContext }),
  Decrypt: await workOf('Decrypt', { CiphertextBlob, EncryptionContext }),
  GenerateDataKey: await workOf('GenerateDataKey', {
    KeyId,
    KeySpec: 'AES_256',
    EncryptionContext,
  }),
}
process.stdout.write(JSON.stringify(measured))
await service[Symbol.asyncDispose]()
rmSync(data, { recursive: true })

/** Counts in two runs: what follows promises allocates as well. */
async function workOf(operation: string, document: object): Promise<Work> {
  const http = signed(operation, document)
  const many = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1) await once(http)
  }
  await many(warmUp)
  let bytes = Infinity
  for (let pass = 0; pass < passes; pass += 1) {
    const before = v8.getHeapStatistics().total_allocated_bytes
    await many(requests)
    bytes = Math.min(bytes, v8.getHeapStatistics().total_allocated_bytes - before)
  }
  Object.assign(counts, { promises: 0, crypto: 0, json: 0, statements: 0, writes: 0 })
  const stop = v8.promiseHooks.onInit(() => {
    counts.promises += 1
  }) as () => void
  await many(requests)
  stop()
  const { promises, crypto, json, statements, writes } = counts
  const all = { bytes, promises, crypto, json, statements, writes }
  return Object.fromEntries(
    Object.entries(all).map(([name, count]) => [name, count / requests]),
  ) as unknown as Work
}

async function once(http: ReturnType<typeof signed>): Promise<void> {
  if (extra === 'hash') hashOf(http.body)
  if (extra === 'parse') JSON.parse(Buffer.from(http.body).toString())
  if (extra === 'copy') [...http.body].reverse()
  const answer = await handle(http, service)
  if (answer.status !== 200) throw new Error(`${answer.status}: ${String(answer.body)}`)
}

/** One more digest, counted as those of the pipeline are. */
function hashOf(body: Uint8Array): void {
  const { hash } = modules.crypto as { readonly hash: typeof import('node:crypto').hash }
  hash('sha256', body)
}

async function ask(operation: string, document: object): Promise<Record<string, unknown>> {
  const answer = await handle(signed(operation, document), service)
  return JSON.parse(String(answer.body)) as Record<string, unknown>
}

function signed(operation: string, document: object) {
  const endpoint = 'http://127.0.0.1:4599'
  const raw = signHeader({ endpoint, credentials, at: clock.now(), operation, body: document })
  const header = (name: string): string | undefined =>
    raw.headers.find(([sent]) => sent.toLowerCase() === name)?.[1]
  return {
    method: raw.method,
    path: '/',
    query: '',
    headers: raw.headers.flat(),
    body: Buffer.from(raw.body),
    target: header('x-amz-target'),
    contentType: header('content-type'),
    userAgent: undefined,
    referer: undefined,
    host: header('host'),
    sourceIp: '127.0.0.1',
    secureTransport: false,
    tls: undefined,
  }
}
