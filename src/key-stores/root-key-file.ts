/**
 * Files of one line that only their owner may read: how custodians put the root key on disk. A file gets its name when it
 * is whole, so that a crash leaves no half of one.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** What is wrong with a custodian, for people: lower case, no full stop. */
export class CustodianError extends Error {}

/** Writes a new file; it and its name are on disk when this returns. Throws when there is one already. */
export function createOwnFile(file: string, line: Uint8Array): void {
  const unnamed = writeUnnamed(file, line)
  try {
    linkSync(unnamed, file)
  } finally {
    rmSync(unnamed)
  }
  syncFolder(dirname(file))
}

/** Puts a file in the place of another; whatever happens, one of the two is there whole. */
export function replaceOwnFile(file: string, line: Uint8Array): void {
  renameSync(writeUnnamed(file, line), file)
  syncFolder(dirname(file))
}

/** Gives a file the name of another, which goes. */
export function renameOwnFile(from: string, to: string): void {
  renameSync(from, to)
  syncFolder(dirname(to))
}

/** Removes a file, if it is there. */
export function removeOwnFile(file: string): void {
  rmSync(file, { force: true })
  syncFolder(dirname(file))
}

/** The bytes of a file, which the caller zeroes. `what` names it in the message when others may read it. */
export function readOwnFile(file: string, what: string): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0) {
      throw new CustodianError(`others may read the ${what} \`${file}\`; run chmod 600 on it`)
    }
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function writeUnnamed(file: string, line: Uint8Array): string {
  const unnamed = `${file}.new`
  rmSync(unnamed, { force: true })
  const descriptor = openSync(unnamed, 'wx', 0o600)
  try {
    writeSync(descriptor, line)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return unnamed
}

/** Puts the names in a folder on disk. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
