/**
 * Managed policies attached to users, groups and roles: three actions for each kind, which differ in their names alone.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
 */
import { attachPolicy, detachPolicy, listAttachedPolicies } from '../database/iam-attachments.ts'
import type { IdentityKind } from '../database/iam-identities.ts'
import { policyArn as arnOf } from '../identities/arns.ts'
import type { SignedAction } from '../server/query-action.ts'
import { noSuchEntity } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { findNamed } from './identity.ts'
import { cutPage, readPage } from './paging.ts'
import { findPolicyByArn, requireArn } from './policy-arn.ts'
import { quotas, requireRoom } from './quotas.ts'
import { existingName, paging, policyArn, policyPathPrefix } from './rules.ts'

/** The actions on attachments to one kind of identity. */
export function attachmentActions(kind: IdentityKind): readonly SignedAction[] {
  return [attach(kind), detach(kind), listAttached(kind)]
}

const words = { user: 'User', group: 'Group', role: 'Role' } as const

/** The permission is the identity's; which policy it is about is a condition key. */
const policyContext = (arn: string) => ({ 'iam:policyarn': [arn] })

function attach(kind: IdentityKind): SignedAction {
  const name = `Attach${words[kind]}Policy` as const
  const rules = { name: existingName(kind), PolicyArn: policyArn }
  return changes(name, rules, ({ name: identity, PolicyArn: arn }, call) => {
    requireArn(arn)
    return call.write(async (transaction) => {
      const action = `iam:${name}` as const
      const look = { kind, name: identity, action, context: policyContext(arn) }
      const { id: identityId, account } = await findNamed(transaction, call, look)
      const policy = await findPolicyByArn(transaction, call, arn)
      if (policy === undefined) {
        throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`)
      }
      const attached = await listAttachedPolicies(transaction, identityId)
      if (attached.some(({ id }) => id === policy.id)) return undefined
      const quota = quotas[`AttachedPoliciesPer${words[kind]}Quota`]
      requireRoom(attached.length, quota, `PoliciesPer${words[kind]}`)
      await attachPolicy(transaction, { identityId, policyId: policy.id, account })
      return undefined
    })
  })
}

function detach(kind: IdentityKind): SignedAction {
  const name = `Detach${words[kind]}Policy` as const
  const rules = { name: existingName(kind), PolicyArn: policyArn }
  return changes(name, rules, ({ name: identity, PolicyArn: arn }, call) => {
    requireArn(arn)
    return call.write(async (transaction) => {
      const action = `iam:${name}` as const
      const look = { kind, name: identity, action, context: policyContext(arn) }
      const row = await findNamed(transaction, call, look)
      const policy = await findPolicyByArn(transaction, call, arn)
      const wasAttached =
        policy !== undefined && (await detachPolicy(transaction, row.id, policy.id))
      if (!wasAttached) throw noSuchEntity(`Policy ${arn} was not found.`)
      return undefined
    })
  })
}

function listAttached(kind: IdentityKind): SignedAction {
  const plural = { user: 'UserPolicies', group: 'GroupPolicies', role: 'RolePolicies' } as const
  const name = `ListAttached${plural[kind]}` as const
  const rules = { name: existingName(kind), PathPrefix: policyPathPrefix, ...paging }
  return reads(name, rules, async (input, call) => {
    const look = { kind, name: input.name, action: `iam:${name}` } as const
    const row = await findNamed(call.read, call, look)
    const { PathPrefix: prefix = '/' } = input
    const page = readPage(call, input, { action: name, filter: `${row.id} ${prefix}` })
    const rows = await listAttachedPolicies(call.read, row.id, { ...page, pathPrefix: prefix })
    const cut = cutPage(call, { rows, page }, ({ id }) => id)
    const AttachedPolicies = cut.rows.map((policy) => ({
      PolicyName: policy.name,
      PolicyArn: arnOf(call.partition, policy),
    }))
    return { AttachedPolicies, ...cut.members }
  })
}
