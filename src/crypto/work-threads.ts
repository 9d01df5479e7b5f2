/**
 * The threads of one lane, and what waits for them: first come, first served, one call at a time in each.
 */
import { Worker } from 'node:worker_threads'
import { type Parcel, pack, unpack, wipe } from './parcels.ts'
import type { WorkAnswer, WorkRequest } from './worker.ts'
import type { WorkName } from './works.ts'

/** Refuses work when too much waits already. The caller answers that the service is busy. */
export class WorkQueueFull extends Error {
  override readonly name = 'WorkQueueFull'
}

/** Refuses work that was waiting, running or asked for when the pool was closed. */
export class WorkClosed extends Error {
  override readonly name = 'WorkClosed'
}

/** A call that somebody waits for. */
interface Job {
  readonly name: WorkName
  /** Packed at once: the caller may zero its bytes while the call still waits. */
  readonly args: Parcel
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** How many threads and waiting calls there may be, and what a thread runs, where that is not `worker.ts`. */
interface Limits {
  readonly threads: number
  readonly waiting: number
  readonly file?: URL
}

/** Threads that are started when there is work for them, up to a number. Only a thread at work keeps the process alive. */
export class WorkThreads {
  readonly #limits: Limits
  readonly #waiting: Job[] = []
  readonly #idle: Worker[] = []
  readonly #running = new Map<Worker, Job | undefined>()
  #closed = false

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Runs a function of `works.ts` in a thread. */
  run(name: WorkName, args: readonly unknown[]): Promise<unknown> {
    if (this.#closed) return Promise.reject(new WorkClosed('the pool is closed'))
    const worker = this.#idle.pop() ?? this.#start()
    if (worker === undefined && this.#waiting.length >= this.#limits.waiting) {
      return Promise.reject(new WorkQueueFull(`${this.#waiting.length} calls wait already`))
    }
    return new Promise((resolve, reject) => {
      const job = { name, args: pack(args), resolve, reject }
      if (worker === undefined) this.#waiting.push(job)
      else this.#give(worker, job)
    })
  }

  /** How many calls run, and how many wait. */
  get depth(): { readonly waiting: number; readonly running: number } {
    const running = [...this.#running.values()].filter((job) => job !== undefined).length
    return { waiting: this.#waiting.length, running }
  }

  /** Ends the threads; what has not been answered is rejected. */
  async close(): Promise<void> {
    this.#closed = true
    const workers = [...this.#running.keys()]
    const waiting = this.#waiting.splice(0)
    const jobs = [...this.#running.values(), ...waiting]
    this.#running.clear()
    for (const job of waiting) wipe(job.args.content)
    for (const job of jobs) job?.reject(new WorkClosed('the pool was closed'))
    await Promise.all(workers.map((worker) => worker.terminate()))
  }

  #start(): Worker | undefined {
    if (this.#running.size >= this.#limits.threads) return undefined
    // A thread takes nothing over from the process: neither flags, which may preload, nor secrets of the environment.
    const worker = new Worker(this.#limits.file ?? workerFile, {
      execArgv: [],
      env: {},
      name: 'trent crypto',
    })
    this.#running.set(worker, undefined)
    worker.on('message', (answer: WorkAnswer) => this.#answered(worker, answer))
    worker.on('error', (error) => this.#ended(worker, error))
    worker.on('exit', () => this.#ended(worker, new Error('the thread ended')))
    return worker
  }

  #give(worker: Worker, job: Job): void {
    this.#running.set(worker, job)
    worker.ref()
    const { content, transfer } = job.args
    worker.postMessage({ name: job.name, args: content } satisfies WorkRequest, transfer)
  }

  #answered(worker: Worker, answer: WorkAnswer): void {
    if (this.#closed) return
    const job = this.#running.get(worker)
    this.#running.set(worker, undefined)
    const next = this.#waiting.shift()
    if (next !== undefined) this.#give(worker, next)
    else {
      worker.unref()
      this.#idle.push(worker)
    }
    if ('error' in answer) job?.reject(new Error(`in a thread: ${answer.error}`))
    else job?.resolve(unpack(answer.result))
  }

  /** A thread that died takes its one call with it; another starts for what waits. */
  #ended(worker: Worker, cause: unknown): void {
    if (!this.#running.has(worker)) return
    this.#running.get(worker)?.reject(new Error('a thread died at work', { cause }))
    this.#running.delete(worker)
    const index = this.#idle.indexOf(worker)
    if (index >= 0) this.#idle.splice(index, 1)
    const next = this.#waiting.shift()
    const heir = next && this.#start()
    if (next !== undefined && heir !== undefined) this.#give(heir, next)
  }
}

/** Sources are run as they are, and built to JavaScript in `dist/`. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const workerFile = new URL(`./worker.${extension}`, import.meta.url)
