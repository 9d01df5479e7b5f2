/**
 * One thread of a `WorkPool`: runs what it is sent, one call after the other, and zeroes what it was given.
 */
import { parentPort } from 'node:worker_threads'
import { pack, unpack, wipe } from './parcels.ts'
import { sign, verify } from './signing.ts'
import { opensslWorks, type WorkName } from './works.ts'

/** What a thread is sent. */
export interface WorkRequest {
  readonly name: WorkName
  readonly args: unknown
}

/** What it answers. */
export type WorkAnswer = { readonly result: unknown } | { readonly error: string }

const works: Readonly<Record<WorkName, (...args: never[]) => unknown>> = {
  ...opensslWorks,
  sign,
  verify,
}

parentPort?.on('message', ({ name, args }: WorkRequest) => {
  const given = unpack(args) as never[]
  try {
    const result = works[name](...given)
    const { content, transfer } = pack(result)
    wipe(result)
    parentPort?.postMessage({ result: content } satisfies WorkAnswer, transfer)
  } catch (error) {
    parentPort?.postMessage({ error: String(error) } satisfies WorkAnswer)
  } finally {
    wipe(given)
  }
})
