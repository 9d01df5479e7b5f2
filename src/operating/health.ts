/**
 * Whether this process can serve. Live is a process that answers at all; ready is one that requests should be sent to.
 */
import { readMeta } from '../database/meta.ts'
import { RootKeyLacking } from '../database/unavailable.ts'
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
  const problem = await problemOfDatabase(service)
  if (problem !== undefined) reasons.push(problem)
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

/** What keeps rows from being read, or what is in memory from being known to be fresh. */
async function problemOfDatabase({ database, clock }: Examined): Promise<string | undefined> {
  let callOff = (): void => undefined
  const late = new Promise<string>((resolve) => {
    callOff = clock.after(patience, () => {
      resolve(unanswered)
    })
  })
  const answer = async (): Promise<undefined> => {
    // On a database that nodes share, the freshness of this one has to be waited for.
    const fresh: unknown = database.refresh()
    await fresh
    await readMeta(database.read, 'last-tick')
  }
  const problem = (error: unknown): string =>
    error instanceof RootKeyLacking ? rootKeyLacking : unanswered
  try {
    return await Promise.race([answer().catch(problem), late])
  } finally {
    callOff()
  }
}

const unanswered = 'the database does not answer'
const rootKeyLacking = 'the root key was changed, and this node does not hold the new one'
