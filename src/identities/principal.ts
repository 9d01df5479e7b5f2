/**
 * Who makes a call: the principal behind a verified signature, with the policies that bound what it may do.
 */
import { rootArn } from '../api/arn.ts'
import type { UserIdentity } from '../audit/user-identity.ts'
import { isoTime } from '../clock.ts'
import type { AccessKeyStatus } from '../database/identities.ts'

/** Who makes a call. */
export type Principal = RootUser | IAMUser | AssumedRole | FederatedUser

/** A policy that applies to a principal. */
export interface NamedPolicy {
  /** What it does: give, cap what the others give, or cap it for one session. */
  readonly kind: 'identity' | 'boundary' | 'session'
  /** For explanations: `user/Bob/inline-name`, `group/Admins/name`, or the ARN of a managed policy. */
  readonly name: string
  /** The document as it was submitted. Equal texts are compiled once. */
  readonly text: string
}

/** A tag of a principal. Keys differ by more than case. */
export interface PrincipalTag {
  readonly key: string
  readonly value: string
}

interface AnyPrincipal {
  readonly account: string
  /** The principal's ARN, as it stands in messages and in the record: of a role's session, the session's. */
  readonly arn: string
  /** What `aws:userid` is: the account id, `AIDA...`, or `AROA...:<session name>`. */
  readonly principalId: string
  readonly accessKeyId: string
  /** Every identity policy, boundary and session policy. The root user has none: it is not bound by any. */
  readonly policies: readonly NamedPolicy[]
  /** What `aws:PrincipalTag` is: a user's tags, or a role's with those of the session over them. */
  readonly tags: readonly PrincipalTag[]
  /** Present when the credentials are temporary. */
  readonly session: SessionFacts | undefined
  /** The same in CloudTrail's words. One object for as long as the parts it is made from are in memory. */
  readonly identity: UserIdentity
}

/** What is known of temporary credentials. */
export interface SessionFacts {
  /** Milliseconds since 1970. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** Set once and kept from role to role. */
  readonly sourceIdentity: string | undefined
  /** The keys of session tags that go on to the next role. */
  readonly transitiveTagKeys: readonly string[]
  /** The ARN of the provider whose web identity token the session began with. */
  readonly federatedProvider: string | undefined
  /** Set where session policies limit it, also when none of them is there any more: it may then do nothing. */
  readonly limited?: boolean
}

/** The root user of an account. */
export interface RootUser extends AnyPrincipal {
  readonly type: 'Root'
}

/** A user, by an access key or by a session of its own (GetSessionToken). */
export interface IAMUser extends AnyPrincipal {
  readonly type: 'IAMUser'
  /** The unique id, `AIDA...`; it outlives a change of name. */
  readonly userId: string
  readonly userName: string
  readonly path: string
}

/** A session of a role. */
export interface AssumedRole extends AnyPrincipal {
  readonly type: 'AssumedRole'
  /** The unique id, `AROA...`. */
  readonly roleId: string
  readonly roleName: string
  /** What `aws:PrincipalArn` is: the role's ARN, with its path. */
  readonly roleArn: string
  readonly sessionName: string
  readonly session: SessionFacts
}

/** Somebody for whom a user, or the root user, has asked for a federation token. */
export interface FederatedUser extends AnyPrincipal {
  readonly type: 'FederatedUser'
  readonly name: string
  /** The user that asked; undefined if and only if it was the root user. */
  readonly user: { readonly arn: string; readonly id: string } | undefined
  readonly session: SessionFacts
}

/**
 * Whether IAM serves these credentials. It does not serve temporary ones of users (GetSessionToken without MFA, and
 * GetFederationToken), which cannot be made long-lived by its help.
 */
export const mayCallIam = ({ type, session }: Principal): boolean =>
  session === undefined || type === 'AssumedRole'

/** An access key as administrators see it; its secret is shown once, when it is made. */
export interface AccessKeySummary {
  readonly AccessKeyId: string
  readonly Status: AccessKeyStatus
  /** ISO 8601. */
  readonly CreateDate: string
}

/** The root user of an account, by an access key of its own or, with a session, by the credentials of GetSessionToken. */
export function rootUser(
  account: string,
  { accessKeyId, region }: { readonly accessKeyId: string; readonly region: string },
  session?: SessionFacts,
): RootUser {
  const arn = rootArn({ account, region })
  return {
    type: 'Root',
    account,
    arn,
    principalId: account,
    accessKeyId,
    policies: [],
    tags: [],
    session,
    identity: {
      type: 'Root',
      principalId: account,
      arn,
      accountId: account,
      accessKeyId,
      ...(session && { sessionContext: { attributes: sessionAttributes(session) } }),
    },
  }
}

/** What the record says of every session. */
export const sessionAttributes = ({ issuedAt }: SessionFacts) =>
  ({ creationDate: isoTime(issuedAt), mfaAuthenticated: 'false' }) as const
