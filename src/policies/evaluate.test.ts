import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePolicy } from './compile.ts'
import { evaluate, type StatementTrace } from './evaluate.ts'
import { type Caller, namesOf } from './principals.ts'
import type { AccessRequest } from './statement.ts'

const account = '111122223333'
const alice = { arn: `arn:aws:iam::${account}:user/Alice`, id: 'AIDAALICE00' }
const user: Caller = { type: 'user', account, ...alice }
const resource = `arn:aws:kms:eu-west-1:${account}:key/k`
const context: Readonly<Record<string, readonly string[]>> = {
  'kms:viaservice': ['s3.amazonaws.com'],
}
const request = (more: Partial<AccessRequest> = {}): AccessRequest => ({
  action: 'kms:Encrypt',
  resource,
  caller: user,
  context: (key) => context[key],
  ...more,
})
const text = (...Statement: readonly object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement })
const key = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }

test('a trace tells of every statement, what it wanted and what the request had', () => {
  const statements = [
    { ...key, Sid: 'other', Principal: { AWS: account }, Action: 'kms:Decrypt' },
    {
      ...key,
      Sid: 'this',
      Effect: 'Deny',
      Condition: {
        StringEquals: { 'kms:ViaService': ['s3.amazonaws.com'] },
        Null: { 'aws:Absent': true },
      },
    },
    { Effect: 'Allow', NotPrincipal: { AWS: account }, NotAction: 'kms:Decrypt', NotResource: 'x' },
  ]
  const policy = compilePolicy(text(...statements), 'key')
  const trace: StatementTrace[] = []
  const verdict = evaluate(policy, request(), trace)
  assert.equal(verdict.verdict, 'deny')
  const [first, second, third] = trace
  assert.equal(first?.applies, false)
  assert.deepEqual(first?.elements, [
    { element: 'Principal', wanted: [account], found: [user.arn], matched: true },
    { element: 'Action', wanted: ['kms:Decrypt'], found: ['kms:Encrypt'], matched: false },
    { element: 'Resource', wanted: ['*'], found: [resource], matched: true },
  ])
  assert.deepEqual(
    [second?.index, second?.sid, second?.effect, second?.applies],
    [1, 'this', 'Deny', true],
  )
  assert.deepEqual(second?.elements.slice(3), [
    {
      element: 'Condition',
      operator: 'StringEquals',
      key: 'kms:ViaService',
      wanted: ['s3.amazonaws.com'],
      found: ['s3.amazonaws.com'],
      matched: true,
    },
    {
      element: 'Condition',
      operator: 'Null',
      key: 'aws:Absent',
      wanted: ['true'],
      found: undefined,
      matched: true,
    },
  ])
  assert.deepEqual(
    third?.elements.map(({ element, matched }) => [element, matched]),
    [
      ['NotPrincipal', false],
      ['NotAction', true],
      ['NotResource', true],
    ],
  )
})

test('a statement knows where it stands in the text', () => {
  const source = `{"Statement": [ ${JSON.stringify(key)} ]}`
  const found = evaluate(compilePolicy(source, 'key'), request())
  assert.ok(found.verdict === 'allow')
  const { start, end } = found.statement
  assert.deepEqual(JSON.parse(source.slice(start, end)), key)
})

test('the deciding statement is the first that denies, or the first of those that ask least', () => {
  const named = { ...key, Principal: { AWS: alice.arn } }
  const delegates = { ...key, Principal: { AWS: account } }
  const other = { ...key, Action: 'kms:Sign' }
  for (const [statements, index, as] of [
    [[other, delegates, named, key], 2, 'user'],
    [[delegates, key, named], 1, 'everyone'],
    [[delegates, delegates], 0, 'account'],
    [
      [{ ...key, NotPrincipal: { AWS: '444455556666' }, Principal: undefined }, named],
      0,
      'everyone',
    ],
    [[delegates, { ...key, Effect: 'Deny' }, { ...named, Effect: 'Deny' }], 1, 'everyone'],
    [
      [
        { ...delegates, Effect: 'Deny' },
        { ...key, Effect: 'Deny' },
      ],
      0,
      'account',
    ],
  ] as const) {
    const policy = compilePolicy(text(...statements), 'key')
    const found = evaluate(policy, request())
    assert.ok(found.verdict !== 'none')
    assert.deepEqual([found.statement.index, found.as], [index, as], JSON.stringify(statements))
    assert.deepEqual(evaluate(policy, request(), []), found)
  }
})

test('a pinned ARN means whoever had it then', () => {
  const source = text({ ...key, Principal: { AWS: alice.arn } })
  const pins = new Map([[alice.arn, alice.id]])
  const policy = compilePolicy(source, 'key', { pins })
  assert.equal(evaluate(policy, request()).verdict, 'allow')
  const again: Caller = { ...user, id: 'AIDALATER00' }
  assert.equal(evaluate(policy, request({ caller: again })).verdict, 'none')
  assert.equal(evaluate(compilePolicy(source, 'key'), request({ caller: again })).verdict, 'allow')
})

test('trust policies: the role is the resource, and a token of a provider is not everyone', () => {
  const provider = `arn:aws:iam::${account}:oidc-provider/idp.example`
  const web: Caller = { type: 'web', arn: 'sub', provider }
  const trust = { Effect: 'Allow', Action: 'sts:*' }
  const assume = (caller: Caller, ...statements: readonly object[]) =>
    evaluate(
      compilePolicy(text(...statements), 'trust'),
      request({ caller, action: 'sts:AssumeRoleWithWebIdentity', resource: 'anything' }),
    ).verdict
  assert.equal(assume(user, { ...trust, Principal: { AWS: account } }), 'allow')
  assert.equal(assume(web, { ...trust, Principal: { Federated: provider } }), 'allow')
  assert.equal(assume(web, { ...trust, Principal: { Federated: `${provider}x` } }), 'none')
  assert.equal(assume(web, { ...trust, Principal: '*' }), 'none')
  assert.equal(
    assume(
      web,
      { ...trust, Principal: { Federated: provider } },
      { ...trust, Effect: 'Deny', Principal: '*' },
    ),
    'deny',
  )
  assert.deepEqual(namesOf(web, 'Allow'), [{ name: `Federated:${provider}`, as: 'provider' }])
})
