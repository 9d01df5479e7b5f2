/**
 * What operators count, as Prometheus reads it (text format 0.0.4). The names in labels are those of operations, codes and
 * jobs, which are few: nothing that a caller makes up, no ARN and no secret gets here.
 */
import { Histogram } from './histogram.ts'

/** A number that is looked up when somebody asks. */
export interface Gauge {
  readonly name: string
  readonly help: string
  readonly type?: 'counter' | 'gauge'
  /** Each value with its labels, `lane="threads"`; no labels are an empty text. */
  readonly values: () => readonly (readonly [labels: string, value: number])[]
}

/** A request that was answered. */
export interface Answered {
  /** `kms:Encrypt`; one of a table of operations, or `unknown`. */
  readonly operation: string
  /** The error's code, or `Success`. */
  readonly code: string
  readonly seconds: number
}

/** How often and how long, of one operation. */
interface OperationCounts {
  readonly codes: Map<string, number>
  readonly durations: Histogram
}

/** The counts of one process. */
export class Metrics {
  readonly #operations = new Map<string, OperationCounts>()
  readonly #database = { read: new Histogram(), write: new Histogram() }
  readonly #databaseErrors = { read: 0, write: 0 }
  readonly #jobs = new Map<string, { succeeded: number; failed: number; last: number }>()
  readonly #throttled = new Map<string, number>()
  readonly #gauges: Gauge[] = []
  /** Whether jobs that erase wait for an operator to confirm the clock. */
  erasureHeld = false
  #underWay = 0
  #writing = 0

  /** A request came in. */
  began(): void {
    this.#underWay += 1
  }

  /** It was answered, or its client went away (undefined). */
  ended(answered: Answered | undefined): void {
    this.#underWay -= 1
    if (answered === undefined) return
    const { operation, code, seconds } = answered
    let counts = this.#operations.get(operation)
    if (counts === undefined) {
      counts = { codes: new Map(), durations: new Histogram() }
      this.#operations.set(operation, counts)
    }
    counts.codes.set(code, (counts.codes.get(code) ?? 0) + 1)
    counts.durations.observe(seconds)
  }

  /** A transaction waits for its commit. */
  writeBegan(): void {
    this.#writing += 1
  }

  /** The database was asked something. What an operation itself refuses is no error of the database's. */
  databaseTook(kind: 'read' | 'write', seconds: number, failed: boolean): void {
    this.#database[kind].observe(seconds)
    if (failed) this.#databaseErrors[kind] += 1
    if (kind === 'write') this.#writing -= 1
  }

  /** A job ran, at this time in milliseconds since 1970. */
  jobRan(name: string, succeeded: boolean, now: number): void {
    const job = this.#jobs.get(name) ?? { succeeded: 0, failed: 0, last: 0 }
    this.#jobs.set(name, job)
    job[succeeded ? 'succeeded' : 'failed'] += 1
    if (succeeded) job.last = now
  }

  /** A request was refused because its account made too many. */
  throttled(group: string): void {
    this.#throttled.set(group, (this.#throttled.get(group) ?? 0) + 1)
  }

  /** Adds numbers to look up. */
  add(...gauges: readonly Gauge[]): void {
    this.#gauges.push(...gauges)
  }

  /** Everything, as text. */
  text(): string {
    return [
      ...this.#ofRequests(),
      ...this.#ofDatabase(),
      ...this.#ofJobs(),
      ...this.#gauges.map(({ name, help, type = 'gauge', values }) =>
        family(name, `${help}#${type}`, values().map(sample(name))),
      ),
    ].join('')
  }

  *#ofRequests(): Iterable<string> {
    const all = [...this.#operations]
    const requests = 'trent_requests_total'
    yield family(
      requests,
      'Requests answered, by operation and code.#counter',
      all.flatMap(([operation, { codes }]) =>
        [...codes].map(([code, count]) =>
          sample(requests)([`operation="${operation}",code="${code}"`, count]),
        ),
      ),
    )
    const seconds = 'trent_request_duration_seconds'
    yield family(
      seconds,
      'From the whole request to the whole answer.#histogram',
      all.map(([operation, { durations }]) => durations.text(seconds, `operation="${operation}"`)),
    )
    yield one('trent_requests_under_way', 'Requests that are being served.#gauge', this.#underWay)
    const throttled = 'trent_throttled_total'
    yield family(
      throttled,
      'Requests refused by a request quota.#counter',
      [...this.#throttled].map(([group, count]) => sample(throttled)([`group="${group}"`, count])),
    )
  }

  *#ofDatabase(): Iterable<string> {
    const kinds = ['read', 'write'] as const
    const seconds = 'trent_database_duration_seconds'
    yield family(
      seconds,
      'Statements that read, and transactions from the call to the commit.#histogram',
      kinds.map((kind) => this.#database[kind].text(seconds, `kind="${kind}"`)),
    )
    const errors = 'trent_database_errors_total'
    yield family(
      errors,
      'Reads and commits that failed.#counter',
      kinds.map((kind) => sample(errors)([`kind="${kind}"`, this.#databaseErrors[kind]])),
    )
    const writing = 'trent_database_writes_waiting'
    yield one(writing, 'Transactions that wait for their commit.#gauge', this.#writing)
  }

  *#ofJobs(): Iterable<string> {
    const all = [...this.#jobs]
    const runs = 'trent_job_runs_total'
    yield family(
      runs,
      'Runs of the jobs of the clock.#counter',
      all.flatMap(([job, { succeeded, failed }]) => [
        sample(runs)([`job="${job}",outcome="succeeded"`, succeeded]),
        sample(runs)([`job="${job}",outcome="failed"`, failed]),
      ]),
    )
    const held = 'trent_erasure_held'
    yield one(
      held,
      '1 when nothing is erased until the clock is confirmed.#gauge',
      Number(this.erasureHeld),
    )
    const last = 'trent_job_last_success_timestamp_seconds'
    yield family(
      last,
      'When a job last succeeded here.#gauge',
      all.map(([job, counts]) => sample(last)([`job="${job}"`, counts.last / 1000])),
    )
  }
}

const sample =
  (name: string) =>
  ([labels, value]: readonly [string, number]): string =>
    labels === '' ? `${name} ${shown(value)}\n` : `${name}{${labels}} ${shown(value)}\n`

const shown = (value: number): string => (value === Infinity ? '+Inf' : String(value))

const one = (name: string, about: string, value: number): string =>
  family(name, about, [sample(name)(['', value])])

/** One metric with its samples; `about` is its help and, behind a `#`, its type. */
function family(name: string, about: string, samples: readonly string[]): string {
  const [help, type] = about.split('#')
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('')}`
}
