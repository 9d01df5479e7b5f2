/**
 * Who made a call, in CloudTrail's words. Which members stand there depends on the kind of principal; the caller of
 * `eventText` fills those that belong to his.
 */

/** CloudTrail's `userIdentity`. */
export interface UserIdentity {
  readonly type:
    | 'Root'
    | 'IAMUser'
    | 'AssumedRole'
    | 'FederatedUser'
    | 'WebIdentityUser'
    | 'AWSAccount'
    | 'AWSService'
  /** Account id, `AIDA…`, `AROA…:session`, `account:name` or `provider:audience:subject`. */
  readonly principalId?: string | undefined
  readonly arn?: string | undefined
  readonly accountId?: string | undefined
  readonly accessKeyId?: string | undefined
  /** Of an IAM user, or the subject of a web identity token. */
  readonly userName?: string | undefined
  /** The ARN of the provider of a web identity token. */
  readonly identityProvider?: string | undefined
  readonly sessionContext?: SessionContext | undefined
  /** The service that called, or on whose behalf a user's call was made. */
  readonly invokedBy?: string | undefined
}

/** Where temporary credentials came from. */
export interface SessionContext {
  readonly sessionIssuer?:
    | {
        readonly type: 'Role' | 'IAMUser' | 'Root'
        readonly principalId: string
        readonly arn: string
        readonly accountId: string
        readonly userName?: string | undefined
      }
    | undefined
  readonly webIdFederationData?:
    | {
        readonly federatedProvider?: string | undefined
        readonly attributes?: Readonly<Record<string, string>> | undefined
      }
    | undefined
  readonly sourceIdentity?: string | undefined
  readonly attributes?:
    | { readonly creationDate: string; readonly mfaAuthenticated: 'true' | 'false' }
    | undefined
}

/** The identity as JSON. A caller that keeps its identity object from call to call pays for it once. */
export function identityText(identity: UserIdentity): string {
  const known = texts.get(identity)
  if (known !== undefined) return known
  const text = JSON.stringify(identity)
  texts.set(identity, text)
  return text
}

const texts = new WeakMap<UserIdentity, string>()
