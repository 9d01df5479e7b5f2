/** What constraints let through, and that a grant made by virtue of a grant lets nothing more through. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { GrantCandidate, GrantConstraints } from '../access/decide.ts'
import type { EncryptionContext } from '../api/types.ts'
import { decideByGrants, names } from '../../test/support/grant-database.ts'
import { pairsOf, readConstraints } from './grant-constraints.ts'

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
