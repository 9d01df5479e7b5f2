/**
 * The settings of operating a server: TLS, limits, the operators' port, request quotas. All of them have a default that
 * suits a server which is left alone.
 */
import { resolve } from 'node:path'
import { type RequestQuotas, quotaGroups } from './request-quotas.ts'
import type { HttpLimits } from '../server/listen.ts'
import type { OpsAddress } from '../server/ops.ts'
import type { TlsFiles } from '../server/tls-files.ts'

/** How a server is operated. */
export interface OperatingConfig {
  /** Certificate and key; without them, plain HTTP. */
  readonly tls?: TlsFiles | undefined
  readonly httpLimits?: Partial<HttpLimits> | undefined
  readonly requestQuotas?: RequestQuotas | undefined
  /** Where operators ask for health and metrics; nowhere but on the administrators' socket when left out. */
  readonly ops?: OpsAddress | undefined
  /** How long a server that was told to end goes on as if not, but for being not ready, in milliseconds. */
  readonly drainDelay?: number | undefined
}

/** The name of a setting, as in the configuration file. */
export type OperatingSetting = keyof typeof settings

/** A setting in the places where it can be made. */
interface Setting {
  readonly variable: string
  /** As the command line shows it. */
  readonly flag: string
  readonly about: string
}

const settings = {
  opsPort: {
    variable: 'TRENT_OPS_PORT',
    flag: '--ops-port <port>',
    about: 'the port of /health and /metrics; 0 takes a free one (default none)',
  },
  opsHost: {
    variable: 'TRENT_OPS_HOST',
    flag: '--ops-host <address>',
    about: 'the address of that port (default 127.0.0.1)',
  },
  tlsCert: {
    variable: 'TRENT_TLS_CERT',
    flag: '--tls-cert <file>',
    about: 'a PEM file with the certificate and those between it and its authority',
  },
  tlsKey: {
    variable: 'TRENT_TLS_KEY',
    flag: '--tls-key <file>',
    about: 'a PEM file with its private key',
  },
  tlsClientCa: {
    variable: 'TRENT_TLS_CLIENT_CA',
    flag: '--tls-client-ca <file>',
    about: 'a PEM file with the authorities whose certificates clients must show (mutual TLS)',
  },
  requestQuotas: {
    variable: 'TRENT_REQUEST_QUOTAS',
    flag: '--request-quotas <list>',
    about: 'aws, or <group>=<requests a second>, or both, with commas (default none)',
  },
  maxConnections: {
    variable: 'TRENT_MAX_CONNECTIONS',
    flag: '--max-connections <number>',
    about: 'how many connections may be open (default 10000)',
  },
  maxBodyBytes: {
    variable: 'TRENT_MAX_BODY_BYTES',
    flag: '--max-body-bytes <bytes>',
    about: 'the largest body of a request (default 1048576)',
  },
  maxHeaderBytes: {
    variable: 'TRENT_MAX_HEADER_BYTES',
    flag: '--max-header-bytes <bytes>',
    about: 'the largest head of a request (default 32768)',
  },
  headersTimeout: {
    variable: 'TRENT_HEADERS_TIMEOUT',
    flag: '--headers-timeout <ms>',
    about: 'how long the head of a request, or a TLS handshake, may take (default 10000)',
  },
  requestTimeout: {
    variable: 'TRENT_REQUEST_TIMEOUT',
    flag: '--request-timeout <ms>',
    about: 'how long a whole request may take to come in (default 30000)',
  },
  idleTimeout: {
    variable: 'TRENT_IDLE_TIMEOUT',
    flag: '--idle-timeout <ms>',
    about: 'how long a connection stays open without a request (default 65000)',
  },
  drainTimeout: {
    variable: 'TRENT_DRAIN_TIMEOUT',
    flag: '--drain-timeout <ms>',
    about: 'how long connections may hold up the end (default 5000)',
  },
  drainDelay: {
    variable: 'TRENT_DRAIN_DELAY',
    flag: '--drain-delay <ms>',
    about: 'how long to serve on after SIGTERM, not ready, before draining (default 0)',
  },
} as const satisfies Readonly<Record<string, Setting>>

/** The table of settings. */
export const operatingSettings: Readonly<Record<OperatingSetting, Setting>> = settings

/** The variable of each setting. */
export const operatingVariables = Object.fromEntries(
  Object.entries(settings).map(([name, { variable }]) => [name, variable]),
) as Readonly<Record<OperatingSetting, string>>

/** Puts the settings together out of texts. Throws an error that a person can act on. */
export function readOperating(
  pick: (name: OperatingSetting) => string | undefined,
): OperatingConfig {
  const delay = pick('drainDelay')
  return {
    tls: readTls(pick),
    httpLimits: readLimits(pick),
    ops: readOps(pick),
    requestQuotas: readQuotas(pick('requestQuotas')),
    drainDelay: delay === undefined ? undefined : readNumber('drainDelay', delay, 0),
  }
}

function readOps(pick: (name: OperatingSetting) => string | undefined): OpsAddress | undefined {
  const port = pick('opsPort')
  if (port === undefined) return undefined
  const number = readNumber('opsPort', port, 0)
  if (number > 65_535) throw new Error(`\`${port}\` is no port number`)
  return { host: pick('opsHost') ?? '127.0.0.1', port: number }
}

function readTls(pick: (name: OperatingSetting) => string | undefined): TlsFiles | undefined {
  const [cert, key, clientCa] = [pick('tlsCert'), pick('tlsKey'), pick('tlsClientCa')]
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined
  if (cert === undefined || key === undefined) {
    throw new Error('TLS needs both `tlsCert` and `tlsKey`')
  }
  const files = { cert: resolve(cert), key: resolve(key) }
  return clientCa === undefined ? files : { ...files, clientCa: resolve(clientCa) }
}

/** `aws`, and rates by group, with commas between them. */
function readQuotas(text: string | undefined): RequestQuotas | undefined {
  if (text === undefined) return undefined
  const entries = text.split(',').map((entry) => entry.trim())
  const rates = entries.filter((entry) => entry !== 'aws').map(readRate)
  return { aws: entries.includes('aws'), rates: new Map(rates) }
}

function readRate(entry: string): readonly [string, number] {
  const [, group = '', rate = ''] = /^([\w-]+)=(\d{1,9}(?:\.\d{1,3})?)$/.exec(entry) ?? []
  if (quotaGroups.has(group) && Number(rate) > 0) return [group, Number(rate)]
  throw new Error(`\`${entry}\` is no request quota: it is aws, or <group>=<requests a second>`)
}

/** Which setting makes which limit, and the least that lets the server serve. */
const limits: readonly (readonly [OperatingSetting, keyof HttpLimits, number])[] = [
  ['maxConnections', 'connections', 1],
  ['maxBodyBytes', 'bodyBytes', 1024],
  ['maxHeaderBytes', 'headerBytes', 1024],
  ['headersTimeout', 'headersTime', 1],
  ['requestTimeout', 'requestTime', 1],
  ['idleTimeout', 'idleTime', 1],
  ['drainTimeout', 'drainTime', 0],
]

function readLimits(pick: (name: OperatingSetting) => string | undefined): Partial<HttpLimits> {
  return Object.fromEntries(
    limits.flatMap(([name, limit, least]) => {
      const text = pick(name)
      return text === undefined ? [] : [[limit, readNumber(name, text, least)]]
    }),
  )
}

function readNumber(name: OperatingSetting, text: string, least: number): number {
  const number = Number(text)
  if (/^\d{1,10}$/.test(text) && number >= least && number <= mostNumber) return number
  throw new Error(`\`${name}\` is a number from ${least} to ${mostNumber}, not \`${text}\``)
}

/** The longest that a timer can run, in milliseconds. */
const mostNumber = 2_147_483_647
