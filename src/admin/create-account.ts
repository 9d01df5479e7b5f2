import { accountId } from '../crypto/random.ts'
import type { Writer } from '../database/database.ts'
import { insertAccount } from '../database/identities.ts'
import { newAccessKey } from '../identities/access-key.ts'
import type { Service } from '../service.ts'
import { type AdminOperation, AdminError } from './admin-operation.ts'

/** A new account with its root user's first access key. The secret is shown this once. */
export const createAccount: AdminOperation = async (input, service) => {
  const name = input['name'] ?? ''
  if (name.length > 256) throw new AdminError('the name of an account has at most 256 characters')
  const { store, ...shown } = prepareAccount(name, service)
  await service.database.write(store)
  return shown
}

/** An account that is there as soon as it is stored. */
export interface PreparedAccount {
  readonly AccountId: string
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly store: (transaction: Writer) => Promise<void>
}

/** Makes an account and its access key, and stores neither yet. */
export function prepareAccount(name: string, service: Service): PreparedAccount {
  const id = accountId()
  const createdAt = service.clock.now()
  const made = newAccessKey(service.root, { account: id, userId: id }, createdAt)
  return {
    AccountId: id,
    AccessKeyId: made.row.id,
    SecretAccessKey: made.secret,
    store: async (transaction) => {
      await insertAccount(transaction, { id, name, createdAt })
      await made.store(transaction)
    },
  }
}
