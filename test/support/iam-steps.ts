/**
 * Tests of IAM as data: calls in their order, each with what AWS answers to it.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IAM } from '@aws-sdk/client-iam'
import { refusedByIam } from './iam.ts'

/** A refusal as it is expected. */
export type Refusal = readonly [status: number, code: string, text: string | RegExp]

/** What is expected: the members that have to be in the answer, or the refusal. */
export type Expected = { readonly [member: string]: unknown } | Refusal

/** One call: what it shows, the action with its input, and the answer. */
export type Step = readonly [
  title: string,
  action: string,
  input: { readonly [member: string]: unknown },
  expected: Expected,
]

const isRefusal = (expected: Expected): expected is Refusal => Array.isArray(expected)

/** Declares a test of steps, in their order. */
export function testSteps(title: string, client: () => IAM, steps: readonly Step[]): void {
  test(title, async (t) => {
    const iam = client()
    for (const [step, action, input, expected] of steps) {
      await t.test(`${title}: ${step}`, async () => {
        const call = run(iam, action, input)
        if (isRefusal(expected)) return refusedByIam(call, expected)
        assertHas(await call, expected)
        return undefined
      })
    }
  })
}

/** Calls an action by its name. */
export function run(iam: IAM, action: string, input: object): Promise<object> {
  const method = action.charAt(0).toLowerCase() + action.slice(1)
  const call: unknown = Reflect.get(iam, method)
  assert.ok(typeof call === 'function', `the SDK has no ${action}`)
  return Promise.resolve(Reflect.apply(call, iam, [input]) as Promise<object>)
}

/** Asserts that an answer has these members; what stands in objects may have more, lists not. */
export function assertHas(answer: unknown, expected: unknown, at = 'answer'): void {
  if (expected instanceof RegExp) {
    assert.match(String(answer), expected, at)
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(answer), `${at} is a list`)
    assert.equal(answer.length, expected.length, `${at}: ${JSON.stringify(answer)}`)
    for (const [index, item] of expected.entries()) assertHas(answer[index], item, `${at}.${index}`)
  } else if (typeof expected === 'object' && expected !== null && !(expected instanceof Date)) {
    assert.ok(typeof answer === 'object' && answer !== null, `${at} is an object`)
    for (const [member, value] of Object.entries(expected)) {
      assertHas(Reflect.get(answer, member), value, `${at}.${member}`)
    }
  } else {
    assert.deepEqual(answer, expected, at)
  }
}
