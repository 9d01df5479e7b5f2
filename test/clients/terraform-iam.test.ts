/**
 * What Terraform's AWS provider asks of IAM, call by call in its order: create, read, update and delete of each resource.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type IAM, waitUntilRoleExists, waitUntilUserExists } from '@aws-sdk/client-iam'
import { allowing, iamClient, refusedByIam, trusting } from '../support/iam.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
// The provider signs with its own region where it is given an endpoint.
const iam = iamClient(trent, { region: 'eu-central-1' })
const account = trent.accountId
const arn = (rest: string) => `arn:aws:iam::${account}:${rest}`
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const document = JSON.stringify(JSON.parse(allowing('kms:Encrypt')), undefined, 2)
const trust = trusting(account)
const decoded = (text: string | undefined) => decodeURIComponent(text ?? '').replaceAll('+', ' ')

/** The provider takes this for "it is gone". */
const gone = (call: Promise<unknown>) => refusedByIam(call, [404, 'NoSuchEntity', /./])

/** All pages of a list, as the provider reads them. */
async function pages<Page extends { Marker?: string | undefined }, Item>(
  read: (marker: { Marker?: string }) => Promise<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const all: Item[] = []
  let marker: { Marker?: string } = {}
  for (;;) {
    const page = await read(marker)
    all.push(...(items(page) ?? []))
    if (page.Marker === undefined) return all
    marker = { Marker: page.Marker }
  }
}

test('start-up without credential validation: GetUser, ListRoles', async () => {
  const { User } = await iam.getUser({})
  assert.equal(User?.Arn?.split(':')[4], account)
  await iam.createRole({ RoleName: 'any', AssumeRolePolicyDocument: trust })
  const { Roles } = await iam.listRoles({ MaxItems: 1 })
  assert.equal(Roles?.[0]?.Arn?.split(':')[4], account)
  await iam.deleteRole({ RoleName: 'any' })
})

test('aws_iam_user with force_destroy', async () => {
  const UserName = 'tf'
  await iam.createUser({ UserName, Path: '/', Tags: [{ Key: 'env', Value: 'a' }] })
  await waitUntilUserExists({ client: iam, maxWaitTime: 5 }, { UserName })
  const { User: read } = await iam.getUser({ UserName })
  assert.deepEqual(read?.Tags, [{ Key: 'env', Value: 'a' }])
  await iam.updateUser({ UserName, NewUserName: UserName, NewPath: '/team/' })
  await iam.updateUser({ UserName, NewUserName: 'tf2', NewPath: '/team/' })
  const named = { UserName: 'tf2' }
  await iam.putUserPermissionsBoundary({ ...named, PermissionsBoundary: readOnly })
  await iam.untagUser({ ...named, TagKeys: ['env'] })
  await iam.tagUser({ ...named, Tags: [{ Key: 'stage', Value: 'b' }] })
  const { User: updated } = await iam.getUser(named)
  assert.equal(updated?.UserId, read.UserId)
  assert.deepEqual(updated?.CreateDate, read.CreateDate)
  assert.equal(updated?.Arn, arn('user/team/tf2'))
  assert.deepEqual(updated.Tags, [{ Key: 'stage', Value: 'b' }])
  assert.equal(updated.PermissionsBoundary?.PermissionsBoundaryArn, readOnly)
  await iam.deleteUserPermissionsBoundary(named)

  await iam.createGroup({ GroupName: 'tf' })
  await iam.addUserToGroup({ ...named, GroupName: 'tf' })
  await iam.createAccessKey(named)
  await destroyUser('tf2')
  await gone(iam.getUser(named))
  await gone(iam.deleteUser(named))
  await iam.deleteGroup({ GroupName: 'tf' })
})

/** A deletion that takes everything along. */
async function destroyUser(UserName: string): Promise<void> {
  const named = { UserName }
  const groups = await pages(
    (at) => iam.listGroupsForUser({ ...named, ...at }),
    (page) => page.Groups,
  )
  for (const { GroupName } of groups) await iam.removeUserFromGroup({ ...named, GroupName })
  const keys = await pages(
    (at) => iam.listAccessKeys({ ...named, ...at }),
    (page) => page.AccessKeyMetadata,
  )
  for (const { AccessKeyId } of keys) await iam.deleteAccessKey({ ...named, AccessKeyId })
  assert.deepEqual((await iam.listSSHPublicKeys(named)).SSHPublicKeys, [])
  assert.deepEqual(
    (await iam.listVirtualMFADevices({ AssignmentStatus: 'Assigned' })).VirtualMFADevices,
    [],
  )
  assert.deepEqual((await iam.listMFADevices(named)).MFADevices, [])
  await gone(iam.deleteLoginProfile(named))
  assert.deepEqual((await iam.listSigningCertificates(named)).Certificates, [])
  assert.deepEqual((await iam.listServiceSpecificCredentials(named)).ServiceSpecificCredentials, [])
  await iam.deleteUser(named)
}

test('aws_iam_access_key', async () => {
  const named = { UserName: 'keyed' }
  await iam.createUser({ ...named, Path: '/' })
  const { AccessKey } = await iam.createAccessKey(named)
  const AccessKeyId = AccessKey?.AccessKeyId ?? ''
  await iam.updateAccessKey({ ...named, AccessKeyId, Status: 'Inactive' })
  const keys = await pages(
    (at) => iam.listAccessKeys({ ...named, ...at }),
    (page) => page.AccessKeyMetadata,
  )
  const found = keys.find((key) => key.AccessKeyId === AccessKeyId)
  assert.equal(found?.Status, 'Inactive')
  assert.deepEqual(found.CreateDate, AccessKey?.CreateDate)
  // Import knows the id alone.
  const { UserName } = await iam.getAccessKeyLastUsed({ AccessKeyId })
  assert.equal(UserName, 'keyed')
  await iam.deleteAccessKey({ ...named, AccessKeyId })
  await gone(iam.deleteAccessKey({ ...named, AccessKeyId }))
  await iam.deleteUser(named)
  await gone(iam.listAccessKeys(named))
})

test('aws_iam_policy, whose document changes seven times', async () => {
  const created = await iam.createPolicy({
    PolicyName: 'tf',
    Path: '/',
    Description: '',
    PolicyDocument: document,
    Tags: [{ Key: 'env', Value: 'a' }],
  })
  const PolicyArn = created.Policy?.Arn ?? ''
  await readPolicy(PolicyArn, document)
  for (let change = 1; change <= 7; change += 1) {
    const PolicyDocument = allowing(`kms:Change${change}`)
    const versions = await pages(
      (at) => iam.listPolicyVersions({ PolicyArn, ...at }),
      (page) => page.Versions,
    )
    if (versions.length === 5) {
      const oldest = versions.findLast(({ IsDefaultVersion }) => IsDefaultVersion === false)
      await iam.deletePolicyVersion({ PolicyArn, VersionId: oldest?.VersionId })
    }
    const { PolicyVersion } = await iam.createPolicyVersion({ PolicyArn, PolicyDocument })
    await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: PolicyVersion?.VersionId })
    await readPolicy(PolicyArn, PolicyDocument)
  }
  await iam.untagPolicy({ PolicyArn, TagKeys: ['env'] })
  await iam.tagPolicy({ PolicyArn, Tags: [{ Key: 'stage', Value: 'b' }] })
  const { Policy } = await iam.getPolicy({ PolicyArn })
  assert.deepEqual(Policy?.Tags, [{ Key: 'stage', Value: 'b' }])
  assert.equal(Policy.DefaultVersionId, 'v8')
  const left = await pages(
    (at) => iam.listPolicyVersions({ PolicyArn, ...at }),
    (page) => page.Versions,
  )
  for (const { IsDefaultVersion, VersionId } of left) {
    if (IsDefaultVersion === false) await iam.deletePolicyVersion({ PolicyArn, VersionId })
  }
  await iam.deletePolicy({ PolicyArn })
  await gone(iam.getPolicy({ PolicyArn }))
})

async function readPolicy(PolicyArn: string, expected: string): Promise<void> {
  const { Policy } = await iam.getPolicy({ PolicyArn })
  const VersionId = Policy?.DefaultVersionId
  const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId })
  assert.equal(decoded(PolicyVersion?.Document), expected)
}

test('aws_iam_role with inline_policy and managed_policy_arns', async () => {
  const RoleName = 'tf'
  const named = { RoleName }
  await refusedByIam(
    iam.createRole({
      ...named,
      AssumeRolePolicyDocument: trusting(account).replace(account, arn('user/late')),
    }),
    [400, 'MalformedPolicyDocument', /Invalid principal in policy/],
  )
  await iam.createRole({
    ...named,
    AssumeRolePolicyDocument: trust,
    Path: '/',
    Description: 'one',
    MaxSessionDuration: 3600,
    Tags: [{ Key: 'env', Value: 'a' }],
  })
  await waitUntilRoleExists({ client: iam, maxWaitTime: 5 }, named)
  await iam.putRolePolicy({ ...named, PolicyName: 'in', PolicyDocument: document })
  await iam.attachRolePolicy({ ...named, PolicyArn: readOnly })
  await readRole(RoleName, { inline: ['in'], managed: [readOnly] })

  await iam.updateAssumeRolePolicy({ ...named, PolicyDocument: trust.replace('2012', '2008') })
  await iam.updateRoleDescription({ ...named, Description: 'two' })
  await iam.updateRole({ ...named, MaxSessionDuration: 7200, Description: 'two' })
  await iam.putRolePermissionsBoundary({ ...named, PermissionsBoundary: readOnly })
  await iam.deleteRolePolicy({ ...named, PolicyName: 'in' })
  await iam.putRolePolicy({ ...named, PolicyName: 'other', PolicyDocument: document })
  await iam.detachRolePolicy({ ...named, PolicyArn: readOnly })
  await iam.attachRolePolicy({ ...named, PolicyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' })
  await iam.untagRole({ ...named, TagKeys: ['env'] })
  await iam.tagRole({ ...named, Tags: [{ Key: 'stage', Value: 'b' }] })
  const role = await readRole(RoleName, {
    inline: ['other'],
    managed: ['arn:aws:iam::aws:policy/IAMFullAccess'],
  })
  assert.equal(decoded(role?.AssumeRolePolicyDocument), trust.replace('2012', '2008'))
  assert.deepEqual(
    [
      role?.Description,
      role?.MaxSessionDuration,
      role?.PermissionsBoundary?.PermissionsBoundaryArn,
    ],
    ['two', 7200, readOnly],
  )
  assert.deepEqual(role?.Tags, [{ Key: 'stage', Value: 'b' }])
  await iam.deleteRolePermissionsBoundary(named)

  await refusedByIam(iam.deleteRole(named), [409, 'DeleteConflict', /^Cannot delete entity/])
  await destroyRole(RoleName)
  await gone(iam.getRole(named))
})

async function readRole(
  RoleName: string,
  expected: { readonly inline: readonly string[]; readonly managed: readonly string[] },
) {
  const { Role } = await iam.getRole({ RoleName })
  const names = await pages(
    (at) => iam.listRolePolicies({ RoleName, ...at }),
    (page) => page.PolicyNames,
  )
  assert.deepEqual(names, expected.inline)
  for (const PolicyName of names) {
    const { PolicyDocument } = await iam.getRolePolicy({ RoleName, PolicyName })
    assert.equal(decoded(PolicyDocument), document)
  }
  assert.deepEqual(await attachedTo(iam, RoleName), expected.managed)
  return Role
}

async function attachedTo(client: IAM, RoleName: string): Promise<(string | undefined)[]> {
  const policies = await pages(
    (at) => client.listAttachedRolePolicies({ RoleName, ...at }),
    (page) => page.AttachedPolicies,
  )
  return policies.map(({ PolicyArn }) => PolicyArn)
}

async function destroyRole(RoleName: string): Promise<void> {
  const profiles = await pages(
    (at) => iam.listInstanceProfilesForRole({ RoleName, ...at }),
    (page) => page.InstanceProfiles,
  )
  assert.deepEqual(profiles, [])
  for (const PolicyArn of await attachedTo(iam, RoleName)) {
    await iam.detachRolePolicy({ RoleName, PolicyArn })
  }
  const names = await pages(
    (at) => iam.listRolePolicies({ RoleName, ...at }),
    (page) => page.PolicyNames,
  )
  for (const PolicyName of names) await iam.deleteRolePolicy({ RoleName, PolicyName })
  await iam.deleteRole({ RoleName })
}

test('aws_iam_role_policy_attachment', async () => {
  const RoleName = 'attached'
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: trust })
  await iam.attachRolePolicy({ RoleName, PolicyArn: readOnly })
  assert.deepEqual(await attachedTo(iam, RoleName), [readOnly])
  await iam.detachRolePolicy({ RoleName, PolicyArn: readOnly })
  await gone(iam.detachRolePolicy({ RoleName, PolicyArn: readOnly }))
  assert.deepEqual(await attachedTo(iam, RoleName), [])
  await destroyRole(RoleName)
  await gone(iam.listAttachedRolePolicies({ RoleName }))
  await gone(iam.listInstanceProfilesForRole({ RoleName }))
})

test('aws_iam_user_policy and aws_iam_group_policy', async () => {
  await iam.createUser({ UserName: 'inline', Path: '/' })
  await iam.createGroup({ GroupName: 'inline', Path: '/' })
  const user = { UserName: 'inline', PolicyName: 'p' }
  const group = { GroupName: 'inline', PolicyName: 'p' }
  for (const PolicyDocument of [document, allowing('kms:Decrypt')]) {
    await iam.putUserPolicy({ ...user, PolicyDocument })
    assert.equal(decoded((await iam.getUserPolicy(user)).PolicyDocument), PolicyDocument)
    await iam.putGroupPolicy({ ...group, PolicyDocument })
    assert.equal(decoded((await iam.getGroupPolicy(group)).PolicyDocument), PolicyDocument)
  }
  await iam.deleteUserPolicy(user)
  await gone(iam.getUserPolicy(user))
  await iam.deleteGroupPolicy(group)
  await gone(iam.deleteGroupPolicy(group))
  await destroyUser('inline')
  await iam.deleteGroup({ GroupName: 'inline' })
})

test('aws_iam_group with its membership', async () => {
  await iam.createGroup({ GroupName: 'tf', Path: '/' })
  await iam.getGroup({ GroupName: 'tf' })
  for (const UserName of ['m1', 'm2']) {
    await iam.createUser({ UserName, Path: '/' })
    await iam.addUserToGroup({ GroupName: 'tf', UserName })
  }
  const members = await pages(
    (at) => iam.getGroup({ GroupName: 'tf', ...at }),
    (page) => page.Users,
  )
  assert.deepEqual(
    members.map(({ UserName }) => UserName),
    ['m1', 'm2'],
  )
  await iam.updateGroup({ GroupName: 'tf', NewGroupName: 'tf2', NewPath: '/x/' })
  const { Group } = await iam.getGroup({ GroupName: 'tf2' })
  assert.equal(Group?.Arn, arn('group/x/tf2'))
  const groups = await pages(
    (at) => iam.listGroupsForUser({ UserName: 'm1', ...at }),
    (page) => page.Groups,
  )
  assert.deepEqual(
    groups.map(({ GroupName }) => GroupName),
    ['tf2'],
  )
  for (const UserName of ['m1', 'm2']) {
    await iam.removeUserFromGroup({ GroupName: 'tf2', UserName })
    await destroyUser(UserName)
  }
  await iam.deleteGroup({ GroupName: 'tf2' })
  await gone(iam.getGroup({ GroupName: 'tf2' }))
})

test('aws_iam_openid_connect_provider', async () => {
  const created = await iam.createOpenIDConnectProvider({
    Url: 'https://accounts.example.org',
    ClientIDList: ['one', 'two'],
    ThumbprintList: ['a'.repeat(40)],
    Tags: [{ Key: 'env', Value: 'a' }],
  })
  const named = { OpenIDConnectProviderArn: created.OpenIDConnectProviderArn ?? '' }
  const read = await iam.getOpenIDConnectProvider(named)
  assert.equal(read.Url, 'accounts.example.org')
  assert.deepEqual([read.ClientIDList, read.ThumbprintList], [['one', 'two'], ['a'.repeat(40)]])
  await iam.updateOpenIDConnectProviderThumbprint({ ...named, ThumbprintList: ['b'.repeat(40)] })
  await iam.addClientIDToOpenIDConnectProvider({ ...named, ClientID: 'three' })
  await iam.removeClientIDFromOpenIDConnectProvider({ ...named, ClientID: 'one' })
  await iam.untagOpenIDConnectProvider({ ...named, TagKeys: ['env'] })
  await iam.tagOpenIDConnectProvider({ ...named, Tags: [{ Key: 'stage', Value: 'b' }] })
  const updated = await iam.getOpenIDConnectProvider(named)
  assert.deepEqual(
    [updated.ClientIDList, updated.ThumbprintList, updated.Tags],
    [['two', 'three'], ['b'.repeat(40)], [{ Key: 'stage', Value: 'b' }]],
  )
  await iam.deleteOpenIDConnectProvider(named)
  await gone(iam.getOpenIDConnectProvider(named))
  await gone(iam.deleteOpenIDConnectProvider(named))
})

test('aws_iam_account_alias', async () => {
  const AccountAlias = 'tf-alias'
  await iam.createAccountAlias({ AccountAlias })
  assert.deepEqual((await iam.listAccountAliases({})).AccountAliases, [AccountAlias])
  await iam.deleteAccountAlias({ AccountAlias })
  await gone(iam.deleteAccountAlias({ AccountAlias }))
  assert.deepEqual((await iam.listAccountAliases({})).AccountAliases, [])
})

test('data sources: roles, users and a policy by its name', async () => {
  await iam.createPolicy({ PolicyName: 'named', PolicyDocument: document })
  const policies = await pages(
    (at) => iam.listPolicies({ ...at }),
    (page) => page.Policies,
  )
  const found = policies.find(({ PolicyName }) => PolicyName === 'named')
  await readPolicy(found?.Arn ?? '', document)
  assert.deepEqual(
    await pages(
      (at) => iam.listRoles({ PathPrefix: '/none/', ...at }),
      (page) => page.Roles,
    ),
    [],
  )
  assert.deepEqual(
    await pages(
      (at) => iam.listUsers({ ...at }),
      (page) => page.Users,
    ),
    [],
  )
  await iam.deletePolicy({ PolicyArn: found?.Arn })
})
