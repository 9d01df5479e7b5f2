/** What can be said on the command line of `npm run bench`. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Client } from './sign.ts'

/** How to measure. */
export interface Options {
  /** How long a turn is, and how many each case gets. */
  readonly seconds: number
  readonly rounds: number
  readonly connections: number
  readonly starts: number
  /** The large cases. */
  readonly keys: number
  readonly grants: number
  /** Whether everything is measured that takes long. */
  readonly long: boolean
  /** The parts to measure; all when left out. */
  readonly only: ReadonlySet<string> | undefined
  /** A folder for a CPU profile of Trent. */
  readonly profile: string | undefined
  /** Whether the results go into bench/README.md. */
  readonly write: boolean
  /** Another endpoint to put in Trent's place. */
  readonly against: Client | undefined
}

/** Reads the command line. Throws an error that a person can act on. */
export function readOptions(): Options {
  const { values } = parseArgs({ options: flags })
  const number = (name: 'seconds' | 'rounds' | 'connections' | 'starts' | 'keys' | 'grants') => {
    const text = values[name] ?? (values.long ? long[name] : quick[name])
    if (Number(text) > 0) return Number(text)
    throw new Error(`--${name} \`${text}\` is no positive number`)
  }
  return {
    seconds: number('seconds'),
    rounds: number('rounds'),
    connections: number('connections'),
    starts: number('starts'),
    keys: number('keys'),
    grants: number('grants'),
    long: values.long,
    only: values.only === undefined ? undefined : new Set(values.only.split(',')),
    profile: values.profile,
    write: values.write,
    against: values.against === undefined ? undefined : readAgainst(values.against, values),
  }
}

const text = { type: 'string' } as const
const flags = {
  seconds: text,
  rounds: text,
  connections: text,
  starts: text,
  keys: text,
  grants: text,
  only: text,
  profile: text,
  against: text,
  'access-key': text,
  'secret-key': text,
  region: text,
  ca: text,
  long: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
} as const
const quick = { seconds: 1, rounds: 3, connections: 16, starts: 7, keys: 10_000, grants: 5000 }
const long = { seconds: 3, rounds: 5, connections: 16, starts: 15, keys: 100_000, grants: 50_000 }

interface Named {
  readonly 'access-key'?: string | undefined
  readonly 'secret-key'?: string | undefined
  readonly region?: string | undefined
  readonly ca?: string | undefined
}

/** Flags are stronger than the variables of AWS; a secret is better in a variable, where other users do not see it. */
function readAgainst(url: string, named: Named): Client {
  const { protocol, host, pathname } = new URL(url)
  const tls = protocol === 'https:'
  if ((!tls && protocol !== 'http:') || pathname !== '/') {
    throw new Error(`\`${url}\` is no endpoint as http://127.0.0.1:4599`)
  }
  const { env } = process
  const accessKeyId = named['access-key'] ?? env['AWS_ACCESS_KEY_ID']
  const secretAccessKey = named['secret-key'] ?? env['AWS_SECRET_ACCESS_KEY']
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error('an endpoint needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  }
  const sessionToken = named['access-key'] === undefined ? env['AWS_SESSION_TOKEN'] : undefined
  const region = named.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1'
  const ca = named.ca === undefined ? undefined : readFileSync(named.ca, 'utf8')
  return { accessKeyId, secretAccessKey, sessionToken, region, host, tls: tls ? { ca } : undefined }
}
