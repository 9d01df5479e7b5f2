/**
 * `npm test [-- name ...]`: the checks, and then the tests of the files whose path contains one of the names. Without
 * names these are all files; with names the checks are left out, as by `--no-check`. `--long` adds `*.long.test.ts`,
 * and `--coverage` a table of the lines that ran. Without names and without ENGINES, the tests that go
 * through a database then run once more on PostgreSQL: with `--long` all of them, otherwise those of `onBoth`. It fails
 * where a check or test fails, and where no test ran. On a terminal, and with names, it tells every title; in a log, dots
 * and what failed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from 'node:test'
import { dot, spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { root } from './sources.ts'

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean', default: false },
    coverage: { type: 'boolean', default: false },
    'no-check': { type: 'boolean', default: false },
    'on-postgres': { type: 'boolean', default: false },
  },
})
/** How long one test may take, and one file of them. */
const minutes = options.long ? { test: 30, file: 60 } : { test: 1, file: 5 }

/** The tests that run on PostgreSQL too at each `npm test`: every statement that an operation makes, and each job. */
const onBoth = [
  'test/operations/',
  'test/faults/jobs',
  'test/access/operations-table',
  'test/iam/',
  'test/sts/',
]
/** The folders whose tests start a server or open a database that they leave to `test/support` to choose. */
const throughDatabase =
  'test/access/ test/backup/ test/cli/ test/explain/ test/faults/ test/iam/ test/operating/ test/operations/ test/root-key/ test/sts/ test/wire/'.split(
    ' ',
  )

/**
 * The same once more in a process of its own, which takes one run of the tests; over one server for all files, since a
 * database is quicker made than a server.
 */
async function runOnPostgres(): Promise<void> {
  process.stdout.write('\n# once more, on PostgreSQL\n')
  const { sharedPort, startPostgres } = await import('../test/support/postgres.ts')
  const server = await startPostgres()
  const args = [
    import.meta.filename,
    '--no-check',
    '--on-postgres',
    ...(options.long ? ['--long'] : []),
  ]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ENGINES: 'postgres', [sharedPort]: String(server.port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let end = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    end = (end + text).slice(-2000)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) process.exitCode = 1
  for (const [, what = '', count] of end.matchAll(/^# (\w+) (\d+)$/gm)) {
    counts[what] = (counts[what] ?? 0) + Number(count)
  }
  process.stdout.write('\n# together\n')
}

function onPostgres(file: string): boolean {
  return (options.long ? throughDatabase : onBoth).some((each) => file.startsWith(each))
}

const checked = options['no-check'] || names.length > 0 || runChecks()
const failures: string[] = []
const counts = await runTests(testFiles())
if (names.length === 0 && (process.env['ENGINES'] ?? '') === '') await runOnPostgres()
for (const failure of failures) process.stdout.write(`# failed: ${failure}\n`)
if (!checked) process.stdout.write('# the checks failed, see above\n')
if (counts['tests'] === 0) process.stdout.write('# no test ran\n')
// The closing lines are those of node's TAP reporter: what reads the end of a log knows them.
for (const [what, count] of Object.entries(counts)) process.stdout.write(`# ${what} ${count}\n`)
const passed = counts['tests'] !== 0 && counts['fail'] === 0 && counts['cancelled'] === 0
process.exitCode = checked && passed ? process.exitCode : 1

function runChecks(): boolean {
  const check = path.join(import.meta.dirname, 'check.ts')
  return spawnSync(process.execPath, [check], { stdio: 'inherit' }).status === 0
}

function testFiles(): string[] {
  return globSync('{src,test}/**/*.test.ts', { cwd: root })
    .filter((file) => options.long || !file.endsWith('.long.test.ts'))
    .filter((file) => !options['on-postgres'] || onPostgres(file))
    .filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
    .sort()
}

async function runTests(files: readonly string[]): Promise<Record<string, number>> {
  const events = run({
    files: files.map((file) => path.join(root, file)),
    cwd: root,
    concurrency: 2,
    timeout: minutes.test * 60_000,
    execArgv: ['--import', path.join(import.meta.dirname, 'test-deadline.ts')],
    argv: [`--deadline=${minutes.file}`],
    coverage: options.coverage,
    coverageExcludeGlobs: ['**/*.test.ts', 'test/**', 'tools/**'],
  })
  const counts: Record<string, number> = { tests: 0 }
  events.on('test:summary', (summary) => {
    if (summary.file !== undefined) return
    // The declarations forget `failed`, which has always been there.
    const all = summary.counts as typeof summary.counts & { readonly failed: number }
    const { tests, suites, passed, failed, cancelled, skipped, todo } = all
    Object.assign(counts, { tests, suites, pass: passed, fail: failed, cancelled, skipped, todo })
    if (!summary.success) process.exitCode = 1
  })
  events.on('test:fail', ({ name, file, line }) => {
    failures.push(`${path.relative(root, file ?? '')}:${line ?? 1}: ${name}`)
  })
  const readable =
    names.length > 0 || process.stdout.isTTY ? events.compose(new spec()) : events.compose(dot)
  await pipeline(readable, process.stdout, { end: false })
  return counts
}
