/**
 * Users: created, shown, renamed and moved. They are deleted in delete-user.ts.
 */
import { updateIdentity } from '../database/iam-identities.ts'
import { changes, reads } from './action.ts'
import { findNamed, ownName } from './identity.ts'
import { createIdentity, type NewIdentity, prepareCreation } from './identity-changes.ts'
import { rootMembers, wholeUser } from './members.ts'
import { authorizeRenaming } from './renaming.ts'
import { arn, existingName, nameRule, newName, optionalName, pathRule, tags } from './rules.ts'

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
