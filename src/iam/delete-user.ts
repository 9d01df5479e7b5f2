import { listGroupsOf } from '../database/iam-groups.ts'
import { deleteIdentity } from '../database/iam-identities.ts'
import { listAccessKeys } from '../database/identities.ts'
import { deleteConflict } from '../server/query-error.ts'
import { changes } from './action.ts'
import { findNamed } from './identity.ts'
import { requireNoPolicies } from './identity-changes.ts'
import { existingName } from './rules.ts'
import { identityOwner, putTags } from './tag-rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html */
export const deleteUser = changes('DeleteUser', { name: existingName('user') }, ({ name }, call) =>
  call.write(async (transaction) => {
    const look = { kind: 'user', name, action: 'iam:DeleteUser' } as const
    const row = await findNamed(transaction, call, look)
    await requireNoPolicies(transaction, row.id)
    const keys = await listAccessKeys(transaction, { account: row.account, userId: row.id })
    if (keys.length > 0) {
      throw deleteConflict('Cannot delete entity, must delete access keys first.')
    }
    const groups = await listGroupsOf(transaction, row.id, { after: '', limit: 1 })
    if (groups.length > 0) {
      throw deleteConflict('Cannot delete entity, must remove users from group first.')
    }
    await putTags(transaction, identityOwner(row), [])
    await deleteIdentity(transaction, row.id)
    return undefined
  }),
)
