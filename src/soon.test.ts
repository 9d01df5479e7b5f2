import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { goOn } from './soon.ts'

describe('goOn', () => {
  test('goes on at once with a value that is there', () => {
    const steps: string[] = []
    const result = goOn(20, (value) => {
      steps.push('step')
      return value + 1
    })
    steps.push('after')
    assert.equal(result, 21)
    assert.deepEqual(steps, ['step', 'after'])
  })

  test('takes undefined for a value that is there', () => {
    assert.equal(
      goOn(undefined, (value) => value === undefined),
      true,
    )
  })

  test('goes on with a promise when it has come, and not before', async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const steps: string[] = []
    const result = goOn(promise, (value) => {
      steps.push(`step ${value}`)
      return value + 1
    })
    assert.ok(result instanceof Promise)
    steps.push('before')
    resolve(20)
    assert.equal(await result, 21)
    assert.deepEqual(steps, ['before', 'step 20'])
  })

  test('answers with the value of a step that has to wait itself', async () => {
    const later = (value: number): Promise<number> => Promise.resolve(value + 1)
    const result = goOn(20, later)
    assert.ok(result instanceof Promise)
    assert.equal(await result, 21)
    assert.equal(await goOn(Promise.resolve(20), later), 21)
  })

  test('throws what a step throws whose value is there', () => {
    const fault = new Error('refused')
    assert.throws(
      () =>
        goOn(20, () => {
          throw fault
        }),
      fault,
    )
  })

  test('rejects with what a step throws that had to wait', async () => {
    const fault = new Error('refused')
    const result = goOn(Promise.resolve(20), () => {
      throw fault
    })
    await assert.rejects(Promise.resolve(result), fault)
  })

  test('passes a rejection on, and takes no step', async () => {
    const fault = new Error('gone')
    let steps = 0
    const result = goOn(Promise.reject<number>(fault), () => {
      steps += 1
    })
    await assert.rejects(Promise.resolve(result), fault)
    assert.equal(steps, 0)
  })
})
