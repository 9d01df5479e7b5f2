import { deleteAccessKey } from '../database/identities.ts'
import { type AdminOperation, AdminError, required } from './admin-operation.ts'

/** Deletes an access key. It signs nothing from the moment this is answered. */
export const deleteAccessKeyOf: AdminOperation = async (input, service) => {
  const id = required(input, 'access-key-id')
  const there = await service.database.write((transaction) => deleteAccessKey(transaction, id))
  if (!there) throw new AdminError(`there is no access key \`${id}\``)
  return { AccessKeyId: id, Deleted: true }
}
