/**
 * Finds the server that takes writes: the hosts of the URL are asked in turn, and one that is a standby is passed by. A
 * server that would lose acknowledged changes is refused, unless the settings say that it may.
 */
import type { Clock } from '../clock.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { isOfConfiguration } from './postgres-errors.ts'
import type { PostgresAddress, PostgresHost } from './postgres-url.ts'
import { Unavailable } from './unavailable.ts'

/** What connections are made with. */
export interface Connecting {
  readonly address: PostgresAddress
  readonly clock: Clock
  /** How long one statement may take, in milliseconds. */
  readonly patience: number
  /** How long a transaction may stand idle, in milliseconds. */
  readonly idle: number
  /** Whether a server is accepted that may lose changes which it has confirmed. */
  readonly mayLose: boolean
}

/** How long one host may take to answer, in milliseconds. */
const connectTime = 3000

/** Makes a connection to the server that takes writes. Throws `Unavailable` when none of the hosts does. */
export async function connect(connecting: Connecting): Promise<PostgresConnection> {
  const reasons: string[] = []
  let misconfigured = false
  for (const host of connecting.address.hosts) {
    try {
      return await connectTo(host, connecting)
    } catch (error) {
      if (error instanceof MayLose) throw error
      misconfigured ||= isOfConfiguration(error)
      reasons.push(
        `${host.host}:${host.port}: ${error instanceof Error ? error.message : 'failed'}`,
      )
    }
  }
  const message = `no server of the database takes writes (${reasons.join('; ')})`
  throw misconfigured ? new Misconfigured(message) : new Unavailable(message)
}

/** A server that would lose changes which it has confirmed. */
export class MayLose extends Unavailable {}

/** A server that answers, and will never let this node in as it is configured. */
export class Misconfigured extends Unavailable {}

async function connectTo(host: PostgresHost, connecting: Connecting): Promise<PostgresConnection> {
  const { address, clock, patience } = connecting
  const connection = await PostgresConnection.open({
    clock,
    patience,
    client: {
      ...host,
      user: address.user,
      password: address.password,
      database: address.database,
      ssl: address.ssl,
      application_name: 'trent',
      keepAlive: true,
      connectionTimeoutMillis: connectTime,
    },
  })
  try {
    await prepareSession(connection, connecting)
    if ((await show(connection, 'transaction_read_only')) !== 'off') {
      throw new Error('takes no writes')
    }
    if (!connecting.mayLose) await requireDurable(connection, address)
    return connection
  } catch (error) {
    connection.destroy('not the server that is looked for')
    throw error
  }
}

/**
 * The session is the server's to end when this process cannot: one that stands still with the lock on the feed would
 * hold up every node.
 */
async function prepareSession(
  connection: PostgresConnection,
  { patience, idle }: Connecting,
): Promise<void> {
  await connection.execute(`SET statement_timeout = ${patience}`)
  await connection.execute(`SET idle_in_transaction_session_timeout = ${idle}`)
  const commit = await show(connection, 'synchronous_commit')
  if (commit !== 'on' && commit !== 'remote_apply') {
    await connection.execute(`SET synchronous_commit = 'on'`)
  }
}

/**
 * Throws `MayLose` unless what the server confirms survives a power cut and, where there are standbys, a failover.
 * Databases that agree on every write by themselves have neither setting.
 */
async function requireDurable(
  connection: PostgresConnection,
  address: PostgresAddress,
): Promise<void> {
  const version = await only(connection, 'SELECT version()')
  if (!version.startsWith('PostgreSQL') || version.includes('-YB-')) return
  if ((await show(connection, 'fsync')) !== 'on') throw mayLose('fsync is off')
  if ((await show(connection, 'synchronous_standby_names')) !== '') return
  const standbys = await only(connection, 'SELECT COUNT(*) FROM pg_catalog.pg_stat_replication')
  if (address.hosts.length > 1 || standbys !== '0') {
    throw mayLose('it has standbys, and synchronous_standby_names is empty')
  }
}

const mayLose = (why: string) =>
  new MayLose(
    `the database may lose changes that it has confirmed: ${why}; set it, or accept the loss with --may-lose-acknowledged-changes`,
  )

function show(connection: PostgresConnection, setting: string): Promise<string> {
  return only(connection, `SHOW ${setting}`)
}

/** The only value of the only row. */
async function only(connection: PostgresConnection, text: string): Promise<string> {
  const [row] = await connection.execute(text)
  return String(Object.values(row ?? {})[0])
}
