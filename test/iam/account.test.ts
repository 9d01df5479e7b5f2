import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, createUser, iamClient, refusedByIam, trusting } from '../support/iam.ts'
import { testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const client = () => iam
const notAnAlias = [
  400,
  'ValidationError',
  "1 validation error detected: Value at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
] as const

testSteps('the alias of an account', client, [
  ['none yet', 'ListAccountAliases', {}, { AccountAliases: [], IsTruncated: false }],
  ['given', 'CreateAccountAlias', { AccountAlias: 'my-alias' }, {}],
  ['listed', 'ListAccountAliases', {}, { AccountAliases: ['my-alias'] }],
  ['another takes its place', 'CreateAccountAlias', { AccountAlias: 'other' }, {}],
  ['alone', 'ListAccountAliases', {}, { AccountAliases: ['other'] }],
  [
    'the one before is none any more',
    'DeleteAccountAlias',
    { AccountAlias: 'my-alias' },
    [404, 'NoSuchEntity', 'The account alias my-alias cannot be found.'],
  ],
  [
    'a list of one page has no marker',
    'ListAccountAliases',
    { Marker: 'x' },
    [400, 'ValidationError', 'Invalid Marker.'],
  ],
  ['two hyphens', 'CreateAccountAlias', { AccountAlias: 'a--b' }, notAnAlias],
  ['capitals', 'CreateAccountAlias', { AccountAlias: 'Alias' }, notAnAlias],
  ['a hyphen at the end', 'CreateAccountAlias', { AccountAlias: 'alias-' }, notAnAlias],
  ['what could be an account', 'CreateAccountAlias', { AccountAlias: '123456789012' }, notAnAlias],
])

test('an alias belongs to one account', async () => {
  const other = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  await refusedByIam(other.createAccountAlias({ AccountAlias: 'other' }), [
    409,
    'EntityAlreadyExists',
    'The account alias other already exists.',
  ])
  await refusedByIam(other.deleteAccountAlias({ AccountAlias: 'other' }), [
    404,
    'NoSuchEntity',
    'The account alias other cannot be found.',
  ])
  await iam.deleteAccountAlias({ AccountAlias: 'other' })
  await other.createAccountAlias({ AccountAlias: 'other' })
})

test('the summary counts what there is, beside the quotas', async () => {
  const other = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  const { SummaryMap: before } = await other.getAccountSummary({})
  assert.deepEqual(before, {
    AccessKeysPerUserQuota: 2,
    AccountAccessKeysPresent: 1,
    AccountMFAEnabled: 0,
    AccountPasswordPresent: 0,
    AccountSigningCertificatesPresent: 0,
    AssumeRolePolicySizeQuota: 2048,
    AttachedPoliciesPerGroupQuota: 10,
    AttachedPoliciesPerRoleQuota: 10,
    AttachedPoliciesPerUserQuota: 10,
    GlobalEndpointTokenVersion: 2,
    GroupPolicySizeQuota: 5120,
    Groups: 0,
    GroupsPerUserQuota: 10,
    GroupsQuota: 300,
    InstanceProfiles: 0,
    InstanceProfilesQuota: 1000,
    MFADevices: 0,
    MFADevicesInUse: 0,
    Policies: 0,
    PoliciesQuota: 1500,
    PolicySizeQuota: 6144,
    PolicyVersionsInUse: 0,
    PolicyVersionsInUseQuota: 10_000,
    Providers: 0,
    RolePolicySizeQuota: 10_240,
    Roles: 0,
    RolesQuota: 1000,
    ServerCertificates: 0,
    ServerCertificatesQuota: 20,
    SigningCertificatesPerUserQuota: 2,
    UserPolicySizeQuota: 2048,
    Users: 0,
    UsersQuota: 5000,
    VersionsPerPolicyQuota: 5,
  })
  await other.createUser({ UserName: 'u' })
  await other.createGroup({ GroupName: 'g' })
  await other.createRole({ RoleName: 'r', AssumeRolePolicyDocument: trusting(trent.accountId) })
  await other.createOpenIDConnectProvider({ Url: 'https://issuer.example.org' })
  const { Policy } = await other.createPolicy({
    PolicyName: 'p',
    PolicyDocument: allowing('kms:*'),
  })
  await other.createPolicyVersion({
    PolicyArn: Policy?.Arn ?? '',
    PolicyDocument: allowing('kms:*'),
  })
  const { SummaryMap: after } = await other.getAccountSummary({})
  assert.deepEqual(after, {
    ...before,
    Users: 1,
    Groups: 1,
    Roles: 1,
    Providers: 1,
    Policies: 1,
    PolicyVersionsInUse: 2,
  })
})

testSteps('what no account here has', client, [
  [
    'a password policy',
    'GetAccountPasswordPolicy',
    {},
    [
      404,
      'NoSuchEntity',
      `The Password Policy with domain name ${trent.accountId} cannot be found.`,
    ],
  ],
  [
    'a password policy to delete',
    'DeleteAccountPasswordPolicy',
    {},
    [404, 'NoSuchEntity', 'The account policy with name PasswordPolicy cannot be found.'],
  ],
  ['instance profiles', 'ListInstanceProfiles', {}, { InstanceProfiles: [], IsTruncated: false }],
  ['SAML providers', 'ListSAMLProviders', {}, { SAMLProviderList: [] }],
  [
    'server certificates',
    'ListServerCertificates',
    {},
    { ServerCertificateMetadataList: [], IsTruncated: false },
  ],
  [
    'virtual MFA devices',
    'ListVirtualMFADevices',
    { AssignmentStatus: 'Assigned' },
    { VirtualMFADevices: [], IsTruncated: false },
  ],
  [
    'a second page of any of these',
    'ListInstanceProfiles',
    { Marker: 'x' },
    [400, 'ValidationError', 'Invalid Marker.'],
  ],
  ['a user, who has none either', 'CreateUser', { UserName: 'u' }, {}],
  ['MFA devices', 'ListMFADevices', { UserName: 'u' }, { MFADevices: [], IsTruncated: false }],
  ['SSH keys', 'ListSSHPublicKeys', { UserName: 'u' }, { SSHPublicKeys: [], IsTruncated: false }],
  [
    'signing certificates',
    'ListSigningCertificates',
    { UserName: 'u' },
    { Certificates: [], IsTruncated: false },
  ],
  [
    'credentials of single services',
    'ListServiceSpecificCredentials',
    { UserName: 'u' },
    { ServiceSpecificCredentials: [] },
  ],
  [
    'a password',
    'GetLoginProfile',
    { UserName: 'u' },
    [404, 'NoSuchEntity', 'Login Profile for User u cannot be found.'],
  ],
  [
    'a password to delete',
    'DeleteLoginProfile',
    { UserName: 'u' },
    [404, 'NoSuchEntity', 'Login Profile for User u cannot be found.'],
  ],
  [
    'nobody has no MFA devices either',
    'ListMFADevices',
    { UserName: 'no' },
    [404, 'NoSuchEntity', 'The user with name no cannot be found.'],
  ],
  [
    'nor a password',
    'DeleteLoginProfile',
    { UserName: 'no' },
    [404, 'NoSuchEntity', 'The user with name no cannot be found.'],
  ],
  ['the root user, asked without a name', 'ListMFADevices', {}, { MFADevices: [] }],
  [
    'a role',
    'CreateRole',
    { RoleName: 'r', AssumeRolePolicyDocument: trusting(trent.accountId) },
    {},
  ],
  [
    'has no instance profiles',
    'ListInstanceProfilesForRole',
    { RoleName: 'r' },
    { InstanceProfiles: [], IsTruncated: false },
  ],
  [
    'a role that is gone',
    'ListInstanceProfilesForRole',
    { RoleName: 'no' },
    [404, 'NoSuchEntity', 'The role with name no cannot be found.'],
  ],
])

test('a user may leave its own name out', async () => {
  const user = await createUser(trent, 'self', { document: allowing('iam:*') })
  const { MFADevices } = await user.iam.listMFADevices({})
  assert.deepEqual(MFADevices, [])
  await refusedByIam(user.iam.getLoginProfile({}), [
    404,
    'NoSuchEntity',
    'Login Profile for User self cannot be found.',
  ])
})
