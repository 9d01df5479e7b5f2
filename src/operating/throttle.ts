/**
 * Request quotas at work: a bucket for each account, region and group, that holds the requests of one second and fills at
 * its rate. The buckets are those of this process: a second node allows as much again.
 */
import type { Clock } from '../clock.ts'
import type { Metrics } from './metrics.ts'
import { type Charge, chargesOf, type RequestQuotas, rateOf } from './request-quotas.ts'

/** Who is charged. */
export interface Charged {
  readonly account: string
  readonly region: string
}

/** What the buckets stand on. */
export interface ThrottleOptions {
  readonly clock: Clock
  readonly metrics: Metrics
  /** The regions served. */
  readonly regions: ReadonlySet<string>
}

interface Bucket {
  readonly rate: number
  left: number
  /** When it was last filled, on the monotonic clock. */
  at: number
}

/** How many buckets are kept before those that are full again are dropped. */
const mostBuckets = 10_000

/** The buckets of one process. Without quotas nothing is ever refused. */
export class Throttle {
  readonly #quotas: RequestQuotas | undefined
  readonly #options: ThrottleOptions
  readonly #buckets = new Map<string, Bucket>()

  constructor(quotas: RequestQuotas | undefined, options: ThrottleOptions) {
    this.#quotas = quotas
    this.#options = options
  }

  /** Takes what a request of KMS costs; its document may be anything yet. */
  takeKms(charged: Charged, operation: string, document: unknown): boolean {
    return this.#quotas === undefined || this.take(charged, chargesOf(operation, document))
  }

  /** Takes what a request costs, all of it or nothing; false when the account has made too many. */
  take(charged: Charged, charges: readonly Charge[]): boolean {
    const due = charges.flatMap((charge) => {
      const bucket = this.#bucketOf(charged, charge)
      return bucket === undefined ? [] : [{ bucket, ...charge }]
    })
    const over = due.find(({ bucket, count }) => bucket.left < Math.min(count, capacity(bucket)))
    if (over !== undefined) {
      this.#options.metrics.throttled(over.group)
      return false
    }
    for (const { bucket, count } of due) bucket.left -= count
    return true
  }

  #bucketOf(charged: Charged, charge: Charge): Bucket | undefined {
    const { group, region = charged.region } = charge
    // A region that the request makes up would make buckets without end.
    if (charge.region !== undefined && !this.#options.regions.has(charge.region)) return undefined
    const rate = this.#quotas && rateOf(this.#quotas, group, region)
    if (rate === undefined) return undefined
    const now = this.#options.clock.monotonic()
    const name = `${charged.account}/${region}/${group}`
    let bucket = this.#buckets.get(name)
    if (bucket === undefined) {
      if (this.#buckets.size >= mostBuckets) this.#dropFull(now)
      bucket = { rate, left: Math.max(1, rate), at: now }
      this.#buckets.set(name, bucket)
    }
    fill(bucket, now)
    return bucket
  }

  #dropFull(now: number): void {
    for (const [name, bucket] of this.#buckets) {
      fill(bucket, now)
      if (bucket.left >= capacity(bucket)) this.#buckets.delete(name)
    }
  }
}

/** One request at least, so that a rate below one a second lets any through. */
const capacity = ({ rate }: Bucket): number => Math.max(1, rate)

function fill(bucket: Bucket, now: number): void {
  const earned = ((now - bucket.at) * bucket.rate) / 1000
  bucket.left = Math.min(capacity(bucket), bucket.left + earned)
  bucket.at = now
}
