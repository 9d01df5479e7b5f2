/**
 * The policies that AWS gives: to a key that was created without one, and to the keys that it manages itself.
 */
import { rootArn, type Scope } from '../api/arn.ts'

/** The default key policy, byte for byte as GetKeyPolicy shows it (Developer Guide, "Default key policy"). */
export function defaultKeyPolicy(scope: Scope): string {
  return `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "${rootArn(scope)}"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`
}

/** The immutable policy of an AWS managed key: the service may use it, the account may look at it. */
export function awsManagedKeyPolicy(scope: Scope, service: string): string {
  return `{
  "Version" : "2012-10-17",
  "Id" : "auto-${service}-1",
  "Statement" : [ {
    "Sid" : "Allow access through ${service} for all principals in the account that are authorized to use it",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "${scope.account}",
        "kms:ViaService" : "${service}.${scope.region}.amazonaws.com"
      }
    }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "${rootArn(scope)}"
    },
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  } ]
}`
}
