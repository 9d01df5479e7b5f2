/**
 * What a request costs, in work rather than in time, so that a regression shows on a noisy machine: bytes allocated, promises
 * made, calls of node:crypto and of JSON, statements, and writes to files. The numbers are those of one process with
 * optimizing compilers off; they mean nothing beside a stopwatch, and everything beside yesterday's.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import type { Work } from './count-work.ts'

type Counts = Readonly<Record<'Encrypt' | 'Decrypt' | 'GenerateDataKey', Work>>

/**
 * The most that a request may need. Whoever lowers what it needs lowers these numbers, too: the tests below fail where there
 * is room for one call more. Whoever raises one says why in the commit. The bytes vary by three in a hundred and have
 * seven of room; all others are exact.
 */
const most: Counts = {
  Encrypt: { bytes: 40_400, promises: 6, crypto: 6, json: 14, statements: 0, writes: 1 },
  Decrypt: { bytes: 43_000, promises: 6, crypto: 6, json: 15, statements: 0, writes: 1 },
  GenerateDataKey: { bytes: 41_100, promises: 6, crypto: 6, json: 14, statements: 0, writes: 1 },
}

/** What falls on one request of what the process does besides: less than a call. */
const fraction = 0.5

function countWork(...args: readonly string[]): Counts {
  const flags = ['--no-opt', '--no-maglev', '--no-sparkplug']
  const file = path.join(import.meta.dirname, 'count-work.ts')
  const run = spawnSync(process.execPath, [...flags, file, ...args], { encoding: 'utf8' })
  assert.equal(run.status, 0, run.stderr)
  return JSON.parse(run.stdout) as Counts
}

/** What is over its ceiling, in words. */
function excesses(counts: Counts): readonly string[] {
  return Object.entries(counts).flatMap(([operation, work]) =>
    Object.entries<number>({ ...work })
      .filter(([name, count]) => count > ceiling(operation, name) + fraction)
      .map(
        ([name, count]) => `${operation}: ${count} ${name}, at most ${ceiling(operation, name)}`,
      ),
  )
}

const ceiling = (operation: string, name: string): number =>
  most[operation as keyof Counts][name as keyof Work]

test('no request needs more work than it did', () => {
  assert.deepEqual(excesses(countWork()), [])
})

const regressions = { hash: 'crypto', parse: 'json', copy: 'bytes' } as const

for (const [extra, counted] of Object.entries(regressions)) {
  test(`one ${extra} more in each request shows in ${counted}`, () => {
    const found = excesses(countWork('--extra', extra))
    for (const operation of Object.keys(most)) {
      const ofIt = found.filter((each) => each.startsWith(operation))
      assert.ok(ofIt.some((each) => each.includes(` ${counted},`)))
    }
  })
}
