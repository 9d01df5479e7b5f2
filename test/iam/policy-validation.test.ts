/**
 * What identity policies have to be, as IAM tells it: managed ones first, then what inline ones may besides.
 */
import { test } from 'node:test'
import { iamClient, refusedByIam } from '../support/iam.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
await iam.createUser({ UserName: 'u' })

const allow = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }
const whole = (Statement: unknown, more: object = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement, ...more })
const one = (change: object) => whole({ ...allow, ...change })
const without = (member: 'Effect' | 'Action' | 'Resource') => {
  const { [member]: _, ...statement } = allow
  return whole(statement)
}
const dated = (date: unknown) => one({ Condition: { DateLessThan: { 'aws:CurrentTime': date } } })

const syntax = 'Syntax errors in policy.'
const version = 'Policy document must be version 2012-10-17 or greater.'
const legacy = 'The policy failed legacy parsing'
const sids = 'Statement IDs (SID) in a single policy must be unique.'
const actions = 'Policy statement must contain actions.'
const resources = 'Policy statement must contain resources.'
const vendor = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'
const colon = 'Actions/Condition can contain only one colon.'
const qualified = 'Resource vendor must be fully qualified and cannot contain regexes.'
const paths =
  'IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.'

const invalid: readonly (readonly [text: string, document: string])[] = [
  [syntax, 'nonsense'],
  [syntax, '"text"'],
  [syntax, '{}'],
  [syntax, JSON.stringify({ Version: '2012-10-17' })],
  [syntax, whole([])],
  [syntax, whole('text')],
  [syntax, whole(['text'])],
  [syntax, whole(allow, { Version: '2012-10-18' })],
  [syntax, whole(allow, { Extra: 1 })],
  [syntax, whole(allow, { Id: ['a'] })],
  [syntax, one({ Extra: 1 })],
  [syntax, one({ Sid: {} })],
  [syntax, one({ Sid: ['a'] })],
  [syntax, one({ Effect: 'Perhaps' })],
  [syntax, without('Effect')],
  [syntax, one({ Condition: [] })],
  [syntax, one({ Condition: 'a' })],
  [syntax, one({ Condition: { StringEquals: 'a' } })],
  [syntax, one({ Condition: { StringEquals: { a: { b: 'c' } } } })],
  [syntax, one({ Condition: { x: { a: '1' } } })],
  [syntax, one({ Condition: { 'ForAnyValue::StringEquals': { a: '1' } } })],
  [syntax, one({ Resource: { a: 'b' } })],
  [syntax, one({ NotAction: 'kms:*' })],
  [syntax, one({ NotResource: '*' })],
  [syntax, one({ Resource: [], NotResource: [] })],
  [version, JSON.stringify({ Statement: allow })],
  [version, whole(allow, { Version: '2008-10-17' })],
  [legacy, one({ Effect: 'allow' })],
  [legacy, one({ Effect: 'denY' })],
  [legacy, one({ Resource: 'arn:aws:s3::x' })],
  [legacy, one({ Resource: 'arn:aws::x' })],
  [legacy, one({ Resource: 'arn:aws::::x' })],
  [legacy, dated('sdfdsf')],
  [legacy, dated('234-13')],
  [legacy, dated('2016-12-13T2:00:00+1')],
  [legacy, dated('9223372036854775808')],
  [
    sids,
    whole([
      { ...allow, Sid: 'a' },
      { ...allow, Sid: 'a' },
    ]),
  ],
  [actions, without('Action')],
  [actions, one({ Action: [] })],
  [resources, without('Resource')],
  [resources, one({ Resource: [] })],
  [vendor, one({ Action: 'Encrypt' })],
  [vendor, one({ Action: '' })],
  [vendor, one({ Action: ['kms:*', 'Encrypt'] })],
  [colon, one({ Action: 's3:List:Bucket' })],
  ['Vendor i am is not valid', one({ Action: 'i am:GetUser' })],
  ['Resource text must be in ARN format or "*".', one({ Resource: 'text' })],
  ['Resource  must be in ARN format or "*".', one({ Resource: '' })],
  [
    'Partition "b" is not valid for resource "arn:b:cadfsdf:*:*:*".',
    one({ Resource: 'a:b:cadfsdf' }),
  ],
  [
    'Partition "s3" is not valid for resource "arn:s3:::example_bucket:*".',
    one({ Resource: 'aws:s3:::example_bucket' }),
  ],
  [
    'Partition "error" is not valid for resource "arn:error:s3:::example_bucket".',
    one({ Resource: ['arn:error:s3:::example_bucket', 'arn:error:s3::example_bucket'] }),
  ],
  [qualified, one({ Resource: 'arn:aws' })],
  [qualified, one({ Resource: 'arn:aws:*:us-east-1:111122223333:key/x' })],
  [paths, one({ Resource: 'arn:aws:iam::111122223333:key/x' })],
  [
    'IAM resource arn:aws:iam:us-east-1:111122223333:user/x cannot contain region information.',
    one({ Resource: 'arn:aws:iam:us-east-1:111122223333:user/x' }),
  ],
  [
    'Resource arn:aws:s3:us-east-1::bucket can not contain region information.',
    one({ Resource: 'arn:aws:s3:us-east-1::bucket' }),
  ],
  ['Policy document should not specify a principal.', one({ Principal: '*' })],
  ['Policy document should not specify a principal.', one({ NotPrincipal: { AWS: '*' } })],
  // Of several faults the first in this order is told.
  [syntax, whole({ ...allow, Effect: 'denY', Extra: 1 }, { Version: '2008-10-17' })],
  [version, whole({ ...allow, Resource: 'arn:aws::x' }, { Version: '2008-10-17' })],
  [
    legacy,
    whole([
      { ...allow, Sid: 'a', Effect: 'allow' },
      { ...allow, Sid: 'a' },
    ]),
  ],
  [
    sids,
    whole([
      { ...allow, Sid: 'a', Action: [] },
      { ...allow, Sid: 'a' },
    ]),
  ],
  [actions, one({ Action: [], Resource: [] })],
  [resources, one({ Action: 'x', Resource: [] })],
  ['Resource x must be in ARN format or "*".', one({ Action: 'x', Resource: 'x' })],
  [vendor, one({ Action: 'x', Principal: '*' })],
]

test("managed policies that are none are refused in IAM's words and order", async () => {
  for (const [text, PolicyDocument] of invalid) {
    await refusedByIam(
      iam.createPolicy({ PolicyName: 'p', PolicyDocument }).then(() => {
        throw new Error(`taken: ${PolicyDocument}`)
      }),
      [400, 'MalformedPolicyDocument', text],
    )
  }
})

test('inline policies are refused alike, but for their version', async () => {
  for (const [text, PolicyDocument] of invalid) {
    if (text === version) continue
    await refusedByIam(iam.putUserPolicy({ UserName: 'u', PolicyName: 'p', PolicyDocument }), [
      400,
      'MalformedPolicyDocument',
      text,
    ])
  }
  for (const PolicyDocument of [
    JSON.stringify({ Statement: allow }),
    whole(allow, { Version: '2008-10-17' }),
  ]) {
    await iam.putUserPolicy({ UserName: 'u', PolicyName: 'p', PolicyDocument })
  }
})

const valid: readonly string[] = [
  whole(allow),
  whole([allow, allow]),
  whole(allow, { Id: 'any words' }),
  whole([
    { ...allow, Sid: '' },
    { ...allow, Sid: '' },
  ]),
  one({ Sid: 'A1' }),
  one({ Action: '*' }),
  one({ Action: ['iam: asdf safdsf', 'no-such.service:Thing'] }),
  one({ Resource: ['*', 'arn:aws:kms:*:*:key/*', 'arn:aws:s3:::b'] }),
  one({ Resource: 'arn:aws:s3:us-east-1:111122223333:accesspoint/x' }),
  one({ Resource: 'arn:aws:iam::111122223333:root' }),
  one({ Resource: `arn:aws:iam::*:user/\${aws:username}` }),
  one({ Condition: {} }),
  one({ Condition: { x: {} } }),
  one({ Condition: { StringEquals: { 'no:such/key': [1, true, 'x'] } } }),
  one({ Condition: { 'ForAnyValue:StringLikeIfExists': { a: 'b' } } }),
  dated('2016-12-13t2:00:00.593194+23'),
  dated('-292275054'),
  dated('01T'),
  whole({ Effect: 'Deny', NotAction: 'kms:*', NotResource: '*' }),
]

test('policies that IAM takes, however odd, are taken', async () => {
  for (const [index, PolicyDocument] of valid.entries()) {
    const { Policy } = await iam.createPolicy({ PolicyName: `v${index}`, PolicyDocument })
    await iam.deletePolicy({ PolicyArn: Policy?.Arn ?? '' })
    await iam.putUserPolicy({ UserName: 'u', PolicyName: 'p', PolicyDocument })
  }
})
