/** The results as Markdown, for the terminal and for bench/README.md. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { type StartUp, median } from './start-up.ts'
import type { Options, Rounds, Turn } from './throughput.ts'

const begin = '<!-- results: written by npm run bench -- --write -->'
const end = '<!-- end of results -->'

/** The head of the table of throughputs. */
export const tableHead =
  '| operation | server | requests/s | p50 ms | p99 ms | server µs of CPU per request | client CPU |\n' +
  '| --- | --- | ---: | ---: | ---: | ---: | ---: |'

/** The rows of an operation: both servers, each the median of its turns, and the medians of the pairs' ratios. */
export function rowsOf({ operation, pairs }: Rounds): string {
  const trent = row(
    `${operation} | Trent`,
    pairs.map((pair) => pair.trent),
  )
  const bare = row(
    `${operation} | bare \`node:http\``,
    pairs.map((pair) => pair.bare),
  )
  const ratio = (of: (turn: Turn) => number): string =>
    median(pairs.map((pair) => of(pair.trent) / of(pair.bare))).toFixed(2)
  const ratios = [
    ratio((turn) => turn.requestsPerSecond),
    ratio((turn) => turn.p50),
    ratio((turn) => turn.p99),
    ratio((turn) => turn.serverMicroseconds ?? Number.NaN),
  ]
  return `${trent}\n${bare}\n| ${operation} | **Trent / bare** | **${ratios.join('** | **')}** | |`
}

function row(name: string, turns: readonly Turn[]): string {
  const middle = (of: (turn: Turn) => number): number => median(turns.map(of))
  const cells = [
    middle((turn) => turn.requestsPerSecond).toFixed(0),
    middle((turn) => turn.p50).toFixed(2),
    middle((turn) => turn.p99).toFixed(2),
    middle((turn) => turn.serverMicroseconds ?? Number.NaN).toFixed(0),
    `${(middle((turn) => turn.clientCpu) * 100).toFixed(0)} %`,
  ]
  return `| ${name} | ${cells.join(' | ')} |`
}

/** The start-up times in a sentence. */
export function startUpSentence({ trent, bare, starts }: StartUp): string {
  return (
    `From the start of the process to the first answer (median of ${starts}): Trent ${trent.toFixed(0)} ms, ` +
    `a bare server ${bare.toFixed(0)} ms, ratio ${(trent / bare).toFixed(1)}.`
  )
}

/** Date and machine, without its name. */
export function circumstances(options: Options): string {
  return (
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, ${process.platform} ` +
    `${process.arch}, Node ${process.versions.node}; ${options.connections} connections, ` +
    `${options.rounds} turns of ${options.seconds} s for each server.`
  )
}

/** Puts the results between the markers of bench/README.md, formatted as `npm run check` wants it. */
export function writeResults(text: string): void {
  const file = path.join(import.meta.dirname, 'README.md')
  const page = readFileSync(file, 'utf8')
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error('bench/README.md has lost its markers')
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`)
  const biome = path.join(import.meta.dirname, '../node_modules/@biomejs/biome/bin/biome')
  spawnSync(process.execPath, [biome, 'format', '--write', file])
}
