/**
 * Requests whose principal is unknown. Anybody can send them, so they are counted rather than recorded, in a log that
 * cannot grow: two files of 1 MiB for each process, a thousand different entries a minute. It never holds up or fails a request.
 */
import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { type Clock, isoTime } from '../clock.ts'

/** Where the counts go, and who hears when they cannot be written. */
export interface UnknownCallersOptions {
  /** The record's folder; the log is in `unknown` below it. */
  readonly folder: string
  /** The number of a worker, which has files of its own. */
  readonly worker?: number | undefined
  readonly clock: Clock
  readonly report?: (problem: string, error?: unknown) => void
}

/** The log. A line says how often something happened since the line before; the lines of a minute add up. */
export class UnknownCallers {
  readonly #options: UnknownCallersOptions
  #minute = ''
  /** The entries of this minute, and how many each has that are not yet written. */
  #counts = new Map<string, number>()
  #pending = false
  #busy = false
  #writing: Promise<void> = Promise.resolve()
  #callOff: (() => void) | undefined

  constructor(options: UnknownCallersOptions) {
    this.#options = options
  }

  /** Counts a request that failed with this error code. Only memory is touched. */
  count(code: string, sourceIp: string): void {
    const minute = isoTime(this.#options.clock.now()).slice(0, 16)
    if (minute !== this.#minute) this.#begin(minute)
    const entry = `${/^\w{1,64}$/.test(code) ? code : 'unknown'} ${network(sourceIp)}`
    const known = this.#counts.get(entry)
    const name = known === undefined && this.#counts.size >= MOST_ENTRIES ? OTHER : entry
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    this.#pending = true
    this.#callOff ??= this.#options.clock.after(FLUSH_EVERY, () => {
      this.#callOff = undefined
      this.#flush()
    })
  }

  /** When this resolves, the counts are with the operating system, unless the disk refused them. */
  async close(): Promise<void> {
    this.#callOff?.()
    this.#callOff = undefined
    await this.#writing
    this.#flush()
    await this.#writing
  }

  #begin(minute: string): void {
    this.#flush()
    this.#minute = minute
    this.#counts = new Map()
  }

  #flush(): void {
    // A disk that hangs must not make a queue: the counts wait, and are lost with their minute.
    if (!this.#pending || this.#busy) return
    this.#pending = false
    this.#busy = true
    let lines = ''
    for (const [entry, count] of this.#counts) {
      if (count === 0) continue
      const [code, source] = entry.split(' ')
      lines += `${JSON.stringify({ minute: `${this.#minute}Z`, code, source, count })}\n`
      this.#counts.set(entry, 0)
    }
    this.#writing = this.#write(lines)
      .catch((error: unknown) => this.#options.report?.('unknown callers were not logged', error))
      .finally(() => {
        this.#busy = false
      })
  }

  async #write(lines: string): Promise<void> {
    const { worker } = this.#options
    const folder = join(this.#options.folder, 'unknown')
    const suffix = worker === undefined ? '' : `.worker-${worker}`
    const path = join(folder, `unknown-callers${suffix}.jsonl`)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    )
    if (size + lines.length > MOST_BYTES) await rename(path, `${path}.1`)
    await appendFile(path, lines, { mode: 0o600 })
  }
}

/** The network of an address (/24 or /64): enough to see where a storm comes from, and it bounds what one host can fill. */
function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+)\.\d+$/i.exec(address)
  if (mapped !== null) return `${mapped[1]}.0/24`
  if (isIP(address) === 4) return `${address.split('.').slice(0, 3).join('.')}.0/24`
  if (isIP(address) !== 6) return 'unknown'
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::')
  const front = head.split(':').filter((part) => part !== '')
  const back = tail.split(':').filter((part) => part !== '')
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  const groups = [...front, ...(address.includes('::') ? zeros : []), ...back].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

const MOST_ENTRIES = 1000
const OTHER = 'other other'
const MOST_BYTES = 1024 * 1024
const FLUSH_EVERY = 1000
