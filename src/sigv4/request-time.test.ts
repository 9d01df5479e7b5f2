/** The errors of the date, and the edges of the window. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readClaim } from './claim.ts'
import { BAD_DATE, EXPIRED, LATE, run } from './refusals.test.ts'
import {
  expected,
  holds,
  NOW,
  presign,
  refusal,
  SCOPE,
  signHeader,
  withHeader,
} from './signer.test.ts'

run('date', [
  ...[
    '2015-08-30',
    '20150830T123600',
    '20150830T123660Z',
    '20150830T240000Z',
    '20150231T123600Z',
    '20151330T123600Z',
    'Sun, 30 Aug 2015 12:36:00 GMT',
    '',
  ].map((date) => ({ name: `'${date}'`, request: signHeader({ date }), says: BAD_DATE(date) })),
  { name: 'in the query', request: presign({ date: 'today' }), says: BAD_DATE('today') },
  {
    name: 'sent twice',
    request: {
      ...signHeader(),
      headers: ['x-amz-date', '20150830T123600Z', ...signHeader().headers],
    },
    says: BAD_DATE('20150830T123600Z,20150830T123600Z'),
  },
  { name: 'too old', request: signHeader(), changes: { now: LATE }, says: EXPIRED },
  {
    name: 'too new',
    request: signHeader(),
    changes: { now: NOW - 301_000 },
    says: 'InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)',
  },
  {
    name: "AWS's live example",
    request: signHeader({ date: '20240820T230143Z', scope: SCOPE.replace('20150830', '20240820') }),
    changes: { now: Date.UTC(2024, 7, 20, 23, 8, 2) },
    says: 'InvalidSignatureException: Signature expired: 20240820T230143Z is now earlier than 20240820T230302Z (20240820T230802Z - 5 min.)',
  },
  {
    name: 'the window of STS',
    request: signHeader(),
    changes: { now: NOW + 901_000, skew: 900_000 },
    says: 'InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)',
  },
])

test('the window is open on both edges', () => {
  for (const sign of [signHeader, presign]) {
    const request = sign({ expires: '300' })
    for (const now of [NOW + 300_999, NOW + 300_000, NOW, NOW - 300_000]) {
      assert.equal(holds(request, { now }), true)
    }
    for (const now of [NOW + 301_000, NOW - 300_001]) {
      assert.match(refusal(request, { now }), /Signature (expired|not yet current)/)
    }
  }
  assert.equal(holds(presign({ expires: '604800' }), { now: NOW + 604_800_000 }), true)
})

test('the Date header serves where there is no X-Amz-Date, also in extended form', () => {
  assert.equal(holds(signHeader({ dateHeader: 'date' })), true)
  const both = withHeader(signHeader({ headers: { date: '19990830T123600Z' } }), 'Via', 'x')
  assert.equal(holds(both), true)
  const extended = signHeader({ date: '2015-08-30T12:36:00Z' })
  assert.match(readClaim(extended, expected).stringToSign, /\n20150830T123600Z\n20150830\//)
})
