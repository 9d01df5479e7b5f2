/**
 * The place of one worker: a process with a number, and after it died the next one with the same. The number is the
 * worker's chain of the record, so that there is never more than one.
 */
import cluster, { type Worker } from 'node:cluster'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { httpLimits } from '../server/listen.ts'
import type { Answer, Assignment, Order, Question, Word } from './messages.ts'

/** How long the first worker that follows a dead one is waited for, and the longest that any is, in milliseconds. */
const firstPause = 100
const longestPause = 10_000
/** How long a worker has to have served for its end to count as the first, in milliseconds. */
const steady = 30_000
/** How much longer a worker may take to end than its connections may, and how long to answer a question, in milliseconds. */
const drainMargin = 15_000
const answerTime = 2000

/** What a slot is made with. */
export interface SlotOptions {
  readonly assignment: Assignment
  readonly clock: Clock
  readonly log: Log
}

/** One worker after the other. */
export class WorkerSlot {
  readonly #options: SlotOptions
  readonly #questions = new Map<number, (answer: Answer | undefined) => void>()
  #worker: Worker | undefined
  #ended: Promise<void> = Promise.resolve()
  #problem = ''
  #asked = 0
  #pause = firstPause
  #readyAt: number | undefined
  #stopping = false
  #callOff = (): void => undefined

  constructor(options: SlotOptions) {
    this.#options = options
  }

  /** Starts the first worker; answers where it listens. Throws what it could not start for; then no other follows. */
  start(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#fork({
        ready: resolve,
        ended: () => {
          if (this.#readyAt !== undefined) this.#follow()
          else reject(new Error(this.#problem || `worker ${this.number} ended while it started`))
        },
      })
    })
  }

  /** Whether there is a worker that serves. */
  get serves(): boolean {
    return this.#worker !== undefined && this.#readyAt !== undefined
  }

  /** What the worker knows; undefined when there is none, or it does not answer. */
  ask(question: Question): Promise<Answer | undefined> {
    this.#asked += 1
    const number = this.#asked
    return new Promise((resolve) => {
      const callOff = this.#options.clock.after(answerTime, () => this.#answer(number, undefined))
      this.#questions.set(number, (answer) => {
        callOff()
        resolve(answer)
      })
      if (!this.#tell({ order: 'answer', number, question })) this.#answer(number, undefined)
    })
  }

  /** When this resolves, the worker has ended what was under way, and then itself; no other follows. */
  async drain(): Promise<void> {
    this.#stopping = true
    this.#callOff()
    const worker = this.#worker
    this.#tell({ order: 'drain' })
    const { drainTime } = { ...httpLimits, ...this.#options.assignment.config.httpLimits }
    const callOff = this.#options.clock.after(drainTime + drainMargin, () => {
      this.#options.log.warn(`worker ${this.number} did not end in time`)
      worker?.process.kill('SIGKILL')
    })
    await this.#ended
    callOff()
  }

  /** The number of the workers here, from 1 on. */
  get number(): number {
    return this.#options.assignment.worker
  }

  #fork(on: { readonly ready: (url: string) => void; readonly ended: () => void }): void {
    const worker = cluster.fork()
    this.#worker = worker
    this.#problem = ''
    this.#readyAt = undefined
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        if (this.#worker !== worker) return
        this.#worker = undefined
        for (const number of this.#questions.keys()) this.#answer(number, undefined)
        on.ended()
        resolve()
      }
      worker.once('exit', (code: number | null, signal: string | null) => {
        if (!this.#stopping) this.#tellOfEnd({ process: worker.process.pid, code, signal })
        end()
      })
      worker.once('error', (error) => {
        this.#problem = error.message
        // A process that never was has no exit.
        if (worker.process.pid === undefined) end()
      })
    })
    worker.on('message', (word: Word) => this.#hear(word, on.ready))
    this.#tell({ order: 'serve', assignment: this.#options.assignment })
  }

  #hear(word: Word, ready: (url: string) => void): void {
    if (word.word === 'failed') this.#problem = word.problem
    else if (word.word === 'answered') this.#answer(word.number, word.answer)
    else {
      this.#readyAt = this.#options.clock.monotonic()
      ready(word.url)
    }
  }

  /** Starts another worker, the later the more often the ones before it died soon. */
  #follow(): void {
    if (this.#stopping) return
    const { clock, log } = this.#options
    const served = this.#readyAt === undefined ? 0 : clock.monotonic() - this.#readyAt
    if (served >= steady) this.#pause = firstPause
    this.#callOff = clock.after(this.#pause, () => {
      this.#fork({
        ready: () => log.info(`worker ${this.number} serves again`),
        ended: () => this.#follow(),
      })
    })
    this.#pause = Math.min(this.#pause * 2, longestPause)
  }

  #tellOfEnd(how: Readonly<Record<string, unknown>>): void {
    const problem = this.#problem === '' ? {} : { problem: this.#problem }
    this.#options.log.warn(`worker ${this.number} ended`, { ...how, ...problem })
  }

  #answer(number: number, answer: Answer | undefined): void {
    this.#questions.get(number)?.(answer)
    this.#questions.delete(number)
  }

  #tell(order: Order): boolean {
    if (this.#worker?.isConnected() !== true) return false
    this.#worker.send(order, () => undefined)
    return true
  }
}
