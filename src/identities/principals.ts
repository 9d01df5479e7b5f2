/**
 * Makes principals of what is known of a user or a role.
 */
import type { SessionContext } from '../audit/user-identity.ts'
import { isoTime } from '../clock.ts'
import { identityArn, sessionArn } from './arns.ts'
import type { IdentityFacts } from './identity-directory.ts'
import type { AssumedRole, IAMUser, NamedPolicy, PrincipalTag, SessionFacts } from './principal.ts'

/** By which credentials somebody acts. */
export interface Credentials {
  readonly accessKeyId: string
  readonly partition: string
}

/** The user, by one of its access keys or, with a session, by the credentials of GetSessionToken. */
export function userPrincipal(
  { row, tags, policies }: IdentityFacts,
  { accessKeyId, partition }: Credentials,
  session?: SessionFacts,
): IAMUser {
  const arn = identityArn(partition, row)
  const { account, id, name, path } = row
  return {
    type: 'IAMUser',
    account,
    arn,
    principalId: id,
    accessKeyId,
    policies,
    tags,
    session,
    userId: id,
    userName: name,
    path,
    identity: {
      type: 'IAMUser',
      principalId: id,
      arn,
      accountId: account,
      accessKeyId,
      userName: name,
      ...(session && { sessionContext: { attributes: attributesOf(session) } }),
    },
  }
}

/** What a session of a role brings besides the role. */
export interface RoleSession {
  readonly name: string
  readonly facts: SessionFacts
  /** Session tags; of the same key, in whatever case, they stand over the role's. */
  readonly tags: readonly PrincipalTag[]
  /** Session policies. A session that has any is limited to what they allow. */
  readonly policies: readonly NamedPolicy[]
  readonly webIdFederationData?: SessionContext['webIdFederationData']
}

/** A session of a role. */
export function rolePrincipal(
  { row, tags, policies }: IdentityFacts,
  { accessKeyId, partition }: Credentials,
  session: RoleSession,
): AssumedRole {
  const roleArn = identityArn(partition, row)
  const { account, id, name } = row
  const arn = sessionArn(partition, { account, roleName: name, sessionName: session.name })
  const principalId = `${id}:${session.name}`
  const sessionIssuer = {
    type: 'Role',
    principalId: id,
    arn: roleArn,
    accountId: account,
    userName: name,
  } as const
  const { webIdFederationData } = session
  return {
    type: 'AssumedRole',
    account,
    arn,
    principalId,
    accessKeyId,
    policies: [...policies, ...session.policies],
    tags: mergeTags(tags, session.tags),
    session: session.facts,
    roleId: id,
    roleName: name,
    roleArn,
    sessionName: session.name,
    identity: {
      type: 'AssumedRole',
      principalId,
      arn,
      accountId: account,
      accessKeyId,
      sessionContext: {
        sessionIssuer,
        ...(webIdFederationData && { webIdFederationData }),
        attributes: attributesOf(session.facts),
      },
    },
  }
}

/** Tags with others over them: of keys that differ by case alone, the latter's. */
export function mergeTags(
  tags: readonly PrincipalTag[],
  over: readonly PrincipalTag[],
): readonly PrincipalTag[] {
  const replaced = new Set(over.map(({ key }) => key.toLowerCase()))
  return [...tags.filter(({ key }) => !replaced.has(key.toLowerCase())), ...over]
}

const attributesOf = ({ issuedAt }: SessionFacts) =>
  ({ creationDate: isoTime(issuedAt), mfaAuthenticated: 'false' }) as const
