/**
 * Whom a Principal element or a grant means by an ARN: the account, user or role that has it now.
 */
import { parseArn } from '../api/arn.ts'
import type { Reader } from './database.ts'
import { findIdentityByName } from './iam-identities.ts'
import { findAccount } from './identities.ts'
import { sql } from './sql.ts'

/** Somebody who exists. `id` is the unique id of a user or role, to be kept in the place of the ARN. */
export interface FoundPrincipal {
  readonly id: string | undefined
}

/**
 * Who has this ARN, or is the account of this number; undefined if and only if nobody is. A session's ARN stands for
 * itself, as long as there is its role.
 */
export async function findPrincipal(
  reader: Reader,
  name: string,
): Promise<FoundPrincipal | undefined> {
  if (/^\d{12}$/.test(name)) return findAccountPrincipal(reader, name)
  const arn = parseArn(name)
  if (arn === undefined || arn.region !== '') return undefined
  const [type = '', ...rest] = arn.resource.split('/')
  const last = rest.pop() ?? ''
  if (arn.service === 'sts' && type === 'assumed-role') {
    const scope = { account: arn.account, kind: 'role' } as const
    const role = await findIdentityByName(reader, scope, rest.join('/'))
    return role && { id: undefined }
  }
  if (arn.service !== 'iam') return undefined
  if (arn.resource === 'root') return findAccountPrincipal(reader, arn.account)
  if (type !== 'user' && type !== 'role') return undefined
  const row = await findIdentityByName(reader, { account: arn.account, kind: type }, last)
  const path = rest.length === 0 ? '/' : `/${rest.join('/')}/`
  return row?.path === path ? { id: row.id } : undefined
}

async function findAccountPrincipal(
  reader: Reader,
  account: string,
): Promise<FoundPrincipal | undefined> {
  const found = await findAccount(reader, account)
  return found && { id: undefined }
}

/** The user or role of a unique id, as its ARN is made; undefined if and only if it was deleted. */
export async function findPrincipalById(
  reader: Reader,
  id: string,
): Promise<
  | {
      readonly kind: 'user' | 'role'
      readonly account: string
      readonly path: string
      readonly name: string
    }
  | undefined
> {
  const row = await reader.first<{
    kind: 'user' | 'role'
    account_id: string
    path: string
    name: string
  }>(
    sql`SELECT kind, account_id, path, name FROM identities WHERE identity_id = ${id} AND kind <> 'group'`,
  )
  return row && { kind: row.kind, account: row.account_id, path: row.path, name: row.name }
}
