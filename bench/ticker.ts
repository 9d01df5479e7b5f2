/**
 * The clock of the open loop, a thread: it tells the load when a request is due. Timers know whole milliseconds only, and a
 * loop that looks at the time would take a core away from what is measured.
 */
import { parentPort, workerData } from 'node:worker_threads'

/** When to begin, in milliseconds since 1970, and how far apart the ticks are. */
export interface Ticks {
  readonly from: number
  readonly period: number
}

const { from, period } = workerData as Ticks
const nothing = new Int32Array(new SharedArrayBuffer(4))

for (let tick = 0; ; tick += 1) {
  const wait = from + tick * period - (performance.timeOrigin + performance.now())
  if (wait > 0) Atomics.wait(nothing, 0, 0, wait)
  parentPort?.postMessage(tick)
}
