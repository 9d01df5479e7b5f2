/**
 * The custodian that keeps the root key in a file: one line of text, mode 0600, created only with a new database.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { randomBytes } from '../crypto/random.ts'

const prefix = 'trent-root-key-v1:'

/** Whether there is a file at all. */
export function keyFileExists(file: string): boolean {
  return existsSync(file)
}

/**
 * Creates the file with a new root key. When it returns, the file and its name are on disk. Throws when there is a file
 * already: a root key is never overwritten. The file gets its name when it is whole, so that a crash leaves no half of it.
 */
export function createKeyFile(file: string): void {
  const unnamed = `${file}.new`
  rmSync(unnamed, { force: true })
  writeNewKey(unnamed)
  try {
    linkSync(unnamed, file)
  } finally {
    rmSync(unnamed)
  }
  syncFolder(dirname(file))
}

function writeNewKey(file: string): void {
  const key = randomBytes(32)
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    writeSync(descriptor, `${prefix}${key.toString('base64')}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
    key.fill(0)
  }
}

/** Reads the root key: 32 bytes, which the caller zeroes. Throws when the file is not one, or others may read it. */
export function readKeyFile(file: string): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0) {
      throw new Error(`others may read the root key \`${file}\`; run chmod 600 on it`)
    }
    const text = readFileSync(descriptor)
    const key = decode(text)
    text.fill(0)
    if (key === undefined) throw new Error(`\`${file}\` does not hold a root key`)
    return key
  } finally {
    closeSync(descriptor)
  }
}

function decode(text: Buffer): Buffer | undefined {
  if (text.subarray(0, prefix.length).toString('latin1') !== prefix) return undefined
  const encoded = text.subarray(prefix.length).toString('latin1').trimEnd()
  const key = Buffer.from(encoded, 'base64')
  return key.length === 32 && key.toString('base64') === encoded ? key : undefined
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
