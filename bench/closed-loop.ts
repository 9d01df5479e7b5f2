/** The closed loop: every connection sends its next request when the last one is answered. */
import type { Connection } from './connection.ts'
import type { Response } from './http-answer.ts'

/** What was sent and answered. */
export interface Driven {
  /** Milliseconds, one for each request. */
  readonly latencies: readonly number[]
  /** How late the load itself was, in milliseconds; in a closed loop it cannot be. */
  readonly lateness: readonly number[]
  readonly last: Response
}

/** Keeps every connection busy for so many seconds; rejects at the first answer that is not a 200. */
export function driveClosed(
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
        else if (--busy === 0) resolve({ latencies, lateness: [], last })
      }
      connection.send(request, answered, reject)
    }
    for (const connection of connections) ask(connection)
  })
}
