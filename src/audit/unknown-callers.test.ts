import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bench } from './fixture.ts'
import { UnknownCallers } from './unknown-callers.ts'

const linesOf = (folder: string) =>
  readFileSync(join(folder, 'unknown', 'unknown-callers.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { source: string; count: number })

test('requests are counted by code and network, a minute at a time', async (t) => {
  const { folder, clock } = bench(t)
  const log = new UnknownCallers({ folder, clock })
  for (let host = 1; host < 200; host += 1)
    log.count('InvalidSignatureException', `192.0.2.${host}`)
  log.count('InvalidSignatureException', '::ffff:192.0.2.7')
  log.count('InvalidSignatureException', '2001:db8::1:2:3:4')
  log.count('Not a "code"', 'nonsense')
  clock.turn(1000)
  await log.close()
  log.count('InvalidSignatureException', '192.0.2.1')
  clock.turn(60_000)
  log.count('InvalidSignatureException', '192.0.2.1')
  await log.close()
  const minute = '2026-01-31T12:00Z'
  const code = 'InvalidSignatureException'
  assert.deepEqual(linesOf(folder), [
    { minute, code, source: '192.0.2.0/24', count: 200 },
    { minute, code, source: '2001:db8:0:0::/64', count: 1 },
    { minute, code: 'unknown', source: 'unknown', count: 1 },
    { minute, code, source: '192.0.2.0/24', count: 1 },
    { minute: '2026-01-31T12:01Z', code, source: '192.0.2.0/24', count: 1 },
  ])
})

test('a storm from everywhere fills neither the memory nor the disk', async (t) => {
  const { folder, clock } = bench(t)
  const log = new UnknownCallers({ folder, clock })
  for (let second = 0; second < 60; second += 1) {
    for (let net = 0; net < 5000; net += 1) log.count('E', `10.${net >> 8}.${net & 255}.1`)
    clock.turn(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await log.close()
  assert.ok(linesOf(folder).some((line) => line.source === 'other' && line.count >= 4000))
  const names = readdirSync(join(folder, 'unknown'))
  assert.ok(names.length <= 2)
  for (const name of names) assert.ok(statSync(join(folder, 'unknown', name)).size <= 1024 * 1024)
})

test('a folder that cannot be written fails no request', async (t) => {
  const { folder, clock } = bench(t)
  writeFileSync(join(folder, 'unknown'), 'a file in the way')
  chmodSync(folder, 0o700)
  const problems: string[] = []
  const log = new UnknownCallers({ folder, clock, report: (problem) => problems.push(problem) })
  log.count('E', '192.0.2.1')
  await log.close()
  assert.deepEqual(problems, ['unknown callers were not logged'])
})
