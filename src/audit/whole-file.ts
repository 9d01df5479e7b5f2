/**
 * A file to which bytes are added whole or not at all. The operating system is behind a small interface, so that a
 * test can let the disk fill up.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  writeSync,
} from 'node:fs'
import { syncDescriptor } from './files.ts'

/** An open file that only grows, but for `truncate`. */
export interface AppendFile {
  /** The size now; throws when the file was deleted, since what is written to it would be lost. */
  size(): number
  /** Adds bytes at the end; returns how many of them were taken. */
  write(bytes: Uint8Array): number
  truncate(length: number): void
  /** When this returns, what was written is on disk. */
  syncNow(): void
  /** When this resolves, what was written before the call is on disk. */
  sync(): Promise<void>
  close(): void
}

/** Opens a file for appending and makes it (mode 0600) if it is not there. */
export type OpenAppend = (path: string) => AppendFile

/**
 * A sync that failed. The kernel may have dropped what it could not write and forget that it did, so a later sync that
 * succeeds proves nothing: only reading the file again, at the next start, does.
 */
export class SyncFailed extends Error {
  constructor(path: string, cause: unknown) {
    super(`${path} could not be synced`, { cause })
    this.name = 'SyncFailed'
  }
}

/** The real one. */
export const openAppend: OpenAppend = (path) => {
  // O_NOFOLLOW: a link laid in the folder must not lead the record elsewhere.
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
  const descriptor = openSync(path, flags, 0o600)
  return {
    size: () => {
      const { nlink, size } = fstatSync(descriptor)
      if (nlink === 0) throw new Error(`${path} was deleted while in use`)
      return size
    },
    write: (bytes) => writeSync(descriptor, bytes),
    truncate: (length) => ftruncateSync(descriptor, length),
    syncNow: () => fsyncSync(descriptor),
    sync: () => syncDescriptor(descriptor),
    close: () => closeSync(descriptor),
  }
}

/** A file that ends, after every call, where the last complete `append` ended. */
export class WholeFile {
  readonly path: string
  readonly #file: AppendFile
  #size: number
  #partial = false

  constructor(path: string, open: OpenAppend) {
    this.path = path
    this.#file = open(path)
    this.#size = this.#file.size()
  }

  /** How many bytes are in it. */
  get size(): number {
    return this.#size
  }

  /** When this returns, the bytes are with the operating system; when it throws, none of them stays in the file. */
  append(bytes: Uint8Array): void {
    this.#cutPartial()
    if (this.#file.size() !== this.#size) throw new Error(`another process changed ${this.path}`)
    try {
      for (let written = 0; written < bytes.length; ) {
        const count = this.#file.write(bytes.subarray(written))
        if (count === 0) throw new Error(`${this.path} takes no more bytes`)
        written += count
      }
      this.#size += bytes.length
    } catch (error) {
      this.#partial = true
      try {
        this.#cutPartial()
      } catch {
        // Tried again before the next append; nothing is added behind a partial line.
      }
      throw error
    }
  }

  /** When this returns, the file is on disk; when it throws (`SyncFailed`), nobody knows. */
  syncNow(): void {
    try {
      this.#file.syncNow()
    } catch (error) {
      throw new SyncFailed(this.path, error)
    }
  }

  /** When this resolves, what was appended before the call is on disk; when it rejects, nobody knows. */
  async sync(): Promise<void> {
    try {
      await this.#file.sync()
    } catch (error) {
      throw new SyncFailed(this.path, error)
    }
  }

  /** Ends its use; nothing is synced. */
  close(): void {
    this.#file.close()
  }

  #cutPartial(): void {
    if (!this.#partial) return
    this.#file.truncate(this.#size)
    this.#partial = false
  }
}
