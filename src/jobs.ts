/**
 * What the clock does: one row for each job. Jobs run one after the other, every minute, in the one process that has the
 * lease. What erases does not run after the wall clock has jumped: it cannot be brought back.
 */
import { type ServiceEventName, serviceEventText } from './audit/service-event.ts'
import type { Clock } from './clock.ts'
import { uuid } from './crypto/random.ts'
import { auditStore, putEvent } from './database/audit.ts'
import type { Writer } from './database/database.ts'
import { pruneFeed } from './database/feed.ts'
import { releaseLease, takeLease } from './database/leases.ts'
import { readMeta, writeMeta } from './database/meta.ts'
import { deleteDueKeys } from './keys/delete-due-keys.ts'
import { expireKeyMaterial } from './keys/import/expire-key-material.ts'
import type { Key } from './keys/key.ts'
import { rotateDueKeys } from './keys/rotation/rotate-due-keys.ts'
import type { Service } from './service.ts'

/** A job: an operation without a caller. */
interface Job {
  readonly name: string
  readonly erases: boolean
  readonly run: (service: Service, now: number) => Promise<unknown>
}

const jobs: readonly Job[] = [
  { name: 'rotate due keys', erases: false, run: recorded('RotateKey', rotateDueKeys) },
  {
    name: 'expire key material',
    erases: true,
    run: recorded('DeleteExpiredKeyMaterial', expireKeyMaterial),
  },
  { name: 'delete due keys', erases: true, run: recorded('DeleteKey', deleteDueKeys) },
  {
    name: 'seal anew under the root key',
    erases: false,
    run: ({ rotation }) => rotation.goOn(false),
  },
  { name: 'forget the root key before', erases: true, run: ({ rotation }) => rotation.goOn(true) },
  { name: 'overwrite what was deleted', erases: false, run: purgeAgain },
  {
    name: 'write what nodes have left',
    erases: false,
    run: async ({ goneNodes }) => goneNodes?.look(),
  },
  { name: 'prune the feed', erases: false, run: prune },
]

/** How often the jobs run, and how far the wall clock may move between two runs, in milliseconds. */
const interval = 60_000
const largestJump = 3_600_000
/** How many changes the feed keeps for processes that are behind. */
const keptChanges = 100_000

/** The jobs of a service. */
export interface JobRunner extends AsyncDisposable {
  /** Runs every job once, now; false when those that erase did not run, because the clock has jumped unconfirmed. */
  run(): Promise<boolean>
  /** An operator says that the wall clock is right, however far it has moved. */
  confirmClock(): Promise<void>
}

/** Starts the jobs of a service on a clock. */
export function startJobs(service: Service, clock: Clock): JobRunner {
  const holder = uuid()
  return schedule({ service, clock, work: () => runJobs(service, holder) })
}

/** Starts what a worker does itself: the rest is its primary's, and only the process that deleted knows what it owes. */
export function startWorkerJobs(service: Service, clock: Clock): JobRunner {
  const work = async (): Promise<boolean> => {
    await purgeAgain(service)
    return true
  }
  return schedule({ service, clock, work })
}

function schedule({ service, clock, work }: Schedule): JobRunner {
  let running: Promise<boolean> = Promise.resolve(true)
  let callOff = (): void => undefined
  let stopped = false
  const run = (): Promise<boolean> => {
    running = running.catch(() => false).then(work)
    return running
  }
  const again = (): void => {
    callOff = clock.after(interval, () => {
      if (stopped) return
      run().catch(service.report).finally(again)
    })
  }
  again()
  return {
    run,
    confirmClock: () => writeMeta(service.database, 'last-tick', String(clock.now())),
    [Symbol.asyncDispose]: async () => {
      stopped = true
      callOff()
      await running.catch(() => undefined)
    },
  }
}

/** What is done every minute. */
interface Schedule {
  readonly service: Service
  readonly clock: Clock
  readonly work: () => Promise<boolean>
}

async function runJobs(service: Service, holder: string): Promise<boolean> {
  const now = service.clock.now()
  const lease = { name: 'jobs', holder, now, until: now + 2 * interval }
  const mine = await service.database.write((transaction) => takeLease(transaction, lease))
  if (!mine) return true
  try {
    const holds = await clockHolds(service, now)
    service.metrics.erasureHeld = !holds
    for (const job of jobs) {
      if (job.erases && !holds) continue
      const succeeded = await job.run(service, now).then(
        () => true,
        (error: unknown) => {
          service.report(error, `the job \`${job.name}\` failed`)
          return false
        },
      )
      service.metrics.jobRan(job.name, succeeded, now)
    }
    return holds
  } finally {
    await service.database.write((transaction) => releaseLease(transaction, lease))
  }
}

/** Whether the wall clock is where the last run leads to expect it; notes the time of this run if so. */
async function clockHolds(service: Service, now: number): Promise<boolean> {
  const last = await readMeta(service.database.read, 'last-tick')
  if (last !== undefined && Math.abs(now - Number(last)) > largestJump) {
    service.log.warn(
      'the wall clock has moved by more than an hour since the jobs last ran; nothing is erased until `trent jobs confirm-clock`',
    )
    return false
  }
  await writeMeta(service.database, 'last-tick', String(now))
  return true
}

/** What the jobs on keys work with. */
interface KeyJob extends Pick<Service, 'database' | 'keyStore'> {
  readonly now: number
  readonly record: (transaction: Writer, key: Key, name?: ServiceEventName) => Promise<void>
  readonly report: (error: unknown) => void
}

/** A job on keys, with AWS's service event for each key that it changes. */
function recorded(usual: ServiceEventName, job: (job: KeyJob) => Promise<number>): Job['run'] {
  return async (service, now) => {
    const { database, keyStore } = service
    const made: { eventId: string; text: string }[] = []
    service.audit.requireWritable()
    const record: KeyJob['record'] = async (transaction, key, name = usual) => {
      const { region, account: accountId, arn: keyArn } = key
      const eventId = uuid()
      const text = serviceEventText({ name, eventId, time: now, region, accountId, keyArn })
      await putEvent(transaction, { eventId, time: now, text })
      made.push({ eventId, text })
    }
    try {
      const { report } = service
      await job({ database, keyStore, now, record, report })
    } finally {
      // An event whose transaction did not commit is of nothing that happened.
      const committed = new Set((await auditStore(database).outbox()).map((row) => row.eventId))
      for (const event of made) {
        if (committed.has(event.eventId)) await service.audit.append({ ...event, change: true })
      }
    }
  }
}

/** A reader can keep deleted bytes in the write-ahead log; they go as soon as it is done. */
async function purgeAgain(service: Service): Promise<void> {
  if (service.database.owesPurge) await service.database.purge()
}

function prune(service: Service): Promise<void> {
  return service.database.write((transaction) => pruneFeed(transaction, keptChanges))
}
