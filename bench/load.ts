/**
 * The load, a process of its own: for each order it gets, it signs a pool of requests and sends them round and round over
 * so many connections, in a closed loop or, where the order has a rate, in an open one.
 */
import { type Driven, driveClosed } from './closed-loop.ts'
import { Connection } from './connection.ts'
import { driveOpen } from './open-loop.ts'
import { type Client, signedRequest } from './sign.ts'

/** What to send, where, and for how long. */
export interface Order {
  readonly client: Client
  readonly operation: string
  /** The requests' documents; the pool has one request of each. */
  readonly documents: readonly object[]
  readonly connections: number
  readonly warmUp: number
  readonly seconds: number
  /** How many requests a second are due; as many as the server answers when left out. */
  readonly rate?: number | undefined
}

/** What came of it. */
export interface Yield {
  readonly requestsPerSecond: number
  readonly requests: number
  readonly requestsOfWarmUp: number
  /** Latencies in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly p999: number
  /** How late the load itself sent: the 99th percentile, in milliseconds. */
  readonly late: number
  /** How much of one core this process used: 1 means that it was the bottleneck. */
  readonly clientCpu: number
  /** The last answer: the bytes of head and body, and the body. */
  readonly answerBytes: number
  readonly answer: string
}

/** What the load has to say: what came of an order, or why nothing did. */
export type Told = { readonly done: Yield } | { readonly failed: string }

process.on('message', (order: Order) => {
  run(order).then(
    (done) => process.send?.({ done } satisfies Told),
    (error: unknown) => process.send?.({ failed: String(error) } satisfies Told),
  )
})
process.on('disconnect', () => process.exit())

async function run(order: Order): Promise<Yield> {
  const { client, operation, documents, rate, seconds } = order
  const pool = documents.map((document) => signedRequest(client, operation, document))
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => Connection.open(client)),
  )
  try {
    // An open loop warms up at its own pace as well: it is not to begin behind a queue.
    const drive = (time: number): Promise<Driven> =>
      rate === undefined
        ? driveClosed(connections, pool, time)
        : driveOpen(connections, pool, { rate, seconds: time })
    const warm = await drive(order.warmUp)
    const used = process.cpuUsage()
    const from = performance.now()
    const driven = await drive(seconds)
    const elapsed = performance.now() - from
    const { user, system } = process.cpuUsage(used)
    return {
      ...inNumbers(driven, elapsed),
      requestsOfWarmUp: warm.latencies.length,
      clientCpu: (user + system) / 1000 / elapsed,
    }
  } finally {
    for (const connection of connections) connection.close()
  }
}

function inNumbers({ latencies, lateness, last }: Driven, elapsed: number) {
  const sorted = Float64Array.from(latencies).sort()
  return {
    requestsPerSecond: (sorted.length / elapsed) * 1000,
    requests: sorted.length,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    p999: quantile(sorted, 0.999),
    late: quantile(Float64Array.from(lateness).sort(), 0.99),
    answerBytes: last.size,
    answer: last.body.toString(),
  }
}

function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}
