/**
 * Trent as a library: a server inside a process, for people's own tests. It is the same server with the same checks.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createAccount } from './admin/create-account.ts'
import { type Clock, systemClock } from './clock.ts'
import { commercialRegions, type OidcIssuer } from './config.ts'
import type { WorkOptions } from './crypto/work.ts'
import { silentLog } from './log.ts'
import type { Limits } from './operation.ts'
import type { RequestQuotas } from './operating/request-quotas.ts'
import { serve } from './serve.ts'
import type { HttpLimits } from './server/listen.ts'
import type { OpsAddress } from './server/ops.ts'
import type { TlsFiles } from './server/tls-files.ts'

export type { Clock, TestClock } from './clock.ts'
export { systemClock, testClock } from './clock.ts'
export type { OidcIssuer } from './config.ts'

/** How to start a server in this process; everything may be left out. */
export interface StartOptions {
  /** A file with a passphrase that the root key is sealed under; a plain key file when left out. */
  readonly rootKeyPassphraseFile?: string
  /** A data folder to keep; without one, a new one that `close` removes. */
  readonly data?: string
  /** The URL of a PostgreSQL; without one, the database is a file in the data folder. */
  readonly database?: string
  /** The file with the root key, which all nodes of a database share; `root.key` in the data folder when left out. */
  readonly rootKey?: string
  /** 127.0.0.1 when left out. */
  readonly host?: string
  /** A free port when left out. */
  readonly port?: number
  /** AWS's commercial regions when left out. */
  readonly regions?: readonly string[]
  /** Issuers of web identity tokens that may be at private addresses. */
  readonly oidcIssuers?: readonly OidcIssuer[]
  /** The machine's own when left out; `testClock()` makes one that a test can turn. */
  readonly clock?: Clock
  /** Resource quotas; AWS's own when left out. */
  readonly limits?: Partial<Limits>
  readonly httpLimits?: Partial<HttpLimits>
  /** How many requests a second an account may make; any number when left out. */
  readonly requestQuotas?: RequestQuotas
  /** PEM files; plain HTTP when left out. */
  readonly tls?: TlsFiles
  /** Where /health and /metrics are; only on the administrators' socket when left out. */
  readonly ops?: OpsAddress
  /** How long `close` lets the server serve on, not ready, before it drains, in milliseconds. */
  readonly drainDelay?: number
  /** How many threads do what takes long, and how many calls may wait for one; made for the machine when left out. */
  readonly work?: WorkOptions
}

/** An account with an access key of its root user. */
export interface Account {
  readonly accountId: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** A server in this process, ready for an AWS SDK client: `new KMSClient({ endpoint, region, credentials })`. */
export interface Trent extends Account, AsyncDisposable {
  readonly endpoint: string
  readonly region: string
  /** Where /health and /metrics are, when they have a port. */
  readonly opsUrl: string | undefined
  /** The data folder. */
  readonly data: string
  /** Makes another account. */
  createAccount(name?: string): Promise<Account>
  /** Runs the jobs of the clock now, as they run every minute; false when the clock has jumped and was not confirmed. */
  runJobs(): Promise<boolean>
  /** Says that the clock is right after a jump, as `trent jobs confirm-clock` does. */
  confirmClock(): Promise<void>
  /** Stops the server; a data folder that `start` made is removed. */
  close(): Promise<void>
}

/** Starts a server in this process, with a new account. */
export async function startTrent(options: StartOptions = {}): Promise<Trent> {
  const data = resolve(options.data ?? mkdtempSync(join(tmpdir(), 'trent-')))
  const removeOwnFolder = (): void => {
    if (options.data === undefined) rmSync(data, { recursive: true, force: true })
  }
  const serving = await serve({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    data,
    rootKey: resolve(options.rootKey ?? join(data, 'root.key')),
    database: options.database,
    rootKeyPassphraseFile: options.rootKeyPassphraseFile,
    regions: options.regions ?? commercialRegions,
    oidcIssuers: options.oidcIssuers ?? [],
    clock: options.clock ?? systemClock,
    log: silentLog,
    ...(options.limits && { limits: options.limits }),
    httpLimits: options.httpLimits,
    tls: options.tls,
    ops: options.ops,
    requestQuotas: options.requestQuotas,
    drainDelay: options.drainDelay,
    ...(options.work && { work: options.work }),
  }).catch((error: unknown) => {
    removeOwnFolder()
    throw error
  })
  const newAccount = async (name = ''): Promise<Account> => {
    const made = (await createAccount({ name }, serving.service)) as {
      readonly [Name in 'AccountId' | 'AccessKeyId' | 'SecretAccessKey']: string
    }
    return {
      accountId: made.AccountId,
      credentials: { accessKeyId: made.AccessKeyId, secretAccessKey: made.SecretAccessKey },
    }
  }
  const close = async (): Promise<void> => {
    await serving.close()
    removeOwnFolder()
  }
  return {
    ...(await newAccount()),
    endpoint: serving.url,
    opsUrl: serving.opsUrl,
    region: options.regions?.[0] ?? 'us-east-1',
    data,
    createAccount: newAccount,
    runJobs: () => serving.service.jobs.run(),
    confirmClock: () => serving.service.jobs.confirmClock(),
    close,
    [Symbol.asyncDispose]: close,
  }
}
