/**
 * The record for people: one event on one line, and the lines as they come.
 */
import { type FSWatcher, statSync, watch } from 'node:fs'
import type { Clock } from '../clock.ts'
import { type AuditFile, fileLines, lastGoodLine, listFiles, plainPath } from './files.ts'

/** What to follow. */
export interface FollowOptions {
  readonly folder: string
  /** All chains when left out. */
  readonly chain?: string
  readonly clock: Clock
  /** Begins with the oldest line instead of the next one. */
  readonly fromStart?: boolean
  /** Ends the iteration. */
  readonly signal?: AbortSignal
}

/**
 * An event as `time principal operation key verdict context`, or undefined for what is no event. Whatever a caller
 * can choose is freed of control characters, so that it cannot steer the terminal.
 */
export function formatEvent(line: string): string | undefined {
  let event: Event
  try {
    event = JSON.parse(line) as Event
  } catch {
    return undefined
  }
  const parts = [
    event.eventTime,
    principalOf(event.userIdentity ?? {}),
    event.eventName,
    keyOf(event),
    event.errorCode === undefined ? 'allowed' : `refused ${text(event.errorCode)}`,
    ...Object.entries(event.requestParameters ?? {})
      .filter(([name]) => /encryptionContext$/i.test(name))
      .map(([, context]) => JSON.stringify(context)),
    ...(event.serviceEventDetails === undefined ? [] : [JSON.stringify(event.serviceEventDetails)]),
  ]
  return parts.map((part) => printable(text(part))).join('  ')
}

/** The lines of the record as they are written. Keeps the process alive until it is ended. */
export async function* followAudit(options: FollowOptions): AsyncGenerator<string> {
  const places = new Map<string, Place>()
  const { folder, chain, signal } = options
  if (options.fromStart !== true) {
    const newest = new Map(listFiles(folder, chain).map((file) => [file.chain, file]))
    for (const file of newest.values()) places.set(file.chain, await endOf(file))
  }
  const waker = watchFolder(options)
  try {
    while (signal?.aborted !== true) {
      const changed = waker.changed()
      for (const file of listFiles(folder, chain)) yield* newLines(file, places)
      await changed
    }
  } finally {
    waker.close()
  }
}

/** How far a chain has been read: the file and the bytes of its plain form. */
interface Place {
  readonly number: number
  readonly offset: number
}

async function* newLines(file: AuditFile, places: Map<string, Place>): AsyncGenerator<string> {
  const place = places.get(file.chain)
  if (place !== undefined && file.number < place.number) return
  let offset = place?.number === file.number ? place.offset : 0
  for await (const { bytes, complete } of fileLines(file, offset)) {
    if (!complete) break
    offset += bytes.length + 1
    places.set(file.chain, { number: file.number, offset })
    yield bytes.toString('utf8')
  }
}

async function endOf(file: AuditFile): Promise<Place> {
  if (file.plain) {
    const { size } = statSync(plainPath(file))
    const { end } = lastGoodLine(plainPath(file), size, () => true)
    return { number: file.number, offset: end }
  }
  let offset = 0
  for await (const { bytes, complete } of fileLines(file)) if (complete) offset += bytes.length + 1
  return { number: file.number, offset }
}

interface Waker {
  /** Resolves at the next sign of a change, from the folder, or the clock for folders that give none (NFS). */
  changed(): Promise<void>
  close(): void
}

function watchFolder({ folder, clock, signal }: FollowOptions): Waker {
  let wake = () => {}
  const rouse = () => wake()
  const watcher: FSWatcher = watch(folder, rouse)
  watcher.on('error', rouse)
  signal?.addEventListener('abort', rouse)
  let callOff = () => {}
  return {
    changed: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      callOff()
      callOff = clock.after(POLL_EVERY, resolve)
      return promise
    },
    close: () => {
      callOff()
      watcher.close()
      signal?.removeEventListener('abort', rouse)
    },
  }
}

interface Event {
  readonly eventTime?: unknown
  readonly eventName?: unknown
  readonly errorCode?: unknown
  readonly userIdentity?: Identity
  readonly requestParameters?: Readonly<Record<string, unknown>> | null
  readonly resources?: readonly { readonly ARN?: unknown }[]
  readonly serviceEventDetails?: unknown
}

interface Identity {
  readonly arn?: unknown
  readonly invokedBy?: unknown
  readonly principalId?: unknown
}

function principalOf(identity: Identity): unknown {
  return identity.arn ?? identity.invokedBy ?? identity.principalId
}

function keyOf({ resources, requestParameters }: Event): unknown {
  const arns = (resources ?? []).map((resource) => resource.ARN)
  return arns.length > 0 ? arns.join(',') : requestParameters?.['keyId']
}

/** Our lines have text in these places; a forged one may have anything. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '-')
}

function printable(text: string): string {
  return text.replaceAll(
    UNPRINTABLE,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** Control and format characters, among them those that reverse the direction of text, and line separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
const POLL_EVERY = 1000
