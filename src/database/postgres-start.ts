/**
 * A node that starts may be there before its database is, as after a power cut. It waits, says so, and gives up in the end.
 */
import { type Clock, keepAwake } from '../clock.ts'
import { MayLose, Misconfigured } from './postgres-connector.ts'
import type { StartWait } from './start-wait.ts'
import { Unavailable } from './unavailable.ts'

/** How long it waits between two attempts, in milliseconds. */
const pauseTime = 500

/**
 * Opens what may be away, at once when no wait is given, and otherwise again and again until it is there. Throws the last `Unavailable` when the time is over, and at once
 * whatever waiting does not mend: a wrong password, a stranger's certificate, a server that may lose changes.
 */
export async function openPatiently<Result>(
  open: () => Promise<Result>,
  clock: Clock,
  wait: StartWait | undefined,
): Promise<Result> {
  if (wait === undefined) return open()
  const { patience, told } = wait
  const until = clock.monotonic() + patience
  const seconds = Math.ceil(patience / 1000)
  for (let waited = false; ; waited = true) {
    try {
      const opened = await open()
      if (waited) told('answers', '', seconds)
      return opened
    } catch (error) {
      if (!mayPass(error)) throw error
      if (clock.monotonic() >= until) {
        throw new Unavailable(`${error.message}; waited ${seconds} seconds for it`, {
          cause: error,
        })
      }
      if (!waited) told('waits', error.message, seconds)
    }
    await keepAwake(pauseTime)
  }
}

function mayPass(error: unknown): error is Unavailable {
  return (
    error instanceof Unavailable && !(error instanceof MayLose) && !(error instanceof Misconfigured)
  )
}
