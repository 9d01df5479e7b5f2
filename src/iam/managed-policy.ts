/**
 * Managed policies as IAM's actions find and show them.
 */
import { parseArn } from '../api/arn.ts'
import { isoTime } from '../clock.ts'
import type { Reader } from '../database/database.ts'
import { countPolicyUses } from '../database/iam-attachments.ts'
import { type PolicyRow, type PolicyVersionRow, policyRowName } from '../database/iam-policies.ts'
import { readTags } from '../database/iam-tags.ts'
import { policyArn } from '../identities/arns.ts'
import type { QueryCall } from '../server/query-action.ts'
import { accessDenied, type QueryError } from '../server/query-error.ts'
import type { XmlStructure } from '../server/xml.ts'
import type { ContextValues } from '../policies/context-values.ts'
import { authorizeIam, type IamQuestion, resourceTags } from './authorize-iam.ts'
import { findPolicyByArn, isPolicyArn } from './policy-arn.ts'
import type { TagOwner } from './tag-rules.ts'

/** What an action wants with a policy. */
export interface PolicyLook {
  readonly arn: string
  readonly action: IamQuestion['action']
  readonly context?: ContextValues
  /** What is thrown when there is no such policy. */
  readonly missing: () => QueryError
  /** AWS's sentence for changing a policy of another account, or of AWS; undefined where nothing is changed. */
  readonly outside?: string
}

/** The policy of an ARN, if the caller may and there is one. */
export async function findManagedPolicy(
  reader: Reader,
  call: QueryCall,
  look: PolicyLook,
): Promise<PolicyRow> {
  const { arn, action, outside } = look
  const row = await findPolicyByArn(reader, call, arn)
  const own = row === undefined ? {} : resourceTags(await readTags(reader, row.id))
  authorizeIam(call, { action, resource: arn, context: { ...own, ...look.context } })
  if (outside !== undefined && isPolicyArn(arn) && parseArn(arn)?.account !== call.account) {
    throw accessDenied(outside)
  }
  if (row === undefined) throw look.missing()
  return row
}

/** A Policy as lists show it. */
export async function policyMembers(
  reader: Reader,
  call: QueryCall,
  row: PolicyRow,
): Promise<XmlStructure> {
  const uses = await countPolicyUses(reader, row.id, call.account)
  return {
    PolicyName: row.name,
    PolicyId: row.id,
    Arn: policyArn(call.partition, row),
    Path: row.path,
    DefaultVersionId: versionName(row.defaultVersion),
    AttachmentCount: uses.attachments,
    PermissionsBoundaryUsageCount: uses.boundaries,
    IsAttachable: true,
    CreateDate: isoTime(row.createdAt),
    UpdateDate: isoTime(row.updatedAt),
  }
}

const versionName = (version: number): string => `v${version}`

/** A PolicyVersion, without its document. */
export const versionMembers = (policy: PolicyRow, row: PolicyVersionRow): XmlStructure => ({
  VersionId: versionName(row.version),
  IsDefaultVersion: row.version === policy.defaultVersion,
  CreateDate: isoTime(row.createdAt),
})

/** The tags of a policy. */
export const policyOwner = ({ id }: Pick<PolicyRow, 'id'>): TagOwner => ({
  owner: id,
  row: policyRowName(id),
})
