import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, iamClient, refusedByIam, trusting } from '../support/iam.ts'
import { run, testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const client = () => iam
const account = trent.accountId
const AssumeRolePolicyDocument = trusting(account)
const tag = (Key: string, Value = '') => ({ Key, Value })
const url = 'https://tags.example.org'
const policyArn = `arn:aws:iam::${account}:policy/x`
const providerArn = `arn:aws:iam::${account}:oidc-provider/tags.example.org`

/** What has tags, how it is named and made, and whether its keys differ by case. */
const kinds = [
  {
    word: 'User',
    named: { UserName: 'x' },
    other: { UserName: 'no' },
    create: { UserName: 'x' },
    missing: 'The user with name no cannot be found.',
    folded: true,
  },
  {
    word: 'Role',
    named: { RoleName: 'x' },
    other: { RoleName: 'no' },
    create: { RoleName: 'x', AssumeRolePolicyDocument },
    missing: 'The role with name no cannot be found.',
    folded: true,
  },
  {
    word: 'Policy',
    named: { PolicyArn: policyArn },
    other: { PolicyArn: `${policyArn}-no` },
    create: { PolicyName: 'x', PolicyDocument: allowing('kms:*') },
    missing: `Policy ${policyArn}-no was not found.`,
    folded: false,
  },
  {
    word: 'OpenIDConnectProvider',
    named: { OpenIDConnectProviderArn: providerArn },
    other: { OpenIDConnectProviderArn: `${providerArn}-no` },
    create: { Url: url },
    missing: `OpenIDConnect Provider not found for arn ${providerArn}-no`,
    folded: false,
  },
] as const

for (const { word, named, other, create, missing, folded } of kinds) {
  const list = `List${word}Tags`
  const duplicate = folded
    ? 'Duplicate tag keys found. Please note that Tag keys are case insensitive.'
    : 'Duplicate tag keys found.'
  const noOwner = [404, 'NoSuchEntity', missing] as const

  testSteps(`tags of ${word}`, client, [
    ['created with two', `Create${word}`, { ...create, Tags: [tag('b', '1'), tag('a', '2')] }, {}],
    ['listed by key', list, named, { Tags: [tag('a', '2'), tag('b', '1')], IsTruncated: false }],
    [
      'another, and one anew',
      `Tag${word}`,
      { ...named, Tags: [tag('c', '3'), tag('b', 'new')] },
      {},
    ],
    ['listed', list, named, { Tags: [tag('a', '2'), tag('b', 'new'), tag('c', '3')] }],
    ['one in another case', `Tag${word}`, { ...named, Tags: [tag('C', '4')] }, {}],
    [
      'is the same or another',
      list,
      named,
      {
        Tags: folded
          ? [tag('C', '4'), tag('a', '2'), tag('b', 'new')]
          : [tag('C', '4'), tag('a', '2'), tag('b', 'new'), tag('c', '3')],
      },
    ],
    ['taken away', `Untag${word}`, { ...named, TagKeys: ['a', 'c', 'never'] }, {}],
    [
      'what is left',
      list,
      named,
      { Tags: folded ? [tag('b', 'new')] : [tag('C', '4'), tag('b', 'new')] },
    ],
    [
      'a key twice',
      `Tag${word}`,
      { ...named, Tags: [tag('k'), tag('k')] },
      [400, 'InvalidInput', duplicate],
    ],
    [
      'a key that AWS keeps',
      `Tag${word}`,
      { ...named, Tags: [tag('aws:k')] },
      [400, 'InvalidInput', 'Tag keys beginning with aws: are reserved for system use.'],
    ],
    ['of none', `Tag${word}`, { ...other, Tags: [tag('k')] }, noOwner],
    ['taken from none', `Untag${word}`, { ...other, TagKeys: ['k'] }, noOwner],
    ['listed of none', list, other, noOwner],
    ['all letters', `Tag${word}`, { ...named, Tags: [tag('Zürich 東京', 'a_.:/=+-@ ñ')] }, {}],
    [
      'other characters',
      `Tag${word}`,
      { ...named, Tags: [tag('a!', 'b?')] },
      [
        400,
        'ValidationError',
        "2 validation errors detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+; Value at 'tags.1.member.value' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*",
      ],
    ],
    [
      'keys that are none, told of the list',
      `Untag${word}`,
      { ...named, TagKeys: ['a', ''] },
      [
        400,
        'ValidationError',
        "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+, Member must not be null]",
      ],
    ],
    [
      'too many keys',
      `Untag${word}`,
      { ...named, TagKeys: Array.from({ length: 51 }, (_, index) => `k${index}`) },
      [
        400,
        'ValidationError',
        "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must have length less than or equal to 50",
      ],
    ],
  ])

  test(`${word} has fifty tags at most, and their pages are whole however long a key is`, async () => {
    const { Tags: before = [] } = (await run(iam, list, named)) as { Tags?: { Key: string }[] }
    await run(iam, `Untag${word}`, { ...named, TagKeys: before.map(({ Key }) => Key) })
    const long = '東'.repeat(125)
    const keys = Array.from({ length: 50 }, (_, index) => `${index % 2 ? long : ''}k${index}`)
    await run(iam, `Tag${word}`, { ...named, Tags: keys.map((key) => tag(key)) })
    await refusedByIam(run(iam, `Tag${word}`, { ...named, Tags: [tag('one more')] }), [
      409,
      'LimitExceeded',
      'The number of tags has reached the maximum limit.',
    ])
    await run(iam, `Tag${word}`, { ...named, Tags: [tag('k0', 'anew')] })
    const seen: string[] = []
    let Marker: string | undefined
    do {
      const page = (await run(iam, list, { ...named, MaxItems: 7, Marker })) as {
        Tags?: { Key: string }[]
        Marker?: string
      }
      seen.push(...(page.Tags ?? []).map(({ Key }) => Key))
      ;({ Marker } = page)
      assert.ok((Marker?.length ?? 0) <= 320)
    } while (Marker !== undefined)
    assert.deepEqual(seen.toSorted(), keys.toSorted())
  })
}

test('what is shown with its tags shows them in the order in which they were given', async () => {
  await iam.createUser({ UserName: 'order', Tags: [tag('z'), tag('a')] })
  await iam.tagUser({ UserName: 'order', Tags: [tag('m'), tag('Z', 'again')] })
  const { User } = await iam.getUser({ UserName: 'order' })
  assert.deepEqual(User?.Tags, [tag('Z', 'again'), tag('a'), tag('m')])
})

test('tags go with what has them', async () => {
  await iam.createUser({ UserName: 'gone', Tags: [tag('k')] })
  await iam.deleteUser({ UserName: 'gone' })
  const { User } = await iam.createUser({ UserName: 'gone' })
  assert.equal(User?.Tags, undefined)
  await iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn: providerArn })
  const { Tags } = await iam.createOpenIDConnectProvider({ Url: url })
  assert.equal(Tags, undefined)
  const { Tags: none } = await iam.listOpenIDConnectProviderTags({
    OpenIDConnectProviderArn: providerArn,
  })
  assert.deepEqual(none, [])
})
