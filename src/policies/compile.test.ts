import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePolicy, policyLength } from './compile.ts'
import { PolicyError, type PolicyKind, type PolicyProblem } from './policy-error.ts'

type Members = Readonly<Record<string, unknown>>

/** What is wrong with a policy; undefined if nothing is. */
function problem(text: string, kind: PolicyKind, managed?: boolean): PolicyProblem | undefined {
  try {
    compilePolicy(text, kind, managed === undefined ? {} : { managed })
    return undefined
  } catch (error) {
    assert.ok(error instanceof PolicyError, String(error))
    return error.problem
  }
}

const document = (statement: unknown, more: Members = {}) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statement, ...more })
const key: Members = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' }
const identity: Members = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }
const trust: Members = {
  Effect: 'Allow',
  Principal: { AWS: '111122223333' },
  Action: 'sts:AssumeRole',
}

const syntax = 'Syntax errors in policy.'
const malformed = (message: string): PolicyProblem => ({ code: 'MalformedPolicyDocument', message })

test('policies that are right', () => {
  for (const [kind, statement] of [
    ['key', key],
    ['identity', identity],
    ['boundary', identity],
    ['session', identity],
    ['trust', trust],
  ] as const) {
    assert.equal(problem(document(statement), kind), undefined, kind)
    assert.equal(problem(document([statement, statement], { Id: 'x y' }), kind), undefined, kind)
    assert.equal(
      problem(document({ ...statement, Sid: 'One', Condition: {} }), kind),
      undefined,
      kind,
    )
  }
  assert.equal(
    problem(
      document([
        { ...key, Sid: 'a b' },
        { ...key, Sid: 'a b' },
      ]),
      'key',
    ),
    undefined,
  )
  assert.equal(problem(JSON.stringify({ Statement: key }), 'key'), undefined)
  assert.equal(
    problem(document({ ...key, Condition: { StringEquals: { a: [1, true, 'x'] } } }), 'key'),
    undefined,
  )
  assert.equal(
    problem(
      document({ ...identity, Action: ['s3:x', '*'], Resource: ['*', '**', 'arn:aws:s3:::b'] }),
      'identity',
    ),
    undefined,
  )
})

test('structure that no kind of policy has', () => {
  const statements: readonly unknown[] = [
    'x',
    5,
    null,
    ['x'],
    { ...key, Extra: 1 },
    { ...key, effect: 'Deny' },
    { ...key, Sid: 5 },
    { ...key, Sid: ['a'] },
    { ...key, Effect: 'Perhaps' },
    { ...key, Effect: ['Allow'] },
    { ...key, NotAction: 'kms:*' },
    { ...key, NotResource: [] },
    { ...key, NotPrincipal: '*' },
    { ...key, Action: { a: 1 } },
    { ...key, Action: [5] },
    { ...key, Resource: {} },
    { ...key, Condition: [] },
    { ...key, Condition: 'x' },
    { ...key, Condition: { StringEquals: 'x' } },
    { ...key, Condition: { StringEquals: { a: {} } } },
    { ...key, Condition: { StringEquals: { a: null } } },
    { ...key, Condition: { StringEquals: { a: [[]] } } },
    { ...key, Condition: { stringequals: { a: 'b' } } },
    { ...key, Condition: { x: { a: '1' } } },
    { ...key, Condition: { 'ForAnyValue::StringEquals': { a: '1' } } },
    { ...key, Condition: { NullIfExists: { a: 'true' } } },
    { ...key, Condition: { 'ForAnyValue:Null': { a: 'true' } } },
    { ...key, Condition: { StringEquals: { a: '1', A: '2' } } },
  ]
  for (const statement of statements) {
    assert.deepEqual(
      problem(document(statement), 'key'),
      malformed(syntax),
      JSON.stringify(statement),
    )
  }
  for (const text of [
    '',
    'x',
    '[]',
    '5',
    '"x"',
    '{}',
    '{"Statement":[]}',
    document(key, { Id: 5 }),
    document(key, { Extra: 1 }),
    document(key, { Version: '2012-10-18' }),
    document(key, { Version: 2012 }),
    document(key).replace('"Effect"', '"Effect":"Deny","Effect"'),
  ]) {
    assert.deepEqual(problem(text, 'key'), malformed(syntax), text)
    const expected =
      text === '{}' || text.includes('[]') || text.includes('10-18') ? undefined : text
    if (expected === '' || expected === 'x') {
      assert.deepEqual(problem(text, 'session'), malformed('This policy contains invalid Json'))
      assert.deepEqual(problem(text, 'trust'), malformed('This policy contains invalid Json'))
    } else if (expected !== undefined) {
      assert.deepEqual(problem(text, 'trust'), malformed('Syntax error in policy.'), text)
    }
  }
})

test('key policies: sizes and characters', () => {
  const fill = (length: number) =>
    document({ ...key, Sid: '' }).replace('"Sid":""', `"Sid":"${'x'.repeat(length)}"`)
  const room = 32_768 - fill(0).length
  assert.equal(problem(fill(room), 'key'), undefined)
  assert.deepEqual(problem(fill(room + 1), 'key'), {
    code: 'LimitExceeded',
    message: 'Key policy size limit is 32768 bytes, the policy has 32769 bytes.',
  })
  assert.equal(problem(document({ ...key, Sid: 'ÿ' }), 'key'), undefined)
  assert.equal(problem(document({ ...key, Sid: 'Ā' }), 'key')?.code, 'Validation')
  assert.equal(
    problem(document({ ...identity, Sid: 'Ā' }), 'identity')?.message,
    'The specified value for policyDocument is invalid. It must contain only printable ASCII characters.',
  )
})

test('key policies: what is inert, and dates', () => {
  assert.equal(problem(document({ Effect: 'Allow', Principal: '*' }), 'key'), undefined)
  assert.equal(problem(document({ ...key, Condition: { Fancy: {} } }), 'key'), undefined)
  assert.deepEqual(
    problem(
      document({ ...key, Condition: { DateLessThan: { 'aws:CurrentTime': 'soon' } } }),
      'key',
    ),
    malformed(syntax),
  )
  assert.deepEqual(problem(document({ ...key, Effect: 'allow' }), 'key'), malformed(syntax))
})

test('key policies: principals', () => {
  const none = malformed('Policy contains a statement with no principal.')
  const invalid = malformed('Policy contains a statement with one or more invalid principals.')
  const arn: PolicyProblem = {
    code: 'InvalidArn',
    message: 'An ARN in the specified key policy is invalid.',
  }
  for (const [principal, expected] of [
    [undefined, none],
    [{}, none],
    [{ AWS: [] }, none],
    ['x', malformed(syntax)],
    [5, malformed(syntax)],
    [{ AWS: 5 }, malformed(syntax)],
    [{ AWS: '*' }, undefined],
    [{ AWS: '111122223333' }, undefined],
    [{ AWS: 'AIDAEXAMPLE1' }, undefined],
    [{ AWS: 'arn:aws:iam::111122223333:root' }, undefined],
    [{ AWS: 'arn:aws:iam::111122223333:user/a/b' }, undefined],
    [{ AWS: 'arn:aws-cn:iam::111122223333:role/b' }, undefined],
    [{ AWS: 'arn:aws:sts::111122223333:assumed-role/R/s' }, undefined],
    [{ AWS: 'arn:aws:sts::111122223333:federated-user/f' }, undefined],
    [{ Service: 'ec2.amazonaws.com' }, undefined],
    [{ AWS: '1111' }, invalid],
    [{ AWS: 'Alice' }, invalid],
    [{ AWS: 'arn:aws:iam::111122223333:role/*' }, invalid],
    [{ AWS: 'arn:aws:sts::111122223333:assumed-role/R/*' }, invalid],
    [{ AWS: 'arn:aws:iam::111122223333:group/g' }, arn],
    [{ AWS: 'arn:aws:iam::1111:user/a' }, arn],
    [{ AWS: 'arn:awws:iam::111122223333:root' }, arn],
    [{ AWS: 'arn:aws:s3:::bucket' }, arn],
    [{ Service: '*' }, invalid],
    [{ Service: 'example.com' }, invalid],
    [{ Federated: 'cognito-identity.amazonaws.com' }, invalid],
    [{ CanonicalUser: 'x' }, invalid],
  ] as const) {
    assert.deepEqual(
      problem(document({ ...key, Principal: principal }), 'key'),
      expected,
      JSON.stringify(principal),
    )
  }
})

test('key policies: ForAllValues on what has a single value', () => {
  const text = (condition: string, effect = 'Allow') =>
    document({
      ...key,
      Effect: effect,
      Condition: { 'ForAllValues:StringEquals': { [condition]: 'x' } },
    })
  assert.deepEqual(
    problem(text('kms:EncryptionContext:app'), 'key'),
    malformed(
      'OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified encryption context or with an unspecified encryption context. To fix, remove ForAllValues.',
    ),
  )
  assert.deepEqual(
    problem(text('aws:RequestTag/a'), 'key'),
    malformed(
      'OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches requests without the specified [encryption context or tag] or with an unspecified [encryption context or tag]. To fix, remove ForAllValues.',
    ),
  )
  assert.equal(problem(text('kms:EncryptionContextKeys'), 'key'), undefined)
  assert.equal(problem(text('kms:EncryptionContext:app', 'Deny'), 'key'), undefined)
  assert.equal(
    problem(
      document({ ...key, Condition: { StringEquals: { 'kms:EncryptionContext:a': 'x' } } }),
      'key',
    ),
    undefined,
  )
})

test('identity policies, with the texts of IAM', () => {
  const legacy = 'The policy failed legacy parsing'
  const missing = {
    actions: 'Policy statement must contain actions.',
    resources: 'Policy statement must contain resources.',
  }
  const vendor = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.'
  const paths =
    'IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.'
  for (const [statement, expected] of [
    [[], syntax],
    [{ ...identity, Effect: undefined }, syntax],
    [{ ...identity, Effect: 'denY' }, legacy],
    [{ ...identity, Resource: 'arn:aws:s3::x' }, legacy],
    [{ ...identity, Resource: 'arn:aws::x' }, legacy],
    [{ ...identity, Resource: 'arn:aws::::x' }, legacy],
    [{ ...identity, Condition: { DateEquals: { a: '234-13' } } }, legacy],
    [
      [
        { ...identity, Sid: 'a' },
        { ...identity, Sid: 'a' },
      ],
      'Statement IDs (SID) in a single policy must be unique.',
    ],
    [
      [
        { ...identity, Sid: '' },
        { ...identity, Sid: '' },
      ],
      undefined,
    ],
    [
      { ...identity, Sid: 'a b' },
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    ],
    [{ ...identity, Action: [] }, missing.actions],
    [{ ...identity, Action: undefined, Resource: undefined }, missing.actions],
    [{ ...identity, Resource: undefined }, missing.resources],
    [{ ...identity, Resource: 'x', Action: 'x' }, 'Resource x must be in ARN format or "*".'],
    [{ ...identity, Resource: '' }, 'Resource  must be in ARN format or "*".'],
    [
      { ...identity, Resource: 'a:b:cadfsdf' },
      'Partition "b" is not valid for resource "arn:b:cadfsdf:*:*:*".',
    ],
    [{ ...identity, Resource: 'a:b' }, 'Partition "b" is not valid for resource "arn:b:*:*:*:*".'],
    [
      { ...identity, Resource: 'aws:s3:::bucket' },
      'Partition "s3" is not valid for resource "arn:s3:::bucket:*".',
    ],
    [
      { ...identity, Resource: ['arn:error:s3:::bucket', 'arn:error:s3::bucket'] },
      'Partition "error" is not valid for resource "arn:error:s3:::bucket".',
    ],
    [
      { ...identity, Resource: 'a:b:c:d:e:f:g:h' },
      'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".',
    ],
    [
      { ...identity, Resource: 'arn:aws' },
      'Resource vendor must be fully qualified and cannot contain regexes.',
    ],
    [
      { ...identity, Resource: 'arn:aws:*' },
      'Resource vendor must be fully qualified and cannot contain regexes.',
    ],
    [{ ...identity, Resource: 'arn:aws:kms:*:*' }, undefined],
    [{ ...identity, Resource: 'arn:aws:iam::111122223333:other/x' }, paths],
    [
      {
        ...identity,
        Resource: [
          'arn:aws:iam::111122223333:root',
          'arn:aws:iam::*:*',
          'arn:aws:iam::*:role/x',
          'arn:aws:iam',
        ],
      },
      undefined,
    ],
    [
      { ...identity, Resource: 'arn:aws:iam:eu-west-1:111122223333:role/x' },
      'IAM resource arn:aws:iam:eu-west-1:111122223333:role/x cannot contain region information.',
    ],
    [
      { ...identity, Resource: 'arn:aws:s3:eu-west-1::b' },
      'Resource arn:aws:s3:eu-west-1::b can not contain region information.',
    ],
    [{ ...identity, Resource: 'arn:aws:s3:eu-west-1:111122223333:accesspoint/a' }, undefined],
    [{ ...identity, Action: 'Encrypt' }, vendor],
    [{ ...identity, Action: '' }, vendor],
    [{ ...identity, Action: 's3:List:Bucket' }, 'Actions/Condition can contain only one colon.'],
    [{ ...identity, Action: 'a b:c' }, 'Vendor a b is not valid'],
    [{ ...identity, Action: 'iam: asdf safdsf' }, undefined],
    [{ ...identity, Principal: '*' }, 'Policy document should not specify a principal.'],
    [{ ...identity, NotPrincipal: '*' }, 'Policy document should not specify a principal.'],
  ] as const) {
    const wanted = expected === undefined ? undefined : malformed(expected)
    assert.deepEqual(problem(document(statement), 'identity'), wanted, JSON.stringify(statement))
  }
})

test('the version of managed policies', () => {
  const older = malformed('Policy document must be version 2012-10-17 or greater.')
  const text = JSON.stringify({ Statement: { ...identity, Effect: 'denY' } })
  assert.deepEqual(problem(text, 'identity', true), older)
  assert.deepEqual(problem(document(identity, { Version: '2008-10-17' }), 'boundary'), older)
  assert.equal(problem(document(identity, { Version: '2008-10-17' }), 'identity'), undefined)
  assert.deepEqual(problem(document(identity, { Version: 'x' }), 'identity'), malformed(syntax))
})

test('sizes of policies other than key policies count no white space', () => {
  const fill = (statement: Members, length: number) =>
    document({ ...statement, Sid: 'x'.repeat(length) })
  const limit = (kind: PolicyKind, managed?: boolean) => {
    const statement = kind === 'trust' ? trust : identity
    let low = 0
    let high = 20_000
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (problem(fill(statement, middle), kind, managed) === undefined) low = middle
      else high = middle
    }
    assert.equal(problem(`${fill(statement, low)}${' '.repeat(9999)}`, kind, managed), undefined)
    assert.equal(problem(fill(statement, high), kind, managed)?.code, 'LimitExceeded')
    return policyLength(fill(statement, low))
  }
  assert.deepEqual(
    [
      limit('identity'),
      limit('identity', true),
      limit('boundary'),
      limit('session'),
      limit('trust'),
    ],
    [10_240, 6144, 6144, 6144, 2048],
  )
})

test('trust policies, with the texts of IAM', () => {
  const saml = { Federated: 'arn:aws:iam::111122223333:saml-provider/x' }
  for (const [statement, expected] of [
    [[], 'Could not parse the policy: Statement is empty!'],
    [{ ...trust, Effect: undefined }, 'Missing required field Effect'],
    [{ ...trust, Effect: 'allow' }, 'Invalid effect: allow'],
    [{ ...trust, Resource: '*' }, 'Has prohibited field Resource'],
    [{ ...trust, NotResource: '*' }, 'AssumeRole policy must not contain resources.'],
    [{ ...trust, Principal: undefined }, 'Missing required field Principal'],
    [{ ...trust, Principal: {} }, 'Missing required field Principal cannot be empty!'],
    [
      { ...trust, Principal: undefined, NotPrincipal: '*' },
      'Allow with NotPrincipal is not allowed.',
    ],
    [
      { ...trust, Effect: 'Deny', Principal: undefined, NotPrincipal: '*' },
      'AssumeRole policy must not contain NotPrincipal field.',
    ],
    [{ ...trust, Action: undefined }, 'Missing required field Action'],
    [{ ...trust, Action: [] }, 'Missing required field Action'],
    [
      { ...trust, Action: 's3:GetObject' },
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    [{ ...trust, Action: '*' }, 'AssumeRole policy may only specify STS AssumeRole actions.'],
    [{ ...trust, Action: ['sts:AssumeRole', 'STS:TagSession', 'sts:*'] }, undefined],
    [{ ...trust, Condition: { DateEquals: { a: 'x' } } }, 'Syntax error in policy.'],
    [
      { ...trust, Principal: { AWS: 'arn:aws:iam::111122223333:group/x' } },
      'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/x"',
    ],
    [
      { ...trust, Principal: { AWS: 'arn:awws:iam::111122223333:root' } },
      'Invalid principal in policy: "AWS":"arn:awws:iam::111122223333:root"',
    ],
    [{ ...trust, Principal: { Service: 'x' } }, 'Invalid principal in policy: "SERVICE":"x"'],
    [{ ...trust, Principal: { Other: 'x' } }, 'Invalid principal in policy: "OTHER":"x"'],
    [
      { ...trust, Principal: { Federated: 'arn:aws:iam::111122223333:user/x' } },
      'Invalid principal in policy: "FEDERATED":"arn:aws:iam::111122223333:user/x"',
    ],
    [{ ...trust, Principal: '*' }, undefined],
    [
      {
        ...trust,
        Principal: {
          AWS: ['AROAEXAMPLE1', 'arn:aws:iam::111122223333:role/x'],
          Service: 'ec2.amazonaws.com',
          ...saml,
        },
      },
      undefined,
    ],
    [{ ...trust, Principal: { Federated: 'cognito-identity.amazonaws.com' } }, undefined],
    [
      [
        { ...trust, Sid: 'a' },
        { ...trust, Sid: 'a' },
      ],
      'The Statement Ids in the policy are not unique',
    ],
  ] as const) {
    const wanted = expected === undefined ? undefined : malformed(expected)
    assert.deepEqual(problem(document(statement), 'trust'), wanted, JSON.stringify(statement))
  }
  assert.deepEqual(
    problem(document(trust, { Version: 'x' }), 'trust'),
    malformed('The policy must contain a valid version string'),
  )
})

test('a policy remembers some actions, and answers for all', () => {
  const policy = compilePolicy(document({ ...key, Action: 'kms:A*' }), 'key')
  for (let index = 0; index < 600; index += 1) policy.about(`kms:B${index}`)
  assert.equal(policy.about('kms:A1').Allow.named.size, 1)
  assert.equal(policy.about('kms:A1').Allow.named.size, 1)
  assert.equal(policy.about('kms:C1').Allow.named.size, 0)
})

test('a policy tells whom it names', () => {
  const policy = compilePolicy(
    document([key, { ...key, Principal: { AWS: ['111122223333'], Service: 'ec2.amazonaws.com' } }]),
    'key',
  )
  assert.deepEqual(policy.principals, [
    { kind: 'AWS', value: '*' },
    { kind: 'AWS', value: '111122223333' },
    { kind: 'Service', value: 'ec2.amazonaws.com' },
  ])
})
