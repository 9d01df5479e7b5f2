import { isoTime } from '../clock.ts'
import { type AccountRow, listAccounts } from '../database/identities.ts'
import type { AdminOperation } from './admin-operation.ts'

/** How many rows are read at a time. */
const page = 1000

/** Every account. */
export const listAllAccounts: AdminOperation = async (_input, service) => {
  const accounts: AccountRow[] = []
  for (;;) {
    const after = accounts.at(-1)?.id ?? ''
    const rows = await listAccounts(service.database.read, { after, limit: page })
    accounts.push(...rows)
    if (rows.length < page) break
  }
  return {
    Accounts: accounts.map((account) => ({
      AccountId: account.id,
      Name: account.name,
      CreateDate: isoTime(account.createdAt),
    })),
  }
}
