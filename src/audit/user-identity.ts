/**
 * Who made a call, in CloudTrail's words. Which members stand there depends on the kind of principal; the caller of
 * `eventText` fills those that belong to his.
 */

/** CloudTrail's `userIdentity`. */
export interface UserIdentity {
  readonly type: 'Root' | 'IAMUser' | 'AssumedRole' | 'FederatedUser' | 'AWSAccount' | 'AWSService'
  /** Account id, `AIDA…`, `AROA…:session` or `account:name`. */
  readonly principalId?: string | undefined
  readonly arn?: string | undefined
  readonly accountId?: string | undefined
  readonly accessKeyId?: string | undefined
  /** Of an IAM user only. */
  readonly userName?: string | undefined
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
