/**
 * The freshness protocol as a model: what a node and a writer do, step by step, and what must hold of every answer. Each
 * rule can be broken, so that the model can show that it needs it.
 */
import { Lost, type Process, type Step, type Weather, World } from './world.ts'

/** How long a lease holds, and what a writer waits beyond, in milliseconds of the own clock. */
const lease = 500
const margin = 100
const every = 60
/** How many rows there are to be changed and asked for. */
const rows = 16

/** The rules of the protocol; each is what the code does. */
export interface Rules {
  /** A lease counts from before the feed was read, not from when its mark was confirmed. */
  readonly countedFromBefore: boolean
  /** A node has its row before it loads anything. */
  readonly rowFirst: boolean
  /** A mark extends a lease only if the node's row was still there. */
  readonly markConfirmed: boolean
  /** A row that changed while it was read is answered and not kept. */
  readonly staleFillsDropped: boolean
  /** A writer waits for the nodes that are behind, or for the time of a lease. */
  readonly writerWaits: boolean
  /** A node that has lost its row drops what it holds. */
  readonly fencedDropsAll: boolean
  /** A node looks whether the feed still holds the change that it stands at. */
  readonly historyChecked: boolean
  /** A node whose connection has ended does as if it had lost its row: the server may have been replaced by an older one. */
  readonly endsWithConnection: boolean
  /** The lease is looked at when a call begins. */
  readonly leaseChecked: boolean
}

/** Every rule in force. */
export const allRules: Rules = {
  countedFromBefore: true,
  rowFirst: true,
  markConfirmed: true,
  staleFillsDropped: true,
  writerWaits: true,
  fencedDropsAll: true,
  historyChecked: true,
  endsWithConnection: true,
  leaseChecked: true,
}

/** A change of one of the rows. */
interface Change {
  readonly id: string
  readonly row: number
}

/** A change that was acknowledged, with its place in the feed. */
interface Acknowledged extends Change {
  readonly sequence: number
}

/** The database: the changes by sequence, and how far each registered node has seen. */
interface State {
  readonly changes: Change[]
  readonly nodes: Map<string, number>
}

/** What one run has shown. */
export interface Outcome {
  readonly answers: number
  readonly refusals: number
  readonly acknowledged: number
  readonly fenced: number
  /** Answers from before a change that had been acknowledged when their call began, or from after one that never was. */
  readonly stale: number
}

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

/** Runs three nodes for a while. */
export function simulate(seed: number, weather: Weather, rules: Rules): Outcome {
  const world = new World<State>(seed, weather, {
    state: { changes: [], nodes: new Map() },
    copy: ({ changes, nodes }) => ({ changes: [...changes], nodes: new Map(nodes) }),
  })
  const outcome = { answers: 0, refusals: 0, acknowledged: 0, fenced: 0, stale: 0 }
  const acknowledged: Acknowledged[] = []
  for (let index = 0; index < 3; index += 1) {
    new Machine(world, { rules, outcome, acknowledged }).boot()
  }
  world.run(6000)
  return outcome
}

interface Shared {
  readonly rules: Rules
  readonly outcome: Mutable<Outcome>
  readonly acknowledged: Acknowledged[]
}

let ids = 0
const newId = () => {
  ids += 1
  return String(ids)
}

/** A machine that runs a node, crashes, and runs another. */
class Machine {
  readonly #world: World<State>
  readonly #shared: Shared
  #life = 0

  constructor(world: World<State>, shared: Shared) {
    this.#world = world
    this.#shared = shared
  }

  boot(): void {
    this.#life += 1
    const life = this.#life
    const alive = () => life === this.#life
    const node = new Node(this.#world, this.#shared)
    const world = this.#world
    world.start(node.renew(), alive)
    const call = (): void => {
      if (!alive()) return
      if (world.chance() < world.weather.crash) {
        this.#life += 1
        world.later(world.chance() * lease, () => this.boot())
        return
      }
      const row = Math.floor(world.chance() * rows)
      world.start(world.chance() < 0.1 ? node.write(row) : node.answer(row), alive)
      world.later(world.chance() * 80, call)
    }
    call()
  }
}

/** One node's memory, and its three kinds of work. */
class Node {
  readonly #world: World<State>
  readonly #clock: () => number
  readonly #rules: Rules
  readonly #outcome: Mutable<Outcome>
  readonly #acknowledged: Shared['acknowledged']
  #registration: string | undefined
  /** The last one that it had. */
  #given = ''
  /** Which server the connection was made to. */
  #generation = 0
  /** The changes that the feed had when it was last read: the last of them is where the node stands. */
  #seen: readonly Change[] = []
  #leaseFrom = Number.NEGATIVE_INFINITY
  /** The rows in memory, each as the changes that it shows. */
  readonly #view = new Map<number, readonly Change[]>()
  readonly #fills = new Set<{ readonly row: number; stale: boolean }>()

  constructor(world: World<State>, { rules, outcome, acknowledged }: Shared) {
    this.#world = world
    this.#clock = world.clock()
    this.#rules = rules
    this.#outcome = outcome
    this.#acknowledged = acknowledged
  }

  get #fresh(): boolean {
    return this.#clock() - this.#leaseFrom < lease
  }

  /** Reads the feed, applies it, marks how far it has seen. */
  *renew(): Process<State> {
    for (;;) {
      try {
        yield* this.#round()
      } catch (error) {
        if (!(error instanceof Lost)) throw error
        if (this.#rules.endsWithConnection) this.#registration = undefined
      }
      yield { wait: every }
    }
  }

  *#round(): Process<State> {
    const before = this.#clock()
    if (this.#rules.endsWithConnection && this.#generation !== this.#world.generation) {
      this.#generation = this.#world.generation
      this.#registration = undefined
    }
    if (this.#registration === undefined) this.#registration = yield* this.#register()
    else this.#apply((yield ask(({ changes: all }) => all)) as readonly Change[])
    const registration = this.#registration
    const { length } = this.#seen
    const marked = yield ask(({ nodes }) => {
      if (!nodes.has(registration)) return false
      nodes.set(registration, length)
      return true
    })
    if (marked === true || !this.#rules.markConfirmed) {
      this.#leaseFrom = this.#rules.countedFromBefore ? before : this.#clock()
    } else this.#registration = undefined
  }

  *#register(): Generator<Step<State>, string, unknown> {
    const registration = newId()
    const given = this.#given
    // Nobody waits any more for the row that it takes away: what it was given under it is given up first.
    this.#leaseFrom = Number.NEGATIVE_INFINITY
    const row = ask(({ nodes }) => {
      nodes.set(registration, 0)
      nodes.delete(given)
    })
    const load = ask(({ changes }) => changes)
    if (this.#rules.rowFirst) yield row
    if (this.#rules.fencedDropsAll) this.#clear()
    // It loads one of the rows at once, as a call that asked for it would.
    const fill = { row: 0, stale: false }
    this.#fills.add(fill)
    try {
      this.#seen = (yield load) as readonly Change[]
    } finally {
      this.#fills.delete(fill)
    }
    if (!fill.stale) this.#view.set(0, this.#seen)
    if (!this.#rules.rowFirst) yield row
    this.#given = registration
    return registration
  }

  #apply(changes: readonly Change[]): void {
    const last = this.#seen.length
    const holds = last === 0 || changes[last - 1]?.id === this.#seen[last - 1]?.id
    if (!holds && this.#rules.historyChecked) this.#clear()
    for (const { row } of changes.slice(last)) this.#drop(row)
    this.#seen = changes
  }

  #drop(row: number): void {
    this.#view.delete(row)
    for (const fill of this.#fills) if (fill.row === row) fill.stale = true
  }

  #clear(): void {
    for (let row = 0; row < rows; row += 1) this.#drop(row)
  }

  /** A call that asks for a row. */
  *answer(row: number): Process<State> {
    const began = this.#world.now
    const newest = this.#newest(row)
    if (this.#rules.leaseChecked && !this.#fresh) {
      this.#outcome.refusals += 1
      return
    }
    try {
      const shown = this.#view.get(row) ?? (yield* this.#fill(row))
      if (this.#rules.leaseChecked && !this.#fresh) {
        this.#outcome.refusals += 1
        return
      }
      this.#outcome.answers += 1
      if (this.#isUnsettled(began)) return
      const last = shown.at(-1)
      const known =
        last === undefined || this.#world.state.changes[shown.length - 1]?.id === last.id
      const fresh = newest === undefined || shown[newest.sequence - 1]?.id === newest.id
      if (!known || !fresh) this.#outcome.stale += 1
    } catch (error) {
      if (!(error instanceof Lost)) throw error
    }
  }

  /** The newest acknowledged change of a row that no failover has taken back: an answer from now on has to show it. */
  #newest(row: number): Acknowledged | undefined {
    const { changes } = this.#world.state
    return this.#acknowledged.findLast(
      (each) => each.row === row && changes[each.sequence - 1]?.id === each.id,
    )
  }

  /** Where a failover forgets what was confirmed, nothing is promised until every lease from before is over. */
  #isUnsettled(began: number): boolean {
    return this.#world.weather.forgets && began - this.#world.failedOverAt < 2 * lease
  }

  *#fill(row: number): Generator<Step<State>, readonly Change[], unknown> {
    const fill = { row, stale: false }
    this.#fills.add(fill)
    try {
      const shown = (yield ask(({ changes }) => changes)) as readonly Change[]
      if (!fill.stale || !this.#rules.staleFillsDropped) this.#view.set(row, shown)
      return shown
    } finally {
      this.#fills.delete(fill)
    }
  }

  /** A call that changes a row. */
  *write(row: number): Process<State> {
    const id = newId()
    try {
      const sequence = (yield ask(({ changes }) => changes.push({ id, row }))) as number
      const committed = this.#clock()
      this.#drop(row)
      if (this.#rules.writerWaits) yield* this.#settle(sequence, committed)
      this.#outcome.acknowledged += 1
      this.#acknowledged.push({ sequence, id, row })
      this.#acknowledged.sort((one, other) => one.sequence - other.sequence)
    } catch (error) {
      if (!(error instanceof Lost)) throw error
    }
  }

  /** Waits until nobody can answer from before the change. */
  *#settle(sequence: number, committed: number): Process<State> {
    for (;;) {
      const nodes = yield* orNothing(ask(({ nodes: all }) => [...all]))
      const behind = (nodes as [string, number][] | undefined)?.filter(
        ([registration, seen]) => registration !== this.#registration && seen < sequence,
      )
      if (behind?.length === 0) return
      if (this.#clock() - committed > lease + margin) {
        yield* orNothing(
          ask(({ nodes: all }) => {
            for (const [registration] of behind ?? []) {
              if ((all.get(registration) ?? sequence) < sequence) all.delete(registration)
            }
          }),
        )
        this.#outcome.fenced += behind?.length ?? 0
        return
      }
      yield { wait: 15 }
    }
  }
}

function ask<Answer>(question: (state: State) => Answer): Step<State> {
  return { ask: question }
}

/** The answer, or undefined when it was lost. */
function* orNothing(step: Step<State>): Generator<Step<State>, unknown, unknown> {
  try {
    return yield step
  } catch (error) {
    if (error instanceof Lost) return undefined
    throw error
  }
}
