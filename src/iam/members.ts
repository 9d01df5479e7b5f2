/**
 * IAM's objects in XML: which members stand there, and when.
 */
import { rootArn } from '../api/arn.ts'
import { isoTime } from '../clock.ts'
import type { Reader } from '../database/database.ts'
import type { NamedIdentity } from '../database/iam-groups.ts'
import type { IdentityRow } from '../database/iam-identities.ts'
import { readTags } from '../database/iam-tags.ts'
import { findAccount } from '../database/identities.ts'
import { identityArn } from '../identities/arns.ts'
import type { QueryCall } from '../server/query-action.ts'
import type { XmlStructure } from '../server/xml.ts'
import { boundaryArn } from './identity.ts'
import { tagsMember } from './tag-rules.ts'
import { shownTrustPolicy } from './trust-policy.ts'

/** The PermissionsBoundary member of users and roles. */
export const boundaryMember = (arn: string | undefined): XmlStructure | undefined =>
  arn === undefined ? undefined : { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn }

/** A User as lists show it. */
export function userMembers(
  partition: string,
  user: NamedIdentity & { readonly account: string },
): XmlStructure {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: identityArn(partition, { ...user, kind: 'user' }),
    CreateDate: isoTime(user.createdAt),
  }
}

/** A Group. */
export function groupMembers(
  partition: string,
  group: NamedIdentity & { readonly account: string },
): XmlStructure {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: identityArn(partition, { ...group, kind: 'group' }),
    CreateDate: isoTime(group.createdAt),
  }
}

/** A User as CreateUser and GetUser show it. */
export async function wholeUser(
  reader: Reader,
  call: QueryCall,
  row: IdentityRow,
): Promise<XmlStructure> {
  return {
    ...userMembers(call.partition, row),
    PermissionsBoundary: boundaryMember(await boundaryArn(reader, call.partition, row)),
    Tags: tagsMember(await readTags(reader, row.id)),
  }
}

/** A Role as lists show it. */
export async function roleMembers(
  reader: Reader,
  partition: string,
  row: IdentityRow,
): Promise<XmlStructure> {
  return {
    Path: row.path,
    RoleName: row.name,
    RoleId: row.id,
    Arn: identityArn(partition, row),
    CreateDate: isoTime(row.createdAt),
    AssumeRolePolicyDocument: await shownTrustPolicy(reader, partition, row),
  }
}

/** A Role as GetRole shows it, but for its last use. */
export async function wholeRole(
  reader: Reader,
  call: QueryCall,
  row: IdentityRow,
): Promise<XmlStructure> {
  return {
    ...(await roleMembers(reader, call.partition, row)),
    Description: row.description,
    MaxSessionDuration: row.maxSessionSeconds,
    PermissionsBoundary: boundaryMember(await boundaryArn(reader, call.partition, row)),
    Tags: tagsMember(await readTags(reader, row.id)),
  }
}

/** The root user has no name; AWS shows it with its account's id in the place of a unique id. */
export async function rootMembers(call: QueryCall): Promise<XmlStructure> {
  const account = await findAccount(call.read, call.account)
  return {
    Path: '/',
    UserId: call.account,
    Arn: rootArn({ account: call.account, region: call.region }),
    CreateDate: isoTime(account?.createdAt ?? 0),
  }
}
