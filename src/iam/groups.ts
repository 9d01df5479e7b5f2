/**
 * Groups: created, shown, renamed, moved and deleted, and who is in them.
 */
import {
  addMember,
  listGroupsOf,
  listMembers,
  type Membership,
  removeMember,
} from '../database/iam-groups.ts'
import { deleteIdentity, findIdentityByName, updateIdentity } from '../database/iam-identities.ts'
import type { Writer } from '../database/database.ts'
import type { QueryCall, SignedAction } from '../server/query-action.ts'
import { deleteConflict } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { findNamed, lookNamed, noSuchIdentity } from './identity.ts'
import {
  authorizeRenaming,
  createIdentity,
  type NewIdentity,
  prepareCreation,
  requireNoPolicies,
} from './identity-changes.ts'
import { groupMembers, userMembers } from './members.ts'
import { byName, cutPage, readPage } from './paging.ts'
import { quotas, requireRoom } from './quotas.ts'
import { existingName, nameRule, newName, paging, pathRule } from './rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html */
export const createGroup = changes(
  'CreateGroup',
  { name: newName('group'), path: pathRule('Path') },
  async ({ name, path }, call) => {
    const asked: NewIdentity = { kind: 'group', name, path }
    prepareCreation(call, asked)
    return call.write(async (transaction) => {
      const row = await createIdentity(transaction, call, asked)
      return { Group: groupMembers(call.partition, row) }
    })
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html */
export const getGroup = reads(
  'GetGroup',
  { name: existingName('group'), ...paging },
  async (input, call) => {
    const look = { kind: 'group', name: input.name, action: 'iam:GetGroup' } as const
    const group = await findNamed(call.read, call, look)
    const page = readPage(call, input, { action: 'GetGroup', filter: group.id })
    const rows = await listMembers(call.read, group.id, page)
    const cut = cutPage(call, { rows, page }, byName)
    const { partition, account } = call
    return {
      Group: groupMembers(partition, group),
      Users: cut.rows.map((row) => userMembers(partition, { ...row, account })),
      ...cut.members,
    }
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html */
export const updateGroup = changes(
  'UpdateGroup',
  {
    name: existingName('group'),
    newPath: pathRule('NewPath'),
    newName: nameRule('NewGroupName', 128),
  },
  (input, call) =>
    call.write(async (transaction) => {
      const look = { kind: 'group', name: input.name, action: 'iam:UpdateGroup' } as const
      const row = await findNamed(transaction, call, look)
      const { newName: name = row.name, newPath: path = row.path } = input
      const renamed = { ...row, name, path }
      await authorizeRenaming(transaction, call, renamed)
      await updateIdentity(transaction, renamed)
      return undefined
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html */
export const deleteGroup = changes(
  'DeleteGroup',
  { name: existingName('group') },
  ({ name }, call) =>
    call.write(async (transaction) => {
      const look = { kind: 'group', name, action: 'iam:DeleteGroup' } as const
      const row = await findNamed(transaction, call, look)
      const members = await listMembers(transaction, row.id, { after: '', limit: 1 })
      if (members.length > 0) {
        throw deleteConflict('Cannot delete entity, must remove users from group first.')
      }
      await requireNoPolicies(transaction, row.id)
      await deleteIdentity(transaction, row.id)
      return undefined
    }),
)

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
