/**
 * The only reader of the time. Everything that needs it is handed a `Clock`, so that a test can turn it.
 */

/** Wall-clock time for what is stored and compared with requests, and a monotonic clock for deadlines. */
export interface Clock {
  /** Milliseconds since 1970 by the wall clock. */
  now(): number
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  monotonic(): number
  /** Calls `action` after `milliseconds`, without keeping the process alive for it; returns the way to call it off. */
  after(milliseconds: number, action: () => void): () => void
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds)
    timer.unref()
    return () => {
      clearTimeout(timer)
    }
  },
}

/** Resolves after `milliseconds`, and keeps the process alive until then: of a start that waits, nothing else does. */
export function keepAwake(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}

/** A clock that a test turns by hand: it stands at `now` until `turn` moves it. Timers fire as it is turned past them. */
export interface TestClock extends Clock {
  /** Moves the time on (or, negative, back) by so many milliseconds. */
  turn(milliseconds: number): void
}

/** Makes a `TestClock` that starts at `start` (milliseconds since 1970; the machine's time when left out). */
export function testClock(start: number = Date.now()): TestClock {
  let passed = 0
  let due: { at: number; action: () => void }[] = []
  return {
    now: () => start + passed,
    monotonic: () => passed,
    after: (milliseconds, action) => {
      const entry = { at: passed + milliseconds, action }
      due.push(entry)
      return () => {
        due = due.filter((other) => other !== entry)
      }
    },
    turn: (milliseconds) => {
      passed += milliseconds
      const ready = due.filter((entry) => entry.at <= passed)
      due = due.filter((entry) => entry.at > passed)
      for (const entry of ready) entry.action()
    },
  }
}

/** `20150830T123600Z`: the ISO 8601 basic form, as Signature Version 4 and its messages spell a time. */
export function basicTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** `2015-08-30T12:36:00Z`: the form of CloudTrail's eventTime. */
export function isoTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastIsoTime = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`
  }
  return lastIsoTime
}

/** The second that was written last, and how: most events of a busy service share theirs. */
let lastSecond = Number.NaN
let lastIsoTime = ''

/** `Sun, 30 Aug 2015 12:36:00 GMT`: the Date header of HTTP (RFC 9110 section 5.6.7), by which SDKs correct their clock. */
export function httpTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000)
  if (second !== lastHttpSecond) {
    lastHttpSecond = second
    lastHttpTime = new Date(second * 1000).toUTCString()
  }
  return lastHttpTime
}

let lastHttpSecond = Number.NaN
let lastHttpTime = ''

/** Milliseconds since 1970 of a date in any form that ISO 8601 allows, or undefined. */
export function parseTime(text: string): number | undefined {
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}
