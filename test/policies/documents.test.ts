/**
 * Documents that are almost policies: of values with a recorded answer, in shapes that are right but for one or two
 * places. Whether it is a policy, and which fault is told, must be what the reference says.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compilePolicy } from '../../src/policies/compile.ts'
import { PolicyError, type PolicyKind } from '../../src/policies/policy-error.ts'
import { identityPolicyFault, keyPolicyFault } from './reference-grammar.ts'
import { actions, badDates, goodDates, principals, resources } from './reference-values.ts'

const oneOrMore = <Value>(of: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 3, arbitrary: of }, fc.array(of, { maxLength: 2 }))
/** Mostly what has no fault: of many faults only the first is told. */
const mostlyGood = (known: ReadonlyMap<string, string | undefined>) => {
  const good = [...known].flatMap(([value, fault]) => (fault === undefined ? [value] : []))
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...good) },
    fc.constantFrom(...known.keys()),
  )
}
const action = oneOrMore(mostlyGood(actions))
const resource = oneOrMore(mostlyGood(resources))
const principal = fc.oneof(
  fc.constant('*'),
  fc
    .constantFrom(...principals.filter(([, , fault]) => fault === undefined))
    .map(([kind, value]) => ({ [kind]: value })),
  fc.constantFrom(...principals).map(([kind, value]) => ({ [kind]: [value] })),
  fc.constantFrom({}, { AWS: [] }, 'Bob', ['*'], { AWS: { a: 1 } }, { AWS: '*', Other: 'x' }),
)
const operator = fc.constantFrom(
  'StringEquals',
  'ForAllValues:StringLike',
  'ForAnyValue:ArnNotLikeIfExists',
  'NumericLessThanEquals',
  'DateLessThan',
  'ForAllValues:DateEquals',
  'Null',
  'Bool',
  'stringEquals',
  'NullIfExists',
  'ForAnyValue::StringEquals',
  'ForAnyValue:Null',
  'StringEqualsIfExistsIfExists',
  'constructor',
  '__proto__',
  'Fancy',
)
const key = fc.constantFrom(
  'aws:x',
  'AWS:X',
  'kms:EncryptionContext:a',
  'aws:RequestTag/a',
  'constructor',
)
const value = oneOrMore(fc.constantFrom<unknown>(...goodDates, ...goodDates, ...badDates, 5, true))
const condition = fc.oneof(
  fc.dictionary(operator, fc.dictionary(key, value, { maxKeys: 2 }), { maxKeys: 2 }),
  fc.constantFrom<unknown>(
    {},
    [],
    'x',
    null,
    { Bool: 'x' },
    { Bool: { a: {} } },
    { Bool: { a: null } },
  ),
)

const junk = fc.constantFrom<unknown>(null, 5, true, '', 'x', [], {}, [[]], [null], { a: 1 }, [
  'a',
  5,
])
const element = fc.oneof(
  fc.record({ Sid: fc.constantFrom<unknown>('a', 'b', '', 'a b', 'ä') }),
  fc.record({ Condition: condition }),
  fc.record({ Condition: condition }),
  fc.record({ Effect: fc.constantFrom<unknown>('Deny', 'allow', 'DENY', 'Perhaps') }),
  fc.record({ NotAction: action }),
  fc.record({ NotResource: resource }),
  fc.record({ NotPrincipal: principal }),
  fc
    .tuple(fc.constantFrom('Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition'), junk)
    .map(([name, other]) => ({ [name]: other })),
  fc.constantFrom({ effect: 'Deny' }, { Extra: 1 }, { __proto__: 1 }),
  fc.constant({}),
  fc.constant({}),
)
const without = fc.constantFrom('', '', '', '', 'Effect', 'Action', 'Resource', 'Principal')

function statements(whole: fc.Arbitrary<Readonly<Record<string, unknown>>>) {
  const statement = fc
    .tuple(whole, fc.array(element, { maxLength: 2 }), without)
    .map(([base, more, name]) =>
      Object.fromEntries(
        [base, ...more].flatMap((each) => Object.entries(each)).filter(([each]) => each !== name),
      ),
    )
  return fc.oneof(
    { weight: 4, arbitrary: fc.array(statement, { minLength: 1, maxLength: 3 }) },
    { weight: 4, arbitrary: statement },
    fc.array(fc.oneof(statement, junk), { maxLength: 2 }),
    junk,
  )
}

const top = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ Version: '2012-10-17' }) },
  fc.constantFrom<Readonly<Record<string, unknown>>>(
    {},
    { Version: '2008-10-17', Id: 'x y' },
    { Version: '2012-10-18' },
    { Version: 2012 },
    { Id: 5 },
    { Extra: 1 },
    { version: '2012-10-17' },
  ),
)
const documents = (whole: fc.Arbitrary<Readonly<Record<string, unknown>>>) =>
  fc.tuple(top, statements(whole), fc.constantFrom(undefined, 1)).map(([head, Statement, space]) =>
    // What is undefined is left out, as it is in any JSON.
    JSON.stringify({ ...head, Statement }, null, space),
  )

const own = fc.record({
  Effect: fc.constantFrom('Allow', 'Deny'),
  Action: action,
  Resource: resource,
})
const keyDocument = documents(
  fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: action,
    Resource: resource,
    Principal: principal,
  }),
)

/** The engine's finding; undefined if there is none. */
function faultOf(text: string, kind: PolicyKind, managed?: boolean): string | undefined {
  try {
    compilePolicy(text, kind, managed === undefined ? {} : { managed })
    return undefined
  } catch (error) {
    assert.ok(error instanceof PolicyError, String(error))
    return error.problem.message
  }
}

/** Runs a property, and fails if too few of the documents were policies, or too many. */
function compare(
  document: fc.Arbitrary<string>,
  answers: (text: string) => readonly [mine: string | undefined, theirs: string | undefined],
): void {
  const seen = new Set<string | undefined>()
  fc.assert(
    fc.property(document, (text) => {
      const [mine, theirs] = answers(text)
      assert.equal(mine, theirs, text)
      seen.add(mine)
    }),
    { numRuns: 4000 },
  )
  assert.ok(seen.has(undefined), 'some documents are policies')
  assert.ok(seen.size >= 5, `and others have faults of every kind, not of ${seen.size}`)
}

test('what a key policy is, and the first thing that is wrong with it', () => {
  compare(keyDocument, (text) => [faultOf(text, 'key'), keyPolicyFault(text)])
})

test('what an inline identity policy is, and the first thing that is wrong with it', () => {
  compare(documents(own), (text) => [faultOf(text, 'identity'), identityPolicyFault(text, false)])
})

test('what a managed policy is, and the first thing that is wrong with it', () => {
  compare(documents(own), (text) => [
    faultOf(text, 'identity', true),
    identityPolicyFault(text, true),
  ])
})

test('a boundary is a managed policy, and a session policy an inline one', () => {
  compare(documents(own), (text) => [faultOf(text, 'boundary'), identityPolicyFault(text, true)])
  compare(documents(own), (text) => [faultOf(text, 'session'), identityPolicyFault(text, false)])
})
