/** When a request was signed, and whether that is near enough to now: steps 9 to 11 of AWS's order of checks. */
import { incompleteSignature, invalidSignature } from '../api/errors.ts'
import { basicTime, parseTime } from '../clock.ts'
import { shorten } from './echo.ts'

/** The time of a request in both forms. */
export interface RequestTime {
  /** yyyymmddThhmmssZ, as the string to sign has it. */
  readonly basic: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What bounds the time of a request; all in milliseconds. */
export interface Window {
  readonly now: number
  /** How long after its time a request is still good. */
  readonly lifetime: number
  /** How far ahead of our clock the sender's may be. */
  readonly skew: number
}

/**
 * Reads ISO 8601 in its basic form, or the extended form with seconds and Z, which AWS takes but signs as basic.
 * Throws IncompleteSignatureException for anything else, also for a day that the calendar lacks.
 */
export function readTime(text: string): RequestTime {
  if (text !== newest.text) newest = { text, time: parse(text) }
  return newest.time
}

/** The last time that was read: the requests of one second share theirs. */
let newest: { readonly text: string; readonly time: RequestTime } = {
  text: '19700101T000000Z',
  time: { basic: '19700101T000000Z', at: 0 },
}

function parse(text: string): RequestTime {
  // The platform's parser shifts February 30th to March, so the last days of a month are spelt out again to compare.
  const basic = EXTENDED.test(text) ? text.replace(/[-:]/g, '') : text
  const at = BASIC.test(basic) ? parseTime(extended(basic)) : undefined
  if (at === undefined || (basic.slice(6, 8) > '28' && basicTime(at) !== basic)) {
    throw incompleteSignature(
      `Date must be in ISO-8601 'basic format'. Got '${shorten(text)}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    )
  }
  return { basic, at }
}

/**
 * How long a request lives, in milliseconds: X-Amz-Expires, 1 to 604800 seconds, which the query form may have; `skew`
 * without it. Throws IncompleteSignatureException, in words of our own, for any other X-Amz-Expires.
 */
export function readLifetime(expires: string | undefined, skew: number): number {
  if (expires === undefined) return skew
  const seconds = /^[0-9]{1,6}$/.test(expires) ? Number(expires) : 0
  if (seconds < 1 || seconds > 604_800) {
    throw incompleteSignature('X-Amz-Expires must be a number of seconds from 1 to 604800.')
  }
  return seconds * 1000
}

/** Throws InvalidSignatureException for a time outside the window, in AWS's words; whole seconds are compared. */
export function checkTime(time: RequestTime, window: Window): void {
  const now = Math.floor(window.now / 1000) * 1000
  const earliest = now - window.lifetime
  if (time.at < earliest) {
    throw invalidSignature(
      `Signature expired: ${time.basic} is now earlier than ${basicTime(earliest)} (${basicTime(now)} - ${span(window.lifetime)})`,
    )
  }
  const latest = now + window.skew
  if (time.at > latest) {
    throw invalidSignature(
      `Signature not yet current: ${time.basic} is still later than ${basicTime(latest)} (${basicTime(now)} + ${span(window.skew)})`,
    )
  }
}

function extended(basic: string): string {
  return `${basic.slice(0, 4)}-${basic.slice(4, 6)}-${basic.slice(6, 11)}:${basic.slice(11, 13)}:${basic.slice(13)}`
}

function span(milliseconds: number): string {
  return milliseconds % 60_000 === 0
    ? `${milliseconds / 60_000} min.`
    : `${milliseconds / 1000} sec.`
}

const BASIC =
  /^[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z$/
const EXTENDED = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/
