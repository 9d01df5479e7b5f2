import type { XmlStructure } from '../server/xml.ts'

/** The line and the column of a place in a text, both counted from 1. */
export function positionOf(text: string, offset: number): XmlStructure {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/)
  return { Line: before.length, Column: (before.at(-1)?.length ?? 0) + 1 }
}
