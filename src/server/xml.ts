/**
 * Writes the XML of AWS's Query protocol. Answers are plain data; their member names are the element names.
 */

/** A value: lists become `<member>` elements, maps `<entry>` elements with `<key>` and `<value>`. */
export type XmlValue =
  | string
  | number
  | boolean
  | readonly XmlValue[]
  | ReadonlyMap<string, XmlValue>
  | XmlStructure

/** Members in their order; one that is undefined is left out, as AWS leaves it out. */
export interface XmlStructure {
  readonly [member: string]: XmlValue | undefined
}

/** `<name>...</name>`, or `<name/>` for an empty list, map, structure or string. */
export function xmlElement(name: string, value: XmlValue): string {
  const content = contentOf(value)
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`
}

/** Text as it stands inside an element. Characters that XML 1.0 cannot hold are replaced. */
export function xmlText(text: string): string {
  return text
    .replaceAll(doubtful, (character) => (isPossible(character) ? character : '\ufffd'))
    .replaceAll(/[&<>"\r]/g, (character) => references[character] ?? character)
}

function contentOf(value: XmlValue): string {
  if (typeof value === 'string') return xmlText(value)
  if (typeof value !== 'object') return String(value)
  if (isList(value)) return value.map((item) => xmlElement('member', item)).join('')
  if (isMap(value)) {
    return Array.from(value, ([key, item]) => xmlElement('entry', { key, value: item })).join('')
  }
  return Object.entries(value)
    .map(([member, item]) => (item === undefined ? '' : xmlElement(member, item)))
    .join('')
}

const isList = (value: object): value is readonly XmlValue[] => Array.isArray(value)
const isMap = (value: object): value is ReadonlyMap<string, XmlValue> => value instanceof Map

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser would read a bare carriage return as a line feed.
  '\r': '&#xD;',
}
/** Control characters, halves of surrogate pairs, and the two that are no characters. */
const doubtful = /[\p{Cc}\p{Cs}\ufffe\uffff]/gu

/** Of the control characters XML 1.0 has these, and all that are not of ASCII. */
const isPossible = (character: string) =>
  /^[\t\n\r]$/.test(character) || (character >= '\u007f' && character <= '\u009f')
