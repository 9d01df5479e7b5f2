/** Texts that are almost policies, character by character. Longer runs are in `differential.long.test.ts`. */
import { test } from 'node:test'
import fc from 'fast-check'
import { agreeOrRefuse } from './agreement.ts'
import { situation } from './arbitraries.ts'
import { edits, editedSituation } from './mutations.ts'

const layer = fc.constantFrom('key', 'identity', 'boundary', 'session')

test('whatever is done to a text, it is refused or means what the reference reads in it', () => {
  fc.assert(
    fc.property(situation, layer, edits, (given, where, all) => {
      agreeOrRefuse(editedSituation(given, where, all))
    }),
    { numRuns: 6000 },
  )
})
