import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, iamClient, refusedByIam, trusting } from '../support/iam.ts'
import { run, testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const client = () => iam
const account = trent.accountId
const arn = (name: string) => `arn:aws:iam::${account}:policy/${name}`
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const missing = (of: string) =>
  [404, 'NoSuchEntity', `Policy ${of} does not exist or is not attachable.`] as const

const kinds = [
  { kind: 'user', word: 'User' },
  { kind: 'group', word: 'Group' },
  { kind: 'role', word: 'Role' },
] as const

await iam.createPolicy({ PolicyName: 'p', Path: '/a/', PolicyDocument: allowing('kms:*') })
const own = arn('a/p')

for (const { kind, word } of kinds) {
  const named = { [`${word}Name`]: 'x' }
  const list = `ListAttached${word}Policies`
  const policy = { ...named, PolicyArn: own }
  const none = { [`${word}Name`]: 'no', PolicyArn: own }
  const noOwner = [404, 'NoSuchEntity', `The ${kind} with name no cannot be found.`] as const

  testSteps(`policies attached to a ${kind}`, client, [
    [
      'an owner',
      `Create${word}`,
      { ...named, ...(kind === 'role' && { AssumeRolePolicyDocument: trusting(account) }) },
      {},
    ],
    ['none yet', list, named, { AttachedPolicies: [], IsTruncated: false }],
    ['attached', `Attach${word}Policy`, policy, {}],
    ['once is as good as twice', `Attach${word}Policy`, policy, {}],
    ['one of AWS', `Attach${word}Policy`, { ...named, PolicyArn: readOnly }, {}],
    [
      'listed by path',
      list,
      { ...named, PathPrefix: '/a/' },
      { AttachedPolicies: [{ PolicyName: 'p', PolicyArn: own }] },
    ],
    ['an owner that is not there', `Attach${word}Policy`, none, noOwner],
    ['whose list is asked for', list, { [`${word}Name`]: 'no' }, noOwner],
    ['from whom it is detached', `Detach${word}Policy`, none, noOwner],
    [
      'a policy that is not there',
      `Attach${word}Policy`,
      { ...named, PolicyArn: arn('none') },
      missing(arn('none')),
    ],
    [
      'an ARN of something else',
      `Attach${word}Policy`,
      { ...named, PolicyArn: `arn:aws:iam::${account}:user/x` },
      missing(`arn:aws:iam::${account}:user/x`),
    ],
    [
      'no ARN at all',
      `Detach${word}Policy`,
      { ...named, PolicyArn: 'mypolicyname-not-an-arn' },
      [400, 'ValidationError', 'ARN mypolicyname-not-an-arn is not valid.'],
    ],
    [
      'too short for an ARN',
      `Attach${word}Policy`,
      { ...named, PolicyArn: 'p' },
      [
        400,
        'ValidationError',
        "1 validation error detected: Value at 'policyArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
      ],
    ],
    [
      'a policy that is attached stays',
      'DeletePolicy',
      { PolicyArn: own },
      [409, 'DeleteConflict', 'Cannot delete a policy attached to entities.'],
    ],
    ['detached', `Detach${word}Policy`, policy, {}],
    ['once', `Detach${word}Policy`, policy, [404, 'NoSuchEntity', `Policy ${own} was not found.`]],
    [
      'a policy that is not there is not detached',
      `Detach${word}Policy`,
      { ...named, PolicyArn: arn('none') },
      [404, 'NoSuchEntity', `Policy ${arn('none')} was not found.`],
    ],
    [
      'the other is left',
      list,
      named,
      { AttachedPolicies: [{ PolicyName: 'ReadOnlyAccess', PolicyArn: readOnly }] },
    ],
  ])

  test(`a ${kind} has ten policies attached at most`, async () => {
    for (let index = 0; index < 10; index += 1) {
      const PolicyName = `${kind}-${index}`
      await iam.createPolicy({ PolicyName, PolicyDocument: allowing('kms:*') })
      const attached = run(iam, `Attach${word}Policy`, { ...named, PolicyArn: arn(PolicyName) })
      // One of AWS is there already.
      if (index < 9) await attached
      else {
        await refusedByIam(attached, [
          409,
          'LimitExceeded',
          `Cannot exceed quota for PoliciesPer${word}: 10`,
        ])
      }
    }
    await run(iam, `Attach${word}Policy`, { ...named, PolicyArn: readOnly })
  })
}

testSteps('who has a policy', client, [
  ['created', 'CreatePolicy', { PolicyName: 'held', PolicyDocument: allowing('kms:*') }, {}],
  [
    'nobody yet',
    'ListEntitiesForPolicy',
    { PolicyArn: arn('held') },
    { PolicyGroups: [], PolicyUsers: [], PolicyRoles: [], IsTruncated: false },
  ],
  ['a user', 'CreateUser', { UserName: 'held', Path: '/p/' }, {}],
  ['has it', 'AttachUserPolicy', { UserName: 'held', PolicyArn: arn('held') }, {}],
  ['a group', 'CreateGroup', { GroupName: 'held' }, {}],
  ['has it too', 'AttachGroupPolicy', { GroupName: 'held', PolicyArn: arn('held') }, {}],
  [
    'a role has it for a boundary',
    'CreateRole',
    {
      RoleName: 'held',
      AssumeRolePolicyDocument: trusting(account),
      PermissionsBoundary: arn('held'),
    },
    {},
  ],
  [
    'all three',
    'ListEntitiesForPolicy',
    { PolicyArn: arn('held') },
    {
      PolicyGroups: [{ GroupName: 'held', GroupId: /^AGPA/ }],
      PolicyUsers: [{ UserName: 'held', UserId: /^AIDA/ }],
      PolicyRoles: [{ RoleName: 'held', RoleId: /^AROA/ }],
    },
  ],
  [
    'of one kind',
    'ListEntitiesForPolicy',
    { PolicyArn: arn('held'), EntityFilter: 'Group' },
    { PolicyGroups: [{ GroupName: 'held' }], PolicyUsers: [], PolicyRoles: [] },
  ],
  [
    'of a kind that holds none',
    'ListEntitiesForPolicy',
    { PolicyArn: arn('held'), EntityFilter: 'LocalManagedPolicy' },
    { PolicyGroups: [], PolicyUsers: [], PolicyRoles: [] },
  ],
  [
    'of one path',
    'ListEntitiesForPolicy',
    { PolicyArn: arn('held'), PathPrefix: '/p/' },
    { PolicyGroups: [], PolicyUsers: [{ UserName: 'held' }], PolicyRoles: [] },
  ],
  [
    'for permissions',
    'ListEntitiesForPolicy',
    { PolicyArn: arn('held'), PolicyUsageFilter: 'PermissionsPolicy' },
    { PolicyUsers: [{ UserName: 'held' }], PolicyRoles: [] },
  ],
  [
    'for a boundary',
    'ListEntitiesForPolicy',
    { PolicyArn: arn('held'), PolicyUsageFilter: 'PermissionsBoundary' },
    { PolicyUsers: [], PolicyRoles: [{ RoleName: 'held' }] },
  ],
  [
    'counted apart',
    'GetPolicy',
    { PolicyArn: arn('held') },
    { Policy: { AttachmentCount: 2, PermissionsBoundaryUsageCount: 1 } },
  ],
  [
    'of a policy that is not there',
    'ListEntitiesForPolicy',
    { PolicyArn: arn('none') },
    missing(arn('none')),
  ],
])

test('who has a policy comes in pages', async () => {
  const seen: (string | undefined)[] = []
  let Marker: string | undefined
  do {
    const page = await iam.listEntitiesForPolicy({
      PolicyArn: arn('held'),
      MaxItems: 1,
      ...(Marker !== undefined && { Marker }),
    })
    const { PolicyGroups = [], PolicyUsers = [], PolicyRoles = [] } = page
    assert.ok(PolicyGroups.length + PolicyUsers.length + PolicyRoles.length <= 1)
    seen.push(
      ...PolicyGroups.map(({ GroupId }) => GroupId),
      ...PolicyUsers.map(({ UserId }) => UserId),
      ...PolicyRoles.map(({ RoleId }) => RoleId),
    )
    Marker = page.Marker
  } while (Marker !== undefined)
  assert.deepEqual(
    seen.map((id) => id?.slice(0, 4)),
    ['AGPA', 'AIDA', 'AROA'],
  )
})

test('an account sees no holders of another account', async () => {
  const other = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  const { PolicyUsers } = await other.listEntitiesForPolicy({ PolicyArn: readOnly })
  assert.deepEqual(PolicyUsers, [])
  const { Policy } = await other.getPolicy({ PolicyArn: readOnly })
  assert.equal(Policy?.AttachmentCount, 0)
})
