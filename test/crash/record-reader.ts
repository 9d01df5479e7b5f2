/**
 * The events of a growing record, each line read once: over hundreds of rounds, reading all of it again would take longer
 * than the faults.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

/** Reads the record of one data folder. */
export class RecordReader {
  readonly #folder: string
  /** How many bytes of each file have been read, of its plain form; and the names of events by request. */
  readonly #read = new Map<string, number>()
  readonly #names = new Map<string, string[]>()

  constructor(data: string) {
    this.#folder = path.join(data, 'audit')
  }

  /** The names of all events so far, by request. */
  names(): ReadonlyMap<string, readonly string[]> {
    // A file that is being compressed has both forms for a moment; the plain one is then whole.
    const found = readdirSync(this.#folder).filter((name) => /\.jsonl(\.gz)?$/.test(name))
    for (const base of new Set(found.map((name) => name.replace(/\.gz$/, '')))) this.#follow(base)
    return this.#names
  }

  #follow(base: string): void {
    const bytes = this.#bytesOf(base)
    const from = this.#read.get(base) ?? 0
    const end = bytes.lastIndexOf('\n') + 1
    for (const line of bytes.subarray(from, end).toString('utf8').split('\n')) {
      if (line !== '') this.#note(JSON.parse(line) as Readonly<Record<string, unknown>>)
    }
    this.#read.set(base, Math.max(from, end))
  }

  #bytesOf(base: string): Buffer {
    const plain = path.join(this.#folder, base)
    try {
      return readFileSync(plain)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
      return gunzipSync(readFileSync(`${plain}.gz`))
    }
  }

  #note(event: Readonly<Record<string, unknown>>): void {
    const request = String(event['requestID'])
    const names = this.#names.get(request) ?? []
    this.#names.set(request, names)
    names.push(String(event['eventName']))
  }
}
