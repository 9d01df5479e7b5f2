/** Engine and reference, asked the same. */
import assert from 'node:assert/strict'
import { decide, type DecisionTrace } from '../../src/access/decide.ts'
import type { callers } from './case.ts'
import { PolicyError } from '../../src/policies/policy-error.ts'
import { questionFrom, sentenceOf } from './arbitraries.ts'
import { refer, type Situation } from './reference.ts'

/** Fails unless they agree, in verdict and sentence, with a trace and without; answers what they say. */
export function agree(
  given: Situation & { readonly who: keyof typeof callers },
): ReturnType<typeof refer> {
  const question = questionFrom(given)
  const trace: DecisionTrace = { policies: [], grants: [] }
  const decision = decide(question)
  assert.deepEqual(decide(question, trace), decision)
  const answer = refer(given)
  assert.equal(decision.allowed ? '' : decision.text, sentenceOf(given, answer))
  return answer
}

/** The same of texts that may be no policies: those the engine must refuse by its own error and no other. */
export function agreeOrRefuse(
  given: Situation & { readonly who: keyof typeof callers },
): ReturnType<typeof refer> | 'refused' {
  try {
    questionFrom(given)
  } catch (error) {
    if (error instanceof PolicyError) return 'refused'
    throw error
  }
  return agree(given)
}
