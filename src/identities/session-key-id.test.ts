/** Access key ids of temporary credentials. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { accountOfSessionKeyId, isSessionKeyId, newSessionKeyId } from './session-key-id.ts'

test('the account of a temporary access key is in its id', () => {
  const digits = fc.string({
    unit: fc.constantFrom(...'0123456789'.split('')),
    minLength: 12,
    maxLength: 12,
  })
  fc.assert(
    fc.property(digits, (account) => {
      const id = newSessionKeyId(account)
      assert.match(id, /^ASIA[A-Z2-7]{16}$/)
      assert.ok(isSessionKeyId(id))
      assert.equal(accountOfSessionKeyId(id), account)
      assert.equal(accountBySixBytes(id), account)
    }),
  )
})

test('no two ids are the same', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => newSessionKeyId('111122223333')))
  assert.equal(ids.size, 1000)
})

test('an id without an account has none', () => {
  for (const id of [
    'AKIAQAAAAAAAAAAAAAAA',
    'ASIAIOSFODNN7EXAMPLE',
    'ASIAQ',
    'ASIA7777777777777777',
  ]) {
    assert.equal(accountOfSessionKeyId(id), undefined, id)
  }
})

/** As published tools read AWS's own: of the first six bytes the 40 bits behind the first. */
function accountBySixBytes(id: string): string {
  const bits = Array.from(id.slice(4), (character) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(character).toString(2).padStart(5, '0'),
  ).join('')
  return String(Number.parseInt(bits.slice(1, 41), 2)).padStart(12, '0')
}
