/**
 * The principals that a grant can name (API Reference, CreateGrant): accounts, users, roles, sessions of roles and
 * federated users, of any account, each by its ARN. They must exist.
 */
import { type Arn, parseArn } from '../api/arn.ts'
import { invalidArn } from '../api/errors.ts'
import type { Reader } from '../database/database.ts'
import { findPrincipal } from '../database/iam-principals.ts'
import { findAccount } from '../database/identities.ts'
import type { Party } from './grant.ts'

/**
 * The principal that an ARN of this partition names, a user or role by the unique id that it has now. Throws
 * InvalidArnException unless it exists.
 */
export async function requirePrincipal(
  reader: Reader,
  arn: string,
  partition: string,
): Promise<Party> {
  const parts = parseArn(arn)
  if (parts?.partition !== partition) throw invalidPrincipal(arn)
  const name = await nameOf(reader, arn, parts)
  if (name === undefined) throw invalidPrincipal(arn)
  return { shown: arn, name: `AWS:${name}` }
}

/** The refusal of a principal that does not exist. */
export const invalidPrincipal = (arn: string) =>
  invalidArn(`ARN does not refer to a valid principal: ${arn}`)

/** The account's number, a unique id, or the ARN of a session. */
async function nameOf(reader: Reader, text: string, arn: Arn): Promise<string | undefined> {
  const { service, region, account, resource } = arn
  if (service === 'sts') {
    if (region !== '') return undefined
    if (federatedUser.test(resource)) return (await findAccount(reader, account)) && text
    if (!roleSession.test(resource)) return undefined
  }
  const found = await findPrincipal(reader, text)
  if (found === undefined) return undefined
  return found.id ?? (resource === 'root' ? account : text)
}

const roleSession = /^assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]{2,64}$/
const federatedUser = /^federated-user\/[\w+=,.@-]{2,32}$/
