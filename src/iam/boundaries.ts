/**
 * Permissions boundaries of users and roles.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html
 */
import { updateIdentity } from '../database/iam-identities.ts'
import type { SignedAction } from '../server/query-action.ts'
import { noSuchEntity } from '../server/query-error.ts'
import { changes } from './action.ts'
import { findNamed } from './identity.ts'
import { findBoundary } from './policy-arn.ts'
import { existingName, policyArn } from './rules.ts'

/** The actions on the boundary of one kind of identity. */
export function boundaryActions(kind: 'user' | 'role'): readonly SignedAction[] {
  return [putBoundary(kind), deleteBoundary(kind)]
}

const words = { user: 'User', role: 'Role' } as const

function putBoundary(kind: 'user' | 'role'): SignedAction {
  const name = `Put${words[kind]}PermissionsBoundary` as const
  const rules = { name: existingName(kind), PermissionsBoundary: policyArn }
  return changes(name, rules, ({ name: identity, PermissionsBoundary: arn }, call) =>
    call.write(async (transaction) => {
      const context = { 'iam:permissionsboundary': [arn] }
      const look = { kind, name: identity, action: `iam:${name}`, context } as const
      const row = await findNamed(transaction, call, look)
      const policy = await findBoundary(transaction, call, arn)
      await updateIdentity(transaction, { ...row, boundaryId: policy.id })
      return undefined
    }),
  )
}

function deleteBoundary(kind: 'user' | 'role'): SignedAction {
  const name = `Delete${words[kind]}PermissionsBoundary` as const
  return changes(name, { name: existingName(kind) }, ({ name: identity }, call) =>
    call.write(async (transaction) => {
      const look = { kind, name: identity, action: `iam:${name}` } as const
      const row = await findNamed(transaction, call, look)
      if (row.boundaryId === undefined) {
        throw noSuchEntity(`${words[kind]} ${row.name} does not have a permissions boundary.`)
      }
      await updateIdentity(transaction, { ...row, boundaryId: undefined })
      return undefined
    }),
  )
}
