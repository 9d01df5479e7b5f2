/**
 * Every setting, its default and its check. A flag is stronger than a `TRENT_*` variable, which is stronger than the
 * configuration file.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type OperatingConfig,
  type OperatingSetting,
  operatingVariables,
  readOperating,
} from './operating/settings.ts'

/** The settings of a server. */
export interface Config extends OperatingConfig {
  /** The address to listen on. */
  readonly host: string
  /** The port; 0 takes a free one. */
  readonly port: number
  /** The data folder: database, root key, record, AWS files. */
  readonly data: string
  /** The URL of a PostgreSQL; without one, a file in the data folder is the database. */
  readonly database?: string | undefined
  /** Whether that PostgreSQL may lose changes which it has confirmed, as by a failover to a standby that nobody waits for. */
  readonly mayLoseAcknowledgedChanges?: boolean | undefined
  /** The file with the root key. */
  readonly rootKey: string
  /** The file with the passphrase that the root key is sealed under, if it is. */
  readonly rootKeyPassphraseFile?: string | undefined
  /** The regions served, each with its own keys and aliases. */
  readonly regions: readonly string[]
  /** How many processes serve: with one, the default, there is no other. */
  readonly workers?: number | undefined
  /** The issuers of web identity tokens that may be at private addresses. */
  readonly oidcIssuers: readonly OidcIssuer[]
}

/** An issuer that the operator vouches for: Trent asks it for its keys wherever it is. */
export interface OidcIssuer {
  /** Its URL, exactly as its tokens have it: https, or http on 127.0.0.1. */
  readonly issuer: string
  /** A PEM file with the authorities that its certificate may come from; those that Node trusts when left out. */
  readonly caFile?: string | undefined
}

/** What can be set: a text each, in a flag, a variable or the file. */
type SettingName = Exclude<keyof Config, keyof OperatingConfig> | OperatingSetting

/** Settings as they come from flags, variables or a file: text, or nothing. */
export type RawSettings = { readonly [Name in SettingName]?: string | undefined }

/** AWS's commercial regions. */
export const commercialRegions: readonly string[] = [
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-central-1',
  'ca-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]

/** The settings' variables. */
export const variables: { readonly [Name in SettingName | 'config']: string } = {
  host: 'TRENT_HOST',
  port: 'TRENT_PORT',
  data: 'TRENT_DATA',
  database: 'TRENT_DATABASE',
  mayLoseAcknowledgedChanges: 'TRENT_MAY_LOSE_ACKNOWLEDGED_CHANGES',
  rootKey: 'TRENT_ROOT_KEY',
  rootKeyPassphraseFile: 'TRENT_ROOT_KEY_PASSPHRASE_FILE',
  regions: 'TRENT_REGIONS',
  workers: 'TRENT_WORKERS',
  oidcIssuers: 'TRENT_OIDC_ISSUERS',
  ...operatingVariables,
  config: 'TRENT_CONFIG',
}

/** Puts the settings together. Throws an error that a person can act on when one of them makes no sense. */
export function readConfig(flags: RawSettings & { readonly config?: string | undefined }): Config {
  const file = flags.config ?? setting('config')
  const stored = file === undefined ? {} : readSettings(file)
  const pick = (name: SettingName) => flags[name] ?? setting(name) ?? stored[name]
  const data = resolve(pick('data') ?? '.trent')
  const passphraseFile = pick('rootKeyPassphraseFile')
  return {
    host: pick('host') ?? '127.0.0.1',
    port: readPort(pick('port') ?? '4599'),
    data,
    database: readDatabase(pick('database')),
    mayLoseAcknowledgedChanges: readSwitch(pick('mayLoseAcknowledgedChanges') ?? 'false'),
    rootKey: resolve(pick('rootKey') ?? join(data, 'root.key')),
    rootKeyPassphraseFile: passphraseFile === undefined ? undefined : resolve(passphraseFile),
    regions: readRegions(pick('regions')),
    workers: readWorkers(pick('workers') ?? '1'),
    oidcIssuers: readIssuers(pick('oidcIssuers') ?? ''),
    ...readOperating(pick),
  }
}

/** The data folder alone, for commands that talk to a running server. */
export function readDataFolder(flag: string | undefined): string {
  return resolve(flag ?? setting('data') ?? '.trent')
}

function setting(name: SettingName | 'config'): string | undefined {
  const value = process.env[variables[name]]
  return value === '' ? undefined : value
}

function readPort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65535) throw new Error(`\`${text}\` is no port number`)
  return port
}

function readWorkers(text: string): number {
  const workers = Number(text)
  if (!/^\d{1,3}$/.test(text) || workers < 1 || workers > mostWorkers) {
    throw new Error(`\`${text}\` is no number of workers; it goes from 1 to ${mostWorkers}`)
  }
  return workers
}

/** More processes than this write to one file only to wait for each other. */
const mostWorkers = 64

/** The database alone, for commands that need no running server. */
export function readDatabaseSetting(flag: string | undefined): string | undefined {
  return readDatabase(flag ?? setting('database'))
}

/** Whether a text is the URL of a PostgreSQL, and not the name of a folder. */
export function isDatabaseUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(text)
}

function readDatabase(text: string | undefined): string | undefined {
  // What is wrong with a URL is told where it is read; the password in it stays out of messages.
  if (text === undefined || isDatabaseUrl(text)) return text
  throw new Error('the database is no URL as `postgres://user@host:5432/name`')
}

function readSwitch(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error(`\`${text}\` is neither true nor false`)
  return text === 'true'
}

function readRegions(text: string | undefined): readonly string[] {
  if (text === undefined) return commercialRegions
  const regions = text.split(',').map((region) => region.trim())
  const wrong = regions.find((region) => !/^([a-z]+-){2,3}\d+$/.test(region))
  if (wrong !== undefined) throw new Error(`\`${wrong}\` is no region`)
  return regions
}

/** Issuers with commas between them, each with its file of authorities behind a space, if it has one. */
function readIssuers(text: string): readonly OidcIssuer[] {
  const entries = text.split(',').map((entry) => entry.trim())
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [issuer = '', ...file] = entry.split(' ')
      if (!isIssuer(issuer)) {
        throw new Error(`\`${issuer}\` is no issuer: its URL is https, or http on 127.0.0.1`)
      }
      const caFile = file.join(' ').trim()
      return caFile === '' ? { issuer } : { issuer, caFile: resolve(caFile) }
    })
}

function isIssuer(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]/.test(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && hostname === '127.0.0.1')
}

/** Reads a JSON file of settings; lists may be written as lists. */
function readSettings(file: string): RawSettings {
  const content = parseJson(readFileSync(file, 'utf8'))
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new Error(`the configuration \`${file}\` is no JSON object`)
  }
  const settings: Record<string, string> = {}
  for (const [name, value] of Object.entries(content)) {
    if (!(name in variables) || name === 'config') {
      throw new Error(`\`${name}\` in \`${file}\` is no setting`)
    }
    settings[name] = Array.isArray(value) ? value.join(',') : String(value)
  }
  return settings
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
