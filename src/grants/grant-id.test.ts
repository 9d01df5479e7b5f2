import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkGrantId, newGrantId, noSuchGrant } from './grant-id.ts'

test('a new grant id has the form of one, and is none that was there', () => {
  const ids = Array.from({ length: 100 }, newGrantId)
  for (const id of ids) assert.doesNotThrow(() => checkGrantId(id))
  assert.equal(new Set(ids).size, ids.length)
})

test('what has another form is no grant id', () => {
  const id = newGrantId()
  for (const text of [
    '',
    'x',
    id.slice(1),
    `${id}0`,
    `${id}\n`,
    ` ${id.slice(1)}`,
    `g${id.slice(1)}`,
    'A'.repeat(64),
    `${'../'.repeat(21)}.`,
    '\u0000'.repeat(64),
  ]) {
    assert.throws(() => checkGrantId(text), {
      code: 'InvalidGrantIdException',
      message: 'The grant ID is not valid.',
    })
  }
})

test('a grant that is not there is told by its id', () => {
  const { code, message } = noSuchGrant('abc')
  assert.deepEqual([code, message], ['NotFoundException', 'Grant ID abc not found'])
})
