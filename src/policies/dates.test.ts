import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDate } from './dates.ts'

test('a date means what Date.parse says', () => {
  const dates = fc.date({
    noInvalidDate: true,
    min: new Date(-62_135_596_800_000),
    max: new Date(253_402_300_799_999),
  })
  fc.assert(
    fc.property(dates, (date) => {
      assert.equal(parseDate(date.toISOString()), date.getTime())
    }),
  )
})

test('forms of dates that IAM was seen to take', () => {
  for (const [text, milliseconds] of [
    ['2026', Date.UTC(2026, 0, 1)],
    ['2026-02', Date.UTC(2026, 1, 1)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2000-02-29', Date.UTC(2000, 1, 29)],
    ['2026-04-30T01', Date.UTC(2026, 3, 30, 1)],
    ['2016-12-13t2:00:00.593194+23', Date.UTC(2016, 11, 12, 3, 0, 0) + 593.194],
    ['2026-01-31T12:00:00-0530', Date.UTC(2026, 0, 31, 17, 30)],
    ['2026-01-31T12:00:00,5Z', Date.UTC(2026, 0, 31, 12, 0, 0, 500)],
    ['2026-01-31T12:00z', Date.UTC(2026, 0, 31, 12)],
    ['-292275054', -292_275_054_000],
    ['1769860800', 1_769_860_800_000],
    ['1769860800.25', 1_769_860_800_250],
    ['-1.5', -1500],
    ['1.001', 1001],
    ['0', 0],
  ] as const) {
    assert.equal(parseDate(text), milliseconds, text)
  }
  assert.equal(typeof parseDate('01T'), 'number')
})

test('what is no date', () => {
  for (const text of [
    '',
    'sdfdsf',
    '234-13',
    '2026-00',
    '2026-01-00',
    '2026-01-32',
    '2026-04-31',
    '2026-02-29',
    '1900-02-29',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:60Z',
    '2026-01-31T12:00:00+1',
    '2026-01-31T12:00:00+24:00',
    '2026-01-31T12:00:00+01:60',
    '2026-01-31T12:00:00.1234567890Z',
    '9223372036854775808',
    '2026-01-31 12:00:00',
  ]) {
    assert.equal(parseDate(text), undefined, text)
  }
})
