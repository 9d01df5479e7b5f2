/**
 * The load, a process of its own: for each order it gets, it signs a pool of requests and sends them round and round over
 * so many connections, each as soon as the one before is answered.
 */
import { Connection, type Response } from './connection.ts'
import { type Client, signedRequest } from './sign.ts'

/** What to send, where, and for how long. */
export interface Order {
  readonly port: number
  readonly client: Client
  readonly operation: string
  /** The requests' documents; the pool has one request of each. */
  readonly documents: readonly object[]
  readonly connections: number
  readonly warmUp: number
  readonly seconds: number
}

/** What came of it. */
export interface Yield {
  readonly requestsPerSecond: number
  readonly requests: number
  readonly requestsOfWarmUp: number
  /** Latencies in milliseconds. */
  readonly p50: number
  readonly p99: number
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
  const pool = order.documents.map((document) =>
    signedRequest(order.client, order.operation, document),
  )
  const connections = await Promise.all(
    Array.from({ length: order.connections }, () => Connection.open(order.port)),
  )
  try {
    const warm = await drive(connections, pool, order.warmUp)
    const used = process.cpuUsage()
    const from = performance.now()
    const { latencies, last } = await drive(connections, pool, order.seconds)
    const elapsed = performance.now() - from
    const { user, system } = process.cpuUsage(used)
    const sorted = Float64Array.from(latencies).sort()
    return {
      requestsPerSecond: (sorted.length / elapsed) * 1000,
      requests: sorted.length,
      requestsOfWarmUp: warm.latencies.length,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      clientCpu: (user + system) / 1000 / elapsed,
      answerBytes: last.size,
      answer: last.body.toString(),
    }
  } finally {
    for (const connection of connections) connection.close()
  }
}

interface Driven {
  readonly latencies: readonly number[]
  readonly last: Response
}

/** Keeps every connection busy for so many seconds; rejects at the first answer that is not a 200. */
function drive(
  connections: readonly Connection[],
  pool: readonly Buffer[],
  seconds: number,
): Promise<Driven> {
  return new Promise((resolve, reject) => {
    const latencies: number[] = []
    const until = performance.now() + seconds * 1000
    let next = 0
    let busy = connections.length
    const ask = (connection: Connection): void => {
      const request = pool[next++ % pool.length]
      if (request === undefined) throw new Error('an empty pool')
      const sent = performance.now()
      const answered = (last: Response): void => {
        const now = performance.now()
        latencies.push(now - sent)
        if (last.status !== 200) reject(new Error(`${last.status}: ${last.body.toString()}`))
        else if (now < until) ask(connection)
        else if (--busy === 0) resolve({ latencies, last })
      }
      connection.send(request, answered, reject)
    }
    for (const connection of connections) ask(connection)
  })
}

function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
