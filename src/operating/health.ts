/**
 * Whether this process can serve. Live is a process that answers at all; ready is one that requests should be sent to.
 */
import { readMeta } from '../database/meta.ts'
import type { Service } from '../service.ts'

/** What readiness depends on. */
export type Examined = Pick<Service, 'audit' | 'clock' | 'database' | 'draining'>

/** How long the database may take to answer before the server is not ready, in milliseconds. */
const patience = 2000

/** What keeps a server from being ready; empty when it is. The sentences are fixed: they tell strangers nothing. */
export async function reasonsNotReady(service: Examined): Promise<readonly string[]> {
  const reasons: string[] = []
  if (service.draining.begun) reasons.push('the server drains')
  if (!recordWritable(service)) reasons.push('the record cannot be written')
  if (!(await databaseAnswers(service))) reasons.push('the database does not answer')
  return reasons
}

/** Whether the record takes events; after a failure this tries again, so that a server without requests recovers, too. */
export function recordWritable({ audit }: Pick<Service, 'audit'>): boolean {
  try {
    audit.requireWritable()
    return true
  } catch {
    return false
  }
}

/** Whether rows can be read, and what is in memory is known to be fresh. */
async function databaseAnswers({ database, clock }: Examined): Promise<boolean> {
  let callOff = (): void => undefined
  const late = new Promise<boolean>((resolve) => {
    callOff = clock.after(patience, () => {
      resolve(false)
    })
  })
  const answer = async (): Promise<boolean> => {
    // On a database that nodes share, the freshness of this one has to be waited for.
    const fresh: unknown = database.refresh()
    await fresh
    await readMeta(database.read, 'last-tick')
    return true
  }
  try {
    return await Promise.race([answer().catch(() => false), late])
  } finally {
    callOff()
  }
}
