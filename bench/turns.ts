/** Cases that take turns, so that the ratios of neighbours mean something on a busy machine too. */
import { median } from './median.ts'
import type { Yield } from './load.ts'
import type { Work } from './operations.ts'
import { type Load, resizeBare, type Running, type Server } from './servers.ts'

/** One thing to measure, under a name. */
export interface Case {
  readonly name: string
  readonly server: Server
  readonly work: Work
  readonly connections: number
  /** A case of the bare server answers as many bytes as the turn before it got. */
  readonly bare?: Running
  readonly rate?: number
}

/** One turn of one case. */
export interface Turn extends Yield {
  /** Microseconds of processor time that the server used for a request; NaN where nobody tells. */
  readonly serverMicroseconds: number
  /** Commits for each request; NaN where nobody tells. */
  readonly commitsPerRequest: number
}

/** The turns of all cases, a row for each round. */
export class Rounds {
  readonly #rounds: readonly (readonly Turn[])[]

  constructor(rounds: readonly (readonly Turn[])[]) {
    this.#rounds = rounds
  }

  /** The first turn of all. */
  get turn(): Turn {
    const first = this.#rounds[0]?.[0]
    if (first === undefined) throw new Error('nothing was measured')
    return first
  }

  /** The median over a case's turns. */
  of(index: number, what: (turn: Turn) => number): number {
    return median(this.#rounds.map((turns) => what(turns[index] as Turn)))
  }

  /** The median of the ratios between two cases' turns of the same round. */
  ratio(index: number, to: number, what: (turn: Turn) => number): number {
    return median(this.#rounds.map((turns) => what(turns[index] as Turn) / what(turns[to] as Turn)))
  }
}

/** How long, and how often. */
export interface Pace {
  readonly load: Load
  readonly seconds: number
  readonly rounds: number
}

/** How long a case runs before its first turn: a new server has not compiled yet what a request needs. */
const runUp = 3

/** Measures all cases in turns, after a run-up for each. Throws when an answer is wrong. */
export async function takeTurns(cases: readonly Case[], pace: Pace): Promise<Rounds> {
  const seconds = Math.min(runUp, pace.seconds * 3)
  for (const { bare, rate, ...each } of cases) {
    if (bare === undefined) await turn(each, { ...pace, seconds }, undefined)
  }
  const rounds: (readonly Turn[])[] = []
  for (let round = 0; round < pace.rounds; round++) {
    const turns: Turn[] = []
    for (const each of cases) turns.push(await turn(each, pace, turns.at(-1)))
    rounds.push(turns)
  }
  return new Rounds(rounds)
}

async function turn(each: Case, pace: Pace, before: Turn | undefined): Promise<Turn> {
  const { server, work, connections, rate } = each
  if (each.bare !== undefined && before !== undefined) {
    await resizeBare(each.bare, Buffer.byteLength(before.answer))
  }
  const { operation, documents } = work
  const { seconds } = pace
  const warmUp = Math.min(0.4, seconds)
  const order = { client: server.client, operation, documents, connections, warmUp, seconds, rate }
  const used = server.cpuSeconds() ?? Number.NaN
  const commits = (await server.commits()) ?? Number.NaN
  const done = await pace.load.run(order)
  const requests = done.requests + done.requestsOfWarmUp
  const usedSince = (server.cpuSeconds() ?? Number.NaN) - used
  const commitsSince = ((await server.commits()) ?? Number.NaN) - commits
  if (each.bare !== undefined && before !== undefined) {
    const [theirs, ours] = [done.answer, before.answer].map((text) => Buffer.byteLength(text))
    if (theirs !== ours) throw new Error(`bodies of ${ours} and ${theirs} bytes`)
  }
  if (each.bare === undefined) {
    // Some operations answer nothing at all.
    const answer: unknown = done.answer === '' ? {} : JSON.parse(done.answer)
    await work.verify(answer as Record<string, string>)
  }
  return {
    ...done,
    serverMicroseconds: (usedSince * 1e6) / requests,
    commitsPerRequest: commitsSince / requests,
  }
}
