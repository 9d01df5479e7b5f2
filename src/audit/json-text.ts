/**
 * Values as CloudTrail spells them in JSON: member names in lower camel case, times as English text, maps with their
 * keys as they are. The text is written directly, so that a context key `__proto__` is a key like any other.
 */
import { isoTime } from '../clock.ts'
import { SENSITIVE } from './recorded.ts'

/** A value as JSON; `member` is the name it goes by, which decides whether a number is a time. */
export function jsonText(value: unknown, member = ''): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return TIMES.has(member) ? JSON.stringify(dateText(value)) : numberText(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : objectText(value)
    default:
      return 'null'
  }
}

/** `KeyId` becomes `keyId`, `AWSAccountId` becomes `aWSAccountId`: only the first letter, as CloudTrail has it. */
export function lowerCamel(member: string): string {
  return member.charAt(0).toLowerCase() + member.slice(1)
}

/** `Aug 10, 2022, 10:38:27 PM`: seconds since 1970 as CloudTrail writes times in responseElements, in UTC. */
export function dateText(seconds: number): string {
  if (!(seconds >= 0 && seconds < END_OF_9999)) return String(seconds)
  const iso = isoTime(seconds * 1000)
  const hours = Number(iso.slice(11, 13))
  const month = MONTHS[Number(iso.slice(5, 7)) - 1]
  const time = `${hours % 12 === 0 ? 12 : hours % 12}${iso.slice(13, 19)}`
  return `${month} ${Number(iso.slice(8, 10))}, ${iso.slice(0, 4)}, ${time} ${hours < 12 ? 'AM' : 'PM'}`
}

function objectText(value: object): string {
  if (value instanceof Map) return mapText(value)
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item)).join(',')}]`
  // No row names a member with bytes; should one slip in, it must not be spelt out.
  if (ArrayBuffer.isView(value)) return HIDDEN
  let text = ''
  for (const [member, item] of Object.entries(value)) {
    if (item === undefined) continue
    const shown = HIDDEN_MEMBERS.has(member) ? HIDDEN : jsonText(item, member)
    text += `${text === '' ? '' : ','}${JSON.stringify(lowerCamel(member))}:${shown}`
  }
  return `{${text}}`
}

function mapText(map: ReadonlyMap<unknown, unknown>): string {
  let text = ''
  for (const [key, item] of map) {
    text += `${text === '' ? '' : ','}${JSON.stringify(String(key))}:${jsonText(item)}`
  }
  return `{${text}}`
}

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null'
}

const HIDDEN = '"HIDDEN_DUE_TO_SECURITY_REASONS"'
const HIDDEN_MEMBERS: ReadonlySet<string> = new Set(SENSITIVE)
const TIMES: ReadonlySet<string> = new Set(['CreationDate', 'DeletionDate', 'ValidTo'])
const END_OF_9999 = 253_402_300_800
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
