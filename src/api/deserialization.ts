/**
 * The first phase of the framework: from JSON to values of the modelled types. It stops at the first
 * value of another type, with SerializationException in the words of the JSON 1.1 stack. JSON null is
 * an absent member; unknown members are ignored.
 */
import { isAscii } from 'node:buffer'
import { type KmsError, serialization } from './errors.ts'
import type { MemberPlan, Plan } from './plan.ts'

/** A value of the request. Null is found in a map only, and validation refuses it there. */
export type Value =
  | string
  | number
  | boolean
  | Uint8Array
  | Value[]
  | Map<string, string | null>
  | Structure

export interface Structure {
  [member: string]: Value
}

/** The JSON document of a body; an empty body is an empty document. */
export function parseJson(body: Uint8Array): Record<string, unknown> {
  if (body.length === 0) return {}
  const document = parse(body)
  if (!isObject(document)) throw notStructure(document)
  return document
}

/** The known members of a JSON object that are present and not null. */
export function readStructure(members: readonly MemberPlan[], document: unknown): Structure {
  if (!isObject(document)) throw notStructure(document)
  const structure: Structure = {}
  for (const { name, plan } of members) {
    const value = document[name]
    if (value !== undefined && value !== null) structure[name] = read(plan, value)
  }
  return structure
}

/** The parser's own message quotes the body, so nothing of it is kept. */
function parse(body: Uint8Array): unknown {
  try {
    // Of ASCII, Latin-1 says the same as UTF-8, and sooner.
    return JSON.parse(isAscii(body) ? latin1(body) : utf8.decode(body))
  } catch {
    throw serialization(undefined, 'the body is not JSON in well-formed UTF-8')
  }
}

function latin1(bytes: Uint8Array): string {
  const { buffer, byteOffset, length } = bytes
  const buffered = bytes instanceof Buffer ? bytes : Buffer.from(buffer, byteOffset, length)
  return buffered.toString('latin1')
}

function read(plan: Plan, value: unknown): Value {
  switch (plan.type) {
    case 'string':
    case 'enum':
      return readString(value)
    case 'integer':
      return readInteger(value)
    case 'boolean':
      return readBoolean(value)
    case 'timestamp':
      return readTimestamp(value)
    case 'blob':
      return readBlob(plan, value)
    case 'list':
      return readList(plan, value)
    case 'map':
      return readMap(value)
    case 'structure':
      return readStructure(plan.members, value)
  }
}

function readString(value: unknown): string {
  if (typeof value !== 'string') throw mismatch(value, 'a String')
  return wellFormed(value)
}

function readInteger(value: unknown): number {
  if (typeof value !== 'number' || (value | 0) !== value) throw mismatch(value, 'an Integer')
  return value | 0
}

function readBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw mismatch(value, 'a Boolean')
  return value
}

function readTimestamp(value: unknown): number {
  if (typeof value !== 'number' || !(Math.abs(value) <= lastSecond)) {
    throw mismatch(value, 'milliseconds since epoch')
  }
  return value
}

/**
 * Base64 of RFC 4648 section 4 with padding and zero trailing bits, which is what encodes back to
 * the same text. The bytes have their own memory and not a slice of the shared pool, because they
 * may be a plaintext.
 */
function readBlob(plan: Plan, value: unknown): Uint8Array {
  if (typeof value !== 'string') throw mismatch(value, 'a Blob')
  const bytes = Buffer.alloc(Buffer.byteLength(value, 'base64'))
  bytes.write(value, 'base64')
  if (bytes.toString('base64') !== value) throw notBase64(plan, wellFormed(value))
  return bytes
}

/** A null item is dropped, as the service's siblings do. */
function readList(plan: Plan, value: unknown): Value[] {
  const { item } = plan
  if (!Array.isArray(value)) throw isObject(value) ? mismatch(value, '') : expected('list or null')
  if (item === undefined) throw new Error('a list without an item')
  const list: Value[] = []
  for (const element of value) {
    if (element !== null) list.push(read(item, element))
  }
  return list
}

function readMap(value: unknown): Map<string, string | null> {
  if (!isObject(value)) throw Array.isArray(value) ? mismatch(value, '') : expected('map or null')
  const map = new Map<string, string | null>()
  for (const key of Object.keys(value)) map.set(wellFormed(key), readMapValue(value[key]))
  return map
}

/**
 * Numbers and booleans become their text. A number that JSON cannot carry exactly is refused: two
 * encryption contexts must not become one.
 */
function readMapValue(value: unknown): string | null {
  if (typeof value === 'string') return wellFormed(value)
  if (value === null || typeof value === 'boolean') return value === null ? null : String(value)
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value)
  throw mismatch(value, 'a String')
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw serialization(undefined, 'a string holds a lone surrogate')
  return text
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function notStructure(value: unknown): KmsError {
  if (Array.isArray(value)) return mismatch(value, '')
  return value === null ? serialization(undefined, 'the body is null') : expected('null')
}

function expected(what: string): KmsError {
  return serialization(`Expected ${what}`)
}

/** Names the kind of the value and never the value, which may be a secret. */
function mismatch(value: unknown, wanted: string): KmsError {
  if (Array.isArray(value)) return serialization('Start of list found where not expected')
  if (typeof value === 'object') {
    return serialization('Start of structure or map found where not expected.')
  }
  const kind = typeof value === 'boolean' ? String(value).toUpperCase() : kindOf(value)
  return serialization(`${kind}_VALUE can not be converted to ${wanted}`)
}

function kindOf(value: unknown): string {
  return typeof value === 'number' ? 'NUMBER' : 'STRING'
}

/** Echoes the text as the service does, unless the member is sensitive. */
function notBase64(plan: Plan, text: string): KmsError {
  const shown = plan.sensitive ? 'Value' : `'${text}'`
  return serialization(`${shown} can not be converted to a Blob: ${base64Fault(plan, text)}`)
}

function base64Fault(plan: Plan, text: string): string {
  if (text.length % 4 !== 0) {
    return `Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`
  }
  const character = /[^A-Za-z0-9+/=]|=(?=[^=])/u.exec(text)?.[0]
  if (character === undefined) return 'Invalid last non-pad Base64 character dectected'
  return plan.sensitive ? 'Invalid Base64 character' : `Invalid Base64 character: '${character}'`
}

/** A byte order mark is kept, for JSON to refuse it. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The last second of any calendar date: beyond it a timestamp is only a number. */
const lastSecond = 8_640_000_000_000
