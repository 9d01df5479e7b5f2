import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileGlob, matchesGlob, type Piece } from './glob.ts'

const piece = (text: string, literal = false): Piece => ({ text, literal })
const matches = (pattern: string, text: string) => matchesGlob(compileGlob([piece(pattern)]), text)

/** By the book: every way to read every star. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const rest = pattern.slice(1)
  if (pattern[0] === '*') {
    return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)))
  }
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && naive(rest, text.slice(1))
}

test('stars and question marks', () => {
  for (const [pattern, text, fits] of [
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['**', 'abc', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['*ab*ab', 'ab', false],
    ['*ab*ab', 'xabxab', true],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'a1c2b', false],
    ['?', '', false],
    ['?*', 'a', true],
    ['*a?c*', 'xxabcxx', true],
    ['*a?c*', 'xxabxx', false],
    ['a**b', 'ab', true],
    ['*a*', 'bbb', false],
  ] as const) {
    assert.equal(matches(pattern, text), fits, `${pattern} of ${text}`)
  }
})

test('a literal piece has no wildcards', () => {
  const glob = compileGlob([piece('a*'), piece('?*', true), piece('z')])
  assert.equal(matchesGlob(glob, 'axx?*z'), true)
  assert.equal(matchesGlob(glob, 'axxyyz'), false)
  assert.equal(matchesGlob(compileGlob([]), ''), true)
})

test('a pattern means what it means by the book', () => {
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 10 })
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 })
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      assert.equal(matches(pattern, text), naive(pattern, text))
    }),
    { numRuns: 3000 },
  )
})

test('so does one with pieces too long to be compared place by place', () => {
  const long = fc.string({ unit: fc.constantFrom('a', 'b', '?'), minLength: 6, maxLength: 140 })
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 })
  fc.assert(
    fc.property(long, text, text, fc.nat(140), (middle, before, after, spoilt) => {
      const filled = middle.replaceAll('?', 'a')
      const exact = `${before}${filled}${after}`
      assert.equal(matches(`*${middle}*`, exact), true)
      const wrong = `${filled.slice(0, spoilt)}x${filled.slice(spoilt + 1)}`
      const other = `${before}${wrong}${after}`
      const parts = middle.replaceAll('?', '.')
      assert.equal(matches(`*${middle}*`, other), new RegExp(parts).test(other))
      assert.equal(
        matches(`*${middle}*${middle}*`, exact + other),
        new RegExp(`${parts}.*${parts}`).test(exact + other),
      )
    }),
  )
})

test('no pattern makes a text take long', () => {
  const text = 'a'.repeat(8000)
  const hostile = [
    `${'*a'.repeat(16_000)}b`,
    `*${'a'.repeat(4000)}b*`,
    `*${'?'.repeat(60)}b*`,
    `*${'a?'.repeat(2000)}b*`,
    `*b${'a'.repeat(7000)}*`,
  ].map((pattern) => compileGlob([piece(pattern)]))
  const before = process.cpuUsage()
  for (const glob of hostile) assert.equal(matchesGlob(glob, text), false)
  const spent = process.cpuUsage(before)
  assert.ok(spent.user + spent.system < 1_000_000, `${spent.user + spent.system} microseconds`)
})
