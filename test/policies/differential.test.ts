/**
 * The engine against the reference: two hands that read the same guides must come to the same answers. More of it runs
 * in `differential.long.test.ts`.
 */
import { test } from 'node:test'
import fc from 'fast-check'
import { agree } from './agreement.ts'
import { longSituation, situation } from './arbitraries.ts'

test('engine and reference give the same verdict and the same sentence', () => {
  fc.assert(
    fc.property(situation, (given) => void agree(given)),
    { numRuns: 6000 },
  )
})

test('they agree on key policies of many statements, which the engine finds by index', () => {
  fc.assert(
    fc.property(longSituation, (given) => void agree(given)),
    { numRuns: 300 },
  )
})
