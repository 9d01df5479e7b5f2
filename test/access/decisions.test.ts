/**
 * Who may do what: the table of cases, each with principals and keys of its own on one server, asked by the SDK.
 */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { issuerKey, startIssuer } from '../support/issuer.ts'
import { makeWorld } from '../support/people.ts'
import { startService } from '../support/service.ts'
import { cases } from './cases/all.ts'
import { runCase } from './run.ts'

const key = issuerKey('one')
const issuer = await startIssuer([key])
const trent = await startService({ oidcIssuers: [{ issuer: issuer.url }] })
const world = await makeWorld(trent, { issuer, key })

test('there are enough cases, each with a name of its own, and every golden one', () => {
  const names = new Set(cases.map(({ name }) => name))
  assert.equal(names.size, cases.length)
  assert.ok(cases.length >= 400, `${cases.length} cases`)
  for (let golden = 1; golden <= 18; golden += 1) {
    const isThere = [...names].some((name) => name.startsWith(`G${golden} `))
    assert.ok(isThere, `G${golden}`)
  }
})

// Several at once, so that they share their commits.
suite('the table of cases', { concurrency: 12 }, () => {
  for (const each of cases) {
    test(each.name, () => runCase(world, each))
  }
})
