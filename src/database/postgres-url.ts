/**
 * Reads the URL of a PostgreSQL database: `postgres://user:password@one:5432,two:5432/name?sslmode=verify-full`. The driver
 * knows neither several hosts nor a safe default, so the URL is ours to read. It holds a password: what is said of a
 * database to people is its `name`.
 */
import { readFileSync } from 'node:fs'
import { checkServerIdentity, type ConnectionOptions } from 'node:tls'

/** One place where the database may be. */
export interface PostgresHost {
  /** A name, an address, or the folder of a socket. */
  readonly host: string
  readonly port: number
}

/** A database and how to reach it. */
export interface PostgresAddress {
  readonly hosts: readonly PostgresHost[]
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  /** How to be sure of who answers; false on the machine itself, or where the URL says so. */
  readonly ssl: ConnectionOptions | false
  /** How many connections a node may have. */
  readonly connections: number
  /** For people: without user and password. */
  readonly name: string
}

const parameters = ['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'connections']

/** Reads a URL. Throws a sentence for people, in which the password does not occur. */
export function readPostgresUrl(text: string): PostgresAddress {
  const found = /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(text)
  if (found === null) throw new Error('the database is no URL as `postgres://user@host:5432/name`')
  const [, login = '', places = '', path = '', query = ''] = found
  const given = new URLSearchParams(query)
  const unknown = [...given.keys()].find((name) => !parameters.includes(name))
  if (unknown !== undefined) throw new Error(`\`${unknown}\` in the URL of the database is unknown`)
  const [user = '', ...rest] = login.split(':')
  const hosts = readHosts(places === '' ? (given.get('host') ?? '') : places)
  const database = decode(path)
  if (user === '' || database === '') {
    throw new Error('the URL of the database names no user or no database')
  }
  return {
    hosts,
    user: decode(user),
    password: rest.length === 0 ? undefined : decode(rest.join(':')),
    database,
    ssl: readTls(given, hosts),
    connections: readConnections(given.get('connections') ?? '8'),
    name: `${hosts.map(({ host, port }) => `${host}:${port}`).join(',')}/${database}`,
  }
}

function readHosts(text: string): readonly PostgresHost[] {
  return text.split(',').map((place) => {
    const found = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(place)
    if (found === null) throw new Error(`\`${place}\` in the URL of the database is no host`)
    const [, host = '', port = '5432'] = found
    return { host: decode(host).replaceAll(/[[\]]/g, ''), port: Number(port) }
  })
}

function readConnections(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < leastConnections) {
    throw new Error(
      `\`${text}\` connections in the URL of the database are not ${leastConnections} or more`,
    )
  }
  return Number(text)
}

/** Three that have their own purpose, and one to read with. */
const leastConnections = 4

/** Without a word about it, whoever answers from another machine has to prove who he is. */
function readTls(
  given: URLSearchParams,
  hosts: readonly PostgresHost[],
): ConnectionOptions | false {
  const mode = given.get('sslmode') ?? (hosts.every(isHere) ? 'disable' : 'verify-full')
  if (mode === 'disable') return false
  if (mode !== 'verify-full' && mode !== 'verify-ca') {
    throw new Error(`sslmode \`${mode}\` does not check who answers; take verify-full or disable`)
  }
  const file = (name: string): Buffer | undefined => {
    const path = given.get(name)
    return path === null ? undefined : readFileSync(path)
  }
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')]
  return {
    rejectUnauthorized: true,
    checkServerIdentity: mode === 'verify-ca' ? () => undefined : checkServerIdentity,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  }
}

function isHere({ host }: PostgresHost): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('the URL of the database has a `%` that encodes nothing')
  }
}
