/**
 * What the actions of KMS on a key can be allowed by (Developer Guide, "AWS KMS permissions"): whether at all across
 * accounts, and whether by a grant.
 */
import type { Action } from '../operation.ts'

/** Whether a principal of another account can be allowed the action. */
export const worksAcrossAccounts = (action: Action): boolean => acrossAccounts.has(action)

/** The operation of a grant that confers the action; undefined if none does. */
export function grantOperation(action: Action): string | undefined {
  return grantable.has(action) ? action.slice('kms:'.length) : undefined
}

/**
 * Whether a question has `kms:CallerAccount`: not if it concerns nothing of KMS's that is there or is to be made
 * (Developer Guide, "kms:CallerAccount").
 */
export const tellsCallerAccount = (action: Action): boolean => !aboutNothing.has(action)

const aboutNothing: ReadonlySet<Action> = new Set([
  'kms:GenerateRandom',
  'kms:ListAliases',
  'kms:ListKeys',
  'kms:ListRetirableGrants',
])

/** RetireGrant is decided by the grant that it is about, and not here. */
const grantable: ReadonlySet<Action> = new Set([
  'kms:CreateGrant',
  'kms:Decapsulate',
  'kms:Decrypt',
  'kms:DeriveSharedSecret',
  'kms:DescribeKey',
  'kms:Encapsulate',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyPair',
  'kms:GenerateDataKeyPairWithoutPlaintext',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:GenerateMac',
  'kms:GetPublicKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:Sign',
  'kms:Verify',
  'kms:VerifyMac',
])

const acrossAccounts: ReadonlySet<Action> = new Set([
  ...grantable,
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:RevokeGrant',
])
