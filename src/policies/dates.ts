/**
 * Dates of Date conditions: ISO 8601 as W3C profiles it, as loosely as IAM was seen to read it (lower-case `t`, hours of
 * one digit, years alone, bare `+23` offsets), or seconds since 1970.
 */

/** Milliseconds since 1970; undefined if and only if the text is no date. */
export function parseDate(text: string): number | undefined {
  if (/^[+-]?\d+(?:\.\d{1,9})?$/.test(text) && !/^\d{4}$/.test(text)) return parseSeconds(text)
  const match = date.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part: string | undefined) => (part === undefined ? undefined : Number(part)))
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const offset = offsetOf(match[8])
  if (offset === undefined) return undefined
  const minutes = (daysSince1970(year, month, day) * 24 + hour) * 60 + minute - offset
  return (minutes * 60 + second) * 1000 + millisecondsOf(match[7])
}

const date =
  /^([+-]?\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[Tt](?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/

/** Beyond a signed 64-bit number AWS reads nothing. */
function parseSeconds(text: string): number | undefined {
  const [whole = '', fraction] = text.split('.')
  const seconds = Number(whole)
  if (Math.abs(seconds) >= 2 ** 63) return undefined
  return seconds * 1000 + (whole.startsWith('-') ? -1 : 1) * millisecondsOf(fraction)
}

/** The digits behind the point, without the rounding that a multiplication of the whole would bring. */
function millisecondsOf(fraction = ''): number {
  return Number(fraction.padEnd(9, '0')) / 1e6
}

/** Minutes east of Greenwich; undefined if and only if there is no such offset. */
function offsetOf(text: string | undefined): number | undefined {
  if (text === undefined || text === 'Z' || text === 'z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(3).replace(':', '') || '0')
  if (hours > 23 || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

function daysOf(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Days of the proleptic Gregorian calendar, counted in years that begin in March. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const ofEra = shifted - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const days = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear
  return era * 146_097 + days - 719_468
}
