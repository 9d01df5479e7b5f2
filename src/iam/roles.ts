/**
 * Roles: created, shown, changed and deleted.
 */
import { deleteIdentity, type IdentityRow, updateIdentity } from '../database/iam-identities.ts'
import type { Writer } from '../database/database.ts'
import type { QueryCall } from '../server/query-action.ts'
import type { XmlStructure } from '../server/xml.ts'
import { changes, reads } from './action.ts'
import type { IamQuestion } from './authorize-iam.ts'
import { findNamed } from './identity.ts'
import {
  createIdentity,
  type NewIdentity,
  prepareCreation,
  requireNoPolicies,
} from './identity-changes.ts'
import { roleMembers, wholeRole } from './members.ts'
import { checkTrustPolicy, pinPrincipals } from './policy-document.ts'
import {
  arn,
  documentRule,
  existingName,
  maxSessionDuration,
  newName,
  pathRule,
  requiredRoleDescription,
  roleDescription,
  tags,
} from './rules.ts'
import { identityOwner, putTags } from './tag-rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export const createRole = changes(
  'CreateRole',
  {
    name: newName('role'),
    document: documentRule('AssumeRolePolicyDocument'),
    path: pathRule('Path'),
    Description: roleDescription,
    MaxSessionDuration: maxSessionDuration,
    PermissionsBoundary: arn,
    Tags: tags,
  },
  async (input, call) => {
    const { name, document, path, PermissionsBoundary: boundary, Tags } = input
    const asked: NewIdentity = { kind: 'role', name, path, boundary, tags: Tags }
    prepareCreation(call, asked)
    const policy = checkTrustPolicy(document)
    return call.write(async (transaction) => {
      const role = {
        trustPolicy: document,
        trustPins: await pinPrincipals(policy, transaction),
        description: input.Description,
        maxSessionSeconds: input.MaxSessionDuration ?? defaultSessionSeconds,
      }
      const row = await createIdentity(transaction, call, { ...asked, role })
      const whole = await wholeRole(transaction, call, row)
      // The answer to a creation has not all that GetRole has.
      const unshown = { Description: undefined, MaxSessionDuration: undefined }
      return { Role: { ...whole, ...unshown } }
    })
  },
)

const defaultSessionSeconds = 3600

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html */
export const getRole = reads('GetRole', { name: existingName('role') }, async ({ name }, call) => {
  const look = { kind: 'role', name, action: 'iam:GetRole' } as const
  const row = await findNamed(call.read, call, look)
  const RoleLastUsed: XmlStructure = {}
  return { Role: { ...(await wholeRole(call.read, call, row)), RoleLastUsed } }
})

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html */
export const updateRole = changes(
  'UpdateRole',
  {
    name: existingName('role'),
    Description: roleDescription,
    MaxSessionDuration: maxSessionDuration,
  },
  (input, call) =>
    call.write(async (transaction) => {
      const look = { name: input.name, action: 'iam:UpdateRole' } as const
      await changeRole(transaction, call, {
        ...look,
        change: (row) => ({
          ...row,
          description: input.Description ?? row.description,
          maxSessionSeconds: input.MaxSessionDuration ?? row.maxSessionSeconds,
        }),
      })
      return {}
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html */
export const updateRoleDescription = changes(
  'UpdateRoleDescription',
  { name: existingName('role'), Description: requiredRoleDescription },
  ({ name, Description: description }, call) =>
    call.write(async (transaction) => {
      const row = await changeRole(transaction, call, {
        name,
        action: 'iam:UpdateRoleDescription',
        change: (before) => ({ ...before, description }),
      })
      const members = await roleMembers(transaction, call.partition, row)
      return { Role: { ...members, Description: description } }
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html */
export const updateAssumeRolePolicy = changes(
  'UpdateAssumeRolePolicy',
  { name: existingName('role'), document: documentRule('PolicyDocument') },
  ({ name, document }, call) =>
    call.write(async (transaction) => {
      const look = { kind: 'role', name, action: 'iam:UpdateAssumeRolePolicy' } as const
      const row = await findNamed(transaction, call, look)
      const trustPins = await pinPrincipals(checkTrustPolicy(document), transaction)
      await updateIdentity(transaction, { ...row, trustPolicy: document, trustPins })
      return undefined
    }),
)

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
export const deleteRole = changes('DeleteRole', { name: existingName('role') }, ({ name }, call) =>
  call.write(async (transaction) => {
    const look = { kind: 'role', name, action: 'iam:DeleteRole' } as const
    const row = await findNamed(transaction, call, look)
    await requireNoPolicies(transaction, row.id)
    await putTags(transaction, identityOwner(row), [])
    await deleteIdentity(transaction, row.id)
    return undefined
  }),
)

async function changeRole(
  transaction: Writer,
  call: QueryCall,
  asked: {
    readonly name: string
    readonly action: IamQuestion['action']
    readonly change: (row: IdentityRow) => IdentityRow
  },
): Promise<IdentityRow> {
  const { name, action, change } = asked
  const row = change(await findNamed(transaction, call, { kind: 'role', name, action }))
  await updateIdentity(transaction, row)
  return row
}
