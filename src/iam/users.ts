/**
 * Users: created, shown, renamed, moved and deleted.
 */
import { listGroupsOf } from '../database/iam-groups.ts'
import { deleteIdentity, updateIdentity } from '../database/iam-identities.ts'
import { listAccessKeys } from '../database/identities.ts'
import { deleteConflict } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { findNamed, ownName } from './identity.ts'
import {
  authorizeRenaming,
  createIdentity,
  type NewIdentity,
  prepareCreation,
  requireNoPolicies,
} from './identity-changes.ts'
import { rootMembers, wholeUser } from './members.ts'
import { arn, existingName, nameRule, newName, optionalName, pathRule, tags } from './rules.ts'
import { identityOwner, putTags } from './tag-rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html */
export const createUser = changes(
  'CreateUser',
  { name: newName('user'), path: pathRule('Path'), PermissionsBoundary: arn, Tags: tags },
  async (input, call) => {
    const { name, path, PermissionsBoundary: boundary, Tags } = input
    const asked: NewIdentity = { kind: 'user', name, path, boundary, tags: Tags }
    prepareCreation(call, asked)
    return call.write(async (transaction) => {
      const row = await createIdentity(transaction, call, asked)
      return { User: await wholeUser(transaction, call, row) }
    })
  },
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html */
export const getUser = reads('GetUser', { name: optionalName('user') }, async ({ name }, call) => {
  if (name === undefined && call.caller.type === 'Root') return { User: await rootMembers(call) }
  const look = { kind: 'user', action: 'iam:GetUser' } as const
  const row = await findNamed(call.read, call, { ...look, name: name ?? ownName(call) })
  return { User: await wholeUser(call.read, call, row) }
})

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html */
export const updateUser = changes(
  'UpdateUser',
  {
    name: existingName('user'),
    newPath: pathRule('NewPath'),
    newName: nameRule('NewUserName', 64),
  },
  (input, call) =>
    call.write(async (transaction) => {
      const look = { kind: 'user', name: input.name, action: 'iam:UpdateUser' } as const
      const row = await findNamed(transaction, call, look)
      const { newName: name = row.name, newPath: path = row.path } = input
      const renamed = { ...row, name, path }
      await authorizeRenaming(transaction, call, renamed)
      await updateIdentity(transaction, renamed)
      return undefined
    }),
)

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
