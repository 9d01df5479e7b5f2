/** The results as Markdown, for the terminal and for bench/README.md. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { chart } from './chart.ts'
import type { Options } from './options.ts'
import { type Bar, type Result, verdictOf } from './part.ts'
import { loadAverage } from './processes.ts'

const begin = '<!-- results: written by npm run bench -- --write -->'
const end = '<!-- end of results -->'

/** A part's title, table and note. */
export function sectionOf({ title, head, rows, note }: Result): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  // What is named stands left; numbers stand right.
  const named = head.findIndex((cell) => /\/s$|ms|µs|rate|MB/.test(cell))
  const ruler = head.map((_, index) => (index < named ? '---' : '---:'))
  const table = [head, ruler, ...rows].map(line).join('\n')
  return `### ${title}\n\n${table}\n${note === undefined ? '' : `\n${note}\n`}`
}

/** What was aimed at, and what came of it. */
export function aimsOf(results: readonly Result[]): string {
  const aimed = results.flatMap(({ bars }) => bars.filter(({ aim }) => aim !== undefined))
  const rows = aimed.map(
    (bar) => `| ${bar.label} | ${aimText(bar)} | ${bar.ratio.toFixed(2)} | ${verdict(bar)} |`,
  )
  return ['| ratio | aim | this run | |', '| --- | ---: | ---: | --- |', ...rows].join('\n')
}

const aimText = ({ aim }: Bar): string =>
  aim === undefined ? '' : `${aim.atLeast ? '≥' : '≤'} ${aim.value}`

const verdict = (bar: Bar): string =>
  bar.doubt === undefined ? verdictOf(bar) : `undecided: ${bar.doubt}`

/** Date and machine, without its name, and what else the machine has to do. */
export function circumstances(options: Options): string {
  const load = loadAverage()
  return (
    `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, ${process.platform} ` +
    `${process.arch}, Node ${process.versions.node}; ${options.connections} connections, ` +
    `${options.rounds} turns of ${options.seconds} s for each case` +
    (load === undefined ? '.' : `; load average before it began: ${load}.`)
  )
}

/** Puts the results between the markers of bench/README.md, formatted as `npm run check` wants it, and the chart beside it. */
export function writeResults(about: string, results: readonly Result[]): void {
  const file = path.join(import.meta.dirname, 'README.md')
  const page = readFileSync(file, 'utf8')
  const from = page.indexOf(begin)
  const to = page.indexOf(end)
  if (from < 0 || to < from) throw new Error('bench/README.md has lost its markers')
  const picture = '![The ratios of this run, with what is aimed at](results.svg)'
  const text = [about, picture, aimsOf(results), ...results.map(sectionOf)].join('\n\n')
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`)
  const bars = results.flatMap((result) => result.bars)
  writeFileSync(path.join(import.meta.dirname, 'results.svg'), chart(bars))
  const biome = path.join(import.meta.dirname, '../node_modules/@biomejs/biome/bin/biome')
  spawnSync(process.execPath, [biome, 'format', '--write', file])
}
