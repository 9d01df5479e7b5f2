import { accountId } from '../crypto/random.ts'
import { insertAccessKey, insertAccount } from '../database/identities.ts'
import { newAccessKey } from '../identities/access-key.ts'
import { type AdminOperation, AdminError } from './admin-operation.ts'

/** A new account with its root user's first access key. The secret is shown this once. */
export const createAccount: AdminOperation = async (input, service) => {
  const id = accountId()
  const name = input['name'] ?? ''
  if (name.length > 256) throw new AdminError('the name of an account has at most 256 characters')
  const createdAt = service.clock.now()
  const { row, secret } = newAccessKey(service.root, { account: id, userId: id }, createdAt)
  await service.database.write(async (transaction) => {
    await insertAccount(transaction, { id, name, createdAt })
    await insertAccessKey(transaction, row)
  })
  return { AccountId: id, AccessKeyId: row.id, SecretAccessKey: secret }
}
