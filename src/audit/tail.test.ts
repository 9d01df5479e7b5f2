import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../clock.ts'
import { bench, event, seen } from './fixture.ts'
import { followAudit, formatEvent } from './tail.ts'

test('an event on one line', () => {
  const line = JSON.stringify({
    eventTime: '2026-01-31T12:00:00Z',
    userIdentity: { arn: 'arn:aws:iam::1:user/al' },
    eventName: 'Decrypt',
    errorCode: 'AccessDenied',
    requestParameters: { keyId: 'k\u001b[2J', encryptionContext: { a: '\u202eb' } },
    resources: [],
  })
  assert.equal(
    formatEvent(line),
    '2026-01-31T12:00:00Z  arn:aws:iam::1:user/al  Decrypt  k\\u{1b}[2J  refused AccessDenied  {"a":"\\u{202e}b"}',
  )
  assert.equal(formatEvent('{'), undefined)
})

for (const fromStart of [true, false]) {
  test(`following ${fromStart ? 'from the start' : 'from now'} goes on over rotation`, async (t) => {
    const { folder, open, clock } = bench(t)
    const log = await open({ maxFileBytes: 1000 })
    const events = Array.from({ length: 12 }, () => event())
    for (const one of events.slice(0, 5)) await log.append(one)
    await log.settled()
    const follow = followAudit({ folder, clock, fromStart, signal: t.signal })
    const wanted = (fromStart ? events : events.slice(5)).map((one) => one.eventId)
    const ids: (string | undefined)[] = []
    const first = follow.next()
    await new Promise<void>((resolve) => systemClock.after(50, resolve))
    for (const one of events.slice(5)) await log.append(one)
    for (let next = await first; ; next = await follow.next()) {
      assert.ok(next.done !== true)
      if (ids.push(seen(next.value).eventID) === wanted.length) break
    }
    assert.deepEqual(ids, wanted)
    await follow.return(undefined)
    await log.close()
  })
}
