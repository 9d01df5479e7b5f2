/**
 * Threads for what takes long: signing with RSA and the larger curves, ML-DSA, whatever OpenSSL cannot do, and in threads of
 * their own, so that they hold up nothing else, the making of RSA keys. Fast work runs at once where it is asked for.
 */
import { availableParallelism } from 'node:os'
import { WorkThreads } from './work-threads.ts'
import {
  type Lane,
  lanes,
  opensslWorks,
  type WorkName,
  type Works,
  type WorkTable,
} from './works.ts'

export { WorkClosed, WorkQueueFull } from './work-threads.ts'

/** How large a pool may grow; the defaults fit a server. */
export interface WorkOptions {
  /** How many threads there are for all but RSA key generation: the cores but one. Half as many, but one at least, for that. */
  readonly threads?: number
  /** How many calls may wait for a thread: 1,000. */
  readonly waiting?: number
  /** How many RSA keys may wait to be made: 100. */
  readonly generationsWaiting?: number
}

/** The threads of one service, started when first needed. Idle ones do not keep the process alive. */
export class WorkPool implements AsyncDisposable {
  readonly #threads: Readonly<Record<Exclude<Lane, 'here'>, WorkThreads>>

  constructor(options: WorkOptions = {}) {
    const { waiting = 1000, generationsWaiting = 100 } = options
    const threads = Math.max(1, options.threads ?? availableParallelism() - 1)
    const generating = Math.max(1, Math.floor(threads / 2))
    this.#threads = {
      threads: new WorkThreads({ threads, waiting }),
      generation: new WorkThreads({ threads: generating, waiting: generationsWaiting }),
    }
  }

  /**
   * Calls a function of `works.ts`: at once when it is fast for this key, else in a thread, with copies of the bytes. Rejects
   * with `WorkQueueFull` when too many calls wait.
   */
  async run<Name extends WorkName>(
    name: Name,
    ...args: Parameters<Works[Name]>
  ): Promise<ReturnType<Works[Name]>> {
    const lane = lanes[name](...args)
    if (lane === 'here') return here[name](...args)
    return (await this.#threads[lane].run(name, args)) as ReturnType<Works[Name]>
  }

  /** How many calls each lane is at, and how many wait. */
  depths(): Readonly<Record<string, { readonly waiting: number; readonly running: number }>> {
    const { threads, generation } = this.#threads
    return { threads: threads.depth, generation: generation.depth }
  }

  /** Ends the threads; what has not been answered is rejected with `WorkClosed`. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#threads).map((lane) => lane.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

const here: WorkTable = opensslWorks
