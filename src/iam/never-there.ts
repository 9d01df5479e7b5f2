/**
 * What Trent has none of: passwords, MFA devices, certificates, instance profiles. Terraform and inventory tools ask for
 * them all the same, before they delete a user or a role, and are told that there is nothing.
 */
import type { SignedAction } from '../server/query-action.ts'
import { noSuchEntity } from '../server/query-error.ts'
import { changes, reads } from './action.ts'
import { authorizeIam } from './authorize-iam.ts'
import { findNamed, ownName } from './identity.ts'
import { requireNoMarker } from './paging.ts'
import { existingName, optionalName, paging } from './rules.ts'

/** Lists that belong to a user: the action and its list. */
const ofUsers = {
  ListMFADevices: 'MFADevices',
  ListSSHPublicKeys: 'SSHPublicKeys',
  ListSigningCertificates: 'Certificates',
  ListServiceSpecificCredentials: 'ServiceSpecificCredentials',
} as const

/** Lists that belong to the account. */
const ofAccounts = {
  ListInstanceProfiles: 'InstanceProfiles',
  ListSAMLProviders: 'SAMLProviderList',
  ListServerCertificates: 'ServerCertificateMetadataList',
  ListVirtualMFADevices: 'VirtualMFADevices',
} as const

const emptyOfUser = (name: keyof typeof ofUsers): SignedAction =>
  reads(name, { name: optionalName('user'), ...paging }, async (input, call) => {
    const isRoots = input.name === undefined && call.caller.type === 'Root'
    if (!isRoots) {
      const user = input.name ?? ownName(call)
      await findNamed(call.read, call, { kind: 'user', name: user, action: `iam:${name}` })
    }
    requireNoMarker(input)
    return { [ofUsers[name]]: [], IsTruncated: false }
  })

const emptyOfAccount = (name: keyof typeof ofAccounts): SignedAction =>
  reads(name, paging, async (input, call) => {
    authorizeIam(call, { action: `iam:${name}`, resource: '*' })
    requireNoMarker(input)
    return { [ofAccounts[name]]: [], IsTruncated: false }
  })

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html */
const listInstanceProfilesForRole = reads(
  'ListInstanceProfilesForRole',
  { name: existingName('role'), ...paging },
  async ({ name, ...page }, call) => {
    const action = 'iam:ListInstanceProfilesForRole'
    await findNamed(call.read, call, { kind: 'role', name, action })
    requireNoMarker(page)
    return { InstanceProfiles: [], IsTruncated: false }
  },
)

const noLoginProfile = (
  name: 'GetLoginProfile' | 'DeleteLoginProfile',
  declare: typeof reads,
): SignedAction =>
  declare(name, { name: optionalName('user') }, async (input, call) => {
    const user = input.name ?? ownName(call)
    await findNamed(call.read, call, { kind: 'user', name: user, action: `iam:${name}` })
    throw noSuchEntity(`Login Profile for User ${user} cannot be found.`)
  })

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html */
const getAccountPasswordPolicy = reads('GetAccountPasswordPolicy', {}, async (_input, call) => {
  authorizeIam(call, { action: 'iam:GetAccountPasswordPolicy', resource: '*' })
  throw noSuchEntity(`The Password Policy with domain name ${call.account} cannot be found.`)
})

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountPasswordPolicy.html */
const deleteAccountPasswordPolicy = changes(
  'DeleteAccountPasswordPolicy',
  {},
  async (_input, call) => {
    authorizeIam(call, { action: 'iam:DeleteAccountPasswordPolicy', resource: '*' })
    throw noSuchEntity('The account policy with name PasswordPolicy cannot be found.')
  },
)

/** The actions. */
export const neverThere: readonly SignedAction[] = [
  emptyOfUser('ListMFADevices'),
  emptyOfUser('ListSSHPublicKeys'),
  emptyOfUser('ListSigningCertificates'),
  emptyOfUser('ListServiceSpecificCredentials'),
  emptyOfAccount('ListInstanceProfiles'),
  emptyOfAccount('ListSAMLProviders'),
  emptyOfAccount('ListServerCertificates'),
  emptyOfAccount('ListVirtualMFADevices'),
  listInstanceProfilesForRole,
  noLoginProfile('GetLoginProfile', reads),
  noLoginProfile('DeleteLoginProfile', changes),
  getAccountPasswordPolicy,
  deleteAccountPasswordPolicy,
]
