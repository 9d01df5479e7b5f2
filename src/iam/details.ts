/**
 * Users, groups, roles and policies with all that they may do, as GetAccountAuthorizationDetails shows them.
 */
import { listAttachedPolicies } from '../database/iam-attachments.ts'
import { listGroupsOf } from '../database/iam-groups.ts'
import type { IdentityRow } from '../database/iam-identities.ts'
import { listInlinePolicies } from '../database/iam-inline-policies.ts'
import { listPolicyVersions, type PolicyRow } from '../database/iam-policies.ts'
import { readTags } from '../database/iam-tags.ts'
import { policyArn } from '../identities/arns.ts'
import type { QueryCall } from '../server/query-action.ts'
import type { XmlStructure } from '../server/xml.ts'
import { encodeDocument } from './encode-document.ts'
import { policyMembers, versionMembers } from './managed-policy.ts'
import { groupMembers, wholeRole, wholeUser } from './members.ts'
import { tagList } from './tag-rules.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UserDetail.html */
export async function userDetail(call: QueryCall, row: IdentityRow): Promise<XmlStructure> {
  const groups = await listGroupsOf(call.read, row.id, { after: '', limit: 1000 })
  const inline = await inlineList(call, row)
  return {
    ...(await wholeUser(call.read, call, row)),
    UserPolicyList: inline.length === 0 ? undefined : inline,
    GroupList: groups.map(({ name }) => name),
    AttachedManagedPolicies: await attachedList(call, row),
    Tags: tagList(await readTags(call.read, row.id)),
  }
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GroupDetail.html */
export async function groupDetail(call: QueryCall, row: IdentityRow): Promise<XmlStructure> {
  return {
    ...groupMembers(call.partition, row),
    GroupPolicyList: await inlineList(call, row),
    AttachedManagedPolicies: await attachedList(call, row),
  }
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html */
export async function roleDetail(call: QueryCall, row: IdentityRow): Promise<XmlStructure> {
  const {
    Description: _,
    MaxSessionDuration: __,
    ...members
  } = await wholeRole(call.read, call, row)
  return {
    ...members,
    InstanceProfileList: [],
    RolePolicyList: await inlineList(call, row),
    AttachedManagedPolicies: await attachedList(call, row),
    Tags: tagList(await readTags(call.read, row.id)),
    RoleLastUsed: {},
  }
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ManagedPolicyDetail.html */
export async function policyDetail(call: QueryCall, row: PolicyRow): Promise<XmlStructure> {
  const versions = await listPolicyVersions(call.read, row.id)
  return {
    ...(await policyMembers(call.read, call, row)),
    Description: row.description,
    PolicyVersionList: versions.map((version) => ({
      Document: encodeDocument(version.document),
      ...versionMembers(row, version),
    })),
  }
}

async function inlineList(call: QueryCall, { id }: IdentityRow): Promise<XmlStructure[]> {
  const policies = await listInlinePolicies(call.read, id)
  return policies.map(({ name, document }) => ({
    PolicyName: name,
    PolicyDocument: encodeDocument(document),
  }))
}

async function attachedList(call: QueryCall, { id }: IdentityRow): Promise<XmlStructure[]> {
  const policies = await listAttachedPolicies(call.read, id)
  return policies.map((policy) => ({
    PolicyName: policy.name,
    PolicyArn: policyArn(call.partition, policy),
  }))
}
