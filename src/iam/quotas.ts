/**
 * IAM's quotas (IAM User Guide, "IAM and AWS STS quotas"), by their names in GetAccountSummary.
 */
import { limitExceeded } from '../server/query-error.ts'

export const quotas = {
  AccessKeysPerUserQuota: 2,
  AssumeRolePolicySizeQuota: 2048,
  AttachedPoliciesPerGroupQuota: 10,
  AttachedPoliciesPerRoleQuota: 10,
  AttachedPoliciesPerUserQuota: 10,
  GroupPolicySizeQuota: 5120,
  GroupsPerUserQuota: 10,
  GroupsQuota: 300,
  InstanceProfilesQuota: 1000,
  PoliciesQuota: 1500,
  PolicySizeQuota: 6144,
  PolicyVersionsInUseQuota: 10_000,
  RolePolicySizeQuota: 10_240,
  RolesQuota: 1000,
  ServerCertificatesQuota: 20,
  SigningCertificatesPerUserQuota: 2,
  UserPolicySizeQuota: 2048,
  UsersQuota: 5000,
  VersionsPerPolicyQuota: 5,
} as const

/** How many OpenID Connect providers an account has at most, and what hangs on each. */
export const oidcQuotas = { providers: 100, clientIds: 100, thumbprints: 5, tags: 50 }

/** How many tags something has at most. */
export const tagQuota = 50

/** Throws LimitExceeded when there is no room for one more. */
export function requireRoom(count: number, quota: number, name: string): void {
  if (count >= quota) throw limitExceeded(`Cannot exceed quota for ${name}: ${quota}`)
}
