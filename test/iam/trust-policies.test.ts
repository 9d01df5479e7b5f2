/**
 * What trust policies have to be, as IAM tells it.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { iamClient, refusedByIam } from '../support/iam.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const account = trent.accountId
const arn = (rest: string) => `arn:aws:iam::${account}:${rest}`

const allow = { Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' }
const whole = (Statement: unknown, more: object = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement, ...more })
const one = (change: object) => whole({ ...allow, ...change })
const without = (member: 'Effect' | 'Principal' | 'Action') => {
  const { [member]: _, ...statement } = allow
  return whole(statement)
}
const stranger = (of: string) => `Invalid principal in policy: ${of}`

const invalid: readonly (readonly [text: string, document: string])[] = [
  ['This policy contains invalid Json', 'nonsense'],
  ['Syntax error in policy.', '"text"'],
  ['Syntax error in policy.', one({ Extra: 1 })],
  ['Syntax error in policy.', one({ Condition: { x: { a: '1' } } })],
  ['Could not parse the policy: Statement is empty!', whole([])],
  ['The policy must contain a valid version string', whole(allow, { Version: '2012-10-18' })],
  ['AssumeRole policy may only specify STS AssumeRole actions.', one({ Action: 's3:GetObject' })],
  [
    'AssumeRole policy may only specify STS AssumeRole actions.',
    one({ Action: ['sts:AssumeRole', 'kms:Encrypt'] }),
  ],
  ['AssumeRole policy may only specify STS AssumeRole actions.', one({ Action: '*' })],
  ['Has prohibited field Resource', one({ Resource: '*' })],
  ['AssumeRole policy must not contain resources.', one({ NotResource: '*' })],
  ['Missing required field Principal', without('Principal')],
  ['Missing required field Principal cannot be empty!', one({ Principal: {} })],
  ['Missing required field Principal cannot be empty!', one({ Principal: { AWS: [] } })],
  ['Missing required field Action', without('Action')],
  ['Missing required field Effect', without('Effect')],
  ['Invalid effect: denY', one({ Effect: 'denY' })],
  [
    'The Statement Ids in the policy are not unique',
    whole([
      { ...allow, Sid: 'a' },
      { ...allow, Sid: 'a' },
    ]),
  ],
  [
    'Allow with NotPrincipal is not allowed.',
    whole({ Effect: 'Allow', NotPrincipal: { AWS: '*' }, Action: 'sts:AssumeRole' }),
  ],
  [
    'AssumeRole policy must not contain NotPrincipal field.',
    whole({ Effect: 'Deny', NotPrincipal: { AWS: '*' }, Action: 'sts:AssumeRole' }),
  ],
  [stranger(`"AWS":"${arn('user/nobody')}"`), one({ Principal: { AWS: arn('user/nobody') } })],
  [
    stranger(`"AWS":"${arn('role/nobody')}"`),
    one({ Principal: { AWS: [account, arn('role/nobody')] } }),
  ],
  [stranger('"AWS":"999999999999"'), one({ Principal: { AWS: '999999999999' } })],
  [
    stranger('"AWS":"arn:aws:iam::999999999999:root"'),
    one({ Principal: { AWS: 'arn:aws:iam::999999999999:root' } }),
  ],
  [stranger('"AWS":"Bob"'), one({ Principal: { AWS: 'Bob' } })],
  [stranger(`"AWS":"${arn('group/g')}"`), one({ Principal: { AWS: arn('group/g') } })],
  [stranger(`"AWS":"${arn('user/*')}"`), one({ Principal: { AWS: arn('user/*') } })],
  [stranger('"SERVICE":"ec2"'), one({ Principal: { Service: 'ec2' } })],
  [
    stranger(`"FEDERATED":"${arn('oidc-provider/*')}"`),
    one({ Principal: { Federated: arn('oidc-provider/*') } }),
  ],
]

await iam.createGroup({ GroupName: 'g' })
await iam.createRole({ RoleName: 'there', AssumeRolePolicyDocument: whole(allow) })
await iam.createUser({ UserName: 'u', Path: '/p/' })

test('trust policies that are none are refused, when a role is created and when it is changed', async () => {
  for (const [text, document] of invalid) {
    const refusal = [400, 'MalformedPolicyDocument', text] as const
    await refusedByIam(
      iam.createRole({ RoleName: 'r', AssumeRolePolicyDocument: document }).then(() => {
        throw new Error(`taken: ${document}`)
      }),
      refusal,
    )
    await refusedByIam(
      iam.updateAssumeRolePolicy({ RoleName: 'there', PolicyDocument: document }),
      refusal,
    )
  }
  const { Roles = [] } = await iam.listRoles({})
  assert.deepEqual(
    Roles.map(({ RoleName }) => RoleName),
    ['there'],
  )
})

const valid: readonly string[] = [
  whole(allow),
  JSON.stringify({ Statement: [allow] }),
  whole(allow, { Version: '2008-10-17', Id: 'x' }),
  one({ Principal: '*' }),
  one({ Principal: { AWS: '*' } }),
  one({ Principal: { AWS: arn('root') } }),
  one({ Principal: { AWS: [arn('user/p/u'), arn('role/there')] } }),
  one({ Principal: { AWS: `arn:aws:sts::${account}:assumed-role/there/session` } }),
  one({ Principal: { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] } }),
  one({
    Principal: { Federated: arn('oidc-provider/issuer.example.org') },
    Action: 'sts:AssumeRoleWithWebIdentity',
  }),
  one({
    Principal: { Federated: 'cognito-identity.amazonaws.com' },
    Action: 'sts:AssumeRoleWithWebIdentity',
  }),
  one({ Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity', 'STS:*'] }),
  one({ Effect: 'Deny' }),
  one({ Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }),
]

test('trust policies that IAM takes are taken', async () => {
  for (const PolicyDocument of valid) {
    await iam.updateAssumeRolePolicy({ RoleName: 'there', PolicyDocument })
    const { Role } = await iam.getRole({ RoleName: 'there' })
    assert.equal(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''), PolicyDocument)
  }
})

test('a trust policy has 2048 characters at most, in which white space does not count', async () => {
  const text = one({ Sid: '' })
  const sized = (length: number) =>
    text.replace('"Sid":""', `"Sid":"${'x'.repeat(length - text.length)}"`)
  const exceeded = [409, 'LimitExceeded', 'Cannot exceed quota for ACLSizePerRole: 2048'] as const
  await refusedByIam(
    iam.updateAssumeRolePolicy({ RoleName: 'there', PolicyDocument: sized(2049) }),
    exceeded,
  )
  await refusedByIam(
    iam.createRole({ RoleName: 'big', AssumeRolePolicyDocument: sized(2049) }),
    exceeded,
  )
  await iam.updateAssumeRolePolicy({
    RoleName: 'there',
    PolicyDocument: ` \n${sized(2048)}`,
  })
})
