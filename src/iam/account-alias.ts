/**
 * The alias of an account.
 */
import {
  deleteAccountAlias as deleteRow,
  findAccountAlias,
  findAliasOwner,
  putAccountAlias,
} from '../database/iam-account-aliases.ts'
import { entityAlreadyExists, noSuchEntity } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { requireNoMarker } from './paging.ts'
import { accountAlias, paging } from './rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html */
export const createAccountAlias = changes(
  'CreateAccountAlias',
  { AccountAlias: accountAlias },
  ({ AccountAlias: alias }, call) => {
    authorizeIam(call, { action: 'iam:CreateAccountAlias', resource: '*' })
    return call.write(async (transaction) => {
      if ((await findAliasOwner(transaction, alias)) !== undefined) {
        throw entityAlreadyExists(`The account alias ${alias} already exists.`)
      }
      await putAccountAlias(transaction, call.account, alias)
      return undefined
    })
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html */
export const deleteAccountAlias = changes(
  'DeleteAccountAlias',
  { AccountAlias: accountAlias },
  ({ AccountAlias: alias }, call) => {
    authorizeIam(call, { action: 'iam:DeleteAccountAlias', resource: '*' })
    return call.write(async (transaction) => {
      const wasThere = await deleteRow(transaction, call.account, alias)
      if (!wasThere) throw noSuchEntity(`The account alias ${alias} cannot be found.`)
      return undefined
    })
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html */
export const listAccountAliases = reads('ListAccountAliases', paging, async (input, call) => {
  authorizeIam(call, { action: 'iam:ListAccountAliases', resource: '*' })
  requireNoMarker(input)
  const alias = await findAccountAlias(call.read, call.account)
  return { AccountAliases: alias === undefined ? [] : [alias], IsTruncated: false }
})
