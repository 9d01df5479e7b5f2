/** The engine against the reference, for minutes: situations of many statements, and many situations. */
import { test } from 'node:test'
import fc from 'fast-check'
import { agree, agreeOrRefuse } from './agreement.ts'
import { longSituation, situation } from './arbitraries.ts'
import { edits, editedSituation } from './mutations.ts'

test('engine and reference agree on three hundred thousand situations', () => {
  fc.assert(
    fc.property(situation, (given) => void agree(given)),
    { numRuns: 300_000 },
  )
})

test('engine and reference agree on key policies of many statements', () => {
  fc.assert(
    fc.property(longSituation, (given) => void agree(given)),
    { numRuns: 10_000 },
  )
})

test('engine and reference agree on three hundred thousand texts with something done to them', () => {
  const layer = fc.constantFrom('key', 'identity', 'boundary', 'session')
  fc.assert(
    fc.property(situation, layer, edits, (given, where, all) => {
      agreeOrRefuse(editedSituation(given, where, all))
    }),
    { numRuns: 300_000 },
  )
})
