/**
 * A primary with a standby that every commit waits for. The standby is a copy of the stopped primary's folder, which needs
 * no more than the server's own binaries: those that the tests bring have no pg_basebackup.
 */
import { after } from 'node:test'
import { type PostgresServer, startAgain, startCopy, startPostgres } from '../support/postgres.ts'
import { pause } from '../support/process.ts'

/** The two. */
export interface Pair {
  readonly primary: PostgresServer
  readonly standby: PostgresServer
}

/** Starts a pair; when this resolves, the standby follows, and what is committed is on both. */
export async function startPair(): Promise<Pair> {
  const first = await startPostgres()
  after(() => first.remove())
  await first.stop()
  const follows = `host=127.0.0.1 port=${first.port} user=postgres`
  const standby = await startCopy(first, { primary_conninfo: follows }, 'standby.signal')
  after(() => standby.remove())
  const primary = await startAgain(first, { synchronous_standby_names: '*' })
  after(() => primary.stop('SIGQUIT'))
  const count = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
  while ((await primary.run(count)).length === 0) await pause(50)
  return { primary, standby }
}

/** The primary crashes, all of its processes with it, and the standby takes its place. */
export async function failOver({ primary, standby }: Pair): Promise<void> {
  await primary.stop('SIGQUIT')
  await standby.run('SELECT pg_promote()')
}
