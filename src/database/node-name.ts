/**
 * The name of a node of a shared database: its chain in the record, which lies in its data folder, and so does the name.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { uuid } from '../crypto/random.ts'

/** The chain of a worker: no name of another process of the folder begins with it, and it ends with the primary's. */
export function workerChain(worker: number, primary: string): string {
  return `worker-${worker}.${primary}`
}

/** The chain of the primary of whoever has a chain: its own, unless it is a worker's. */
export function primaryOf(chain: string): string {
  return /^worker-\d+\.(.*)$/.exec(chain)?.[1] ?? chain
}

/** Whether a chain is that of the primary, or of one of its workers. */
export function isChainOf(primary: string, chain: string): boolean {
  return primaryOf(chain) === primary
}

/** The name of the node on a data folder; given at its first start, and kept. */
export function nodeName(folder: string): string {
  const file = join(folder, 'node')
  if (!existsSync(file)) writeName(file, `node-${uuid().slice(0, 8)}`)
  const name = readFileSync(file, 'utf8').trim()
  if (!/^node-[0-9a-f]{8}$/.test(name)) throw new Error(`\`${file}\` does not hold a node's name`)
  return name
}

function writeName(file: string, name: string): void {
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    writeSync(descriptor, `${name}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
