/**
 * Builds the running service out of its settings: the server and a test suite build the same. It listens to nothing yet.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type KeyDirectory, keyDirectory } from './access/key-directory.ts'
import { AuditLog } from './audit/log.ts'
import { UnknownCallers } from './audit/unknown-callers.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { type WorkOptions, WorkPool } from './crypto/work.ts'
import { auditStore } from './database/audit.ts'
import type { Database, SetUp } from './database/database.ts'
import type { StartWait } from './database/postgres-start.ts'
import { createPrivateFile, lockFolder } from './database/folder-lock.ts'
import { nodeName } from './database/node-name.ts'
import { openSqlite } from './database/sqlite.ts'
import { DecisionLog } from './explain/decision-log.ts'
import { type GrantDirectory, grantDirectory } from './grants/grant-directory.ts'
import { accessKeyRows, type AccessKeys, accessKeys } from './identities/access-key.ts'
import { AccessKeyUsage } from './identities/access-key-usage.ts'
import { type IdentityDirectory, identityDirectory } from './identities/identity-directory.ts'
import { type Sessions, sessions } from './identities/sessions.ts'
import { type JobRunner, startJobs } from './jobs.ts'
import {
  importParameterRows,
  type ImportParameters,
  importParameters,
} from './key-stores/import-parameters.ts'
import type { KeyStore } from './key-stores/key-store.ts'
import { localKeyStore } from './key-stores/local.ts'
import { type Custodian, custodianOf } from './key-stores/custodian.ts'
import { openRootKey } from './key-stores/open-root-key.ts'
import type { RootKeyRing } from './key-stores/root-key-ring.ts'
import { RootKeyRotation } from './key-stores/root-key-rotation.ts'
import { materialRows } from './key-stores/sealed-material.ts'
import type { SealedRows } from './key-stores/sealed-rows.ts'
import { LastUsage } from './keys/last-usage.ts'
import type { Log } from './log.ts'
import type { Limits } from './operation.ts'
import { serviceMarks } from './audit/service-marks.ts'
import { MeasuredDatabase } from './operating/measured-database.ts'
import { Metrics } from './operating/metrics.ts'
import type { RequestQuotas } from './operating/request-quotas.ts'
import { Throttle } from './operating/throttle.ts'
import { processGauges } from './operating/process-gauges.ts'
import { type IssuerKeys, issuerKeys } from './sts/issuer-keys.ts'

/** Every table with something sealed in it. */
export const sealedTables: readonly SealedRows<unknown>[] = [
  materialRows,
  importParameterRows,
  accessKeyRows,
]

/** Everything that the pipeline and the operations stand on. */
export interface Service extends AsyncDisposable {
  readonly database: Database
  /** The root keys at work. */
  readonly root: RootKeyRing
  /** Changes the root key. */
  readonly rotation: RootKeyRotation
  /** Every table with something sealed in it. */
  readonly sealedTables: readonly SealedRows<unknown>[]
  /** Puts what an operator does into the record. */
  readonly mark: ReturnType<typeof serviceMarks>
  readonly keyStore: KeyStore
  readonly importParameters: ImportParameters
  /** Threads for what takes long. */
  readonly pool: WorkPool
  readonly directory: KeyDirectory
  readonly grants: GrantDirectory
  readonly accessKeys: AccessKeys
  readonly accessKeyUsage: AccessKeyUsage
  readonly sessions: Sessions
  readonly identities: IdentityDirectory
  /** The keys of the issuers of web identity tokens. */
  readonly issuers: IssuerKeys
  readonly audit: AuditLog
  readonly unknownCallers: UnknownCallers
  /** What was decided, for explanations. */
  readonly decisions: DecisionLog
  readonly lastUsage: LastUsage
  readonly jobs: JobRunner
  readonly metrics: Metrics
  readonly throttle: Throttle
  /** Set when the server is told to end: it serves on, and is not ready. */
  readonly draining: { begun: boolean }
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  readonly regions: ReadonlySet<string>
  readonly auditFolder: string
  /** Logs what went wrong where nobody waits for it. */
  readonly report: (error: unknown, message?: string) => void
}

/** What a service is built from. */
export interface ServiceOptions
  extends Pick<
    Config,
    | 'data'
    | 'database'
    | 'mayLoseAcknowledgedChanges'
    | 'rootKey'
    | 'rootKeyPassphraseFile'
    | 'regions'
  > {
  readonly oidcIssuers?: Config['oidcIssuers']
  readonly clock: Clock
  readonly log: Log
  /** AWS's own limits when left out. */
  readonly limits?: Partial<Limits>
  /** How many requests a second an account may make; any number when left out. */
  readonly requestQuotas?: RequestQuotas | undefined
  /** The threads, and what may wait for them. */
  readonly work?: WorkOptions
}

/** Resource quotas as AWS sets them (Developer Guide, "Resource quotas"). */
const awsLimits: Limits = { keys: 100_000, aliasesPerKey: 50, grantsPerKey: 50_000 }

/**
 * Opens the service on its data folder: locks the folder, brings the database up to date, opens the root key, recovers
 * the record. Throws an error that an operator can act on when any of it cannot be.
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  mkdirSync(options.data, { recursive: true, mode: 0o700 })
  chmodSync(options.data, 0o700)
  const unlock = lockFolder(options.data)
  try {
    return await assemble(options, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function assemble(options: ServiceOptions, unlock: () => void): Promise<Service> {
  const { clock, log } = options
  const report = (error: unknown, message = 'something failed in the background'): void => {
    log.error(message, error)
  }
  const issuers = issuerKeys(options.oidcIssuers ?? [], { clock, report })
  const custodian = custodianOf(options)
  const metrics = new Metrics()
  const regions = new Set(options.regions)
  const { database: opened, root } = await openDatabase(options, custodian, report)
  const database = new MeasuredDatabase(opened, metrics, clock)
  const pool = new WorkPool(options.work)
  const auditFolder = join(options.data, 'audit')
  const told = (problem: string, error?: unknown): void => {
    log.error(problem, error)
  }
  const audit = await AuditLog.open({
    folder: auditFolder,
    chain: database.chain,
    store: auditStore(database),
    signingKey: root.audit,
    clock,
    report: told,
  })
  const mark = serviceMarks(audit, clock)
  const parts = {
    database,
    mark,
    sealedTables,
    root,
    rotation: new RootKeyRotation({
      database,
      root,
      custodian,
      tables: sealedTables,
      shared: options.database !== undefined,
      now: () => clock.now(),
      record: mark,
      report,
    }),
    clock,
    log,
    report,
    audit,
    auditFolder,
    pool,
    metrics,
    throttle: new Throttle(options.requestQuotas, { clock, metrics, regions }),
    draining: { begun: false },
    keyStore: localKeyStore({ database, root, pool, now: () => clock.now() }),
    importParameters: importParameters(root, pool),
    grants: grantDirectory(database, root.grantTokens),
    directory: keyDirectory(database, () => clock.now()),
    accessKeys: accessKeys(database, root),
    accessKeyUsage: new AccessKeyUsage(database, clock, report),
    sessions: sessions(root),
    identities: identityDirectory(database),
    issuers,
    unknownCallers: new UnknownCallers({ folder: auditFolder, clock, report: told }),
    lastUsage: new LastUsage(database, clock, report),
    decisions: new DecisionLog({ folder: join(options.data, 'decisions'), clock, report }),
    limits: { ...awsLimits, ...options.limits },
    regions,
  }
  return withJobs(parts, unlock)
}

function withJobs(
  parts: Omit<Service, 'jobs' | typeof Symbol.asyncDispose>,
  unlock: () => void,
): Service {
  const service: Service = {
    ...parts,
    jobs: undefined as unknown as JobRunner,
    [Symbol.asyncDispose]: async () => {
      await service.rotation[Symbol.asyncDispose]()
      await service.jobs[Symbol.asyncDispose]()
      await service.lastUsage[Symbol.asyncDispose]()
      await service.accessKeyUsage[Symbol.asyncDispose]()
      await service.unknownCallers.close()
      await service.decisions[Symbol.asyncDispose]()
      await service.pool.close()
      await service.audit.close()
      await service.database[Symbol.asyncDispose]()
      unlock()
    },
  }
  service.metrics.add(...processGauges(service))
  // A change of the root key that the last end cut off goes on.
  void service.rotation.goOn(false).catch(service.report)
  return Object.assign(service, { jobs: startJobs(service, parts.clock) })
}

/** Opens database and root key together: the key is created, or checked, while the schema lock is held. */
async function openDatabase(
  options: ServiceOptions,
  custodian: Custodian,
  report: (error: unknown) => void,
): Promise<{ database: Database; root: RootKeyRing }> {
  let root: RootKeyRing | undefined
  const prepare = (setUp: SetUp): void => {
    root = openRootKey(custodian, setUp)
  }
  const database =
    options.database === undefined
      ? openFile(options, prepare)
      : await openShared({ ...options, database: options.database }, { prepare, report })
  if (root === undefined) throw new Error('the root key was not opened')
  return { database, root }
}

function openFile({ data }: ServiceOptions, prepare: (setUp: SetUp) => void): Database {
  const file = join(data, 'trent.db')
  createPrivateFile(file)
  return openSqlite(file, prepare)
}

/** The driver is loaded by those who need it. The clock is the machine's, whatever the service's own is turned to. */
async function openShared(
  options: ServiceOptions & { readonly database: string },
  to: { readonly prepare: (setUp: SetUp) => void; readonly report: (error: unknown) => void },
): Promise<Database> {
  const { openPostgres } = await import('./database/postgres.ts')
  const { database: url, mayLoseAcknowledgedChanges: mayLose = false } = options
  const chain = nodeName(options.data)
  const { report, prepare } = to
  const wait = { patience: startPatience, told: toldOfStart(options.log) }
  const how = { url, chain, clock: systemClock, mayLose, alone: true, wait, report }
  return openPostgres(how, prepare)
}

/** How long a start waits for a shared database that is away, in milliseconds. */
const startPatience = 60_000

function toldOfStart(log: Log): StartWait['told'] {
  return (what, reason, seconds) => {
    if (what === 'answers') log.info('the database answers now')
    else log.warn(`the database is away: waiting up to ${seconds} seconds for it`, { reason })
  }
}
