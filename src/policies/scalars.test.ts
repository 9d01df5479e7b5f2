import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalBase64, parseBoolean, parseNumber } from './scalars.ts'

test('numbers are equal if and only if they are the same number', () => {
  for (const [text, other, equal] of [
    ['1', '1.0', true],
    ['1', '+1', true],
    ['1', '01', true],
    ['1', '1.', true],
    ['-1', '1', false],
    ['0', '-0', true],
    ['.5', '0.5', true],
    ['5e-1', '0.5', true],
    ['5E+2', '500', true],
    ['1e0', '1', true],
    ['9007199254740992', '9007199254740993', false],
    ['0.1', '0.1000000000000000055511151231257827', false],
    ['1e59', `1${'0'.repeat(59)}`, true],
    ['1e-60', '0', false],
  ] as const) {
    assert.equal(parseNumber(text) === parseNumber(other), equal, `${text} and ${other}`)
    assert.notEqual(parseNumber(text), undefined, text)
    assert.notEqual(parseNumber(other), undefined, other)
  }
})

test('what is no number, or is beyond all use, is none', () => {
  for (const text of [
    '',
    '.',
    '+',
    '-',
    'e5',
    '.e5',
    '1e',
    '1e+',
    '1e1000',
    '1e400',
    '1e-400',
    '1e-61',
    `1${'0'.repeat(60)}`,
    '0x10',
    '1_000',
    '1,5',
    '1 ',
    ' 1',
    '1\n',
    '--1',
    '1.2.3',
    'NaN',
    'Infinity',
    '١',
  ]) {
    assert.equal(parseNumber(text), undefined, JSON.stringify(text))
  }
})

test('numbers are ordered as JavaScript orders those that it can hold', () => {
  const numbers = fc.oneof(fc.integer(), fc.double({ noNaN: true, min: -1e15, max: 1e15 }))
  const readable = numbers.filter((each) => parseNumber(String(each)) !== undefined)
  fc.assert(
    fc.property(readable, readable, (a, b) => {
      const one = parseNumber(String(a)) ?? assert.fail(String(a))
      const two = parseNumber(String(b)) ?? assert.fail(String(b))
      assert.equal(one < two, a < b)
      assert.equal(one === two, a === b)
    }),
    { numRuns: 1000 },
  )
})

test('booleans have two spellings, in whatever case', () => {
  for (const [text, value] of [
    ['true', 'true'],
    ['TRUE', 'true'],
    ['False', 'false'],
    ['', undefined],
    ['1', undefined],
    ['yes', undefined],
    ['true ', undefined],
    ['trüe', undefined],
  ] as const) {
    assert.equal(parseBoolean(text), value, text)
  }
})

test('base64 is compared by its bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      assert.equal(canonicalBase64(text), text)
      assert.equal(canonicalBase64(text.replace(/=+$/, '')), text)
    }),
  )
  for (const text of [
    'A',
    'AAAAA',
    '=',
    '==',
    'QQ=',
    'QUI==',
    'QUJD=',
    'Q=Q=',
    'Q-Q_',
    'QQ==\n',
    ' ',
  ]) {
    assert.equal(canonicalBase64(text), undefined, JSON.stringify(text))
  }
})

test('reading a value takes no longer than its length allows', () => {
  // A reading that went back would take hours; the deadline of the file would end it.
  for (const text of ['1'.repeat(2_000_000), '0'.repeat(2_000_000), 'A'.repeat(2_000_000)]) {
    for (const [start, end] of [
      ['', 'x'],
      ['0.', '1'],
      ['0.', 'x'],
      ['', '.'],
    ]) {
      assert.equal(parseNumber(`${start}${text}${end}`), undefined)
      assert.equal(parseBoolean(`${start}${text}${end}`), undefined)
      canonicalBase64(`${start}${text}${end}`)
    }
  }
})
