/**
 * Who makes a call: the principal behind a verified signature.
 */
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
}

/** An access key as administrators see it; its secret is shown once, when it is made. */
export interface AccessKeySummary {
  readonly AccessKeyId: string
  readonly Status: AccessKeyStatus
  /** ISO 8601. */
  readonly CreateDate: string
}
