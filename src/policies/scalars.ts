/**
 * Values of Numeric, Bool and Binary conditions, in the one form in which equal values are equal. What is no such value
 * is undefined, and matches nothing: a policy must not hold because two texts are wrong alike.
 */

/** Digits behind the point that are kept, and the greatest exponent of ten. */
const precision = 60

/**
 * A number in units of 10^-60, exactly: two that differ are never taken for one, as they would be as floating point.
 * Undefined where the text is no number, or one too large or too fine.
 */
export function parseNumber(text: string): bigint | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = number.exec(text) ?? []
  if (whole === '' && fraction === '') return undefined
  const places = precision + Number(exponent)
  if (places < 0 || places > 2 * precision || whole.length > precision) return undefined
  if (!/^0*$/.test(fraction.slice(places))) return undefined
  const units = BigInt(whole + fraction.slice(0, places).padEnd(places, '0'))
  return sign === '-' ? -units : units
}

const number = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

/** `true` or `false`, in whatever case. */
export function parseBoolean(text: string): 'true' | 'false' | undefined {
  const lower = text.toLowerCase()
  return lower === 'true' || lower === 'false' ? lower : undefined
}

/** Base64, with its padding or without, as the one spelling of its bytes. */
export function canonicalBase64(text: string): string | undefined {
  const [digits = '', padding = ''] = base64.exec(text)?.slice(1) ?? []
  const isBase64 = base64.test(text) && digits.length % 4 !== 1
  const isPadded = padding === '' || (digits.length + padding.length) % 4 === 0
  return isBase64 && isPadded ? Buffer.from(digits, 'base64').toString('base64') : undefined
}

const base64 = /^([A-Za-z0-9+/]*)(={0,2})$/
