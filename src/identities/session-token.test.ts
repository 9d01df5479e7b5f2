/** Session tokens: what was sealed opens, and nothing else does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { rootKeys } from '../key-stores/root-key.ts'
import { RootKeyRing } from '../key-stores/root-key-ring.ts'
import { openSessionToken, type SessionClaims, sealSessionToken } from './session-token.ts'

const root = new RootKeyRing(rootKeys(Buffer.alloc(32, 7)))
const otherRoot = new RootKeyRing(rootKeys(Buffer.alloc(32, 8)))
const id = 'ASIAQAAAAAAAAAAAAAAA'
const secretAccessKey = 'secret'
const claims: SessionClaims = {
  of: 'role',
  account: '111122223333',
  id: 'AROAEXAMPLE',
  name: 'one',
  issuedAt: 1000,
  expiresAt: 2000,
  tags: [{ key: 'Team', value: 'rot, grün' }],
  transitiveTagKeys: ['Team'],
  sourceIdentity: 'Alice',
  policies: { inline: '{}', managed: ['ANPAEXAMPLE'] },
  webIdentity: { provider: 'arn', attributes: { 'x:sub': 's' } },
}
const token = sealSessionToken(root, id, { secretAccessKey, claims })
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const characters = alphabet.split('')

test('a token opens for its access key id, with all that was put into it', () => {
  assert.deepEqual(openSessionToken(root, id, token), { secretAccessKey, claims })
})

test('two tokens of the same session have nothing in common', () => {
  const again = sealSessionToken(root, id, { secretAccessKey, claims })
  assert.notEqual(again.slice(0, 40), token.slice(0, 40))
})

test('a token opens for no other access key id and under no other root key', () => {
  assert.equal(openSessionToken(root, 'ASIAQAAAAAAAAAAAAAAB', token), undefined)
  assert.equal(openSessionToken(root, '', token), undefined)
  assert.equal(openSessionToken(otherRoot, id, token), undefined)
})

test('nothing of a token can be read', () => {
  const text = Buffer.from(token.slice(2), 'base64url').toString('latin1')
  for (const part of [secretAccessKey, 'Team', 'AROAEXAMPLE', '111122223333']) {
    assert.ok(!text.includes(part))
  }
})

test('every character of a token counts', () => {
  for (let at = 0; at < token.length; at += 1) {
    for (const character of new Set([...characters, '=', '+', '/', ' '])) {
      if (character === token[at]) continue
      const altered = token.slice(0, at) + character + token.slice(at + 1)
      if (openSessionToken(root, id, altered) !== undefined) assert.fail(`${character} at ${at}`)
    }
  }
})

test('no altered token is taken, however it is altered', () => {
  const part = fc.nat(token.length)
  const character = fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 })
  const spliced = fc.tuple(part, part, character).map(([start, length, inserted]) => {
    const rest = token.slice(Math.min(start + length, token.length))
    return token.slice(0, start) + inserted + rest
  })
  const whole = fc.oneof(
    spliced,
    fc.string(),
    fc.string().map((text) => `T1${text}`),
    character,
  )
  fc.assert(
    fc.property(whole, (altered) => {
      const opened = openSessionToken(root, id, altered)
      assert.equal(opened === undefined, altered !== token)
    }),
    { numRuns: 5000 },
  )
})

test('bytes of no meaning are no token', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 41, maxLength: 200 }), (bytes) => {
      const text = `T1${Buffer.from(bytes).toString('base64url')}`
      assert.equal(openSessionToken(root, id, text), undefined)
    }),
  )
})

test('a token is bounded', () => {
  assert.equal(openSessionToken(root, id, `T1${'A'.repeat(20_000)}`), undefined)
  const inline = Array.from({ length: 60_000 }, (_, index) => String(index * 7919)).join()
  const large = { secretAccessKey, claims: { ...claims, policies: { inline, managed: [] } } }
  assert.throws(() => sealSessionToken(root, id, large), /too long/)
})

test('the largest policies and tags that STS takes fit a header', () => {
  const random = (length: number, seed: number) =>
    Array.from({ length }, (_, at) => String.fromCharCode(33 + ((at * seed) % 90))).join('')
  const tags = Array.from({ length: 50 }, (_, at) => ({
    key: random(20, at + 7),
    value: random(20, at + 11),
  }))
  const managed = Array.from({ length: 10 }, (_, at) => `ANPA${random(17, at + 13)}`)
  const largest = {
    ...claims,
    tags,
    transitiveTagKeys: tags.map(({ key }) => key),
    policies: { inline: random(2048, 31), managed },
  }
  const made = sealSessionToken(root, id, { secretAccessKey, claims: largest })
  assert.ok(made.length < 12_000, String(made.length))
  assert.deepEqual(openSessionToken(root, id, made)?.claims, largest)
})
