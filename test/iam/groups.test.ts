import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, iamClient, refusedByIam } from '../support/iam.ts'
import { testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const client = () => iam
const arn = (rest: string) => `arn:aws:iam::${trent.accountId}:${rest}`
const missing = (kind: string, name: string) =>
  [404, 'NoSuchEntity', `The ${kind} with name ${name} cannot be found.`] as const
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess'

testSteps('groups', client, [
  ['an account begins without', 'ListGroups', {}, { Groups: [], IsTruncated: false }],
  [
    'created',
    'CreateGroup',
    { GroupName: 'Staff', Path: '/a/' },
    {
      Group: {
        GroupName: 'Staff',
        Path: '/a/',
        Arn: arn('group/a/Staff'),
        GroupId: /^AGPA[A-Z2-7]{17}$/,
      },
    },
  ],
  [
    'a name is taken in any case',
    'CreateGroup',
    { GroupName: 'STAFF' },
    [409, 'EntityAlreadyExists', 'Group with name STAFF already exists.'],
  ],
  ['a name may be as long as 128', 'CreateGroup', { GroupName: 'g'.repeat(128) }, {}],
  [
    'and no longer',
    'CreateGroup',
    { GroupName: 'g'.repeat(129) },
    [
      400,
      'ValidationError',
      "1 validation error detected: Value at 'groupName' failed to satisfy constraint: Member must have length less than or equal to 128",
    ],
  ],
  ['shown with its users', 'GetGroup', { GroupName: 'Staff' }, { Users: [], IsTruncated: false }],
  [
    'a prefix of the path',
    'ListGroups',
    { PathPrefix: '/a' },
    { Groups: [{ GroupName: 'Staff' }] },
  ],
  [
    'renamed and moved',
    'UpdateGroup',
    { GroupName: 'Staff', NewGroupName: 'Crew', NewPath: '/b/' },
    {},
  ],
  ['gone under the old name', 'GetGroup', { GroupName: 'Staff' }, missing('group', 'Staff')],
  [
    'there under the new one',
    'GetGroup',
    { GroupName: 'Crew' },
    { Group: { Arn: arn('group/b/Crew') } },
  ],
  [
    'not renamed to what another one has',
    'UpdateGroup',
    { GroupName: 'Crew', NewGroupName: 'G'.repeat(128) },
    [409, 'EntityAlreadyExists', `Group with name ${'G'.repeat(128)} already exists.`],
  ],
  ['renaming none', 'UpdateGroup', { GroupName: 'no' }, missing('group', 'no')],
  ['deleting none', 'DeleteGroup', { GroupName: 'no' }, missing('group', 'no')],
])

testSteps('members', client, [
  ['a user', 'CreateUser', { UserName: 'u' }, {}],
  ['a group', 'CreateGroup', { GroupName: 'm' }, {}],
  [
    'of two that are missing the user is told',
    'AddUserToGroup',
    { GroupName: 'no', UserName: 'nobody' },
    missing('user', 'nobody'),
  ],
  [
    'leaving likewise',
    'RemoveUserFromGroup',
    { GroupName: 'no', UserName: 'nobody' },
    missing('user', 'nobody'),
  ],
  ['then the group', 'AddUserToGroup', { GroupName: 'no', UserName: 'u' }, missing('group', 'no')],
  ['joins', 'AddUserToGroup', { GroupName: 'm', UserName: 'u' }, {}],
  ['once is as good as twice', 'AddUserToGroup', { GroupName: 'm', UserName: 'u' }, {}],
  [
    'shown in the group',
    'GetGroup',
    { GroupName: 'm' },
    { Users: [{ UserName: 'u', Arn: arn('user/u'), Tags: undefined }] },
  ],
  [
    'shown at the user',
    'ListGroupsForUser',
    { UserName: 'u' },
    { Groups: [{ GroupName: 'm' }], IsTruncated: false },
  ],
  [
    'a user that is not there',
    'ListGroupsForUser',
    { UserName: 'nobody' },
    missing('user', 'nobody'),
  ],
  [
    'a group with users stays',
    'DeleteGroup',
    { GroupName: 'm' },
    [409, 'DeleteConflict', 'Cannot delete entity, must remove users from group first.'],
  ],
  ['leaves', 'RemoveUserFromGroup', { GroupName: 'm', UserName: 'u' }, {}],
  ['leaves once more', 'RemoveUserFromGroup', { GroupName: 'm', UserName: 'u' }, {}],
  ['attached', 'AttachGroupPolicy', { GroupName: 'm', PolicyArn: readOnly }, {}],
  [
    'a group with attachments stays',
    'DeleteGroup',
    { GroupName: 'm' },
    [409, 'DeleteConflict', 'Cannot delete entity, must detach all policies first.'],
  ],
  ['detached', 'DetachGroupPolicy', { GroupName: 'm', PolicyArn: readOnly }, {}],
  [
    'a policy',
    'PutGroupPolicy',
    { GroupName: 'm', PolicyName: 'p', PolicyDocument: allowing('kms:*') },
    {},
  ],
  [
    'a group with policies stays',
    'DeleteGroup',
    { GroupName: 'm' },
    [409, 'DeleteConflict', 'Cannot delete entity, must delete policies first.'],
  ],
  ['taken away', 'DeleteGroupPolicy', { GroupName: 'm', PolicyName: 'p' }, {}],
  ['and it goes', 'DeleteGroup', { GroupName: 'm' }, {}],
])

test('a user is in ten groups at most', async () => {
  await iam.createUser({ UserName: 'busy' })
  for (let index = 0; index < 11; index += 1) await iam.createGroup({ GroupName: `t${index}` })
  for (let index = 0; index < 10; index += 1) {
    await iam.addUserToGroup({ GroupName: `t${index}`, UserName: 'busy' })
  }
  await refusedByIam(iam.addUserToGroup({ GroupName: 't10', UserName: 'busy' }), [
    409,
    'LimitExceeded',
    'Cannot exceed quota for GroupsPerUser: 10',
  ])
  await iam.addUserToGroup({ GroupName: 't3', UserName: 'busy' })
})

test('the group stands on every page of its users, and each user on one', async () => {
  await iam.createGroup({ GroupName: 'paged' })
  const names = ['Anna', 'ben', 'Carl', 'dora', 'Emil']
  for (const UserName of names.toReversed()) {
    await iam.createUser({ UserName })
    await iam.addUserToGroup({ GroupName: 'paged', UserName })
  }
  const seen: (string | undefined)[] = []
  let Marker: string | undefined
  do {
    const page = await iam.getGroup({
      GroupName: 'paged',
      MaxItems: 2,
      ...(Marker !== undefined && { Marker }),
    })
    assert.equal(page.Group?.GroupName, 'paged')
    seen.push(...(page.Users ?? []).map(({ UserName }) => UserName))
    Marker = page.Marker
  } while (Marker !== undefined)
  assert.deepEqual(seen, names)
})

test('a group keeps its id and its users when it is renamed', async () => {
  const { Group } = await iam.getGroup({ GroupName: 'paged' })
  await iam.updateGroup({ GroupName: 'paged', NewGroupName: 'PAGED' })
  const now = await iam.getGroup({ GroupName: 'PAGED' })
  assert.equal(now.Group?.GroupId, Group?.GroupId)
  assert.equal(now.Users?.length, 5)
})
