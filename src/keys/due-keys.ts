/**
 * How the jobs go through keys that are due: one transaction for each, so that a key that fails holds up no other.
 */
import type { KeyName } from '../database/keys.ts'

/** What is due, and what is to be done with one of them. */
export interface DueKeys {
  /** The oldest due keys, at most `limit`. */
  readonly list: (limit: number) => Promise<readonly KeyName[]>
  /** Settles one key; answers 1 if there was something to do. */
  readonly settle: (name: KeyName) => Promise<number>
  /** Told of a key that failed; it is tried again in the next run. */
  readonly report: (error: unknown) => void
}

/** How many keys are listed at a time. */
const batch = 100

/** Settles every key that is due; answers how many. */
export async function settleDueKeys(due: DueKeys): Promise<number> {
  let total = 0
  for (;;) {
    const names = await due.list(batch)
    let settled = 0
    for (const name of names) {
      settled += await due.settle(name).catch((error: unknown) => {
        due.report(error)
        return 0
      })
    }
    total += settled
    if (names.length < batch || settled === 0) return total
  }
}
