/**
 * SimulatePrincipalPolicy, SimulateCustomPolicy and the context keys that they have to be given.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  EvaluationResult,
  SimulateCustomPolicyRequest,
  SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam'
import {
  allowing,
  createUser,
  iamClient,
  policyOf,
  refusedByIam,
  trusting,
} from '../support/iam.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const iam = iamClient(trent)
const account = trent.accountId
const arn = (rest: string) => `arn:aws:iam::${account}:${rest}`
const key = `arn:aws:kms:us-east-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`
const allow = (Action: string, Resource = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
const deny = (Action: string, Resource = '*') => ({ Effect: 'Deny', Action, Resource })

/** The results of policies that come with the request. */
async function custom(
  policy: string,
  request: Partial<SimulateCustomPolicyRequest>,
): Promise<EvaluationResult[]> {
  const { EvaluationResults = [] } = await iam.simulateCustomPolicy({
    PolicyInputList: [policy],
    ActionNames: ['kms:Encrypt'],
    ...request,
  })
  return EvaluationResults
}

/** The results of somebody's policies. */
async function principal(
  source: string,
  request: Partial<SimulatePrincipalPolicyRequest>,
): Promise<EvaluationResult[]> {
  const { EvaluationResults = [] } = await iam.simulatePrincipalPolicy({
    PolicySourceArn: arn(source),
    ActionNames: ['kms:Encrypt'],
    ...request,
  })
  return EvaluationResults
}

const decisions = (results: readonly EvaluationResult[]) =>
  results.map(({ EvalDecision }) => EvalDecision)
const matched = (result: EvaluationResult | undefined) =>
  (result?.MatchedStatements ?? []).map(({ SourcePolicyId }) => SourcePolicyId)

test('what is allowed, what is denied, and what nobody speaks of', async () => {
  const policy = policyOf(allow('kms:*'), deny('kms:Decrypt'))
  const results = await custom(policy, {
    ActionNames: ['kms:Encrypt', 'kms:Decrypt', 'iam:GetUser'],
  })
  assert.deepEqual(
    results.map((each) => [each.EvalActionName, each.EvalResourceName, each.EvalDecision]),
    [
      ['kms:Encrypt', '*', 'allowed'],
      ['kms:Decrypt', '*', 'explicitDeny'],
      ['iam:GetUser', '*', 'implicitDeny'],
    ],
  )
  assert.deepEqual(results.map(matched), [['PolicyInputList.1'], ['PolicyInputList.1'], []])
})

test('the statement that decided is pointed at, by line and column', async () => {
  const policy = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"},
    {
      "Effect": "Deny",
      "Action": "kms:Decrypt",
      "Resource": "*"
    }
  ]
}`
  const [encrypt, decrypt] = await custom(policy, { ActionNames: ['kms:Encrypt', 'kms:Decrypt'] })
  assert.deepEqual(encrypt?.MatchedStatements, [
    {
      SourcePolicyId: 'PolicyInputList.1',
      SourcePolicyType: 'IAM Policy',
      StartPosition: { Line: 4, Column: 5 },
      EndPosition: { Line: 4, Column: 66 },
    },
  ])
  assert.deepEqual(decrypt?.MatchedStatements?.[0]?.StartPosition, { Line: 5, Column: 5 })
  assert.deepEqual(decrypt.MatchedStatements[0].EndPosition, { Line: 9, Column: 6 })
})

test('each action is asked of each resource, and told of the resource as well', async () => {
  const policy = policyOf(allow('kms:*', key))
  const other = key.replace('1234', '4321')
  const ResourceArns = [key, other]
  const results = await custom(policy, {
    ActionNames: ['kms:Encrypt', 'kms:Decrypt'],
    ResourceArns,
  })
  assert.deepEqual(
    results.map(({ EvalResourceName }) => EvalResourceName),
    [key, other, key, other],
  )
  assert.deepEqual(decisions(results), ['allowed', 'implicitDeny', 'allowed', 'implicitDeny'])
  assert.deepEqual(results[0]?.EvalDecisionDetails, {})
  const [specific] = results[0].ResourceSpecificResults ?? []
  assert.deepEqual([specific?.EvalResourceName, specific?.EvalResourceDecision], [key, 'allowed'])
  assert.deepEqual(specific?.MatchedStatements, results[0].MatchedStatements)
  const [all] = await custom(policy, {})
  assert.deepEqual([all?.EvalDecisionDetails, all?.ResourceSpecificResults], [undefined, undefined])
})

test('condition keys are those that are given; what is missing is told', async () => {
  const policy = policyOf(
    allow('kms:Encrypt', '*', {
      Condition: { StringEquals: { 'kms:EncryptionContext:Dept': `\${aws:PrincipalTag/dept}` } },
    }),
    allow('iam:GetUser', '*', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
  )
  const [without] = await custom(policy, {})
  assert.equal(without?.EvalDecision, 'implicitDeny')
  assert.deepEqual(without.MissingContextValues, [
    'kms:EncryptionContext:Dept',
    'aws:PrincipalTag/dept',
  ])
  const entry = (ContextKeyName: string, value: string) => ({
    ContextKeyName,
    ContextKeyValues: [value],
    ContextKeyType: 'string' as const,
  })
  const given = (dept: string) => [
    entry('KMS:encryptioncontext:dept', 'it'),
    entry('aws:PrincipalTag/Dept', dept),
  ]
  const [right] = await custom(policy, { ContextEntries: given('it') })
  assert.deepEqual([right?.EvalDecision, right?.MissingContextValues], ['allowed', []])
  const [wrong] = await custom(policy, { ContextEntries: given('hr') })
  assert.equal(wrong?.EvalDecision, 'implicitDeny')
  const [named] = await custom(policy, { ResourceArns: [key] })
  assert.deepEqual(named?.MissingContextValues, [])
  assert.equal(named.ResourceSpecificResults?.[0]?.MissingContextValues?.length, 2)
})

test('a user has the policies of its groups, attached ones and a boundary', async () => {
  await iam.createUser({ UserName: 'Bob', Path: '/p/', Tags: [{ Key: 'dept', Value: 'it' }] })
  await iam.createGroup({ GroupName: 'g' })
  await iam.addUserToGroup({ GroupName: 'g', UserName: 'Bob' })
  await iam.putGroupPolicy({
    GroupName: 'g',
    PolicyName: 'of-group',
    PolicyDocument: allowing('kms:Encrypt'),
  })
  await iam.attachUserPolicy({
    UserName: 'Bob',
    PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
  })
  const [both] = await principal('user/p/Bob', {})
  assert.deepEqual(matched(both), ['of-group', 'AdministratorAccess'])
  assert.equal(both?.PermissionsBoundaryDecisionDetail, undefined)
  await iam.createPolicy({ PolicyName: 'b', PolicyDocument: allowing('kms:Decrypt') })
  await iam.putUserPermissionsBoundary({
    UserName: 'Bob',
    PermissionsBoundary: arn('policy/b'),
  })
  const bounded = await principal('user/p/Bob', { ActionNames: ['kms:Encrypt', 'kms:Decrypt'] })
  assert.deepEqual(decisions(bounded), ['implicitDeny', 'allowed'])
  assert.deepEqual(
    bounded.map((each) => each.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary),
    [false, true],
  )
  const other = await principal('user/p/Bob', {
    PermissionsBoundaryPolicyInputList: [allowing('kms:Encrypt')],
  })
  assert.deepEqual(decisions(other), ['allowed'])
  await iam.deleteUserPermissionsBoundary({ UserName: 'Bob' })
})

test('what is known of the source are condition keys; more policies may come along', async () => {
  await iam.createUser({ UserName: 'plain', Tags: [{ Key: 'dept', Value: 'it' }] })
  const self = policyOf(
    allow('iam:GetUser', `arn:aws:iam::*:user/\${aws:username}`, {
      Condition: {
        StringEquals: { 'aws:PrincipalTag/dept': 'it' },
        ArnEquals: { 'aws:PrincipalArn': arn('user/plain') },
        DateGreaterThan: { 'aws:CurrentTime': '2020-01-01' },
      },
    }),
  )
  const request = {
    ActionNames: ['iam:GetUser'],
    ResourceArns: [arn('user/plain'), arn('user/Bob')],
  }
  const results = await principal('user/plain', { ...request, PolicyInputList: [self] })
  assert.deepEqual(decisions(results), ['allowed', 'implicitDeny'])
  assert.deepEqual(decisions(await principal('user/plain', request)), [
    'implicitDeny',
    'implicitDeny',
  ])
})

test('what is simulated is what happens', async () => {
  const document = policyOf(allow('iam:Get*', arn('user/*')), deny('iam:*', arn('user/p/*')))
  const user = await createUser(trent, 'real', { document })
  const names = ['real', 'Bob']
  const results = await principal('user/real', {
    ActionNames: ['iam:GetUser'],
    ResourceArns: [user.arn, arn('user/p/Bob')],
  })
  assert.deepEqual(decisions(results), ['allowed', 'explicitDeny'])
  for (const [index, UserName] of names.entries()) {
    const isAllowed = await user.iam.getUser({ UserName }).then(
      () => true,
      () => false,
    )
    assert.equal(isAllowed, results[index]?.EvalDecision === 'allowed')
  }
})

test('roles and groups are sources as well', async () => {
  await iam.createRole({ RoleName: 'r', AssumeRolePolicyDocument: trusting(account) })
  await iam.putRolePolicy({
    RoleName: 'r',
    PolicyName: 'of-role',
    PolicyDocument: allowing('kms:Encrypt'),
  })
  const [role] = await principal('role/r', {})
  assert.deepEqual([role?.EvalDecision, matched(role)], ['allowed', ['of-role']])
  const [group] = await principal('group/g', {})
  assert.deepEqual([group?.EvalDecision, matched(group)], ['allowed', ['of-group']])
})

const keyPolicy = (principalArn: string) =>
  policyOf({ ...allow('kms:*'), Principal: { AWS: principalArn } })

test('a key policy lets the caller in, or lets the account decide, or does neither', async () => {
  const nothing = policyOf(allow('iam:GetUser'))
  const CallerArn = arn('user/p/Bob')
  const ask = async (policy: string, ResourcePolicy: string) => {
    const [result] = await custom(policy, { CallerArn, ResourcePolicy, ResourceArns: [key] })
    return [result?.EvalDecision, matched(result)]
  }
  const all = allowing('kms:Encrypt')
  assert.deepEqual(await ask(nothing, keyPolicy(CallerArn)), ['allowed', ['ResourcePolicy']])
  assert.deepEqual(await ask(nothing, keyPolicy(arn('root'))), ['implicitDeny', []])
  assert.deepEqual(await ask(all, keyPolicy(arn('root'))), [
    'allowed',
    ['ResourcePolicy', 'PolicyInputList.1'],
  ])
  assert.deepEqual(await ask(all, keyPolicy(arn('user/else'))), ['implicitDeny', []])
  const [typed] = await custom(nothing, {
    CallerArn,
    ResourcePolicy: keyPolicy(CallerArn),
    ResourceArns: [key],
  })
  assert.equal(typed?.MatchedStatements?.[0]?.SourcePolicyType, 'Resource Policy')
})

test('a policy of anything else adds to those of the account', async () => {
  const request = {
    CallerArn: arn('user/p/Bob'),
    ActionNames: ['s3:GetObject'],
    ResourceArns: ['arn:aws:s3:::bucket/x'],
    ResourcePolicy: policyOf({ ...allow('s3:*'), Principal: { AWS: arn('user/else') } }),
  }
  assert.deepEqual(decisions(await custom(allowing('s3:*'), request)), ['allowed'])
  assert.deepEqual(decisions(await custom(allowing('iam:*'), request)), ['implicitDeny'])
})

test('across accounts both sides have to allow, and each is told', async () => {
  const CallerArn = arn('user/p/Bob')
  const foreign = key.replace(account, '999999999999')
  const ask = async (policy: string, named: string) => {
    const [result] = await custom(policy, {
      CallerArn,
      ResourcePolicy: keyPolicy(named),
      ResourceArns: [foreign],
    })
    return [result?.EvalDecision, result?.EvalDecisionDetails]
  }
  const details = (IAM: string, Resource: string) => ({
    'IAM Policy': IAM,
    'Resource Policy': Resource,
  })
  const all = allowing('kms:*')
  const none = allowing('iam:GetUser')
  assert.deepEqual(await ask(all, CallerArn), ['allowed', details('allowed', 'allowed')])
  assert.deepEqual(await ask(none, CallerArn), ['implicitDeny', details('implicitDeny', 'allowed')])
  assert.deepEqual(await ask(all, arn('user/else')), [
    'implicitDeny',
    details('allowed', 'implicitDeny'),
  ])
  const [owned] = await custom(none, {
    CallerArn,
    ResourcePolicy: keyPolicy(CallerArn),
    ResourceArns: [key],
    ResourceOwner: 'arn:aws:iam::999999999999:root',
  })
  assert.equal(owned?.EvalDecision, 'implicitDeny')
})

test('results come in pages, whose markers go on with the same simulation', async () => {
  const ActionNames = ['kms:A', 'kms:B', 'kms:C']
  const ResourceArns = [key, key.replace('1234', '4321')]
  const request = { PolicyInputList: [allowing('kms:*')], ActionNames, ResourceArns }
  const whole = await iam.simulateCustomPolicy(request)
  assert.equal(whole.IsTruncated, false)
  const seen: EvaluationResult[] = []
  let Marker: string | undefined
  do {
    const page = await iam.simulateCustomPolicy({
      ...request,
      MaxItems: 4,
      ...(Marker !== undefined && { Marker }),
    })
    seen.push(...(page.EvaluationResults ?? []))
    Marker = page.Marker
  } while (Marker !== undefined)
  assert.deepEqual(seen, whole.EvaluationResults)
  const first = await iam.simulateCustomPolicy({ ...request, MaxItems: 4 })
  await refusedByIam(
    iam.simulateCustomPolicy({ ...request, ActionNames: ['kms:A'], Marker: first.Marker }),
    [400, 'ValidationError', 'Invalid Marker.'],
  )
})

test('much to simulate makes short pages, and all of them are the whole', async () => {
  const Statement = Array.from({ length: 150 }, (_, index) => deny(`a:b${index}`))
  const PolicyInputList = Array.from({ length: 20 }, () => policyOf(...Statement))
  const ActionNames = Array.from({ length: 20 }, (_, index) => `a:b${index * 10}`)
  const found: (string | undefined)[] = []
  let Marker: string | undefined
  let pages = 0
  do {
    const page = await iam.simulateCustomPolicy({
      PolicyInputList,
      ActionNames,
      ...(Marker !== undefined && { Marker }),
    })
    found.push(...decisions(page.EvaluationResults ?? []))
    pages += 1
    Marker = page.Marker
  } while (Marker !== undefined)
  assert.ok(pages > 1)
  assert.deepEqual(
    found,
    ActionNames.map((_, index) => (index < 15 ? 'explicitDeny' : 'implicitDeny')),
  )
})

test('what cannot be simulated', async () => {
  const invalid = (text: string) => [400, 'InvalidInput', text] as const
  const policy = allowing('kms:*')
  await refusedByIam(custom('{', {}), invalid('Syntax errors in policy.'))
  await refusedByIam(
    custom(policy, { ActionNames: ['kms:*'] }),
    invalid('The action kms:* is not valid. It must be a service and an operation.'),
  )
  await refusedByIam(
    custom(policy, { ActionNames: ['Encrypt'] }),
    invalid('The action Encrypt is not valid. It must be a service and an operation.'),
  )
  await refusedByIam(
    custom(policy, { ResourceArns: ['key'] }),
    invalid('The resource key is not valid. It must be an ARN or *.'),
  )
  await refusedByIam(
    custom(policy, { ResourcePolicy: keyPolicy(arn('root')) }),
    invalid('CallerArn must be given together with ResourcePolicy.'),
  )
  await refusedByIam(
    principal('role/r', { ResourcePolicy: keyPolicy(arn('root')) }),
    invalid('CallerArn must be given together with ResourcePolicy.'),
  )
  await refusedByIam(
    custom(policy, { CallerArn: arn('role/r') }),
    invalid(`ARN ${arn('role/r')} is not valid.`),
  )
  await refusedByIam(principal('policy/b', {}), invalid(`ARN ${arn('policy/b')} is not valid.`))
  await refusedByIam(
    custom(policy, { PermissionsBoundaryPolicyInputList: [policy, policy] }),
    invalid('There can be one permissions boundary.'),
  )
  const missing = [404, 'NoSuchEntity', 'The user with name Bob cannot be found.'] as const
  await refusedByIam(principal('user/Bob', {}), missing)
  await refusedByIam(
    iam.simulatePrincipalPolicy({
      PolicySourceArn: 'arn:aws:iam::999999999999:user/Bob',
      ActionNames: ['kms:Encrypt'],
    }),
    missing,
  )
})

test('the context keys of policies: of conditions and of variables, each once', async () => {
  const policy = policyOf(
    allow('iam:*', `arn:aws:iam::*:user/\${aws:username}`, {
      Condition: {
        StringLike: { 'aws:UserAgent': `\${*}x\${aws:PrincipalTag/dept, 'none'}` },
        Null: { 'AWS:username': 'false' },
      },
    }),
  )
  const keys = ['aws:username', 'aws:UserAgent', 'aws:PrincipalTag/dept']
  const { ContextKeyNames } = await iam.getContextKeysForCustomPolicy({
    PolicyInputList: [policy, policy],
  })
  assert.deepEqual(ContextKeyNames, keys)
  await iam.putUserPolicy({ UserName: 'plain', PolicyName: 'p', PolicyDocument: policy })
  const more = policyOf(allow('kms:*', '*', { Condition: { Bool: { 'aws:SecureTransport': '' } } }))
  const answer = await iam.getContextKeysForPrincipalPolicy({
    PolicySourceArn: arn('user/plain'),
    PolicyInputList: [more],
  })
  assert.deepEqual(answer.ContextKeyNames, [...keys, 'aws:SecureTransport'])
})
