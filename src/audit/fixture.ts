/**
 * For the tests of the record: a database in memory, a folder that goes away, a disk that can fill up.
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parseTime, type TestClock, testClock } from '../clock.ts'
import { uuid } from '../crypto/random.ts'
import { compressedPath, listFiles, plainPath } from './files.ts'
import {
  type AuditEvent,
  AuditLog,
  type AuditOptions,
  type AuditStore,
  type ChainHead,
} from './log.ts'
import { openAppend } from './whole-file.ts'

export const { privateKey: signingKey, publicKey } = generateKeyPairSync('ed25519')

/** An `AuditStore` in memory; `away` makes it refuse. */
export class MemoryStore implements AuditStore {
  rows: { eventId: string; event: string }[] = []
  saved = new Map<string, ChainHead>()
  away = false

  async outbox(): Promise<readonly { eventId: string; event: string }[]> {
    return [...this.rows]
  }

  async forget(eventIds: readonly string[]): Promise<void> {
    this.#check()
    this.rows = this.rows.filter((row) => !eventIds.includes(row.eventId))
  }

  async saveHead(head: ChainHead): Promise<void> {
    this.#check()
    this.saved.set(head.chain, head)
  }

  async heads(): Promise<readonly ChainHead[]> {
    return [...this.saved.values()]
  }

  #check(): void {
    if (this.away) throw new Error('the database is away')
  }
}

/** A disk whose room and health a test decides, and which counts writes. */
export class TestDisk {
  room = Number.POSITIVE_INFINITY
  syncs = true
  writes = 0

  readonly open: typeof openAppend = (path) => {
    const file = openAppend(path)
    const check = () => {
      if (!this.syncs) throw new Error('EIO')
    }
    return {
      ...file,
      write: (bytes) => {
        this.writes += 1
        const taken = Math.min(bytes.length, this.room)
        if (taken === 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
        this.room -= taken
        return file.write(bytes.subarray(0, taken))
      },
      syncNow: () => {
        check()
        file.syncNow()
      },
      sync: async () => {
        check()
        await file.sync()
      },
    }
  }
}

/** All that a test of the record needs. */
export interface Bench {
  readonly folder: string
  readonly clock: TestClock
  readonly store: MemoryStore
  readonly problems: string[]
  readonly open: (more?: Partial<AuditOptions>) => Promise<AuditLog>
}

/** Makes a folder that is deleted after the test. */
export function bench(test: { after(done: () => void): void }): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'trent-audit-'))
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  const clock = testClock(parseTime('2026-01-31T12:00:00Z'))
  const store = new MemoryStore()
  const problems: string[] = []
  const report = (problem: string, error?: unknown) => problems.push(`${problem}: ${String(error)}`)
  return {
    folder,
    clock,
    store,
    problems,
    open: (more = {}) => AuditLog.open({ folder, store, signingKey, clock, report, ...more }),
  }
}

/** A small event. */
export function event(change = false, text = ''): AuditEvent {
  const eventId = uuid()
  const eventTime = '2026-01-31T12:00:00Z'
  return {
    eventId,
    text: JSON.stringify({ eventTime, requestParameters: { text }, eventID: eventId }),
    change,
  }
}

/** An event as a test reads it. */
export interface SeenEvent {
  readonly [member: string]: unknown
  readonly eventID?: string
  readonly errorMessage?: string
  readonly serviceEventDetails?: Readonly<Record<string, unknown>>
  readonly trent?: { readonly sequence: number; readonly previous: string }
}

/** Parses a line of the record. */
export function seen(line: string): SeenEvent {
  return JSON.parse(line) as SeenEvent
}

/** The events of a chain, in order, with their links. */
export function readEvents(folder: string, chain = 'main'): SeenEvent[] {
  return listFiles(folder, chain).flatMap((file) => {
    const bytes = file.plain
      ? readFileSync(plainPath(file))
      : gunzipSync(readFileSync(compressedPath(file)))
    const lines = bytes.toString('utf8').split('\n')
    return lines.filter((line) => line !== '').map(seen)
  })
}
