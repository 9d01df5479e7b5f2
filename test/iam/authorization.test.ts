/**
 * What identity policies let users do in IAM, and how it is told when they do not.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IAM } from '@aws-sdk/client-iam'
import {
  allowing,
  createUser,
  iamClient,
  policyOf,
  putPolicy,
  refusedByIam,
  trusting,
} from '../support/iam.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const root = iamClient(trent)
const account = trent.accountId
const arn = (rest: string) => `arn:aws:iam::${account}:${rest}`
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const admin = 'arn:aws:iam::aws:policy/AdministratorAccess'
const allow = (Action: string, Resource = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
})
const deny = (Action: string, Resource = '*', Condition?: object) => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
})

/** The user of a test with a policy of these statements. */
async function userWith(name: string, ...statements: object[]): Promise<IAM> {
  const { iam } = await createUser(trent, name, { document: policyOf(...statements) })
  return iam
}

/** Asserts that a call is refused for want of a permission. */
function denied(call: Promise<unknown>, action: string, resource?: string): Promise<void> {
  const on = resource === undefined ? '' : ` on resource: ${resource}`
  return refusedByIam(call, [
    403,
    'AccessDenied',
    new RegExp(
      `^User: ${arn('user/')}\\S+ is not authorized to perform: ${action}${on.replaceAll('*', String.raw`\*`)} because no identity-based policy allows the ${action} action$`,
    ),
  ])
}

await root.createUser({ UserName: 'target', Path: '/team/' })
await root.createRole({ RoleName: 'target', AssumeRolePolicyDocument: trusting(account) })
await root.createGroup({ GroupName: 'target' })

test('whoever may not is told so, whether or not there is such a thing', async () => {
  const iam = await userWith('nobody', allow('iam:GetRole', arn('role/visible')))
  await denied(iam.getUser({ UserName: 'target' }), 'iam:GetUser', arn('user/team/target'))
  await denied(iam.getUser({ UserName: 'missing' }), 'iam:GetUser', arn('user/missing'))
  await denied(iam.getRole({ RoleName: 'missing' }), 'iam:GetRole', arn('role/missing'))
  await denied(iam.getPolicy({ PolicyArn: arn('policy/no') }), 'iam:GetPolicy', arn('policy/no'))
  await denied(iam.getGroup({ GroupName: 'missing' }), 'iam:GetGroup', arn('group/missing'))
  await denied(iam.createUser({ UserName: 'x', Path: '/p/' }), 'iam:CreateUser', arn('user/p/x'))
  await denied(iam.listUsers({ PathPrefix: '/p' }), 'iam:ListUsers', arn('user/p'))
  await denied(iam.getAccountSummary({}), 'iam:GetAccountSummary')
  await refusedByIam(iam.getRole({ RoleName: 'visible' }), [
    404,
    'NoSuchEntity',
    'The role with name visible cannot be found.',
  ])
})

test('an explicit deny is told as one, and stands over every allow', async () => {
  const iam = await userWith('denied', allow('*'), deny('iam:Get*', arn('user/*')))
  await refusedByIam(iam.getUser({ UserName: 'target' }), [
    403,
    'AccessDenied',
    `User: ${arn('user/denied')} is not authorized to perform: iam:GetUser on resource: ${arn('user/team/target')} with an explicit deny in an identity-based policy`,
  ])
  await iam.getRole({ RoleName: 'target' })
})

test('resources are told apart by path and name', async () => {
  const iam = await userWith('paths', allow('iam:*User*', arn('user/team/*')))
  await iam.getUser({ UserName: 'target' })
  await iam.createUser({ UserName: 'mate', Path: '/team/' })
  await denied(iam.createUser({ UserName: 'mate2' }), 'iam:CreateUser', arn('user/mate2'))
  await denied(iam.getUser({ UserName: 'paths' }), 'iam:GetUser', arn('user/paths'))
  // A new name needs the permission as much as the old one.
  await denied(
    iam.updateUser({ UserName: 'mate', NewPath: '/' }),
    'iam:UpdateUser',
    arn('user/mate'),
  )
  await iam.updateUser({ UserName: 'mate', NewUserName: 'mate3' })
  await iam.deleteUser({ UserName: 'mate3' })
})

test('users manage themselves by a policy that says aws:username, and nobody else', async () => {
  const self = `arn:aws:iam::*:user/\${aws:username}`
  const iam = await userWith('selfish', allow('iam:*AccessKey*', self), allow('iam:GetUser', self))
  const { User } = await iam.getUser({})
  assert.equal(User?.UserName, 'selfish')
  const { AccessKey } = await iam.createAccessKey({})
  const AccessKeyId = AccessKey?.AccessKeyId ?? ''
  await iam.updateAccessKey({ AccessKeyId, Status: 'Inactive' })
  await iam.deleteAccessKey({ UserName: 'selfish', AccessKeyId })
  await denied(
    iam.createAccessKey({ UserName: 'target' }),
    'iam:CreateAccessKey',
    arn('user/team/target'),
  )
  // A wildcard in a name is a character.
  await denied(iam.getUser({ UserName: 'target' }), 'iam:GetUser', arn('user/team/target'))
})

test('a user has no right to itself that no policy gives', async () => {
  const { iam } = await createUser(trent, 'bare')
  await denied(iam.getUser({}), 'iam:GetUser', arn('user/bare'))
  await denied(iam.listAccessKeys({}), 'iam:ListAccessKeys', arn('user/bare'))
})

test('iam:PolicyARN is the policy that is attached or detached', async () => {
  const only = { ArnEquals: { 'iam:PolicyARN': readOnly } }
  const iam = await userWith('attacher', allow('iam:*', '*', only))
  for (const call of [
    () => iam.attachRolePolicy({ RoleName: 'target', PolicyArn: readOnly }),
    () => iam.detachRolePolicy({ RoleName: 'target', PolicyArn: readOnly }),
    () => iam.attachGroupPolicy({ GroupName: 'target', PolicyArn: readOnly }),
    () => iam.detachGroupPolicy({ GroupName: 'target', PolicyArn: readOnly }),
  ]) {
    await call()
  }
  await denied(
    iam.attachRolePolicy({ RoleName: 'target', PolicyArn: admin }),
    'iam:AttachRolePolicy',
    arn('role/target'),
  )
  await denied(
    iam.putRolePolicy({
      RoleName: 'target',
      PolicyName: 'p',
      PolicyDocument: allowing('*'),
    }),
    'iam:PutRolePolicy',
    arn('role/target'),
  )
})

test('iam:PermissionsBoundary is the boundary that is given, and then the one that is there', async () => {
  const fenced = { StringEquals: { 'iam:PermissionsBoundary': readOnly } }
  const iam = await userWith(
    'delegate',
    allow('iam:CreateUser', '*', fenced),
    allow('iam:AttachUserPolicy', '*', fenced),
    allow('iam:PutUserPermissionsBoundary', '*', fenced),
    deny('iam:DeleteUserPermissionsBoundary'),
  )
  await denied(iam.createUser({ UserName: 'unfenced' }), 'iam:CreateUser', arn('user/unfenced'))
  await denied(
    iam.createUser({ UserName: 'unfenced', PermissionsBoundary: admin }),
    'iam:CreateUser',
    arn('user/unfenced'),
  )
  await iam.createUser({ UserName: 'fenced', PermissionsBoundary: readOnly })
  await iam.attachUserPolicy({ UserName: 'fenced', PolicyArn: admin })
  await denied(
    iam.attachUserPolicy({ UserName: 'target', PolicyArn: admin }),
    'iam:AttachUserPolicy',
    arn('user/team/target'),
  )
  const to = (PermissionsBoundary: string) =>
    iam.putUserPermissionsBoundary({ UserName: 'fenced', PermissionsBoundary })
  await denied(to(admin), 'iam:PutUserPermissionsBoundary', arn('user/fenced'))
  await to(readOnly)
  await refusedByIam(iam.deleteUserPermissionsBoundary({ UserName: 'fenced' }), [
    403,
    'AccessDenied',
    /with an explicit deny in an identity-based policy$/,
  ])
})

const tag = (Key: string, Value: string) => ({ Key, Value })

test('aws:RequestTag and aws:TagKeys are the tags that a request gives or takes', async () => {
  const asked = {
    StringEquals: { 'aws:RequestTag/team': ['red', 'blue'] },
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost'] },
  }
  const iam = await userWith(
    'tagger',
    allow('iam:CreateUser', '*', asked),
    allow('iam:TagUser', '*', asked),
    allow('iam:UntagUser', '*', {
      'ForAllValues:StringEquals': { 'aws:TagKeys': 'cost' },
    }),
  )
  const UserName = 'tagged'
  const create = (...Tags: { Key: string; Value: string }[]) => iam.createUser({ UserName, Tags })
  await denied(create(), 'iam:CreateUser', arn('user/tagged'))
  await denied(create(tag('team', 'green')), 'iam:CreateUser', arn('user/tagged'))
  await denied(create(tag('team', 'red'), tag('x', 'y')), 'iam:CreateUser', arn('user/tagged'))
  await create(tag('team', 'red'), tag('cost', '1'))
  await iam.tagUser({ UserName, Tags: [tag('team', 'blue')] })
  await denied(
    iam.tagUser({ UserName, Tags: [tag('cost', '2')] }),
    'iam:TagUser',
    arn('user/tagged'),
  )
  await iam.untagUser({ UserName, TagKeys: ['cost'] })
  await denied(
    iam.untagUser({ UserName, TagKeys: ['cost', 'team'] }),
    'iam:UntagUser',
    arn('user/tagged'),
  )
})

test('tags at a creation need the permission of tagging too', async () => {
  const iam = await userWith('creator', allow('iam:Create*'))
  const Tags = [tag('k', 'v')]
  await denied(iam.createUser({ UserName: 't', Tags }), 'iam:TagUser', arn('user/t'))
  await denied(
    iam.createRole({ RoleName: 't', Tags, AssumeRolePolicyDocument: trusting(account) }),
    'iam:TagRole',
    arn('role/t'),
  )
  await denied(
    iam.createPolicy({ PolicyName: 't', Tags, PolicyDocument: allowing('kms:*') }),
    'iam:TagPolicy',
    arn('policy/t'),
  )
  await denied(
    iam.createOpenIDConnectProvider({ Url: 'https://i.example.org', Tags }),
    'iam:TagOpenIDConnectProvider',
    arn('oidc-provider/i.example.org'),
  )
  await iam.createUser({ UserName: 't' })
  const { Users = [] } = await root.listUsers({})
  assert.equal(Users.filter(({ UserName }) => UserName === 't').length, 1)
})

test('aws:ResourceTag is what a thing has: users, roles, policies and providers', async () => {
  const Tags = [tag('Team', 'red')]
  await root.createUser({ UserName: 'red', Tags })
  await root.createRole({ RoleName: 'red', Tags, AssumeRolePolicyDocument: trusting(account) })
  await root.createPolicy({ PolicyName: 'red', Tags, PolicyDocument: allowing('kms:*') })
  await root.createOpenIDConnectProvider({ Url: 'https://red.example.org', Tags })
  const red = { StringEquals: { 'aws:ResourceTag/team': 'red' } }
  const PolicyArn = arn('policy/red')
  const OpenIDConnectProviderArn = arn('oidc-provider/red.example.org')
  const calls = (iam: IAM): (() => Promise<unknown>)[] => [
    () => iam.getUser({ UserName: 'red' }),
    () => iam.updateUser({ UserName: 'red', NewPath: '/' }),
    () => iam.getRole({ RoleName: 'red' }),
    () => iam.getPolicy({ PolicyArn }),
    () => iam.listPolicyTags({ PolicyArn }),
    () => iam.getPolicyVersion({ PolicyArn, VersionId: 'v1' }),
    () => iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn }),
    () => iam.listOpenIDConnectProviderTags({ OpenIDConnectProviderArn }),
  ]
  const reds = await userWith('reds', allow('iam:*', '*', red))
  for (const call of calls(reds)) await call()
  await denied(reds.getRole({ RoleName: 'target' }), 'iam:GetRole', arn('role/target'))
  await denied(reds.getPolicy({ PolicyArn: readOnly }), 'iam:GetPolicy', readOnly)
  const others = await userWith('others', allow('iam:*'), deny('iam:*', '*', red))
  for (const call of calls(others)) {
    await refusedByIam(call(), [403, 'AccessDenied', /with an explicit deny/])
  }
  await others.getRole({ RoleName: 'target' })
  const old = await userWith(
    'old',
    allow('iam:*', '*', { StringEquals: { 'iam:ResourceTag/Team': 'red' } }),
  )
  await old.getUser({ UserName: 'red' })
})

test('groups give their policies to their users, for as long as they are in', async () => {
  const { iam } = await createUser(trent, 'member')
  await root.createGroup({ GroupName: 'readers' })
  await root.attachGroupPolicy({ GroupName: 'readers', PolicyArn: readOnly })
  await root.putGroupPolicy({
    GroupName: 'readers',
    PolicyName: 'deny',
    PolicyDocument: policyOf(deny('iam:ListRoles')),
  })
  await assert.rejects(iam.listUsers({}))
  await root.addUserToGroup({ GroupName: 'readers', UserName: 'member' })
  await iam.listUsers({})
  await refusedByIam(iam.listRoles({}), [403, 'AccessDenied', /explicit deny/])
  await root.deleteGroupPolicy({ GroupName: 'readers', PolicyName: 'deny' })
  await iam.listRoles({})
  await root.detachGroupPolicy({ GroupName: 'readers', PolicyArn: readOnly })
  await denied(iam.listRoles({}), 'iam:ListRoles', arn('role/'))
  await root.attachGroupPolicy({ GroupName: 'readers', PolicyArn: readOnly })
  await iam.listRoles({})
  await root.removeUserFromGroup({ GroupName: 'readers', UserName: 'member' })
  await denied(iam.listRoles({}), 'iam:ListRoles', arn('role/'))
})

test("membership is the group's to give", async () => {
  const iam = await userWith('joiner', allow('iam:*', arn('user/*')))
  const joining = { GroupName: 'target', UserName: 'joiner' }
  await denied(iam.addUserToGroup(joining), 'iam:AddUserToGroup', arn('group/target'))
  await denied(
    iam.removeUserFromGroup({ GroupName: 'target', UserName: 'missing' }),
    'iam:RemoveUserFromGroup',
    arn('group/target'),
  )
})

test('a change of a policy holds for the next request, of whatever kind it is', async () => {
  const { iam } = await createUser(trent, 'changing')
  const { Policy } = await root.createPolicy({
    PolicyName: 'changing',
    PolicyDocument: allowing('iam:GetRole'),
  })
  const PolicyArn = Policy?.Arn ?? ''
  await assert.rejects(iam.getRole({ RoleName: 'target' }))
  await root.attachUserPolicy({ UserName: 'changing', PolicyArn })
  await iam.getRole({ RoleName: 'target' })
  await root.createPolicyVersion({
    PolicyArn,
    PolicyDocument: allowing('iam:GetGroup'),
    SetAsDefault: true,
  })
  await assert.rejects(iam.getRole({ RoleName: 'target' }))
  await iam.getGroup({ GroupName: 'target' })
  await putPolicy(root, 'changing', policyOf(deny('*')))
  await assert.rejects(iam.getGroup({ GroupName: 'target' }))
  await root.deleteUserPolicy({ UserName: 'changing', PolicyName: 'test' })
  await iam.getGroup({ GroupName: 'target' })
  await root.detachUserPolicy({ UserName: 'changing', PolicyArn })
  await assert.rejects(iam.getGroup({ GroupName: 'target' }))
})

test('whoever may do everything may do it in his account alone', async () => {
  const other = await trent.createAccount()
  const foreign = iamClient(trent, { credentials: other.credentials })
  const { Policy } = await foreign.createPolicy({
    PolicyName: 'theirs',
    PolicyDocument: allowing('kms:*'),
  })
  const iam = await userWith('almighty', allow('*'))
  const PolicyArn = Policy?.Arn ?? ''
  const gone = [404, 'NoSuchEntity', `Policy ${PolicyArn} was not found.`] as const
  await refusedByIam(iam.getPolicy({ PolicyArn }), gone)
  await refusedByIam(iam.deletePolicy({ PolicyArn }), [
    403,
    'AccessDenied',
    'Cannot delete policies outside your own account.',
  ])
  await refusedByIam(iam.attachUserPolicy({ UserName: 'almighty', PolicyArn }), [
    404,
    'NoSuchEntity',
    `Policy ${PolicyArn} does not exist or is not attachable.`,
  ])
  await foreign.getPolicy({ PolicyArn })
})

test('no policy binds the root user', async () => {
  const other = await trent.createAccount()
  const foreign = iamClient(trent, { credentials: other.credentials })
  await foreign.createUser({ UserName: 'root' })
  await putPolicy(foreign, 'root', policyOf(deny('*')))
  await foreign.listUsers({})
})
