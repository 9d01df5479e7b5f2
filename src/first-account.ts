/**
 * The first account of a new data folder, with the files that make the AWS CLI and SDKs use it.
 */
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepareAccount } from './admin/create-account.ts'
import { listAccounts } from './database/identities.ts'
import type { Service } from './service.ts'

/** Where the files are. */
export interface AwsFiles {
  readonly config: string
  readonly credentials: string
}

/** The AWS files of a data folder. */
export function awsFiles(folder: string): AwsFiles {
  return { config: join(folder, 'aws', 'config'), credentials: join(folder, 'aws', 'credentials') }
}

/**
 * Makes the first account if there is none yet, and writes its credentials where only the folder's owner reads them. The
 * file is on disk before the account is: a crash between the two leaves a file that the next start writes anew, and not
 * an account whose secret nobody knows.
 */
export async function ensureFirstAccount(service: Service, folder: string): Promise<void> {
  const accounts = await listAccounts(service.database.read, { after: '', limit: 1 })
  if (accounts.length > 0) return
  const account = prepareAccount('first', service)
  mkdirSync(join(folder, 'aws'), { recursive: true, mode: 0o700 })
  writeFileSync(
    awsFiles(folder).credentials,
    `[default]\naws_access_key_id = ${account.AccessKeyId}\naws_secret_access_key = ${account.SecretAccessKey}\n`,
    { mode: 0o600, flush: true },
  )
  const mine = await service.database.write(async (transaction) => {
    const [other] = await listAccounts(transaction, { after: '', limit: 1 })
    if (other === undefined) await account.store(transaction)
    return other === undefined
  })
  // Another node that started at the same time was quicker, and has the files.
  if (!mine) takeBack(folder)
}

function takeBack(folder: string): void {
  rmSync(awsFiles(folder).credentials)
  if (readdirSync(join(folder, 'aws')).length === 0) rmdirSync(join(folder, 'aws'))
}

/** Writes the profile that points at the server; the endpoint may be another at each start. */
export function writeAwsConfig(folder: string, endpoint: string, region: string): void {
  const { config } = awsFiles(folder)
  if (!existsSync(join(folder, 'aws'))) return
  writeFileSync(
    config,
    `[default]\nregion = ${region}\noutput = json\nendpoint_url = ${endpoint}\n`,
    {
      mode: 0o600,
    },
  )
}
