import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cases } from './cases.ts'
import { decideCase, expectedText } from './fixture.ts'

test('there are enough cases, each with a name of its own', () => {
  const names = new Set(cases.map(({ name }) => name))
  assert.equal(names.size, cases.length)
  assert.ok(cases.length >= 200, `${cases.length} cases`)
  for (let golden = 1; golden <= 17; golden += 1) {
    assert.ok(
      [...names].some((name) => name.includes(`G${golden} `)),
      `G${golden}`,
    )
  }
})

for (const each of cases) {
  test(each.name, () => {
    const { decision, traced } = decideCase(each)
    if (each.expect === 'allow') assert.equal(decision.allowed ? '' : decision.text, '')
    else {
      assert.equal(decision.allowed, false)
      assert.equal(decision.allowed ? '' : decision.text, expectedText(each, each.expect))
    }
    assert.deepEqual(traced, decision)
  })
}
