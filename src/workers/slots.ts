/**
 * The places of all workers of a server, and each one's part of what one process would have.
 */
import { availableParallelism } from 'node:os'
import type { ServeOptions } from '../serve.ts'
import { WorkerSlot } from './worker-slot.ts'

/** A place for each worker of a run; none is started. */
export function slotsOf(
  options: ServeOptions & { readonly workers: number },
  run: string,
): readonly WorkerSlot[] {
  const { clock, log, limits: _limits, work: _work, ...config } = options
  const threads = threadsOf(options.workers)
  return Array.from({ length: options.workers }, (_, index) => {
    const assignment = { worker: index + 1, run, threads, config }
    return new WorkerSlot({ assignment, clock, log })
  })
}

/** Together the workers leave one core free, as one process does. */
function threadsOf(workers: number): number {
  return Math.max(1, Math.floor((availableParallelism() - 1) / workers))
}
