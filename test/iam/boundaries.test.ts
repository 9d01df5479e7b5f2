import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, createUser, iamClient, refusedByIam, trusting } from '../support/iam.ts'
import { testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const client = () => iam
const account = trent.accountId
const arn = (name: string) => `arn:aws:iam::${account}:policy/${name}`
const boundary = { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn('b') }

await iam.createPolicy({ PolicyName: 'b', PolicyDocument: allowing('iam:GetUser') })

for (const [kind, word] of [
  ['user', 'User'],
  ['role', 'Role'],
] as const) {
  const named = { [`${word}Name`]: 'x' }
  const trust = kind === 'role' ? { AssumeRolePolicyDocument: trusting(account) } : {}
  const put = { ...named, PermissionsBoundary: arn('b') }
  const noOwner = [404, 'NoSuchEntity', `The ${kind} with name no cannot be found.`] as const

  testSteps(`the permissions boundary of a ${kind}`, client, [
    [
      'created with it',
      `Create${word}`,
      { ...put, ...trust },
      { [word]: { PermissionsBoundary: boundary } },
    ],
    [
      'a boundary is in use',
      'DeletePolicy',
      { PolicyArn: arn('b') },
      [409, 'DeleteConflict', 'Cannot delete a policy attached to entities.'],
    ],
    ['taken away', `Delete${word}PermissionsBoundary`, named, {}],
    ['gone', `Get${word}`, named, { [word]: { PermissionsBoundary: undefined } }],
    [
      'not there to be taken away',
      `Delete${word}PermissionsBoundary`,
      named,
      [404, 'NoSuchEntity', /./],
    ],
    ['given', `Put${word}PermissionsBoundary`, put, {}],
    ['shown', `Get${word}`, named, { [word]: { PermissionsBoundary: boundary } }],
    [
      'one of AWS in its place',
      `Put${word}PermissionsBoundary`,
      { ...named, PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      {},
    ],
    [
      'a policy that is not there',
      `Put${word}PermissionsBoundary`,
      { ...named, PermissionsBoundary: arn('none') },
      [404, 'NoSuchEntity', `Scope ARN: ${arn('none')} does not exist or is not attachable.`],
    ],
    [
      'one of another account',
      `Put${word}PermissionsBoundary`,
      { ...named, PermissionsBoundary: 'arn:aws:iam::999999999999:policy/b' },
      [
        404,
        'NoSuchEntity',
        'Scope ARN: arn:aws:iam::999999999999:policy/b does not exist or is not attachable.',
      ],
    ],
    [
      'what is no policy',
      `Put${word}PermissionsBoundary`,
      { ...named, PermissionsBoundary: `arn:aws:iam::${account}:group/b` },
      [400, 'InvalidInput', `ARN arn:aws:iam::${account}:group/b is not valid.`],
    ],
    ['of nobody', `Put${word}PermissionsBoundary`, { ...put, [`${word}Name`]: 'no' }, noOwner],
    ['taken from nobody', `Delete${word}PermissionsBoundary`, { [`${word}Name`]: 'no' }, noOwner],
    [
      'the one before is still there',
      `Get${word}`,
      named,
      {
        [word]: {
          PermissionsBoundary: { PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
        },
      },
    ],
  ])
}

test('a boundary caps what the other policies allow, at once, and gives nothing', async () => {
  const user = await createUser(trent, 'capped', { document: allowing('iam:ListUsers') })
  await user.iam.listUsers({})
  await iam.putUserPermissionsBoundary({ UserName: 'capped', PermissionsBoundary: arn('b') })
  await refusedByIam(user.iam.listUsers({}), [
    403,
    'AccessDenied',
    `User: ${user.arn} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${account}:user/ because no permissions boundary allows the iam:ListUsers action`,
  ])
  await refusedByIam(user.iam.getUser({}), [
    403,
    'AccessDenied',
    `User: ${user.arn} is not authorized to perform: iam:GetUser on resource: ${user.arn} because no identity-based policy allows the iam:GetUser action`,
  ])
  await iam.createPolicyVersion({
    PolicyArn: arn('b'),
    PolicyDocument: allowing('iam:*'),
    SetAsDefault: true,
  })
  await user.iam.listUsers({})
  await iam.setDefaultPolicyVersion({ PolicyArn: arn('b'), VersionId: 'v1' })
  await assert.rejects(user.iam.listUsers({}))
  await iam.deleteUserPermissionsBoundary({ UserName: 'capped' })
  await user.iam.listUsers({})
})
