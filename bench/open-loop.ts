/**
 * The open loop: requests are due at fixed times, whatever the server does, and each latency counts from the time when the
 * request was due. So a server that stalls is charged with everybody who would have come meanwhile; a closed loop would
 * politely not have sent them ("coordinated omission").
 */
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Driven } from './closed-loop.ts'
import type { Connection } from './connection.ts'
import type { Response } from './http-answer.ts'
import type { Ticks } from './ticker.ts'

/** How many requests a second, and for how long. */
export interface Schedule {
  readonly rate: number
  readonly seconds: number
}

/** No tick is nearer to the next one than this, in milliseconds: what is due by then goes out together. */
const shortest = 0.25
/** After so many times its length, a schedule is over: what has no answer by then counts with the age it has. */
const patience = 4

/** Sends as scheduled over the connections that are free; a request that finds none waits, and its time runs. */
export async function driveOpen(
  connections: readonly Connection[],
  pool: readonly Buffer[],
  schedule: Schedule,
): Promise<Driven> {
  const from = performance.now() + 50
  const period = Math.max(shortest, 1000 / schedule.rate)
  const ticks: Ticks = { from: performance.timeOrigin + from, period }
  const ticker = new Worker(path.join(import.meta.dirname, 'ticker.ts'), { workerData: ticks })
  try {
    return await new Promise((resolve, reject) => {
      const run = new OpenRun(connections, pool, { ...schedule, from, resolve, reject })
      ticker.on('message', () => {
        run.send()
      })
      ticker.on('error', reject)
    })
  } finally {
    await ticker.terminate()
  }
}

interface Running extends Schedule {
  readonly from: number
  readonly resolve: (driven: Driven) => void
  readonly reject: (error: Error) => void
}

class OpenRun {
  readonly #free: Connection[]
  readonly #pool: readonly Buffer[]
  readonly #running: Running
  readonly #total: number
  readonly #latencies: number[] = []
  readonly #lateness: number[] = []
  readonly #underWay = new Set<number>()
  #next = 0
  /** Since when there has been a free connection. */
  #freeSince = 0
  #last: Response | undefined

  constructor(connections: readonly Connection[], pool: readonly Buffer[], running: Running) {
    this.#free = [...connections]
    this.#pool = pool
    this.#running = running
    this.#total = Math.max(1, Math.round(running.rate * running.seconds))
  }

  /** Sends what is due and has a connection; ends the run when its time is more than up. */
  send(): void {
    const now = performance.now()
    const { from, rate, seconds, reject } = this.#running
    if (now > from + seconds * 1000 * patience) this.#giveUp(now)
    while (this.#next < this.#total) {
      const due = from + (this.#next * 1000) / rate
      if (due > now) return
      const connection = this.#free.pop()
      if (connection === undefined) return
      const request = this.#pool[this.#next % this.#pool.length] as Buffer
      this.#next += 1
      this.#underWay.add(due)
      // For want of a connection it is the server who is late.
      this.#lateness.push(now - Math.max(due, this.#freeSince))
      connection.send(request, (response) => this.#answered(connection, due, response), reject)
    }
  }

  #answered(connection: Connection, due: number, response: Response): void {
    const { resolve, reject } = this.#running
    this.#latencies.push(performance.now() - due)
    this.#underWay.delete(due)
    this.#last = response
    if (response.status !== 200)
      reject(new Error(`${response.status}: ${response.body.toString()}`))
    if (this.#free.length === 0) this.#freeSince = performance.now()
    this.#free.push(connection)
    if (this.#latencies.length < this.#total) this.send()
    else resolve({ latencies: this.#latencies, lateness: this.#lateness, last: response })
  }

  #giveUp(now: number): void {
    const { from, rate, resolve, reject } = this.#running
    if (this.#last === undefined) {
      reject(new Error('no request of the open loop was answered'))
      return
    }
    const unsent = Array.from({ length: this.#total - this.#next }, (_, index) => {
      return from + ((this.#next + index) * 1000) / rate
    })
    const open = [...this.#underWay, ...unsent].map((due) => now - due)
    const latencies = [...this.#latencies, ...open]
    resolve({ latencies, lateness: this.#lateness, last: this.#last })
  }
}
