/**
 * Who is in which group.
 */
import type { Writer } from '../database/database.ts'
import { addMember, listGroupsOf, type Membership, removeMember } from '../database/iam-groups.ts'
import { findIdentityByName } from '../database/iam-identities.ts'
import type { QueryCall, SignedAction } from '../server/query-action.ts'
import { changes, reads } from './action.ts'
import { findNamed, lookNamed, noSuchIdentity } from './identity.ts'
import { groupMembers } from './members.ts'
import { byName, cutPage, readPage } from './paging.ts'
import { quotas, requireRoom } from './quotas.ts'
import { existingName, paging } from './rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html */
export const addUserToGroup = membershipAction('AddUserToGroup', async (transaction, member) => {
  const groups = await listGroupsOf(transaction, member.userId, { after: '', limit: 100 })
  if (groups.some(({ id }) => id === member.groupId)) return
  requireRoom(groups.length, quotas.GroupsPerUserQuota, 'GroupsPerUser')
  await addMember(transaction, member)
})

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html */
export const removeUserFromGroup = membershipAction('RemoveUserFromGroup', removeMember)

/** The permission is the group's; of the two names, that of the user is looked up first. */
function membershipAction(
  name: 'AddUserToGroup' | 'RemoveUserFromGroup',
  change: (transaction: Writer, member: Membership) => Promise<void>,
): SignedAction {
  const rules = { groupName: existingName('group'), userName: existingName('user') }
  return changes(name, rules, ({ groupName, userName }, call) =>
    call.write(async (transaction) => {
      const scope = { account: call.account, kind: 'user' } as const
      const user = await findIdentityByName(transaction, scope, userName)
      const look = { kind: 'group', name: groupName, action: `iam:${name}` } as const
      const group = await lookNamed(transaction, call, look)
      if (user === undefined) throw noSuchIdentity('user', userName)
      if (group === undefined) throw noSuchIdentity('group', groupName)
      await change(transaction, { groupId: group.id, userId: user.id })
      return undefined
    }),
  )
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html */
export const listGroupsForUser = reads(
  'ListGroupsForUser',
  { name: existingName('user'), ...paging },
  async (input, call: QueryCall) => {
    const look = { kind: 'user', name: input.name, action: 'iam:ListGroupsForUser' } as const
    const user = await findNamed(call.read, call, look)
    const page = readPage(call, input, { action: 'ListGroupsForUser', filter: user.id })
    const rows = await listGroupsOf(call.read, user.id, page)
    const cut = cutPage(call, { rows, page }, byName)
    const { partition, account } = call
    return {
      Groups: cut.rows.map((row) => groupMembers(partition, { ...row, account })),
      ...cut.members,
    }
  },
)
