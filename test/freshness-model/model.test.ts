/**
 * The freshness protocol holds in every weather, and none of its rules can be left out.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allRules, type Outcome, type Rules, simulate } from './protocol.ts'
import type { Weather } from './world.ts'

const fine: Weather = {
  lost: 0,
  pause: 0,
  crash: 0,
  failover: 0,
  forgets: false,
  longestPause: 0,
  longestMessage: 10,
}
const rough: Weather = {
  lost: 0.03,
  pause: 0.02,
  crash: 0.01,
  failover: 0,
  forgets: false,
  longestPause: 1500,
  longestMessage: 60,
}
const failovers: Weather = { ...rough, failover: 0.01 }
const forgetful: Weather = { ...rough, failover: 0.001, forgets: true }

function run(weather: Weather, rules: Rules, worlds = 1000): Outcome {
  const sum = { answers: 0, refusals: 0, acknowledged: 0, fenced: 0, stale: 0 }
  for (let seed = 1; seed <= worlds; seed += 1) {
    const outcome = simulate(seed * 7919, weather, rules)
    for (const name of Object.keys(sum) as (keyof Outcome)[]) sum[name] += outcome[name]
  }
  return sum
}

test('in fine weather every call is answered, and none from before an acknowledged change', () => {
  const { answers, refusals, acknowledged, stale, fenced } = run(fine, allRules, 100)
  assert.equal(stale, 0)
  assert.equal(fenced, 0)
  assert.ok(acknowledged > 1000)
  assert.ok(refusals < answers / 20, `${refusals} refusals, ${answers} answers`)
})

test('with pauses, drift, lost messages and crashes no answer is from before an acknowledged change', () => {
  const { answers, acknowledged, fenced, stale } = run(rough, allRules)
  assert.equal(stale, 0)
  assert.ok(answers > 10_000 && acknowledged > 1000 && fenced > 100)
})

test('with failovers that lose what was not confirmed, neither', () => {
  const { answers, acknowledged, stale } = run(failovers, allRules)
  assert.equal(stale, 0)
  assert.ok(answers > 5000 && acknowledged > 500)
})

test('after a failover that lost what was confirmed, nothing stale is left when the leases are over', () => {
  const { answers, acknowledged, stale } = run(forgetful, allRules)
  assert.equal(stale, 0)
  assert.ok(answers > 5000 && acknowledged > 500)
})

/** Whether one of many worlds shows an answer that is stale. */
function fails(weather: Weather, rules: Rules): boolean {
  for (let seed = 1; seed <= 3000; seed += 1) {
    if (simulate(seed * 7919, weather, rules).stale > 0) return true
  }
  return false
}

test('without a look at the history, what a failover took back is answered, unless the connection ended with it', () => {
  assert.ok(fails(forgetful, { ...allRules, historyChecked: false, endsWithConnection: false }))
})

const others = (Object.keys(allRules) as (keyof Rules)[]).filter(
  (rule) => rule !== 'historyChecked',
)
for (const rule of others) {
  test(`the rule ${rule} is needed: without it an answer is stale`, () => {
    const weather = rule === 'endsWithConnection' ? forgetful : rough
    assert.ok(fails(weather, { ...allRules, [rule]: false }))
  })
}
