/**
 * Makes principals of what is known of a user or a role.
 */
import type { SessionContext } from '../audit/user-identity.ts'
import { federatedUserArn, identityArn, sessionArn } from './arns.ts'
import type { IdentityFacts } from './identity-directory.ts'
import {
  type AssumedRole,
  type FederatedUser,
  type IAMUser,
  type NamedPolicy,
  type PrincipalTag,
  type RootUser,
  sessionAttributes,
  type SessionFacts,
} from './principal.ts'

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
      ...(session && { sessionContext: { attributes: sessionAttributes(session) } }),
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
  const { sourceIdentity } = session.facts
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
        ...(sourceIdentity !== undefined && { sourceIdentity }),
        attributes: sessionAttributes(session.facts),
      },
    },
  }
}

/** What a federation token brings besides the user that asked for it. */
export type FederatedSession = Omit<RoleSession, 'webIdFederationData'>

/** The bearer of a federation token that a user has asked for. */
export function federatedPrincipal(
  { row, tags, policies }: IdentityFacts,
  { accessKeyId, partition }: Credentials,
  session: FederatedSession,
): FederatedUser {
  const { account, id, name } = row
  const arn = identityArn(partition, row)
  const issuer = {
    type: 'IAMUser',
    principalId: id,
    arn,
    accountId: account,
    userName: name,
  } as const
  return federated({ accessKeyId, partition }, session, {
    issuer,
    user: { arn, id },
    tags,
    policies,
  })
}

/** The bearer of a federation token that the root user has asked for: the session policies alone are its limit. */
export function federatedByRoot(
  root: RootUser,
  { accessKeyId, partition }: Credentials,
  session: FederatedSession,
): FederatedUser {
  const { account, arn, tags } = root
  const issuer = { type: 'Root', principalId: account, arn, accountId: account } as const
  const policies = [{ kind: 'identity', name: 'root', text: everything }] as const
  return federated({ accessKeyId, partition }, session, { issuer, user: undefined, tags, policies })
}

/** What a root user may do, as a policy. */
const everything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
})

function federated(
  { accessKeyId, partition }: Credentials,
  session: FederatedSession,
  from: Pick<FederatedUser, 'user' | 'tags' | 'policies'> & { readonly issuer: SessionIssuer },
): FederatedUser {
  const { accountId: account } = from.issuer
  const { name, facts } = session
  const arn = federatedUserArn(partition, { account, name })
  const principalId = `${account}:${name}`
  return {
    type: 'FederatedUser',
    account,
    arn,
    principalId,
    accessKeyId,
    policies: [...from.policies, ...session.policies],
    tags: mergeTags(from.tags, session.tags),
    session: facts,
    name,
    user: from.user,
    identity: {
      type: 'FederatedUser',
      principalId,
      arn,
      accountId: account,
      accessKeyId,
      sessionContext: { sessionIssuer: from.issuer, attributes: sessionAttributes(facts) },
    },
  }
}

type SessionIssuer = NonNullable<SessionContext['sessionIssuer']>

/** Tags with others over them: of keys that differ by case alone, the latter's. */
export function mergeTags(
  tags: readonly PrincipalTag[],
  over: readonly PrincipalTag[],
): readonly PrincipalTag[] {
  const replaced = new Set(over.map(({ key }) => key.toLowerCase()))
  return [...tags.filter(({ key }) => !replaced.has(key.toLowerCase())), ...over]
}
