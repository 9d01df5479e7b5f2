/** What constraints let through, and that a grant made by virtue of a grant lets nothing more through. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { GrantCandidate, GrantConstraints } from '../access/decide.ts'
import type { EncryptionContext } from '../api/types.ts'
import { decideByGrants, names, someKey } from '../../test/support/grant-database.ts'
import { KmsError } from '../api/errors.ts'
import type { Key } from '../keys/key.ts'
import { checkConstraints, pairsOf, readConstraints } from './grant-constraints.ts'

type Operation = 'Encrypt' | 'Decrypt' | 'DescribeKey' | 'CreateGrant'

// Few keys and values, so that contexts often have pairs in common; of a key both cases.
const context: fc.Arbitrary<EncryptionContext> = fc
  .array(fc.tuple(fc.constantFrom('a', 'A', 'b', '__proto__'), fc.constantFrom('1', '2', '')), {
    maxLength: 4,
  })
  .map((pairs) => new Map(pairs))
const sourceArn = fc.option(fc.constantFrom('arn:one', 'arn:two'), { nil: undefined })
const constraints: fc.Arbitrary<GrantConstraints | undefined> = fc
  .tuple(fc.constantFrom('none', 'equals', 'subset'), context, sourceArn)
  .map(([kind, pairs, source]) =>
    readConstraints({
      ...(kind === 'equals' && { EncryptionContextEquals: pairs }),
      ...(kind === 'subset' && { EncryptionContextSubset: pairs }),
      ...(source !== undefined && { SourceArn: source }),
    }),
  )
const operation = fc.constantFrom<Operation>('Encrypt', 'Decrypt', 'DescribeKey', 'CreateGrant')
const operations = fc.uniqueArray(operation, { minLength: 1 })

interface Terms {
  readonly operations: readonly Operation[]
  readonly constraints: GrantConstraints | undefined
}
const terms: fc.Arbitrary<Terms> = fc.record({ operations, constraints })
const held = (grant: Terms): GrantCandidate => ({ grantId: 'g', ...grant, as: 'user' })

/** The constraints in the words of the Developer Guide, by another hand. */
function holds(given: GrantConstraints | undefined, request: EncryptionContext): boolean {
  const text = (map: EncryptionContext) =>
    Array.from(map, (pair) => JSON.stringify(pair))
      .toSorted()
      .join()
  const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } = given ?? {}
  if (equal !== undefined && text(equal) !== text(request)) return false
  const all = new Set([...request].map((pair) => JSON.stringify(pair)))
  return [...(subset ?? [])].every((pair) => all.has(JSON.stringify(pair)))
}

test('a grant permits its operations where its constraints hold, and nothing else', () => {
  fc.assert(
    fc.property(
      terms,
      operation,
      context,
      sourceArn,
      (grant, wanted, encryptionContext, source) => {
        fc.pre(wanted !== 'CreateGrant')
        const question = { names, operation: wanted, encryptionContext, sourceArn: source }
        const needed = grant.constraints?.SourceArn
        assert.equal(
          decideByGrants(question, [held(grant)]).allowed,
          grant.operations.includes(wanted) &&
            (wanted === 'DescribeKey' || holds(grant.constraints, encryptionContext)) &&
            (needed === undefined || needed === source),
        )
      },
    ),
    { numRuns: 5000 },
  )
})

test('what a child grant permits, its parent permits too', () => {
  fc.assert(
    fc.property(terms, terms, context, sourceArn, (parent, child, encryptionContext, source) => {
      const made = decideByGrants(
        {
          names,
          operation: 'CreateGrant',
          newGrant: child,
          sourceArn: parent.constraints?.SourceArn,
        },
        [held(parent)],
      )
      fc.pre(made.allowed)
      assert.ok(parent.operations.includes('CreateGrant'))
      for (const each of child.operations) {
        if (each === 'CreateGrant') continue
        const question = { names, operation: each, encryptionContext, sourceArn: source }
        if (!decideByGrants(question, [held(child)]).allowed) continue
        assert.ok(decideByGrants(question, [held(parent)]).allowed)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a grandchild is a child of its grandparent', () => {
  fc.assert(
    fc.property(terms, terms, terms, (first, second, third) => {
      const makes = (parent: Terms, child: Terms) =>
        decideByGrants(
          {
            names,
            operation: 'CreateGrant',
            newGrant: child,
            sourceArn: parent.constraints?.SourceArn,
          },
          [held(parent)],
        ).allowed
      fc.pre(makes(first, second) && makes(second, third))
      assert.ok(makes(first, third))
    }),
    { numRuns: 300, maxSkipsPerRun: 1000 },
  )
})

test('a parent permits a copy of itself, and never more', () => {
  fc.assert(
    fc.property(terms, operation, (grant, more) => {
      const parent = {
        ...grant,
        operations: [...new Set([...grant.operations, 'CreateGrant' as const])],
      }
      const make = (newGrant: Terms) =>
        decideByGrants(
          { names, operation: 'CreateGrant', newGrant, sourceArn: grant.constraints?.SourceArn },
          [held(parent)],
        ).allowed
      assert.ok(make(parent))
      assert.ok(make({ ...parent, operations: ['CreateGrant'] }))
      if (!parent.operations.includes(more)) {
        assert.ok(!make({ ...parent, operations: [...parent.operations, more] }))
      }
      if (parent.constraints !== undefined) assert.ok(!make({ ...parent, constraints: undefined }))
    }),
  )
})

test('the strictness of constraints, case by case', () => {
  const [a1, a2, ab] = [
    new Map([['a', '1']]),
    new Map([['a', '2']]),
    new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
  ]
  const equals = (EncryptionContextEquals: EncryptionContext) => ({ EncryptionContextEquals })
  const subset = (EncryptionContextSubset: EncryptionContext) => ({ EncryptionContextSubset })
  const cases: readonly (readonly [
    GrantConstraints | undefined,
    GrantConstraints | undefined,
    boolean,
  ])[] = [
    [undefined, undefined, true],
    [undefined, subset(a1), true],
    [undefined, equals(a1), true],
    [subset(a1), undefined, false],
    [subset(a1), subset(a1), true],
    [subset(a1), subset(ab), true],
    [subset(a1), subset(a2), false],
    [subset(ab), subset(a1), false],
    [subset(a1), equals(a1), true],
    [subset(a1), equals(ab), true],
    [subset(a1), equals(a2), false],
    [equals(a1), equals(a1), true],
    [equals(a1), equals(ab), false],
    [equals(a1), subset(a1), false],
    [equals(a1), undefined, false],
    [equals(new Map()), equals(new Map()), true],
    [equals(new Map()), undefined, false],
  ]
  for (const [parent, child, expected] of cases) {
    const decision = decideByGrants(
      {
        names,
        operation: 'CreateGrant',
        newGrant: { operations: ['Decrypt'], constraints: child },
      },
      [held({ operations: ['CreateGrant', 'Decrypt'], constraints: parent })],
    )
    assert.equal(decision.allowed, expected)
  }
})

test('a SourceArn has to be kept by a child', () => {
  const parent = held({
    operations: ['CreateGrant', 'Decrypt'],
    constraints: { SourceArn: 'arn:one' },
  })
  for (const [SourceArn, expected] of [
    ['arn:one', true],
    ['arn:two', false],
    [undefined, false],
  ] as const) {
    const newGrant = {
      operations: ['Decrypt'],
      constraints: SourceArn === undefined ? undefined : { SourceArn },
    }
    const question = { names, operation: 'CreateGrant', newGrant }
    assert.equal(decideByGrants({ ...question, sourceArn: 'arn:one' }, [parent]).allowed, expected)
    assert.equal(decideByGrants(question, [parent]).allowed, false)
  }
})

test('the pairs of constraints are those of the map that is there', () => {
  const pairs = new Map([['a', '1']])
  assert.equal(pairsOf(undefined), undefined)
  assert.equal(pairsOf({ SourceArn: 'arn:one' }), undefined)
  assert.equal(pairsOf({ EncryptionContextEquals: pairs }), pairs)
  assert.equal(pairsOf({ EncryptionContextSubset: pairs }), pairs)
})

/** The sentence of the refusal of constraints on a key; undefined where there is none. */
function refusal(constraints: GrantConstraints | undefined, key: Key = someKey) {
  try {
    checkConstraints(key, constraints)
    return undefined
  } catch (error) {
    assert.ok(error instanceof KmsError)
    assert.equal(error.code, 'ValidationException')
    return error.message
  }
}

const some = (count: number, value = 'v') =>
  new Map(Array.from({ length: count }, (_, index) => [`k${index}`, value]))
const symmetricOnly =
  'Encryption context grant constraints are only supported for symmetric encryption KMS keys.'
const tooMany = 'A grant constraint cannot have more than 8 encryption context pairs.'
const tooLong = 'An encryption context value in a grant constraint cannot exceed 384 characters.'
const twoKinds = 'More than one constraint supplied'
const source = 'arn:aws:s3:us-east-1:111122223333:b'

for (const [name, given, expected] of [
  ['none', undefined, undefined],
  ['a SourceArn', { SourceArn: source }, undefined],
  ['no pair', { EncryptionContextEquals: some(0) }, undefined],
  ['eight pairs', { EncryptionContextEquals: some(8) }, undefined],
  ['nine pairs', { EncryptionContextEquals: some(9) }, tooMany],
  ['nine pairs of a subset', { EncryptionContextSubset: some(9) }, tooMany],
  ['a value of 384 characters', { EncryptionContextSubset: some(1, 'x'.repeat(384)) }, undefined],
  ['a value of 385 characters', { EncryptionContextSubset: some(1, 'x'.repeat(385)) }, tooLong],
  ['an empty value', { EncryptionContextSubset: some(1, '') }, undefined],
  ['both kinds', { EncryptionContextEquals: some(1), EncryptionContextSubset: some(1) }, twoKinds],
  [
    'both kinds, one of nothing',
    { EncryptionContextEquals: some(0), EncryptionContextSubset: some(1) },
    twoKinds,
  ],
] as const) {
  test(`constraints of a grant: ${name}`, () => {
    assert.equal(refusal(given), expected)
  })
}

test('keys without an encryption context take no constraint on it', () => {
  for (const [spec, usage] of [
    ['RSA_2048', 'ENCRYPT_DECRYPT'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['ECC_NIST_P256', 'SIGN_VERIFY'],
  ] as const) {
    const key: Key = { ...someKey, spec, usage }
    assert.equal(refusal({ EncryptionContextEquals: some(1) }, key), symmetricOnly)
    assert.equal(refusal({ EncryptionContextSubset: some(1) }, key), symmetricOnly)
    assert.equal(refusal({ SourceArn: source }, key), undefined)
    assert.equal(refusal(undefined, key), undefined)
  }
})

test('what a request means by its constraints', () => {
  const a = new Map([['a', '1']])
  const none = new Map<string, string>()
  for (const [given, meant] of [
    [undefined, undefined],
    [{}, undefined],
    [{ EncryptionContextEquals: a }, { EncryptionContextEquals: a }],
    [{ EncryptionContextSubset: a }, { EncryptionContextSubset: a }],
    [{ EncryptionContextEquals: none }, { EncryptionContextEquals: none }],
    [{ EncryptionContextSubset: none }, undefined],
    [{ EncryptionContextEquals: none, EncryptionContextSubset: a }, { EncryptionContextSubset: a }],
    [{ EncryptionContextEquals: a, EncryptionContextSubset: none }, { EncryptionContextEquals: a }],
    [
      { EncryptionContextEquals: a, EncryptionContextSubset: a },
      { EncryptionContextEquals: a, EncryptionContextSubset: a },
    ],
    [{ SourceArn: source }, { SourceArn: source }],
    [
      { EncryptionContextEquals: none, SourceArn: source },
      { EncryptionContextEquals: none, SourceArn: source },
    ],
    [{ EncryptionContextSubset: none, SourceArn: source }, { SourceArn: source }],
  ] as const) {
    assert.deepEqual(readConstraints(given), meant)
  }
})

test('the pairs that an encryption context has to have', () => {
  const a = new Map([['a', '1']])
  assert.equal(pairsOf(undefined), undefined)
  assert.equal(pairsOf({ SourceArn: source }), undefined)
  assert.equal(pairsOf({ EncryptionContextEquals: a }), a)
  assert.equal(pairsOf({ EncryptionContextSubset: a }), a)
})
