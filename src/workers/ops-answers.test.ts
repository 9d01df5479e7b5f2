import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from './messages.ts'
import { answersOfAll, mergeMetrics, type Observed } from './ops-answers.ts'

const primary = (...reasons: readonly string[]) => ({
  reasonsNotReady: async () => reasons,
  metrics: async () => '',
})

const slot = (number: number, serves: boolean, answer?: Answer): Observed => ({
  number,
  serves,
  ask: async () => answer,
})

const ready: Answer = { state: { reasons: [], metrics: '' } }
const full: Answer = { state: { reasons: ['the record cannot be written'], metrics: '' } }

const reasons = (own: readonly string[], ...slots: readonly Observed[]) =>
  answersOfAll(primary(...own), slots).reasonsNotReady()

test('a server is ready while one of its workers is replaced', async () => {
  assert.deepEqual(await reasons([], slot(1, false), slot(2, true, ready)), [])
})

test('a server none of whose workers serves is not ready', async () => {
  assert.deepEqual(await reasons([], slot(1, false), slot(2, false)), ['no worker serves'])
})

test('what keeps one worker from being ready keeps the server, and is said once', async () => {
  const all = [slot(1, true, full), slot(2, true, full), slot(3, true, ready)]
  assert.deepEqual(await reasons([], ...all), full.state?.reasons)
})

test('what keeps the primary from being ready keeps the server', async () => {
  assert.deepEqual(await reasons(['the server drains'], slot(1, true, ready)), [
    'the server drains',
  ])
})

test('a worker that serves and does not answer makes the server unready', async () => {
  assert.deepEqual(await reasons([], slot(1, true, undefined)), ['a worker does not answer'])
})

test('samples of several processes stand under one head, each with its process', () => {
  const head = '# HELP a_total What is counted.\n# TYPE a_total counter\n'
  const other = '# HELP b How much.\n# TYPE b gauge\n'
  const text = mergeMetrics(
    new Map([
      ['primary', `${head}a_total{code="Success"} 3\n${other}b 0.5\n`],
      ['1', `${head}a_total{code="Success"} 4\na_total{code="x, y"} 1\n${other}b 1e-7\n`],
      ['2', head],
    ]),
  )
  assert.equal(
    text,
    `${head}a_total{worker="primary",code="Success"} 3\na_total{worker="1",code="Success"} 4\n` +
      `a_total{worker="1",code="x, y"} 1\n${other}b{worker="primary"} 0.5\nb{worker="1"} 1e-7\n`,
  )
})

test('the number of workers that serve is counted', async () => {
  const text = await answersOfAll(primary(), [slot(1, true, ready), slot(2, false)]).metrics()
  assert.match(text, /^# TYPE trent_workers_serving gauge\ntrent_workers_serving 1\n$/m)
})
