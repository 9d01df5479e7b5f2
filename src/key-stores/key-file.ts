/**
 * The custodian that keeps the root key in a file as it is: one line of text, mode 0600. Whoever reads the file has the key.
 */
import { existsSync } from 'node:fs'
import type { Custodian } from './custodian.ts'
import { createOwnFile, CustodianError, readOwnFile, replaceOwnFile } from './root-key-file.ts'

/** What the line begins with. */
export const keyFilePrefix = 'trent-root-key-v1:'

/** The custodian of a key file. */
export function keyFileCustodian(file: string): Custodian {
  return {
    kind: 'key-file',
    file,
    exists: () => existsSync(file),
    open: () => readKeyFile(file),
    create: (rootKey) => {
      withLine(rootKey, (line) => {
        createOwnFile(file, line)
      })
    },
    replace: (rootKey) => {
      withLine(rootKey, (line) => {
        replaceOwnFile(file, line)
      })
    },
  }
}

/** Reads the root key: 32 bytes, which the caller zeroes. Throws when the file is not one, or others may read it. */
export function readKeyFile(file: string): Buffer {
  const text = readOwnFile(file, 'root key')
  const key = decode(text)
  text.fill(0)
  if (key === undefined) throw new CustodianError(`\`${file}\` does not hold a root key`)
  return key
}

function withLine(rootKey: Uint8Array, write: (line: Buffer) => void): void {
  const line = Buffer.from(`${keyFilePrefix}${Buffer.from(rootKey).toString('base64')}\n`, 'latin1')
  try {
    write(line)
  } finally {
    line.fill(0)
  }
}

function decode(text: Buffer): Buffer | undefined {
  if (text.subarray(0, keyFilePrefix.length).toString('latin1') !== keyFilePrefix) return undefined
  const encoded = text.subarray(keyFilePrefix.length).toString('latin1').trimEnd()
  const key = Buffer.from(encoded, 'base64')
  return key.length === 32 && key.toString('base64') === encoded ? key : undefined
}
