import { findAccount, listAccessKeys } from '../database/identities.ts'
import { newAccessKey } from '../identities/access-key.ts'
import { type AdminOperation, AdminError, required } from './admin-operation.ts'

/** How many access keys a root user may have; a person who rotates keys needs two at a time. */
const limit = 100

/** Another access key for an account's root user. The secret is shown this once. */
export const createAccessKey: AdminOperation = async (input, service) => {
  const account = required(input, 'account')
  const owner = { account, userId: account }
  const { row, secret, store } = newAccessKey(service.root, owner, service.clock.now())
  await service.database.write(async (transaction) => {
    if ((await findAccount(transaction, account)) === undefined) {
      throw new AdminError(`there is no account \`${account}\`; trent account list shows them`)
    }
    if ((await listAccessKeys(transaction, owner)).length >= limit) {
      throw new AdminError(`account \`${account}\` has ${limit} access keys; delete one first`)
    }
    await store(transaction)
  })
  return { AccountId: account, AccessKeyId: row.id, SecretAccessKey: secret }
}
