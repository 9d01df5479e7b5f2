import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowing, iamClient, policyOf, refusedByIam, trusting } from '../support/iam.ts'
import { run, testSteps } from '../support/iam-steps.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const client = () => iam
const document = allowing('kms:Encrypt')
const other = allowing('kms:Decrypt')
const encoded = (text: string) => encodeURIComponent(text).replaceAll('*', '%2A')

const kinds = [
  { kind: 'user', word: 'User', most: 2048 },
  { kind: 'group', word: 'Group', most: 5120 },
  { kind: 'role', word: 'Role', most: 10_240 },
] as const

for (const { kind, word, most } of kinds) {
  const member = `${word}Name`
  const named = { [member]: 'x' }
  const policy = { ...named, PolicyName: 'p' }
  const noOwner = [404, 'NoSuchEntity', `The ${kind} with name no cannot be found.`] as const
  const noPolicy = [404, 'NoSuchEntity', `The ${kind} policy with name p cannot be found.`] as const

  testSteps(`inline policies of a ${kind}`, client, [
    [
      'an owner',
      `Create${word}`,
      { ...named, ...(kind === 'role' && { AssumeRolePolicyDocument: trusting(trent.accountId) }) },
      {},
    ],
    ['none yet', `List${word}Policies`, named, { PolicyNames: [], IsTruncated: false }],
    ['none to show', `Get${word}Policy`, policy, noPolicy],
    ['none to delete', `Delete${word}Policy`, policy, noPolicy],
    ['put', `Put${word}Policy`, { ...policy, PolicyDocument: document }, {}],
    ['shown', `Get${word}Policy`, policy, { ...policy, PolicyDocument: encoded(document) }],
    ['put in its place', `Put${word}Policy`, { ...policy, PolicyDocument: other }, {}],
    ['shown anew', `Get${word}Policy`, policy, { PolicyDocument: encoded(other) }],
    ['another', `Put${word}Policy`, { ...named, PolicyName: 'a', PolicyDocument: document }, {}],
    ['listed by name', `List${word}Policies`, named, { PolicyNames: ['a', 'p'] }],
    [
      'names know their case',
      `Get${word}Policy`,
      { ...named, PolicyName: 'P' },
      [404, 'NoSuchEntity', `The ${kind} policy with name P cannot be found.`],
    ],
    ['deleted', `Delete${word}Policy`, policy, {}],
    ['gone', `Get${word}Policy`, policy, noPolicy],
    [
      'the owner is looked for first, when put',
      `Put${word}Policy`,
      { [member]: 'no', PolicyName: 'p', PolicyDocument: '{' },
      noOwner,
    ],
    ['when shown', `Get${word}Policy`, { [member]: 'no', PolicyName: 'p' }, noOwner],
    ['when listed', `List${word}Policies`, { [member]: 'no' }, noOwner],
    ['when deleted', `Delete${word}Policy`, { [member]: 'no', PolicyName: 'p' }, noOwner],
    [
      'a name of other characters',
      `Put${word}Policy`,
      { ...named, PolicyName: 'a b', PolicyDocument: document },
      [
        400,
        'ValidationError',
        'The specified value for policyName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
      ],
    ],
    [
      'characters that are not printable',
      `Put${word}Policy`,
      { ...policy, PolicyDocument: `${document}\u0100` },
      [
        400,
        'ValidationError',
        'The specified value for policyDocument is invalid. It must contain only printable ASCII characters.',
      ],
    ],
    [
      'the older version',
      `Put${word}Policy`,
      { ...policy, PolicyDocument: document.replace('2012', '2008') },
      {},
    ],
    [
      'no version at all',
      `Put${word}Policy`,
      { ...policy, PolicyDocument: document.replace('"Version":"2012-10-17",', '') },
      {},
    ],
    [
      'a version that there is not',
      `Put${word}Policy`,
      { ...policy, PolicyDocument: document.replace('2012', '2013') },
      [400, 'MalformedPolicyDocument', 'Syntax errors in policy.'],
    ],
  ])

  test(`all inline policies of a ${kind} together have a size, in which white space does not count`, async () => {
    await run(iam, `Put${word}Policy`, { ...policy, PolicyDocument: sized(most - 500) })
    // The policy `a` is there since before, and small.
    const rest = most - (most - 500) - document.length
    const last = { ...named, PolicyName: 'last' }
    await run(iam, `Put${word}Policy`, { ...last, PolicyDocument: `${sized(rest)}\n\n\t ` })
    await refusedByIam(run(iam, `Put${word}Policy`, { ...last, PolicyDocument: sized(rest + 1) }), [
      409,
      'LimitExceeded',
      `Maximum policy size of ${most} bytes exceeded for ${kind} x`,
    ])
    await run(iam, `Put${word}Policy`, { ...last, PolicyDocument: sized(rest) })
  })
}

/** A policy of so many characters. */
function sized(length: number): string {
  const text = policyOf({ Effect: 'Deny', Action: 'a:', Resource: '*' })
  return text.replace('a:', `a:${'x'.repeat(length - text.length)}`)
}

test('names of inline policies come in pages', async () => {
  await iam.createGroup({ GroupName: 'paged' })
  const names = ['A', 'B', 'a', 'b', 'c']
  for (const PolicyName of names.toReversed()) {
    await iam.putGroupPolicy({ GroupName: 'paged', PolicyName, PolicyDocument: document })
  }
  const seen: string[] = []
  let Marker: string | undefined
  do {
    const page = await iam.listGroupPolicies({
      GroupName: 'paged',
      MaxItems: 2,
      ...(Marker !== undefined && { Marker }),
    })
    seen.push(...(page.PolicyNames ?? []))
    assert.equal(page.IsTruncated, page.Marker !== undefined)
    Marker = page.Marker
  } while (Marker !== undefined)
  assert.deepEqual(seen, names)
})
