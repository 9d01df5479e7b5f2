/**
 * What the clock does: one row for each job. Jobs run one after the other, every minute, and never in a process whose wall
 * clock has jumped: what they destroy cannot be brought back.
 */
import { serviceEventText } from './audit/service-event.ts'
import type { Clock } from './clock.ts'
import { uuid } from './crypto/random.ts'
import { putEvent } from './database/audit.ts'
import type { Writer } from './database/database.ts'
import { pruneFeed } from './database/feed.ts'
import { readMeta, writeMeta } from './database/meta.ts'
import { deleteDueKeys } from './keys/delete-due-keys.ts'
import type { Key } from './keys/key.ts'
import type { Service } from './service.ts'

/** A job: an operation without a caller. */
type Job = (service: Service, now: number) => Promise<unknown>

const jobs: readonly (readonly [name: string, job: Job])[] = [
  ['delete due keys', deleteKeys],
  ['prune the feed', prune],
]

/** How often the jobs run, and how far the wall clock may move between two runs beyond that, in milliseconds. */
const interval = 60_000
const largestJump = 3_600_000
/** How many changes the feed keeps for processes that are behind. */
const keptChanges = 100_000

/** The jobs of a service. */
export interface JobRunner extends AsyncDisposable {
  /** Runs every job once, now; answers false, and runs none, when the clock has jumped and nobody has confirmed it. */
  run(): Promise<boolean>
  /** An operator says that the wall clock is right, however far it has moved. */
  confirmClock(): Promise<void>
}

/** Starts the jobs of a service on a clock. */
export function startJobs(service: Service, clock: Clock): JobRunner {
  let running: Promise<boolean> = Promise.resolve(true)
  let callOff = (): void => undefined
  let stopped = false
  const runNow = async (): Promise<boolean> => {
    const now = clock.now()
    if (!(await clockHolds(service, now))) return false
    for (const [name, job] of jobs) {
      try {
        await job(service, now)
      } catch (error) {
        service.report(error, `the job \`${name}\` failed`)
      }
    }
    return true
  }
  const run = (): Promise<boolean> => {
    running = running.catch(() => false).then(runNow)
    return running
  }
  const schedule = (): void => {
    callOff = clock.after(interval, () => {
      if (stopped) return
      run().catch(service.report).finally(schedule)
    })
  }
  schedule()
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

async function deleteKeys(service: Service, now: number): Promise<void> {
  const committed: { eventId: string; text: string }[] = []
  const record = async (transaction: Writer, key: Key): Promise<void> => {
    const eventId = uuid()
    const text = serviceEventText({
      name: 'DeleteKey',
      eventId,
      time: now,
      region: key.region,
      accountId: key.account,
      keyArn: key.arn,
    })
    await putEvent(transaction, { eventId, time: now, text })
    committed.push({ eventId, text })
  }
  const { database, keyStore } = service
  service.audit.requireWritable()
  await deleteDueKeys({ database, keyStore, now, record })
  for (const event of committed) await service.audit.append({ ...event, change: true })
}

function prune(service: Service): Promise<void> {
  return service.database.write((transaction) => pruneFeed(transaction, keptChanges))
}
