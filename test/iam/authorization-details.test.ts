import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  EntityType,
  GroupDetail,
  ManagedPolicyDetail,
  RoleDetail,
  UserDetail,
} from '@aws-sdk/client-iam'
import { allowing, iamClient, trusting } from '../support/iam.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const account = trent.accountId
const arn = (rest: string) => `arn:aws:iam::${account}:${rest}`
const document = allowing('kms:Encrypt')
const encoded = (text: string) => encodeURIComponent(text).replaceAll('*', '%2A')
const Tags = [{ Key: 'k', Value: 'v' }]
const attached = [{ PolicyName: 'p', PolicyArn: arn('policy/p') }]

await iam.createPolicy({ PolicyName: 'p', PolicyDocument: document, Description: 'Words' })
await iam.createUser({ UserName: 'u', Tags, PermissionsBoundary: arn('policy/p') })
await iam.createUser({ UserName: 'bare' })
await iam.createGroup({ GroupName: 'g' })
await iam.addUserToGroup({ GroupName: 'g', UserName: 'u' })
await iam.createRole({ RoleName: 'r', AssumeRolePolicyDocument: trusting(account) })
await iam.putUserPolicy({ UserName: 'u', PolicyName: 'i', PolicyDocument: document })
await iam.putGroupPolicy({ GroupName: 'g', PolicyName: 'i', PolicyDocument: document })
await iam.putRolePolicy({ RoleName: 'r', PolicyName: 'i', PolicyDocument: document })
await iam.attachUserPolicy({ UserName: 'u', PolicyArn: arn('policy/p') })
await iam.attachRolePolicy({ RoleName: 'r', PolicyArn: arn('policy/p') })

/** The four lists of an answer. */
interface Lists {
  readonly UserDetailList: UserDetail[]
  readonly GroupDetailList: GroupDetail[]
  readonly RoleDetailList: RoleDetail[]
  readonly Policies: ManagedPolicyDetail[]
}

/** All pages together. */
async function details(Filter: EntityType[] | undefined, MaxItems: number): Promise<Lists> {
  const all: Lists = { UserDetailList: [], GroupDetailList: [], RoleDetailList: [], Policies: [] }
  let Marker: string | undefined
  do {
    const page = await iam.getAccountAuthorizationDetails({
      MaxItems,
      ...(Filter !== undefined && { Filter }),
      ...(Marker !== undefined && { Marker }),
    })
    const { UserDetailList, GroupDetailList, RoleDetailList, Policies } = page
    assert.ok(
      UserDetailList && GroupDetailList && RoleDetailList && Policies,
      'lists, if empty ones',
    )
    const lists = [UserDetailList, GroupDetailList, RoleDetailList, Policies]
    assert.ok(lists.flat().length <= MaxItems)
    all.UserDetailList.push(...UserDetailList)
    all.GroupDetailList.push(...GroupDetailList)
    all.RoleDetailList.push(...RoleDetailList)
    all.Policies.push(...Policies)
    assert.equal(page.IsTruncated, page.Marker !== undefined)
    Marker = page.Marker
  } while (Marker !== undefined)
  return all
}

test('users, groups, roles and policies are shown with all that they may do', async () => {
  const filter: EntityType[] = ['User', 'Group', 'Role', 'LocalManagedPolicy']
  const all = await details(filter, 100)
  const [bare, u] = all.UserDetailList
  assert.equal(bare?.UserName, 'bare')
  assert.equal(bare.UserPolicyList, undefined)
  assert.deepEqual([bare.GroupList, bare.AttachedManagedPolicies, bare.Tags], [[], [], []])
  const inline = [{ PolicyName: 'i', PolicyDocument: encoded(document) }]
  assert.equal(u?.UserName, 'u')
  assert.deepEqual(u.UserPolicyList, inline)
  assert.deepEqual([u.GroupList, u.AttachedManagedPolicies, u.Tags], [['g'], attached, Tags])
  assert.deepEqual(u.PermissionsBoundary, {
    PermissionsBoundaryType: 'Policy',
    PermissionsBoundaryArn: arn('policy/p'),
  })
  const [g] = all.GroupDetailList
  assert.deepEqual(
    [g?.GroupName, g?.GroupPolicyList, g?.AttachedManagedPolicies],
    ['g', inline, []],
  )
  const [r] = all.RoleDetailList
  assert.equal(r?.RoleName, 'r')
  assert.equal(r.AssumeRolePolicyDocument, encoded(trusting(account)))
  assert.deepEqual([r.RolePolicyList, r.AttachedManagedPolicies], [inline, attached])
  assert.deepEqual([r.InstanceProfileList, r.Tags, r.RoleLastUsed], [[], [], {}])
  const [p] = all.Policies
  assert.deepEqual(
    [p?.Arn, p?.Description, p?.AttachmentCount, p?.PermissionsBoundaryUsageCount],
    [arn('policy/p'), 'Words', 2, 1],
  )
  const [version] = p?.PolicyVersionList ?? []
  assert.deepEqual(
    [version?.VersionId, version?.IsDefaultVersion, version?.Document],
    ['v1', true, encoded(document)],
  )
})

test('pages go through all kinds, and are the whole together', async () => {
  const whole = await details(undefined, 1000)
  assert.ok(whole.Policies.length > 5, 'policies of AWS are among them')
  assert.deepEqual(await details(undefined, 1), whole)
  assert.deepEqual(await details(undefined, 3), whole)
})

test('a filter leaves the other lists empty', async () => {
  const roles = await details(['Role'], 100)
  assert.deepEqual([roles.UserDetailList, roles.GroupDetailList, roles.Policies], [[], [], []])
  assert.equal(roles.RoleDetailList.length, 1)
  const aws = await details(['AWSManagedPolicy'], 2)
  assert.ok(aws.Policies.every(({ Arn }) => Arn?.startsWith('arn:aws:iam::aws:policy/')))
})
