import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, iamClient, policyOf, refusedByIam, trusting } from '../support/iam.ts'
import { testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const client = () => iam
const arn = (rest: string) => `arn:aws:iam::${trent.accountId}:${rest}`
const missing = [404, 'NoSuchEntity', 'The role with name no cannot be found.'] as const
const trust = trusting(trent.accountId)
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const tags = [
  { Key: 'b', Value: '1' },
  { Key: 'a', Value: '2' },
]
const described = {
  RoleName: 'Full',
  Path: '/p/',
  Description: 'What it is for',
  MaxSessionDuration: 7200,
  Tags: tags,
  PermissionsBoundary: readOnly,
  AssumeRolePolicyDocument: trust,
}
const shown = {
  RoleName: 'Full',
  Path: '/p/',
  RoleId: /^AROA[A-Z2-7]{17}$/,
  Arn: arn('role/p/Full'),
  AssumeRolePolicyDocument: encodeURIComponent(trust).replaceAll('*', '%2A'),
}
const boundary = { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: readOnly }

testSteps('which members of a role are where', client, [
  [
    'created: without description, duration and last use',
    'CreateRole',
    described,
    {
      Role: {
        ...shown,
        Tags: tags,
        PermissionsBoundary: boundary,
        Description: undefined,
        MaxSessionDuration: undefined,
        RoleLastUsed: undefined,
      },
    },
  ],
  [
    'shown: with everything, tags as they were given',
    'GetRole',
    { RoleName: 'Full' },
    {
      Role: {
        ...shown,
        Tags: tags,
        PermissionsBoundary: boundary,
        Description: 'What it is for',
        MaxSessionDuration: 7200,
        RoleLastUsed: {},
      },
    },
  ],
  [
    'listed: without tags, boundary and last use',
    'ListRoles',
    {},
    {
      Roles: [
        {
          ...shown,
          Tags: undefined,
          PermissionsBoundary: undefined,
          Description: 'What it is for',
          MaxSessionDuration: 7200,
          RoleLastUsed: undefined,
        },
      ],
    },
  ],
  [
    'described anew: without duration, tags and last use',
    'UpdateRoleDescription',
    { RoleName: 'Full', Description: 'Other' },
    {
      Role: {
        ...shown,
        Tags: undefined,
        Description: 'Other',
        MaxSessionDuration: undefined,
        RoleLastUsed: undefined,
      },
    },
  ],
  [
    'a plain one',
    'CreateRole',
    { RoleName: 'plain', AssumeRolePolicyDocument: trust },
    { Role: { Path: '/', Tags: undefined, PermissionsBoundary: undefined } },
  ],
  [
    'has an hour, and no description',
    'GetRole',
    { RoleName: 'plain' },
    { Role: { MaxSessionDuration: 3600, Description: undefined, Tags: undefined } },
  ],
  ['lists are by name', 'ListRoles', {}, { Roles: [{ RoleName: 'Full' }, { RoleName: 'plain' }] }],
  ['a part of the path', 'ListRoles', { PathPrefix: '/p' }, { Roles: [{ RoleName: 'Full' }] }],
])

testSteps('roles that change', client, [
  ['the duration alone', 'UpdateRole', { RoleName: 'Full', MaxSessionDuration: 3600 }, {}],
  [
    'leaves the description',
    'GetRole',
    { RoleName: 'Full' },
    { Role: { Description: 'Other', MaxSessionDuration: 3600 } },
  ],
  ['an empty description', 'UpdateRole', { RoleName: 'Full', Description: '' }, {}],
  [
    'is one, and leaves the duration',
    'GetRole',
    { RoleName: 'Full' },
    { Role: { Description: '', MaxSessionDuration: 3600 } },
  ],
  ['nothing at all', 'UpdateRole', { RoleName: 'Full' }, {}],
  ['none', 'UpdateRole', { RoleName: 'no' }, missing],
  ['none described', 'UpdateRoleDescription', { RoleName: 'no', Description: '' }, missing],
  ['none trusted', 'UpdateAssumeRolePolicy', { RoleName: 'no', PolicyDocument: trust }, missing],
  ['none shown', 'GetRole', { RoleName: 'no' }, missing],
  ['none deleted', 'DeleteRole', { RoleName: 'no' }, missing],
  [
    'a name is taken in any case',
    'CreateRole',
    { RoleName: 'FULL', AssumeRolePolicyDocument: trust },
    [409, 'EntityAlreadyExists', 'Role with name FULL already exists.'],
  ],
  [
    'too short, too long and not of the pattern',
    'CreateRole',
    {
      RoleName: 'r'.repeat(65),
      AssumeRolePolicyDocument: trust,
      MaxSessionDuration: 3599,
      Description: `\u0001${'d'.repeat(1000)}`,
    },
    [
      400,
      'ValidationError',
      "4 validation errors detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64; Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 1000; Value at 'description' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*; Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
    ],
  ],
  [
    'a duration beyond twelve hours',
    'UpdateRole',
    { RoleName: 'Full', MaxSessionDuration: 43_201 },
    [
      400,
      'ValidationError',
      "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value less than or equal to 43200",
    ],
  ],
])

testSteps('a role with anything left is not deleted', client, [
  ['attached', 'AttachRolePolicy', { RoleName: 'Full', PolicyArn: readOnly }, {}],
  [
    'an inline one',
    'PutRolePolicy',
    { RoleName: 'Full', PolicyName: 'p', PolicyDocument: allowing('kms:*') },
    {},
  ],
  [
    'refused for the attachment',
    'DeleteRole',
    { RoleName: 'Full' },
    [409, 'DeleteConflict', 'Cannot delete entity, must detach all policies first.'],
  ],
  ['detached', 'DetachRolePolicy', { RoleName: 'Full', PolicyArn: readOnly }, {}],
  [
    'refused for the policy',
    'DeleteRole',
    { RoleName: 'Full' },
    [409, 'DeleteConflict', 'Cannot delete entity, must delete policies first.'],
  ],
  ['taken away', 'DeleteRolePolicy', { RoleName: 'Full', PolicyName: 'p' }, {}],
  ['and it goes, with its boundary and its tags', 'DeleteRole', { RoleName: 'Full' }, {}],
  [
    'another of its name has none',
    'CreateRole',
    { RoleName: 'Full', AssumeRolePolicyDocument: trust },
    { Role: { Tags: undefined, PermissionsBoundary: undefined } },
  ],
])

/** The trust policy of a role, as it is shown. */
async function trustOf(RoleName: string): Promise<string> {
  const { Role } = await iam.getRole({ RoleName })
  return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')
}

test('a trust policy is shown as it was submitted, white space and all', async () => {
  const PolicyDocument = `\n{ "Version" : "2012-10-17",\t"Statement": [ {"Effect":"Allow","Principal":{"AWS":"${trent.accountId}"},"Action":"sts:AssumeRole"} ] }\n`
  await iam.updateAssumeRolePolicy({ RoleName: 'plain', PolicyDocument })
  assert.equal(await trustOf('plain'), PolicyDocument)
})

test('a user in a trust policy goes by its present name, and by its id once it is gone', async () => {
  const { User } = await iam.createUser({ UserName: 'trusted' })
  const document = (name: string) =>
    policyOf({
      Effect: 'Allow',
      Principal: { AWS: [name, arn('root')] },
      Action: 'sts:AssumeRole',
      Condition: { StringNotEquals: { 'aws:PrincipalArn': arn('user/trusted') } },
    })
  // A solidus may be escaped: it is the same ARN.
  const escaped = document(arn('user/trusted')).replace('user/trusted', 'user\\/trusted')
  await iam.updateAssumeRolePolicy({ RoleName: 'plain', PolicyDocument: escaped })
  assert.equal(await trustOf('plain'), escaped)
  await iam.updateUser({ UserName: 'trusted', NewUserName: 'renamed', NewPath: '/x/' })
  assert.equal(await trustOf('plain'), document(arn('user/x/renamed')))
  await iam.deleteUser({ UserName: 'renamed' })
  assert.equal(await trustOf('plain'), document(User?.UserId ?? ''))
  await iam.createUser({ UserName: 'trusted' })
  assert.equal(await trustOf('plain'), document(User?.UserId ?? ''))
  await refusedByIam(
    iam.updateAssumeRolePolicy({ RoleName: 'plain', PolicyDocument: await trustOf('plain') }),
    [400, 'MalformedPolicyDocument', `Invalid principal in policy: "AWS":"${User?.UserId ?? ''}"`],
  )
})

test('a role is created whole or not at all', async () => {
  const refused = refusedByIam(
    iam.createRole({
      RoleName: 'half',
      AssumeRolePolicyDocument: trust,
      PermissionsBoundary: arn('policy/missing'),
    }),
    [
      404,
      'NoSuchEntity',
      `Scope ARN: ${arn('policy/missing')} does not exist or is not attachable.`,
    ],
  )
  await refused
  await refusedByIam(iam.getRole({ RoleName: 'half' }), [
    404,
    'NoSuchEntity',
    'The role with name half cannot be found.',
  ])
})
