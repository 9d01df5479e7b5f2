/**
 * JSON, read strictly: a name that stands twice in one object, in whatever case, is refused instead of overwritten, so
 * that nobody reads another policy than the one that is enforced. Objects know where they stand in the text.
 */

/** A JSON value. Numbers keep their spelling. */
export type JsonNode =
  | JsonObject
  | { readonly type: 'array'; readonly items: readonly JsonNode[] }
  | JsonString
  | { readonly type: 'number' | 'boolean'; readonly text: string }
  | { readonly type: 'null' }

/** An object; `start` and `end` are offsets of its braces in the text. */
export interface JsonObject {
  readonly type: 'object'
  readonly members: ReadonlyMap<string, JsonNode>
  readonly start: number
  readonly end: number
}

/** A string; `start` and `end` are the offsets of its quotes in the text. */
export interface JsonString {
  readonly type: 'string'
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Reads a text; `invalid` is no JSON, `refused` is JSON that repeats a name or is nested too deep. */
export function readJson(text: string): JsonNode | 'invalid' | 'refused' {
  try {
    JSON.parse(text)
  } catch {
    return 'invalid'
  }
  // From here on the text is known to be JSON, so that the reading below has nothing to check but the names.
  const cursor: Cursor = { text, at: 0, refused: false }
  const node = readValue(cursor, nestingOf(text) > deepest)
  return cursor.refused ? 'refused' : node
}

/** Policies nest half as deep; a bound keeps a hostile text from exhausting the stack. */
const deepest = 16

interface Cursor {
  readonly text: string
  at: number
  refused: boolean
}

/** The depth of brackets, strings aside. */
function nestingOf(text: string): number {
  let depth = 0
  let most = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at)
    else if (character === '{' || character === '[') most = Math.max(most, ++depth)
    else if (character === '}' || character === ']') depth -= 1
  }
  return most
}

function readValue(cursor: Cursor, tooDeep = false): JsonNode {
  if (tooDeep) {
    cursor.refused = true
    return { type: 'null' }
  }
  skipSpace(cursor)
  const first = cursor.text[cursor.at]
  if (first === '{') return readObject(cursor)
  if (first === '[') return readArray(cursor)
  if (first === '"') {
    const start = cursor.at
    return { type: 'string', text: readString(cursor), start, end: cursor.at }
  }
  return readWord(cursor)
}

function readObject(cursor: Cursor): JsonObject {
  const start = cursor.at
  const members = new Map<string, JsonNode>()
  const names = new Set<string>()
  while (skipTo(cursor, '}')) {
    const name = readString(cursor)
    skipSpace(cursor)
    cursor.at += 1 // the colon
    if (names.has(name.toLowerCase())) cursor.refused = true
    names.add(name.toLowerCase())
    members.set(name, readValue(cursor))
  }
  return { type: 'object', members, start, end: cursor.at }
}

function readArray(cursor: Cursor): JsonNode {
  const items: JsonNode[] = []
  while (skipTo(cursor, ']')) items.push(readValue(cursor))
  return { type: 'array', items }
}

/** Goes over the opening bracket or the comma to the next member, or over the closing bracket; whether there is one more. */
function skipTo(cursor: Cursor, close: string): boolean {
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== close) cursor.at += 1
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== close) return true
  cursor.at += 1
  return false
}

function readString(cursor: Cursor): string {
  const end = endOfString(cursor.text, cursor.at)
  const text = String(JSON.parse(cursor.text.slice(cursor.at, end + 1)))
  cursor.at = end + 1
  return text
}

/** The place of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function readWord(cursor: Cursor): JsonNode {
  word.lastIndex = cursor.at
  const text = word.exec(cursor.text)?.[0] ?? ''
  cursor.at += text.length
  if (text === 'null') return { type: 'null' }
  return { type: text === 'true' || text === 'false' ? 'boolean' : 'number', text }
}

function skipSpace(cursor: Cursor): void {
  space.lastIndex = cursor.at
  space.test(cursor.text)
  cursor.at = space.lastIndex
}

const word = /[^\s,\]}]+/y
const space = /[ \t\n\r]*/y
