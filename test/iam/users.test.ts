import assert from 'node:assert/strict'
import { test } from 'node:test'
import { iamClient, allowing } from '../support/iam.ts'
import { testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const account = trent.accountId
const client = (): ReturnType<typeof iamClient> => iamClient(trent)
const arn = (rest: string) => `arn:aws:iam::${account}:${rest}`
const missing = (name: string) =>
  [404, 'NoSuchEntity', `The user with name ${name} cannot be found.`] as const

testSteps('users', client, [
  ['an account begins without', 'ListUsers', {}, { Users: [], IsTruncated: false }],
  [
    'created with a path and tags',
    'CreateUser',
    { UserName: 'Bob', Path: '/a/b/', Tags: [{ Key: 'Team', Value: '' }] },
    {
      User: {
        UserName: 'Bob',
        Path: '/a/b/',
        Arn: arn('user/a/b/Bob'),
        UserId: /^AIDA[A-Z2-7]{17}$/,
        Tags: [{ Key: 'Team', Value: '' }],
        PermissionsBoundary: undefined,
      },
    },
  ],
  ['shown', 'GetUser', { UserName: 'Bob' }, { User: { Arn: arn('user/a/b/Bob') } }],
  [
    'a name is taken in any case, on any path',
    'CreateUser',
    { UserName: 'BOB' },
    [409, 'EntityAlreadyExists', 'User with name BOB already exists.'],
  ],
  ['a name is looked up exactly', 'GetUser', { UserName: 'bob' }, missing('bob')],
  [
    'without tags there is no Tags member',
    'CreateUser',
    { UserName: 'al' },
    { User: { Tags: undefined } },
  ],
  [
    'listed by name, without tags',
    'ListUsers',
    {},
    { Users: [{ UserName: 'al', Tags: undefined }, { UserName: 'Bob' }] },
  ],
  [
    'a prefix may end inside a name of the path',
    'ListUsers',
    { PathPrefix: '/a/b' },
    { Users: [{ UserName: 'Bob' }] },
  ],
  ['a prefix of nobody', 'ListUsers', { PathPrefix: '/b' }, { Users: [] }],
  [
    'a prefix begins with /',
    'ListUsers',
    { PathPrefix: 'b' },
    [
      400,
      'ValidationError',
      'The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters.',
    ],
  ],
  [
    'renamed to its own name',
    'UpdateUser',
    { UserName: 'al', NewUserName: 'al', NewPath: '/' },
    {},
  ],
  ['renamed in case alone', 'UpdateUser', { UserName: 'al', NewUserName: 'AL' }, {}],
  [
    'not renamed to what another one has',
    'UpdateUser',
    { UserName: 'AL', NewUserName: 'bob' },
    [409, 'EntityAlreadyExists', 'User with name bob already exists.'],
  ],
  ['moved', 'UpdateUser', { UserName: 'AL', NewPath: '/x/' }, {}],
  ['shown where it is now', 'GetUser', { UserName: 'AL' }, { User: { Arn: arn('user/x/AL') } }],
  ['renaming nobody', 'UpdateUser', { UserName: 'no' }, missing('no')],
  ['deleted', 'DeleteUser', { UserName: 'AL' }, {}],
  ['deleted once', 'DeleteUser', { UserName: 'AL' }, missing('AL')],
  ['gone', 'GetUser', { UserName: 'AL' }, missing('AL')],
  [
    'the root user is shown without a name',
    'GetUser',
    {},
    { User: { Arn: arn('root'), UserId: account, UserName: undefined } },
  ],
])

testSteps('what a user may be called', client, [
  [
    'characters',
    'CreateUser',
    { UserName: 'a b' },
    [
      400,
      'ValidationError',
      'The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    ],
  ],
  [
    'at most 64 characters when created',
    'CreateUser',
    { UserName: 'u'.repeat(65) },
    [
      400,
      'ValidationError',
      "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64",
    ],
  ],
  ['128 when named', 'GetUser', { UserName: 'u'.repeat(128) }, missing('u'.repeat(128))],
  [
    'not empty',
    'GetUser',
    { UserName: '' },
    [
      400,
      'ValidationError',
      "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
  ],
  [
    'a path has a slash at both ends',
    'CreateUser',
    { UserName: 'x', Path: '/a' },
    [
      400,
      'ValidationError',
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    ],
  ],
  [
    'several constraints at once',
    'CreateUser',
    { UserName: 'u'.repeat(65), Tags: [{ Key: '', Value: 'v'.repeat(257) }] },
    [
      400,
      'ValidationError',
      "4 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64; Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1; Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+; Value at 'tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256",
    ],
  ],
])

const conflict = (text: string) => [409, 'DeleteConflict', text] as const

testSteps('a user with anything left is not deleted', client, [
  ['a user', 'CreateUser', { UserName: 'full' }, {}],
  ['a group', 'CreateGroup', { GroupName: 'g' }, {}],
  ['joins it', 'AddUserToGroup', { GroupName: 'g', UserName: 'full' }, {}],
  [
    'policy',
    'PutUserPolicy',
    { UserName: 'full', PolicyName: 'p', PolicyDocument: allowing('kms:*') },
    {},
  ],
  [
    'attachment',
    'AttachUserPolicy',
    { UserName: 'full', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
    {},
  ],
  [
    'refused for the attachment',
    'DeleteUser',
    { UserName: 'full' },
    conflict('Cannot delete entity, must detach all policies first.'),
  ],
  [
    'detach',
    'DetachUserPolicy',
    { UserName: 'full', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
    {},
  ],
  [
    'refused for the policy',
    'DeleteUser',
    { UserName: 'full' },
    conflict('Cannot delete entity, must delete policies first.'),
  ],
  ['delete the policy', 'DeleteUserPolicy', { UserName: 'full', PolicyName: 'p' }, {}],
  [
    'refused for the group',
    'DeleteUser',
    { UserName: 'full' },
    conflict('Cannot delete entity, must remove users from group first.'),
  ],
  ['leaves', 'RemoveUserFromGroup', { GroupName: 'g', UserName: 'full' }, {}],
  ['and goes', 'DeleteUser', { UserName: 'full' }, {}],
])

test('a user with access keys is not deleted', async () => {
  const iam = client()
  await iam.createUser({ UserName: 'keys' })
  const { AccessKey } = await iam.createAccessKey({ UserName: 'keys' })
  await assert.rejects(iam.deleteUser({ UserName: 'keys' }), {
    message: 'Cannot delete entity, must delete access keys first.',
  })
  await iam.deleteAccessKey({ UserName: 'keys', AccessKeyId: AccessKey?.AccessKeyId })
  await iam.deleteUser({ UserName: 'keys' })
})

test('a unique id outlives a change of name and path, and is never given again', async () => {
  const iam = client()
  const { User: first } = await iam.createUser({ UserName: 'one' })
  await iam.updateUser({ UserName: 'one', NewUserName: 'two', NewPath: '/p/' })
  const { User: renamed } = await iam.getUser({ UserName: 'two' })
  assert.equal(renamed?.UserId, first?.UserId)
  assert.deepEqual(renamed?.CreateDate, first?.CreateDate)
  await iam.deleteUser({ UserName: 'two' })
  const { User: again } = await iam.createUser({ UserName: 'one' })
  assert.notEqual(again?.UserId, first?.UserId)
})

test('no account sees the users of another', async () => {
  const other = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  await other.createUser({ UserName: 'Bob' })
  const { Users = [] } = await other.listUsers({})
  assert.deepEqual(
    Users.map(({ UserName }) => UserName),
    ['Bob'],
  )
})

test('pages of users, each name once, in order, whatever happens between', async () => {
  const iam = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  const names = Array.from({ length: 7 }, (_, index) => `user-${index}`)
  for (const UserName of names) await iam.createUser({ UserName })
  const seen: (string | undefined)[] = []
  let Marker: string | undefined
  do {
    const page = await iam.listUsers({ MaxItems: 2, ...(Marker !== undefined && { Marker }) })
    seen.push(...(page.Users ?? []).map(({ UserName }) => UserName))
    assert.equal(page.IsTruncated, page.Marker !== undefined)
    Marker = page.Marker
    if (seen.length === 2) await iam.deleteUser({ UserName: 'user-1' })
  } while (Marker !== undefined)
  assert.deepEqual(seen, names)
})

test('a marker is of one list, one account and one filter', async () => {
  const iam = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  for (const UserName of ['a', 'b', 'c']) await iam.createUser({ UserName })
  const { Marker } = await iam.listUsers({ MaxItems: 1 })
  const invalid = { name: 'ValidationError', message: 'Invalid Marker.' }
  await assert.rejects(iam.listUsers({ Marker, PathPrefix: '/x' }), invalid)
  await assert.rejects(iam.listRoles({ Marker }), invalid)
  await assert.rejects(client().listUsers({ Marker }), invalid)
  await assert.rejects(iam.listUsers({ Marker: 'nonsense' }), invalid)
  await assert.rejects(iam.listUsers({ Marker: `${Marker}=` }), invalid)
})

testSteps('how long a page may be', client, [
  [
    'no shorter than 1',
    'ListUsers',
    { MaxItems: 0 },
    [
      400,
      'ValidationError',
      "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
  ],
  [
    'no longer than 1000',
    'ListUsers',
    { MaxItems: 1001 },
    [
      400,
      'ValidationError',
      "1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
    ],
  ],
])
