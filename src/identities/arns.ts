/**
 * The ARNs and the unique ids of IAM's things (IAM User Guide, "IAM identifiers").
 */
import { randomText } from '../crypto/random.ts'
import type { IdentityKind } from '../database/iam-identities.ts'

/** The ARN of a user, group or role. */
export function identityArn(
  partition: string,
  identity: {
    readonly kind: IdentityKind
    readonly account: string
    readonly path: string
    readonly name: string
  },
): string {
  const { kind, account, path, name } = identity
  return `arn:${partition}:iam::${account}:${kind}${path}${name}`
}

/** The ARN of a managed policy. */
export function policyArn(
  partition: string,
  policy: { readonly account: string; readonly path: string; readonly name: string },
): string {
  return `arn:${partition}:iam::${policy.account}:policy${policy.path}${policy.name}`
}

/** The ARN of a session of a role; the role's path is not in it. */
export function sessionArn(
  partition: string,
  session: { readonly account: string; readonly roleName: string; readonly sessionName: string },
): string {
  const { account, roleName, sessionName } = session
  return `arn:${partition}:sts::${account}:assumed-role/${roleName}/${sessionName}`
}

/** The ARN of the bearer of a federation token. */
export function federatedUserArn(
  partition: string,
  { account, name }: { readonly account: string; readonly name: string },
): string {
  return `arn:${partition}:sts::${account}:federated-user/${name}`
}

/** The ARN of an OpenID Connect provider, whose URL is given without `https://`. */
export function oidcProviderArn(partition: string, account: string, url: string): string {
  return `arn:${partition}:iam::${account}:oidc-provider/${url}`
}

/** The letters that a unique id begins with. */
const prefixes = { user: 'AIDA', role: 'AROA', group: 'AGPA', policy: 'ANPA' } as const

/** A new unique id: no other thing ever has had it, nor ever will. */
export function uniqueId(kind: keyof typeof prefixes): string {
  return prefixes[kind] + randomText(17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')
}
