/**
 * A primary with a standby that every commit waits for, and a standby of that standby, which it waits for once it is the
 * primary itself: so nothing that was confirmed hangs on one server, before and after. The last one follows the one in
 * the middle and can therefore never know more than it. Each is a copy of the stopped primary's folder, which needs no
 * more than the server's own binaries: those that the tests bring have no pg_basebackup.
 */
import { after } from 'node:test'
import { type PostgresServer, startAgain, startCopy, startPostgres } from '../support/postgres.ts'
import { pause } from '../support/process.ts'

/** The three, in the order in which they follow each other. */
export interface Line {
  readonly primary: PostgresServer
  readonly standby: PostgresServer
  readonly last: PostgresServer
}

/** Starts the three; when this resolves, what is committed is on the first two, and follows to the last. */
export async function startLine(): Promise<Line> {
  const first = await startPostgres()
  after(() => first.remove())
  await first.stop()
  const follow = async (of: PostgresServer, name: string, settings = {}) => {
    const primary_conninfo = `host=127.0.0.1 port=${of.port} user=postgres application_name=${name}`
    const server = await startCopy(first, { primary_conninfo, ...settings }, 'standby.signal')
    after(() => server.remove())
    return server
  }
  const standby = await follow(first, 'middle', { synchronous_standby_names: 'last' })
  const last = await follow(standby, 'last')
  const primary = await startAgain(first, { synchronous_standby_names: 'middle' })
  after(() => primary.stop('SIGQUIT'))
  await follows(primary, "application_name = 'middle' AND sync_state = 'sync'")
  await follows(standby, "application_name = 'last' AND state = 'streaming'")
  return { primary, standby, last }
}

/** The primary crashes, all of its processes with it, and the standby takes its place. */
export async function failOver({ primary, standby }: Line): Promise<void> {
  await primary.stop('SIGQUIT')
  await standby.run('SELECT pg_promote()')
}

/** Ends all three. */
export async function endLine({ primary, standby, last }: Line): Promise<void> {
  for (const server of [primary, standby, last]) await server.remove()
}

async function follows(server: PostgresServer, how: string): Promise<void> {
  const count = `SELECT 1 FROM pg_stat_replication WHERE ${how}`
  while ((await server.run(count)).length === 0) await pause(50)
}
