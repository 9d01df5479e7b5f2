import { setAccessKeyStatus } from '../database/identities.ts'
import { type AdminOperation, AdminError, required } from './admin-operation.ts'

/** Activates or deactivates an access key. An inactive one signs nothing from the moment this is answered. */
export const updateAccessKey: AdminOperation = async (input, service) => {
  const id = required(input, 'access-key-id')
  const status = required(input, 'status')
  if (status !== 'Active' && status !== 'Inactive') {
    throw new AdminError(`\`${status}\` is no status; it is Active or Inactive`)
  }
  const there = await service.database.write((transaction) =>
    setAccessKeyStatus(transaction, id, status),
  )
  if (!there) throw new AdminError(`there is no access key \`${id}\``)
  return { AccessKeyId: id, Status: status }
}
