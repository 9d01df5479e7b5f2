/** Random situations, of few names and values, so that what is drawn often meets. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import fc from 'fast-check'
import type { GrantCandidate } from '../../src/access/decide.ts'
import { compilePolicy } from '../../src/policies/compile.ts'
import { lookUp } from '../../src/policies/context-values.ts'
import type { AccessQuestion } from '../../src/access/decide.ts'
import {
  app,
  alice,
  aliasArn,
  away,
  type Case,
  callers,
  delegation,
  home,
  iam,
  keyArn,
  type Refusal,
  type Statement,
} from './case.ts'
import { expectedText, policyText } from './fixture.ts'
import type { Situation } from './reference.ts'

const texts = ['a', 'b', 'A', 'ab', 'a*', '?b', '*', '', 'true', '5']
const templates = [
  '${aws:username}',
  '${AWS:Username}*',
  'a${*}',
  '${?}b',
  '${$}',
  "${aws:absent, 'a'}",
  "${aws:username, 'b'}",
  '${aws:absent}',
  '${aws:TagKeys}',
  "${aws:TagKeys, 'a'}",
  '${kms:ResourceAliases}',
  '${aws:Test}',
  '${aws:Test',
  '${}',
]
const numbers = ['5', '5.0', '-1', '4.9', '1e1', 'x', '']
const dates = ['2026-01-31', '2026-01-31T12:00:00Z', '1769860800', '2026-01-31T13:00:00+01:00']
const addresses = ['10.1.2.3', '10.0.0.0/8', '0.0.0.0/0', '2001:db8::1', '2001:db8::/32', 'x']
const arns = [alice.arn, app.arn, 'arn:aws:iam::*:user/*', 'arn:aws:iam::*:*', '*', 'a', keyArn]
const arnTemplates = ['${aws:SourceArn}', 'arn:aws:iam::*:user/${aws:username}', '${aws:username}']
const bytes = ['QmluYXJ5', 'QUI=', 'QQ==', '%%', 'A', '']
const booleans = ['true', 'false', 'TRUE', 'x']

const families = [
  { bases: ['StringEquals', 'StringNotEquals'], values: [...texts, ...templates] },
  {
    bases: ['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'],
    values: [...texts, ...templates],
  },
  { bases: ['StringLike', 'StringNotLike'], values: [...texts, ...templates] },
  {
    bases: ['', 'Not', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
      (each) => `Numeric${each === '' || each === 'Not' ? `${each}Equals` : each}`,
    ),
    values: numbers,
  },
  {
    bases: ['', 'Not', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
      (each) => `Date${each === '' || each === 'Not' ? `${each}Equals` : each}`,
    ),
    values: dates,
  },
  { bases: ['IpAddress', 'NotIpAddress'], values: addresses },
  {
    bases: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
    values: [...arns, ...arnTemplates],
  },
  { bases: ['BinaryEquals'], values: bytes },
  { bases: ['Bool'], values: [...booleans, '${aws:Test}'] },
] as const

const keys = fc.constantFrom(
  'aws:Test',
  'AWS:test',
  'aws:username',
  'aws:TagKeys',
  'kms:ResourceAliases',
)
const oneOrMore = <Value>(of: fc.Arbitrary<Value>) =>
  fc.oneof(of, fc.array(of, { minLength: 1, maxLength: 3 }))

interface Drawn {
  readonly operator: string
  readonly values: Readonly<Record<string, unknown>>
}

const ofFamily = fc.constantFrom(...families).chain(({ bases, values }) =>
  fc.record({
    operator: fc
      .tuple(
        fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:'),
        fc.constantFrom(...bases),
        fc.constantFrom('', '', 'IfExists'),
      )
      .map((parts) => parts.join('')),
    values: fc.dictionary(keys, fc.oneof(oneOrMore(fc.constantFrom(...values)), fc.constant([])), {
      minKeys: 1,
      maxKeys: 2,
    }),
  }),
)
const ofNull = fc.record({
  operator: fc.constant('Null'),
  values: fc.dictionary(keys, oneOrMore(fc.constantFrom('true', 'false', true, 'x')), {
    minKeys: 1,
    maxKeys: 1,
  }),
})
const drawn: fc.Arbitrary<Drawn> = fc.oneof({ weight: 9, arbitrary: ofFamily }, ofNull)

/** Keys of one object that differ by case alone are no JSON of a policy. */
const differ = (names: readonly string[]) =>
  new Set(names.map((name) => name.toLowerCase())).size === names.length

/** A Condition element. */
export const condition: fc.Arbitrary<Statement> = fc
  .array(
    drawn.filter(({ values }) => differ(Object.keys(values))),
    { maxLength: 2 },
  )
  .map((all) => Object.fromEntries(all.map(({ operator, values }) => [operator, values])))

const actions = oneOrMore(
  fc.constantFrom(
    'kms:*',
    'kms:Encrypt',
    'KMS:decrypt',
    'kms:De*',
    '*',
    'kms:?ncrypt',
    'kms:Create*',
  ),
)
const resources = oneOrMore(
  fc.constantFrom(
    '*',
    '**',
    keyArn,
    aliasArn,
    'arn:aws:kms:*:*:key/*',
    'arn:aws:kms:*',
    'arn:aws:kms:*:444455556666:*',
    'arn:aws:kms:*:*:key/${aws:username}*',
    "arn:aws:kms:*:*:key/${aws:absent, '1234abcd'}*",
    'arn:aws:kms:*:*:alias/${aws:username}',
    'arn:aws:kms:*:${aws:username}:key/*',
    'arn:aws:kms:*:*:key/1234abcd-${?}?ab-*',
  ),
)
const names = oneOrMore(
  fc.constantFrom(
    '*',
    home,
    away,
    iam(home, 'root'),
    alice.arn,
    alice.id,
    app.arn,
    app.id,
    callers.app.arn,
    callers.fed.arn,
    callers.carol.arn,
  ),
)
const principal = fc.oneof(
  { weight: 1, arbitrary: fc.constant('*') },
  { weight: 6, arbitrary: fc.record({ AWS: names }) },
  {
    weight: 2,
    arbitrary: fc.record({
      AWS: names,
      Service: fc.constantFrom('ec2.amazonaws.com', 's3.amazonaws.com'),
    }),
  },
)

/** One of an element and its Not- twin, more often the plain one. */
const either = (name: string, of: fc.Arbitrary<unknown>) =>
  fc
    .tuple(fc.constantFrom('', '', '', 'Not'), of)
    .map(([not, value]) => ({ [`${not}${name}`]: value }))

/** A statement of a policy of the caller's own. */
export const ownStatement: fc.Arbitrary<Statement> = fc
  .tuple(
    fc.constantFrom('Allow', 'Allow', 'Deny'),
    either('Action', actions),
    either('Resource', resources),
    condition,
  )
  .map(([Effect, action, resource, Condition]) => ({ Effect, ...action, ...resource, Condition }))

/** A statement of a key policy, whole or without what makes it speak. */
export const keyStatement: fc.Arbitrary<Statement> = fc
  .tuple(
    ownStatement,
    either('Principal', principal),
    fc.constantFrom('', '', '', '', 'Action', 'Resource'),
  )
  .map(([statement, who, without]) => {
    const kept = Object.entries(statement).filter(
      ([name]) => without === '' || !name.endsWith(without),
    )
    return { ...Object.fromEntries(kept), ...who }
  })

const pairs = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'A', '__proto__'), fc.constantFrom('1', '2')), {
    maxLength: 2,
  })
  .map((each) => new Map(each))
const operations = fc.subarray(
  ['Encrypt', 'Decrypt', 'DescribeKey', 'CreateGrant', 'RetireGrant'],
  {
    minLength: 1,
  },
)
const sourceArn = 'arn:aws:s3:eu-west-1:111122223333:bucket'
const constraints = fc.option(
  fc.record(
    {
      EncryptionContextEquals: pairs,
      EncryptionContextSubset: pairs,
      SourceArn: fc.constant(sourceArn),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
)
const newGrant = fc.record({ operations, constraints })

/** A grant that names the caller in one way or another. */
export const grant: fc.Arbitrary<Omit<GrantCandidate, 'grantId'>> = fc.record({
  operations,
  constraints,
  as: fc.constantFrom('user', 'role', 'account', 'session', 'root', 'parent', 'federated'),
})

const found = fc.constantFrom(
  ...texts,
  ...numbers,
  ...dates,
  ...arns,
  ...booleans,
  ...bytes,
  '10.1.2.3',
  '2001:db8::1',
)
const context = fc.record(
  {
    'aws:test': fc.array(found, { maxLength: 2 }),
    'aws:username': fc.constantFrom(['Alice'], ['a'], ['1234abcd'], ['*'], [home]),
    'aws:tagkeys': fc.array(fc.constantFrom('a', 'b', 'A'), { maxLength: 2 }),
    'kms:resourcealiases': fc.constantFrom(['alias/x'], ['a']),
    'aws:sourcearn': fc.constantFrom([sourceArn], [alice.arn]),
  },
  { requiredKeys: [] },
)

const some = (of: fc.Arbitrary<Statement>) => fc.array(of, { minLength: 1, maxLength: 3 })
const versions = fc.constantFrom('2012-10-17', '2012-10-17', '2008-10-17')

const where = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      on: fc.constant('resource' as const),
      action: fc.constantFrom('kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey', 'kms:CreateGrant'),
      resource: fc.constant(keyArn),
    }),
  },
  fc.constantFrom(
    { on: 'identity', action: 'kms:CreateAlias', resource: aliasArn } as const,
    { on: 'account', action: 'kms:CreateKey', resource: '*' } as const,
    { on: 'grant', action: 'kms:RetireGrant', resource: keyArn } as const,
  ),
)

/** Everything that a decision hangs on. */
export const situation: fc.Arbitrary<Situation & { readonly who: keyof typeof callers }> = fc
  .record({
    who: fc.constantFrom(...(Object.keys(callers) as (keyof typeof callers)[])),
    where,
    acrossAccounts: fc.constantFrom(true, true, true, false),
    key: fc.tuple(
      fc.oneof(
        some(keyStatement),
        some(keyStatement).map((more) => [delegation, ...more]),
      ),
      versions,
    ),
    identity: fc.array(fc.tuple(some(ownStatement), versions), { maxLength: 2 }),
    boundary: fc.option(fc.tuple(some(ownStatement)), { nil: undefined, freq: 2 }),
    session: fc.option(fc.array(fc.tuple(some(ownStatement), versions), { maxLength: 2 }), {
      nil: undefined,
      freq: 2,
    }),
    context,
    encryptionContext: pairs,
    grants: fc.array(grant, { maxLength: 3 }),
    newGrant: fc.option(newGrant, { nil: undefined, freq: 5 }),
  })
  .map(({ who, where: place, key, identity, boundary, session, grants, ...rest }) => ({
    ...rest,
    ...place,
    who,
    caller: callers[who],
    owner: home,
    context: new Map(Object.entries(rest.context)),
    key: policyText(...key),
    identity: identity.map((each) => policyText(...each)),
    boundary: boundary && policyText(...boundary),
    session: session?.map((each) => policyText(...each)),
    grants: grants.map((each, index) => ({ ...each, grantId: `grant-${index}` })),
  }))

/** The same with a key policy of many statements, of which few can concern the request. */
export const longSituation: typeof situation = fc
  .tuple(situation, fc.array(keyStatement, { minLength: 20, maxLength: 60 }))
  .map(([given, statements]) => ({ ...given, key: policyText(statements) }))

/** The same as the engine takes it. Throws PolicyError where a text is no policy. */
export function questionFrom(given: Situation): AccessQuestion {
  const { context: values, key, identity, boundary, session, caller, action, resource } = given
  const policy = (kind: 'key' | 'identity' | 'boundary' | 'session', text: string) => ({
    name: kind,
    policy: compilePolicy(text, kind),
  })
  return {
    on: given.on,
    owner: given.owner,
    acrossAccounts: given.acrossAccounts,
    request: { action, resource, caller, context: lookUp(Object.fromEntries(values)) },
    layers: {
      resource: key === undefined ? undefined : policy('key', key),
      identity: identity.map((text) => policy('identity', text)),
      boundary: boundary === undefined ? undefined : policy('boundary', boundary),
      session: session?.map((text) => policy('session', text)),
    },
    grants: given.grants,
    encryptionContext: given.encryptionContext,
    ...(given.newGrant && { newGrant: given.newGrant }),
  }
}

/** What the engine should answer: nothing where it allows, or AWS's sentence. */
export function sentenceOf(
  given: Situation & { readonly who: keyof typeof callers },
  answer: 'allow' | Refusal,
): string {
  const { who, on, action, resource } = given
  const asked: Case = { name: '', caller: who, on, action, resource, expect: answer }
  return answer === 'allow' ? '' : expectedText(asked, answer)
}
