/**
 * A small world to try the freshness protocol in: processes that take turns, each with a clock of its own that runs a little
 * fast or slow, and one database behind messages that take time, get lost on the way there or back, and that may fail over
 * to an older state. What has been answered is never forgotten by a failover, unless the weather says so; what has not been
 * answered may be.
 */

/** What a process does next: ask the database, or wait by its own clock. */
export type Step<State> = { readonly ask: (state: State) => unknown } | { readonly wait: number }

/** A process: it is handed what the database answered. A message that was lost is thrown as `Lost`. */
export type Process<State> = Generator<Step<State>, void, unknown>

/** No answer came: what was asked may have been done. */
export class Lost extends Error {}

/** How unkind the world is; each is a probability at one step. */
export interface Weather {
  readonly lost: number
  readonly pause: number
  readonly crash: number
  readonly failover: number
  /** Whether a failover forgets also what has been answered: standbys that nobody waits for. */
  readonly forgets: boolean
  /** How long a pause can be, and a message can take, in milliseconds. */
  readonly longestPause: number
  readonly longestMessage: number
}

/** How many states a failover that forgets may go back. */
const memory = 30

interface Turn {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** The world. All chance comes from the seed. */
export class World<State> {
  now = 0
  readonly weather: Weather
  readonly #copy: (state: State) => State
  /** Every state since the last that somebody was answered from: those behind it can still be lost. */
  #states: State[]
  #base = 0
  #turns: Turn[] = []
  #order = 0
  #random: number

  constructor(
    seed: number,
    weather: Weather,
    first: { readonly state: State; readonly copy: (state: State) => State },
  ) {
    this.#random = seed | 1
    this.weather = weather
    this.#states = [first.state]
    this.#copy = first.copy
  }

  /** From 0 to 1 (xorshift; the same for the same seed). */
  chance(): number {
    this.#random ^= this.#random << 13
    this.#random ^= this.#random >>> 17
    this.#random ^= this.#random << 5
    return (this.#random >>> 0) / 2 ** 32
  }

  /** Calls `run` after so many milliseconds of the world's time. */
  later(milliseconds: number, run: () => void): void {
    this.#order += 1
    this.#turns.push({ at: this.now + milliseconds, order: this.#order, run })
  }

  /** A clock that drifts by up to three in a hundred. */
  clock(): () => number {
    const rate = 0.97 + this.chance() * 0.06
    const offset = this.chance() * 1e6
    return () => offset + this.now * rate
  }

  /** Runs until the time is over. */
  run(until: number): void {
    for (;;) {
      const next = this.#turns.reduce<Turn | undefined>(
        (first, turn) =>
          first === undefined ||
          turn.at < first.at ||
          (turn.at === first.at && turn.order < first.order)
            ? turn
            : first,
        undefined,
      )
      if (next === undefined || next.at > until) return
      this.#turns.splice(this.#turns.indexOf(next), 1)
      this.now = next.at
      next.run()
      if (this.chance() < this.weather.failover) this.#failOver()
    }
  }

  /** Runs a process; `ended` is called when it is over or has crashed, and `alive` says whether its machine still runs. */
  start(process: Process<State>, alive: () => boolean, ended: () => void = () => {}): void {
    const go = (resume: () => IteratorResult<Step<State>, void>): void => {
      if (!alive()) {
        ended()
        return
      }
      const next = resume()
      if (next.done === true) ended()
      else if ('wait' in next.value)
        this.later(next.value.wait + this.#pause(), () => go(() => process.next(undefined)))
      else this.#send(next.value.ask, go, process)
    }
    go(() => process.next(undefined))
  }

  #send(
    ask: (state: State) => unknown,
    go: (resume: () => IteratorResult<Step<State>, void>) => void,
    process: Process<State>,
  ): void {
    const travel = () => this.chance() * this.weather.longestMessage
    const lost = () => {
      this.later(this.weather.longestMessage * 2 + this.#pause(), () => {
        go(() => process.throw(new Lost('no answer')))
      })
    }
    if (this.chance() < this.weather.lost) {
      lost()
      return
    }
    this.later(travel(), () => {
      const state = this.#copy(this.#states.at(-1) as State)
      const answer = ask(state)
      this.#states.push(state)
      const index = this.#base + this.#states.length - 1
      const { generation } = this
      if (this.chance() < this.weather.lost) {
        lost()
        return
      }
      this.later(travel(), () => {
        // A connection does not outlive its server: what it had not answered yet is not answered any more.
        if (generation !== this.generation) {
          lost()
          return
        }
        this.#confirm(index)
        this.later(this.#pause(), () => {
          go(() => process.next(answer))
        })
      })
    })
  }

  /** Goes up with each failover. */
  generation = 0
  failedOverAt = Number.NEGATIVE_INFINITY

  #confirm(index: number): void {
    if (this.weather.forgets) {
      this.#states.splice(0, Math.max(0, this.#states.length - memory))
      return
    }
    if (index <= this.#base) return
    this.#states.splice(0, index - this.#base)
    this.#base = index
  }

  #failOver(): void {
    const kept = 1 + Math.floor(this.chance() * this.#states.length)
    this.#states.length = Math.min(kept, this.#states.length)
    this.generation += 1
    this.failedOverAt = this.now
  }

  /** The newest state: what a failover has left. */
  get state(): State {
    return this.#states.at(-1) as State
  }

  #pause(): number {
    return this.chance() < this.weather.pause ? this.chance() * this.weather.longestPause : 0
  }
}
