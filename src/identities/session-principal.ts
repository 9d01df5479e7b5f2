/**
 * The principal that a session is, made of its token and of what is known, at this moment, of its role or user.
 */
import type { IdentityDirectory, IdentityFacts, ManagedPolicy } from './identity-directory.ts'
import { policyArn } from './arns.ts'
import { type NamedPolicy, type Principal, rootUser, type SessionFacts } from './principal.ts'
import {
  federatedByRoot,
  federatedPrincipal,
  rolePrincipal,
  type RoleSession,
  userPrincipal,
} from './principals.ts'
import type { SessionClaims } from './session-token.ts'
import type { Session } from './sessions.ts'

/** Where a session is used. */
export interface SessionPlace {
  readonly region: string
  readonly partition: string
}

/**
 * The principal; undefined if and only if the role or user is not there any more. The same object for as long as nothing
 * changes that it is made from, so that what is remembered of it lasts.
 */
export async function sessionPrincipal(
  session: Session,
  place: SessionPlace,
  identities: IdentityDirectory,
): Promise<Principal | undefined> {
  const { claims } = session
  const isOfRoot = claims.id === claims.account
  const facts = isOfRoot ? undefined : await identities.find(claims.id, place.partition)
  if (!isOfRoot && facts === undefined) return undefined
  const managed: (ManagedPolicy | undefined)[] = []
  for (const id of claims.policies?.managed ?? []) managed.push(await identities.managedPolicy(id))
  const parts = [facts, ...managed]
  const known = session.principals.get(place.partition)
  if (known !== undefined && parts.every((part, index) => part === known.parts[index])) {
    return known.principal
  }
  const policies = sessionPolicies(claims, managed, place.partition)
  const principal = build(session, place, { facts, policies })
  session.principals.set(place.partition, { principal, parts })
  return principal
}

/** Session policies. A managed one that was deleted allows nothing any more, and the session stays limited. */
function sessionPolicies(
  { policies }: SessionClaims,
  managed: readonly (ManagedPolicy | undefined)[],
  partition: string,
): NamedPolicy[] {
  const found = managed.filter((policy) => policy !== undefined)
  const inline = policies?.inline
  return [
    ...(inline === undefined ? [] : [{ kind: 'session', name: 'session', text: inline } as const]),
    ...found.map((policy) => ({
      kind: 'session' as const,
      name: policyArn(partition, policy),
      text: policy.text,
    })),
  ]
}

function build(
  { accessKeyId, claims }: Session,
  { region, partition }: SessionPlace,
  from: { readonly facts: IdentityFacts | undefined; readonly policies: readonly NamedPolicy[] },
): Principal {
  const by = { accessKeyId, partition }
  const facts = sessionFacts(claims)
  const { webIdentity: web, name = '', tags = [] } = claims
  const session: RoleSession = {
    name,
    facts,
    tags,
    policies: from.policies,
    ...(web && {
      webIdFederationData: { federatedProvider: web.provider, attributes: web.attributes },
    }),
  }
  if (from.facts === undefined) {
    const root = rootUser(claims.account, { accessKeyId, region }, facts)
    return claims.of === 'federated' ? federatedByRoot(root, by, session) : root
  }
  switch (claims.of) {
    case 'role':
      return rolePrincipal(from.facts, by, session)
    case 'federated':
      return federatedPrincipal(from.facts, by, session)
    case 'user':
    case 'root':
      return userPrincipal(from.facts, by, facts)
  }
}

function sessionFacts(claims: SessionClaims): SessionFacts {
  const { issuedAt, expiresAt, sourceIdentity, transitiveTagKeys = [] } = claims
  return {
    issuedAt,
    expiresAt,
    sourceIdentity,
    transitiveTagKeys,
    federatedProvider: claims.webIdentity?.provider,
    limited: claims.of === 'federated' || claims.policies !== undefined,
  }
}
