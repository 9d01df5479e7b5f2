import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, iamClient, policyOf, refusedByIam } from '../support/iam.ts'
import { testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const client = () => iam
const account = trent.accountId
const PolicyDocument = allowing('kms:Encrypt')
const arn = (name: string) => `arn:aws:iam::${account}:policy/${name}`
const aws = (name: string) => `arn:aws:iam::aws:policy/${name}`
const notFound = (of: string) => [404, 'NoSuchEntity', `Policy ${of} was not found.`] as const
const noVersion = (of: string, version: string) =>
  [
    404,
    'NoSuchEntity',
    `Policy ${of} version ${version} does not exist or is not attachable.`,
  ] as const

testSteps('managed policies', client, [
  [
    'created: without description, and without tags that are not given',
    'CreatePolicy',
    { PolicyName: 'Full', Path: '/a/b/', PolicyDocument, Description: 'Words' },
    {
      Policy: {
        PolicyName: 'Full',
        PolicyId: /^ANPA[A-Z2-7]{17}$/,
        Arn: arn('a/b/Full'),
        Path: '/a/b/',
        DefaultVersionId: 'v1',
        AttachmentCount: 0,
        PermissionsBoundaryUsageCount: 0,
        IsAttachable: true,
        Description: undefined,
        Tags: undefined,
      },
    },
  ],
  [
    'shown: with description, and with a list of no tags',
    'GetPolicy',
    { PolicyArn: arn('a/b/Full') },
    { Policy: { Description: 'Words', Tags: [], DefaultVersionId: 'v1' } },
  ],
  [
    'listed: with neither',
    'ListPolicies',
    { Scope: 'Local' },
    {
      Policies: [{ Arn: arn('a/b/Full'), Description: undefined, Tags: undefined }],
      IsTruncated: false,
    },
  ],
  [
    'with tags',
    'CreatePolicy',
    { PolicyName: 'tagged', PolicyDocument, Tags: [{ Key: 'k', Value: 'v' }] },
    { Policy: { Tags: [{ Key: 'k', Value: 'v' }] } },
  ],
  [
    'a name is taken in any case and on any path',
    'CreatePolicy',
    { PolicyName: 'FULL', PolicyDocument },
    [
      409,
      'EntityAlreadyExists',
      'A policy called FULL already exists. Duplicate names are not allowed.',
    ],
  ],
  ['an ARN has its path in it', 'GetPolicy', { PolicyArn: arn('Full') }, notFound(arn('Full'))],
  ['and its case', 'GetPolicy', { PolicyArn: arn('a/b/full') }, notFound(arn('a/b/full'))],
  [
    'one of another account',
    'GetPolicy',
    { PolicyArn: 'arn:aws:iam::999999999999:policy/x' },
    notFound('arn:aws:iam::999999999999:policy/x'),
  ],
  [
    'one of another partition',
    'GetPolicy',
    { PolicyArn: 'arn:aws-cn:iam::aws:policy/ReadOnlyAccess' },
    notFound('arn:aws-cn:iam::aws:policy/ReadOnlyAccess'),
  ],
  [
    'what is shorter than any ARN',
    'GetPolicy',
    { PolicyArn: 'arn' },
    [
      400,
      'ValidationError',
      "1 validation error detected: Value at 'policyArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
    ],
  ],
  [
    'a path of other characters',
    'CreatePolicy',
    { PolicyName: 'x', Path: '/a!/', PolicyDocument },
    [
      400,
      'ValidationError',
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    ],
  ],
  [
    'a description has any characters, but no more than 1000',
    'CreatePolicy',
    { PolicyName: 'x', PolicyDocument, Description: 'ü€'.repeat(501) },
    [
      400,
      'ValidationError',
      "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 1000",
    ],
  ],
])

testSteps('versions', client, [
  [
    'the first',
    'ListPolicyVersions',
    { PolicyArn: arn('tagged') },
    {
      Versions: [{ VersionId: 'v1', IsDefaultVersion: true, Document: undefined }],
      IsTruncated: false,
    },
  ],
  [
    'another is not the default',
    'CreatePolicyVersion',
    { PolicyArn: arn('tagged'), PolicyDocument: allowing('kms:*') },
    { PolicyVersion: { VersionId: 'v2', IsDefaultVersion: false, Document: undefined } },
  ],
  [
    'unless it is said to be',
    'CreatePolicyVersion',
    { PolicyArn: arn('tagged'), PolicyDocument: allowing('iam:*'), SetAsDefault: true },
    { PolicyVersion: { VersionId: 'v3', IsDefaultVersion: true } },
  ],
  [
    'the newest comes first',
    'ListPolicyVersions',
    { PolicyArn: arn('tagged') },
    {
      Versions: [
        { VersionId: 'v3', IsDefaultVersion: true },
        { VersionId: 'v2', IsDefaultVersion: false },
        { VersionId: 'v1', IsDefaultVersion: false },
      ],
    },
  ],
  [
    'shown with its document',
    'GetPolicyVersion',
    { PolicyArn: arn('tagged'), VersionId: 'v2' },
    {
      PolicyVersion: {
        VersionId: 'v2',
        Document: encodeURIComponent(allowing('kms:*')).replaceAll('*', '%2A'),
      },
    },
  ],
  [
    'one of them becomes the default',
    'SetDefaultPolicyVersion',
    { PolicyArn: arn('tagged'), VersionId: 'v2' },
    {},
  ],
  [
    'which the policy says',
    'GetPolicy',
    { PolicyArn: arn('tagged') },
    { Policy: { DefaultVersionId: 'v2' } },
  ],
  [
    'one that is not there, shown',
    'GetPolicyVersion',
    { PolicyArn: arn('tagged'), VersionId: 'v9' },
    noVersion(arn('tagged'), 'v9'),
  ],
  [
    'made the default',
    'SetDefaultPolicyVersion',
    { PolicyArn: arn('tagged'), VersionId: 'v9' },
    noVersion(arn('tagged'), 'v9'),
  ],
  [
    'deleted',
    'DeletePolicyVersion',
    { PolicyArn: arn('tagged'), VersionId: 'v9' },
    noVersion(arn('tagged'), 'v9'),
  ],
  [
    'of a policy that is not there, shown',
    'GetPolicyVersion',
    { PolicyArn: arn('none'), VersionId: 'v1' },
    noVersion(arn('none'), 'v1'),
  ],
  [
    'made the default of it',
    'SetDefaultPolicyVersion',
    { PolicyArn: arn('none'), VersionId: 'v1' },
    noVersion(arn('none'), 'v1'),
  ],
  [
    'deleted of it',
    'DeletePolicyVersion',
    { PolicyArn: arn('none'), VersionId: 'v1' },
    noVersion(arn('none'), 'v1'),
  ],
  [
    'a number of another form comes before the policy',
    'GetPolicyVersion',
    { PolicyArn: arn('none'), VersionId: '1' },
    [
      400,
      'ValidationError',
      "1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?",
    ],
  ],
  [
    'a document that is none',
    'CreatePolicyVersion',
    { PolicyArn: arn('tagged'), PolicyDocument: '{' },
    [400, 'MalformedPolicyDocument', 'Syntax errors in policy.'],
  ],
  [
    'a policy of several versions stays',
    'DeletePolicy',
    { PolicyArn: arn('tagged') },
    [
      409,
      'DeleteConflict',
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    ],
  ],
  ['one goes', 'DeletePolicyVersion', { PolicyArn: arn('tagged'), VersionId: 'v1' }, {}],
  ['and another', 'DeletePolicyVersion', { PolicyArn: arn('tagged'), VersionId: 'v3' }, {}],
  ['and the policy with the last', 'DeletePolicy', { PolicyArn: arn('tagged') }, {}],
  ['once', 'DeletePolicy', { PolicyArn: arn('tagged') }, notFound(arn('tagged'))],
])

const outside = (what: string) => [403, 'AccessDenied', what] as const
const own = 'outside your own account.'
const document = { PolicyArn: aws('ReadOnlyAccess'), PolicyDocument }
const version = { PolicyArn: aws('ReadOnlyAccess'), VersionId: 'v1' }

testSteps('policies of AWS can be read and attached, not changed', client, [
  [
    'shown',
    'GetPolicy',
    { PolicyArn: aws('AdministratorAccess') },
    { Policy: { PolicyName: 'AdministratorAccess', IsAttachable: true, Tags: [] } },
  ],
  [
    'with their documents',
    'GetPolicyVersion',
    { PolicyArn: aws('AdministratorAccess'), VersionId: 'v1' },
    { PolicyVersion: { IsDefaultVersion: true } },
  ],
  [
    'not deleted',
    'DeletePolicy',
    { PolicyArn: aws('ReadOnlyAccess') },
    outside(`Cannot delete policies ${own}`),
  ],
  [
    'not even one that is not there',
    'DeletePolicy',
    { PolicyArn: aws('Nothing') },
    outside(`Cannot delete policies ${own}`),
  ],
  [
    'no version deleted',
    'DeletePolicyVersion',
    version,
    outside(`Cannot delete policy versions for policies ${own}`),
  ],
  [
    'no version made the default',
    'SetDefaultPolicyVersion',
    version,
    outside(`Cannot update policies ${own}`),
  ],
  ['no version added', 'CreatePolicyVersion', document, outside(`Cannot update policies ${own}`)],
  [
    'not tagged',
    'TagPolicy',
    { PolicyArn: aws('ReadOnlyAccess'), Tags: [{ Key: 'k', Value: 'v' }] },
    outside(`Cannot update policies ${own}`),
  ],
  [
    'nor untagged',
    'UntagPolicy',
    { PolicyArn: aws('ReadOnlyAccess'), TagKeys: ['k'] },
    outside(`Cannot update policies ${own}`),
  ],
])

test('the policies of AWS that configurations name are there', async () => {
  const { Policies = [] } = await iam.listPolicies({ Scope: 'AWS' })
  const names = Policies.map(({ PolicyName }) => PolicyName)
  for (const name of [
    'AdministratorAccess',
    'AWSKeyManagementServicePowerUser',
    'IAMFullAccess',
    'ReadOnlyAccess',
    'SecurityAudit',
  ]) {
    assert.ok(names.includes(name), name)
  }
  for (const { Arn, DefaultVersionId } of Policies) {
    const { PolicyVersion } = await iam.getPolicyVersion({
      PolicyArn: Arn ?? '',
      VersionId: DefaultVersionId ?? '',
    })
    const text = decodeURIComponent(PolicyVersion?.Document ?? '')
    assert.equal((JSON.parse(text) as { Version: string }).Version, '2012-10-17')
  }
})

test("lists by scope, path and use, in pages, the account's own policies first", async () => {
  const other = iamClient(trent, { credentials: (await trent.createAccount()).credentials })
  const created = []
  for (const [name, path] of [
    ['c', '/x/'],
    ['A', '/x/y/'],
    ['b', '/'],
  ] as const) {
    const { Policy } = await other.createPolicy({ PolicyName: name, Path: path, PolicyDocument })
    created.push(Policy?.Arn ?? '')
  }
  const [c = '', , b = ''] = created
  await other.createUser({ UserName: 'u', PermissionsBoundary: b })
  await other.attachUserPolicy({ UserName: 'u', PolicyArn: c })
  await other.attachUserPolicy({ UserName: 'u', PolicyArn: aws('ReadOnlyAccess') })
  const names = async (filter: Parameters<typeof other.listPolicies>[0]) => {
    const seen: (string | undefined)[] = []
    let Marker: string | undefined
    do {
      const page = await other.listPolicies({ ...filter, MaxItems: 2, ...(Marker && { Marker }) })
      seen.push(...(page.Policies ?? []).map(({ PolicyName }) => PolicyName))
      Marker = page.Marker
    } while (Marker !== undefined)
    return seen
  }
  assert.deepEqual(await names({ Scope: 'Local' }), ['A', 'b', 'c'])
  assert.deepEqual((await names({})).slice(0, 4), ['A', 'b', 'c', 'AdministratorAccess'])
  assert.deepEqual(await names({ PathPrefix: '/x/' }), ['A', 'c'])
  assert.deepEqual(await names({ PathPrefix: '/x/y/' }), ['A'])
  assert.deepEqual(await names({ OnlyAttached: true }), ['b', 'c', 'ReadOnlyAccess'])
  assert.deepEqual(await names({ OnlyAttached: true, PolicyUsageFilter: 'PermissionsPolicy' }), [
    'c',
    'ReadOnlyAccess',
  ])
  assert.deepEqual(await names({ PolicyUsageFilter: 'PermissionsBoundary' }), ['b'])
  assert.deepEqual(await names({ Scope: 'AWS', OnlyAttached: true }), ['ReadOnlyAccess'])
  await refusedByIam(other.listPolicies({ PathPrefix: '/x' }), [
    400,
    'ValidationError',
    'The specified value for pathPrefix is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
  ])
})

test('a policy has 6144 characters at most, in which white space does not count', async () => {
  const text = policyOf({ Effect: 'Deny', Action: 'a:', Resource: '*' })
  const sized = (length: number) => text.replace('a:', `a:${'x'.repeat(length - text.length)}`)
  const exceeded = [409, 'LimitExceeded', 'Cannot exceed quota for PolicySize: 6144'] as const
  await refusedByIam(iam.createPolicy({ PolicyName: 'big', PolicyDocument: sized(6145) }), exceeded)
  const spaced = ` ${sized(6144)}${'\n'.repeat(1000)}`
  const { Policy } = await iam.createPolicy({ PolicyName: 'big', PolicyDocument: spaced })
  const PolicyArn = Policy?.Arn ?? ''
  await refusedByIam(iam.createPolicyVersion({ PolicyArn, PolicyDocument: sized(6145) }), exceeded)
  const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId: 'v1' })
  assert.equal(decodeURIComponent(PolicyVersion?.Document ?? ''), spaced)
})

test('a change of a policy changes its date, and a page of versions ends where it says', async () => {
  const { Policy } = await iam.createPolicy({ PolicyName: 'dated', PolicyDocument })
  const PolicyArn = Policy?.Arn ?? ''
  trent.turn(60_000)
  await iam.createPolicyVersion({ PolicyArn, PolicyDocument })
  const { Policy: later } = await iam.getPolicy({ PolicyArn })
  assert.deepEqual(later?.CreateDate, Policy?.CreateDate)
  assert.equal((later?.UpdateDate?.getTime() ?? 0) - (Policy?.UpdateDate?.getTime() ?? 0), 60_000)
  const first = await iam.listPolicyVersions({ PolicyArn, MaxItems: 1 })
  assert.deepEqual([first.Versions?.[0]?.VersionId, first.IsTruncated], ['v2', true])
  const second = await iam.listPolicyVersions({ PolicyArn, MaxItems: 1, Marker: first.Marker })
  assert.deepEqual([second.Versions?.[0]?.VersionId, second.IsTruncated], ['v1', false])
})
