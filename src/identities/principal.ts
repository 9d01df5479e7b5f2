/**
 * Who makes a call: the principal behind a verified signature.
 */
import { rootArn } from '../api/arn.ts'
import type { UserIdentity } from '../audit/user-identity.ts'
import type { AccessKeyStatus } from '../database/identities.ts'

/** The root user of an account, the only principal until users and roles are built. */
export interface Principal {
  readonly type: 'Root'
  readonly account: string
  /** The principal's ARN, as it stands in messages and in the record. */
  readonly arn: string
  /** The unique id: the account id for the root user. */
  readonly principalId: string
  readonly accessKeyId: string
  /** The same in CloudTrail's words. One object for as long as the access key is in memory. */
  readonly identity: UserIdentity
}

/** An access key as administrators see it; its secret is shown once, when it is made. */
export interface AccessKeySummary {
  readonly AccessKeyId: string
  readonly Status: AccessKeyStatus
  /** ISO 8601. */
  readonly CreateDate: string
}

/** The root user of an account, signing with one of its access keys. */
export function rootUser(account: string, accessKeyId: string, region: string): Principal {
  const arn = rootArn({ account, region })
  return {
    type: 'Root',
    account,
    arn,
    principalId: account,
    accessKeyId,
    identity: { type: 'Root', principalId: account, arn, accountId: account, accessKeyId },
  }
}
