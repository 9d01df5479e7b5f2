/**
 * Groups: created, shown, renamed, moved and deleted. Who joins and leaves them stands in memberships.ts.
 */
import { listMembers } from '../database/iam-groups.ts'
import { deleteIdentity, updateIdentity } from '../database/iam-identities.ts'
import { deleteConflict } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { findNamed } from './identity.ts'
import {
  createIdentity,
  type NewIdentity,
  prepareCreation,
  requireNoPolicies,
} from './identity-changes.ts'
import { groupMembers, userMembers } from './members.ts'
import { byName, cutPage, readPage } from './paging.ts'
import { authorizeRenaming } from './renaming.ts'
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
