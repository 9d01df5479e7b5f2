/**
 * How a server's process collects what is young. It has little to copy; threads that help with it compete with other workers
 * for the cores, and are waited for on a busy machine (`docs/decisions/0021-hot-path.md`).
 */
import { setFlagsFromString } from 'node:v8'

/** From now on the thread that serves collects alone. For a process of Trent's own, and not for one that embeds it. */
export function collectAlone(): void {
  setFlagsFromString('--no-parallel-scavenge')
}
