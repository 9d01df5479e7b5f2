import { isoTime } from '../clock.ts'
import { listAccessKeys } from '../database/identities.ts'
import { type AdminOperation, required } from './admin-operation.ts'

/** The access keys of an account's root user, without their secrets. */
export const listAccessKeysOf: AdminOperation = async (input, service) => {
  const account = required(input, 'account')
  const rows = await listAccessKeys(service.database.read, { account, userId: account })
  return {
    AccessKeys: rows.map((row) => ({
      AccessKeyId: row.id,
      Status: row.status,
      CreateDate: isoTime(row.createdAt),
    })),
  }
}
