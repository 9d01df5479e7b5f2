/**
 * A data folder as somebody finds it who may read it all.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A file, unpacked if it was compressed. */
export interface FoundFile {
  /** Relative to the folder. */
  readonly name: string
  readonly bytes: Buffer
}

/** Every file below a folder, sockets aside. A file that is renamed meanwhile is looked for again. */
export function filesOf(folder: string): readonly FoundFile[] {
  for (;;) {
    try {
      return readFiles(folder)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
}

function readFiles(folder: string): readonly FoundFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const bytes = readFileSync(path)
      const name = path.slice(folder.length + 1)
      return { name, bytes: name.endsWith('.gz') ? gunzipSync(bytes) : bytes }
    })
}

/** The events of a data folder's record, with the marks between them. */
export function eventsOf(data: string): readonly Readonly<Record<string, unknown>>[] {
  return filesOf(join(data, 'audit'))
    .filter(({ name }) => /\.jsonl(\.gz)?$/.test(name) && !name.startsWith('unknown'))
    .flatMap(({ bytes }) => bytes.toString('utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
}
