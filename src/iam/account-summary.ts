import { countIdentities } from '../database/iam-identities.ts'
import { listOidcProviders } from '../database/iam-oidc-providers.ts'
import { countPolicies } from '../database/iam-policies.ts'
import { listAccessKeys } from '../database/identities.ts'
import { reads } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { quotas } from './quotas.ts'

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html */
export const getAccountSummary = reads('GetAccountSummary', {}, async (_input, call) => {
  authorizeIam(call, { action: 'iam:GetAccountSummary', resource: '*' })
  const { account, read } = call
  const { policies, versions } = await countPolicies(read, account)
  const rootKeys = await listAccessKeys(read, { account, userId: account })
  const summary: Readonly<Record<string, number>> = {
    ...quotas,
    AccountAccessKeysPresent: rootKeys.length > 0 ? 1 : 0,
    AccountMFAEnabled: 0,
    AccountPasswordPresent: 0,
    AccountSigningCertificatesPresent: 0,
    GlobalEndpointTokenVersion: 2,
    Groups: await countIdentities(read, { account, kind: 'group' }),
    InstanceProfiles: 0,
    MFADevices: 0,
    MFADevicesInUse: 0,
    Policies: policies,
    PolicyVersionsInUse: versions,
    Providers: (await listOidcProviders(read, account)).length,
    Roles: await countIdentities(read, { account, kind: 'role' }),
    ServerCertificates: 0,
    Users: await countIdentities(read, { account, kind: 'user' }),
  }
  const sorted = Object.entries(summary).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { SummaryMap: new Map(sorted) }
})
