/** A part of the benchmark: what it measures with, and what it has to say. */
import type { Options } from './options.ts'
import type { Work } from './operations.ts'
import type { Load, Running, Server } from './servers.ts'
import { type Case, type Rounds, takeTurns } from './turns.ts'

/** What the parts share. */
export interface Bench {
  readonly options: Options
  readonly load: Load
  /** Trent with one process, an empty SQLite and no TLS; or the endpoint that stands in its place. */
  readonly subject: Server
  readonly bare: Running
}

/** A ratio for the chart. */
export interface Bar {
  readonly label: string
  readonly ratio: number
  /** What is aimed at, if anything: at least or at most. */
  readonly aim?: { readonly value: number; readonly atLeast: boolean }
  /** Why this run does not tell whether the aim was reached. */
  readonly doubt?: string
}

/** What is to be said of an aim. */
export function verdictOf({ ratio, aim, doubt }: Bar): 'reached' | 'missed' | 'undecided' {
  if (doubt !== undefined || Number.isNaN(ratio)) return 'undecided'
  if (aim === undefined) return 'reached'
  return (aim.atLeast ? ratio >= aim.value : ratio <= aim.value) ? 'reached' : 'missed'
}

/** What came of a part. */
export interface Result {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** A sentence below the table. */
  readonly note?: string
  readonly bars: readonly Bar[]
}

/** One of them. */
export interface Part {
  /** Whether it needs nothing of the server but its API. */
  readonly ofAnyServer: boolean
  readonly run: (bench: Bench) => Promise<Result>
}

/** Measures cases at the pace that was asked for. */
export const turnsOf = (cases: readonly Case[], { load, options }: Bench): Promise<Rounds> =>
  takeTurns(cases, { load, seconds: options.seconds, rounds: options.rounds })

/** The case of a server under a work. */
export const caseOf = (server: Server, work: Work, { options }: Bench): Case => ({
  name: server.name,
  server,
  work,
  connections: options.connections,
})

/** The bare server in turn behind another, with the same requests and the sizes of its answers. */
export const bareCase = (bare: Running, like: Case): Case => ({
  ...like,
  name: bare.name,
  server: bare,
  bare,
})

/** The head of tables of throughput. */
export const throughputHead = ['requests/s', 'p50 ms', 'p99 ms', 'server µs of CPU', 'client CPU']

/** A row of such a table: the medians of a case. */
export function throughputCells(rounds: Rounds, index: number): readonly string[] {
  return [
    rounds.of(index, (turn) => turn.requestsPerSecond).toFixed(0),
    rounds.of(index, (turn) => turn.p50).toFixed(2),
    rounds.of(index, (turn) => turn.p99).toFixed(2),
    number(
      rounds.of(index, (turn) => turn.serverMicroseconds),
      0,
    ),
    `${(rounds.of(index, (turn) => turn.clientCpu) * 100).toFixed(0)} %`,
  ]
}

/** The row below two of them: the medians of the ratios of a case to another. */
export function ratioCells(rounds: Rounds, index: number, to: number): readonly string[] {
  const bold = (ratio: number) => (Number.isNaN(ratio) ? '' : `**${ratio.toFixed(2)}**`)
  return [
    bold(rounds.ratio(index, to, (turn) => turn.requestsPerSecond)),
    bold(rounds.ratio(index, to, (turn) => turn.p50)),
    bold(rounds.ratio(index, to, (turn) => turn.p99)),
    bold(rounds.ratio(index, to, (turn) => turn.serverMicroseconds)),
    '',
  ]
}

/** A number with so many decimals; nothing where there is none. */
export const number = (value: number, decimals: number): string =>
  Number.isNaN(value) ? '' : value.toFixed(decimals)
