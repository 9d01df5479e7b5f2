/**
 * The actions of IAM that a key management service needs. Whatever else IAM has is InvalidAction.
 */
import type { QueryAction, SignedAction } from '../server/query-action.ts'
import { createAccessKey, deleteAccessKey, listAccessKeys, updateAccessKey } from './access-keys.ts'
import { createAccountAlias, deleteAccountAlias, listAccountAliases } from './account-alias.ts'
import { getAccountAuthorizationDetails } from './account-details.ts'
import { getAccountSummary } from './account-summary.ts'
import { attachmentActions } from './attachments.ts'
import { boundaryActions } from './boundaries.ts'
import { getContextKeysForCustomPolicy, getContextKeysForPrincipalPolicy } from './context-keys.ts'
import { createOpenIDConnectProvider } from './create-oidc-provider.ts'
import { createPolicy } from './create-policy.ts'
import { deleteUser } from './delete-user.ts'
import { getAccessKeyLastUsed } from './get-access-key-last-used.ts'
import { createGroup, deleteGroup, getGroup, updateGroup } from './groups.ts'
import { identityTagActions } from './identity-tags.ts'
import { inlinePolicyActions } from './inline-policies.ts'
import { listEntitiesForPolicy } from './list-entities-for-policy.ts'
import { listGroups, listRoles, listUsers } from './lists.ts'
import { listPolicies } from './list-policies.ts'
import { deletePolicy, getPolicy } from './managed-policies.ts'
import { addUserToGroup, listGroupsForUser, removeUserFromGroup } from './memberships.ts'
import { neverThere } from './never-there.ts'
import { addClientID, removeClientID, updateThumbprint } from './oidc-provider-changes.ts'
import {
  deleteOpenIDConnectProvider,
  getOpenIDConnectProvider,
  listOpenIDConnectProviders,
} from './oidc-providers.ts'
import { listProviderTags, tagProvider, untagProvider } from './oidc-tags.ts'
import { listPolicyTags, tagPolicy, untagPolicy } from './policy-tags.ts'
import {
  createPolicyVersion,
  deletePolicyVersion,
  getPolicyVersion,
  listPolicyVersions,
  setDefaultPolicyVersion,
} from './policy-versions.ts'
import {
  createRole,
  deleteRole,
  getRole,
  updateAssumeRolePolicy,
  updateRole,
  updateRoleDescription,
} from './roles.ts'
import { simulateCustomPolicy, simulatePrincipalPolicy } from './simulate-policies.ts'
import { createUser, getUser, updateUser } from './users.ts'

const users: readonly SignedAction[] = [
  createUser,
  getUser,
  listUsers,
  updateUser,
  deleteUser,
  listGroupsForUser,
  createAccessKey,
  listAccessKeys,
  updateAccessKey,
  deleteAccessKey,
  getAccessKeyLastUsed,
  ...inlinePolicyActions('user'),
  ...attachmentActions('user'),
  ...boundaryActions('user'),
  ...identityTagActions('user'),
]

const groups: readonly SignedAction[] = [
  createGroup,
  getGroup,
  listGroups,
  updateGroup,
  deleteGroup,
  addUserToGroup,
  removeUserFromGroup,
  ...inlinePolicyActions('group'),
  ...attachmentActions('group'),
]

const roles: readonly SignedAction[] = [
  createRole,
  getRole,
  listRoles,
  updateRole,
  updateRoleDescription,
  updateAssumeRolePolicy,
  deleteRole,
  ...inlinePolicyActions('role'),
  ...attachmentActions('role'),
  ...boundaryActions('role'),
  ...identityTagActions('role'),
]

const policies: readonly SignedAction[] = [
  createPolicy,
  getPolicy,
  listPolicies,
  deletePolicy,
  createPolicyVersion,
  getPolicyVersion,
  listPolicyVersions,
  setDefaultPolicyVersion,
  deletePolicyVersion,
  listEntitiesForPolicy,
  tagPolicy,
  untagPolicy,
  listPolicyTags,
]

const providers: readonly SignedAction[] = [
  createOpenIDConnectProvider,
  getOpenIDConnectProvider,
  listOpenIDConnectProviders,
  addClientID,
  removeClientID,
  updateThumbprint,
  deleteOpenIDConnectProvider,
  tagProvider,
  untagProvider,
  listProviderTags,
]

const account: readonly SignedAction[] = [
  createAccountAlias,
  deleteAccountAlias,
  listAccountAliases,
  getAccountSummary,
  getAccountAuthorizationDetails,
  simulatePrincipalPolicy,
  simulateCustomPolicy,
  getContextKeysForPrincipalPolicy,
  getContextKeysForCustomPolicy,
]

/** The table of IAM's actions. */
export const iamActions: ReadonlyMap<string, QueryAction> = new Map(
  [...users, ...groups, ...roles, ...policies, ...providers, ...account, ...neverThere].map(
    (action) => [action.name, action],
  ),
)
