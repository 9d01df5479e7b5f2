/**
 * Builds the running service out of its settings: the server and a test suite build the same. It listens to nothing yet.
 */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type KeyDirectory, keyDirectory } from './access/key-directory.ts'
import { GoneNodes } from './audit/gone-nodes.ts'
import { AuditLog } from './audit/log.ts'
import { takeOverChains } from './audit/take-over.ts'
import { UnknownCallers } from './audit/unknown-callers.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { type WorkOptions, WorkPool } from './crypto/work.ts'
import { auditStore } from './database/audit.ts'
import { type Database, mainChain, type SetUp } from './database/database.ts'
import { createPrivateFile, lockFolder } from './database/folder-lock.ts'
import { nodeName, workerChain } from './database/node-name.ts'
import { eventOwner } from './database/orphans.ts'
import { openSqlite } from './database/sqlite.ts'
import { usualWait } from './database/start-wait.ts'
import { DecisionLog } from './explain/decision-log.ts'
import { type GrantDirectory, grantDirectory } from './grants/grant-directory.ts'
import { accessKeyRows, type AccessKeys, accessKeys } from './identities/access-key.ts'
import { AccessKeyUsage } from './identities/access-key-usage.ts'
import { type IdentityDirectory, identityDirectory } from './identities/identity-directory.ts'
import { type Sessions, sessions } from './identities/sessions.ts'
import { type JobRunner, startJobs, startWorkerJobs } from './jobs.ts'
import {
  importParameterRows,
  type ImportParameters,
  importParameters,
} from './key-stores/import-parameters.ts'
import type { KeyStore } from './key-stores/key-store.ts'
import { localKeyStore } from './key-stores/local.ts'
import { type Custodian, custodianOf } from './key-stores/custodian.ts'
import { openRootKey } from './key-stores/open-root-key.ts'
import { openNext } from './key-stores/next-root-key.ts'
import { RootKeyKeeper } from './key-stores/root-key-keeper.ts'
import { RootKeyNodes } from './key-stores/root-key-nodes.ts'
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
  /** Keeps the root keys as other nodes have changed them, where there are others. */
  readonly keeper: RootKeyKeeper | undefined
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
  /** Writes what other nodes have left behind; undefined where there are none. */
  readonly goneNodes: GoneNodes | undefined
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

/** What a process is to its data folder, whose lock it has. */
export interface Place {
  /** The number of a worker; undefined for a primary, and for the only process. */
  readonly worker?: number
  /** Whether no other process of the server has the folder. */
  readonly alone: boolean
  /** Lets go of the lock. */
  leave(): void
}

/** Resource quotas as AWS sets them (Developer Guide, "Resource quotas"). */
const awsLimits: Limits = { keys: 100_000, aliasesPerKey: 50, grantsPerKey: 50_000 }

/**
 * Opens the service on its data folder: locks the folder, brings the database up to date, opens the root key, recovers
 * the record. Throws an error that an operator can act on when any of it cannot be.
 */
export async function openService(
  options: ServiceOptions,
  take: (folder: string) => Place = takeAlone,
): Promise<Service> {
  mkdirSync(options.data, { recursive: true, mode: 0o700 })
  chmodSync(options.data, 0o700)
  const place = take(options.data)
  try {
    return await assemble(options, place)
  } catch (error) {
    place.leave()
    throw error
  }
}

const takeAlone = (folder: string): Place => ({ alone: true, leave: lockFolder(folder) })

async function assemble(options: ServiceOptions, place: Place): Promise<Service> {
  const { clock, log } = options
  const report = (error: unknown, message = 'something failed in the background'): void => {
    log.error(message, error)
  }
  const issuers = issuerKeys(options.oidcIssuers ?? [], { clock, report })
  const custodian = custodianOf(options)
  const metrics = new Metrics()
  const regions = new Set(options.regions)
  const { worker } = place
  const keeper =
    options.database === undefined
      ? undefined
      : new RootKeyKeeper({ settings: options, clock: systemClock, report })
  const { database: opened, root } = await openDatabase(
    { ...options, keeper },
    { place, custodian, report },
  )
  const database = new MeasuredDatabase(opened, metrics, clock)
  const pool = new WorkPool(options.work)
  const auditFolder = join(options.data, 'audit')
  const told = (problem: string, error?: unknown): void => {
    log.error(problem, error)
  }
  const record = { folder: auditFolder, signingKey: root.audit, clock, report: told }
  const [store, owner] = [auditStore(database), eventOwner(database)]
  const audit = await AuditLog.open({ ...record, chain: database.chain, store, owner })
  // Its workers are not there yet.
  if (worker === undefined) await takeOverChains(database, record)
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
      alone: place.alone,
      nodes:
        keeper && new RootKeyNodes({ database, keeper, settings: options, clock: systemClock }),
      now: () => clock.now(),
      record: mark,
      report,
    }),
    clock,
    log,
    report,
    audit,
    auditFolder,
    goneNodes: goneNodesOf(database, { audit, clock, log }),
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
    unknownCallers: new UnknownCallers({ folder: auditFolder, worker, clock, report: told }),
    lastUsage: new LastUsage(database, clock, report),
    decisions: new DecisionLog({ folder: join(options.data, 'decisions'), worker, clock, report }),
    limits: { ...awsLimits, ...options.limits },
    regions,
  }
  await keeper?.attach(database, root).catch(async (error: unknown) => {
    await database[Symbol.asyncDispose]()
    throw error
  })
  return withJobs({ ...parts, keeper }, place)
}

function withJobs(
  parts: Omit<Service, 'jobs' | typeof Symbol.asyncDispose>,
  place: Place,
): Service {
  const service: Service = {
    ...parts,
    jobs: undefined as unknown as JobRunner,
    [Symbol.asyncDispose]: async () => {
      await service.rotation[Symbol.asyncDispose]()
      await service.keeper?.[Symbol.asyncDispose]()
      await service.jobs[Symbol.asyncDispose]()
      await service.lastUsage[Symbol.asyncDispose]()
      await service.accessKeyUsage[Symbol.asyncDispose]()
      await service.unknownCallers.close()
      await service.decisions[Symbol.asyncDispose]()
      await service.pool.close()
      await service.audit.close()
      await service.database[Symbol.asyncDispose]()
      place.leave()
    },
  }
  service.metrics.add(...processGauges(service))
  const primary = place.worker === undefined
  // A change of the root key that the last end cut off goes on.
  if (primary) void service.rotation.goOn(false).catch(service.report)
  const start = primary ? startJobs : startWorkerJobs
  return Object.assign(service, { jobs: start(service, parts.clock) })
}

interface OpeningOptions extends ServiceOptions {
  readonly keeper: RootKeyKeeper | undefined
}

/** Opens database and root key together: the key is created, or checked, while the schema lock is held. */
async function openDatabase(
  options: OpeningOptions,
  {
    place,
    custodian,
    report,
  }: {
    readonly place: Place
    readonly custodian: Custodian
    readonly report: (error: unknown) => void
  },
): Promise<{ database: Database; root: RootKeyRing }> {
  let root: RootKeyRing | undefined
  const prepare = (setUp: SetUp): void => {
    root = openRootKey(custodian, setUp, () => openNext(options))
  }
  const database =
    options.database === undefined
      ? openFile(options, { place, prepare })
      : await openShared({ ...options, database: options.database }, { place, prepare, report })
  if (root === undefined) throw new Error('the root key was not opened')
  return { database, root }
}

function openFile({ data }: ServiceOptions, { place, prepare }: Opening): Database {
  const file = join(data, 'trent.db')
  createPrivateFile(file)
  return openSqlite(file, prepare, { chain: chainOf(place, mainChain), alone: place.alone })
}

/** What is done while a database is opened, and for whom. */
interface Opening {
  readonly place: Place
  readonly prepare: (setUp: SetUp) => void
}

function chainOf({ worker }: Place, primary: string): string {
  return worker === undefined ? primary : workerChain(worker, primary)
}

/** The driver is loaded by those who need it. The clock is the machine's, whatever the service's own is turned to. */
async function openShared(
  options: OpeningOptions & { readonly database: string },
  to: Opening & { readonly report: (error: unknown) => void },
): Promise<Database> {
  const { openPostgres } = await import('./database/postgres.ts')
  const { database: url, mayLoseAcknowledgedChanges: mayLose = false } = options
  const chain = chainOf(to.place, nodeName(options.data))
  const besides = options.keeper && { besides: options.keeper }
  const { report, prepare } = to
  const wait = usualWait((sentence, reason) => {
    if (reason === undefined) options.log.info(sentence)
    else options.log.warn(sentence, { reason })
  })
  const how = { url, chain, clock: systemClock, mayLose, alone: true, wait, report, ...besides }
  return openPostgres(how, prepare)
}

/** By the machine's clock, as leases have it. */
function goneNodesOf(
  database: Database,
  { log, ...parts }: Pick<Service, 'audit' | 'clock' | 'log'>,
): GoneNodes | undefined {
  if (database.standing === undefined) return undefined
  const told = (chain: string, events: number): void => {
    log.warn('a node is gone: its last events are in the record of this one', { chain, events })
  }
  return new GoneNodes({ ...parts, database, silence: systemClock, told })
}
