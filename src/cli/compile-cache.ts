/**
 * Keeps what the engine has compiled of the sources, which is half of the time that a start takes. It stands in the data
 * folder and nowhere else: who can write there has the root key, while a folder for everybody's temporary files would let
 * others put code into this process.
 */
import { lstatSync, mkdirSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/** Takes compiled code from a data folder that a server has made ready for it, and at the end puts there what was missing. */
export function useCompiled(data: string): void {
  if (isOursAlone(data) && isOursAlone(folderIn(data))) {
    enableCompileCache({ directory: folderIn(data) })
  }
}

/** Makes the next start keep what it compiles. For a server that serves: a start that is refused leaves a folder as it was. */
export function keepCompiled(data: string): void {
  mkdirSync(folderIn(data), { recursive: true, mode: 0o700 })
}

const folderIn = (data: string): string => join(data, 'cache')

function isOursAlone(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (found === undefined || !found.isDirectory()) return false
  return found.uid === process.getuid?.() && (found.mode & 0o077) === 0
}
