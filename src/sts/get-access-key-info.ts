import { findAccessKey, findAccount } from '../database/identities.ts'
import { accountOfSessionKeyId } from '../identities/session-key-id.ts'
import type { QueryCall } from '../server/query-action.ts'
import { validationError } from '../server/query-error.ts'
import { required, text } from '../server/query-input.ts'
import { signedAction } from './action.ts'
import { authorizeSts } from './authorize-sts.ts'

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html */
export const getAccessKeyInfo = signedAction(
  'GetAccessKeyInfo',
  {
    AccessKeyId: required(
      text({ min: 16, max: 128, pattern: { source: '[\\w]*', regex: /^[A-Za-z0-9_]*$/ } }),
    ),
  },
  async ({ AccessKeyId: id }, call) => {
    authorizeSts(call, { action: 'sts:GetAccessKeyInfo', resource: '*' })
    const Account = await accountOf(call, id)
    if (Account === undefined) throw validationError(`Access key ${id} does not exist.`)
    return { Account }
  },
)

/** Temporary credentials are stored nowhere, but their ids carry the account. */
async function accountOf({ read }: QueryCall, id: string): Promise<string | undefined> {
  const account = accountOfSessionKeyId(id)
  if (account !== undefined) return (await findAccount(read, account))?.id
  return (await findAccessKey(read, id))?.account
}
