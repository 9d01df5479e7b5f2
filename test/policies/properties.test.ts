// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type AccessQuestion, decide, type DecisionTrace } from '../../src/access/decide.ts'
import { compilePolicy } from '../../src/policies/compile.ts'
import { evaluate } from '../../src/policies/evaluate.ts'
import type { Layers } from '../../src/policies/layers.ts'
import { PolicyError, type PolicyKind } from '../../src/policies/policy-error.ts'
import { app, alice, away, type Case, callers, home, keyArn, type Statement } from './case.ts'
import { named, policyText, questionOf } from './fixture.ts'

const keys = ['kms:CallerAccount', 'aws:Test', 'kms:EncryptionContextKeys'] as const
const values = fc.constantFrom('a', 'b', 'ab', home, '*', '${aws:Test}', '1')
const oneOrMore = <Value>(of: fc.Arbitrary<Value>) =>
  fc.oneof(of, fc.array(of, { minLength: 1, maxLength: 3 }))

const operators = fc.constantFrom(
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'NumericLessThan',
  'ArnLike',
  'Bool',
  'ForAllValues:StringLike',
  'ForAnyValue:StringNotEquals',
  'StringEqualsIfExists',
)
const condition = fc.dictionary(
  operators,
  fc.dictionary(fc.constantFrom(...keys), oneOrMore(values), { maxKeys: 2 }),
  { maxKeys: 2 },
)
const actions = oneOrMore(fc.constantFrom('kms:*', 'kms:Encrypt', 'kms:De*', '*', 'kms:?ncrypt'))
const resources = oneOrMore(fc.constantFrom('*', keyArn, 'arn:aws:kms:*:*:key/*', 'arn:aws:s3:::b'))
const principals = oneOrMore(
  fc.constantFrom('*', home, away, alice.arn, app.arn, callers.app.arn, callers.carol.arn),
)

/** One of an element and its Not- twin. */
const either = (name: string, of: fc.Arbitrary<unknown>) =>
  fc
    .record({ not: fc.boolean(), value: of })
    .map(({ not, value }) => ({ [`${not ? 'Not' : ''}${name}`]: value }))

const effects = fc.constantFrom('Allow', 'Deny')
const own: fc.Arbitrary<Statement> = fc
  .tuple(effects, either('Action', actions), either('Resource', resources), condition)
  .map(([Effect, action, resource, Condition]) => ({ Effect, ...action, ...resource, Condition }))
const ofKey: fc.Arbitrary<Statement> = fc
  .tuple(own, either('Principal', fc.record({ AWS: principals })))
  .filter(
    ([{ Effect, Condition }]) =>
      Effect === 'Deny' || !JSON.stringify(Condition).includes('ForAllValues:String"'),
  )
  .map(([statement, principal]) => ({ ...statement, ...principal }))

const some = (of: fc.Arbitrary<Statement>) => fc.array(of, { maxLength: 4 })
const context = fc.dictionary(
  fc.constantFrom(...keys.map((each) => each.toLowerCase())),
  fc.array(values, { maxLength: 2 }),
)
const caller = fc.constantFrom(...(Object.keys(callers) as (keyof typeof callers)[]))
const pairs = fc.dictionary(fc.constantFrom('a', 'b', 'A'), fc.constantFrom('1', '2'), {
  maxKeys: 2,
})
const grant = fc.record({
  operations: fc.subarray(['Encrypt', 'Decrypt', 'DescribeKey', 'CreateGrant'], { minLength: 1 }),
  constraints: fc.option(
    fc.record(
      {
        EncryptionContextEquals: pairs.map((each) => new Map(Object.entries(each))),
        EncryptionContextSubset: pairs.map((each) => new Map(Object.entries(each))),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
  as: fc.constantFrom('user' as const, 'role' as const, 'account' as const, 'session' as const),
})

const situation: fc.Arbitrary<Case> = fc
  .record(
    {
      caller,
      key: some(ofKey),
      identity: some(own),
      boundary: some(own),
      session: some(own),
      grants: fc.array(grant, { maxLength: 3 }),
      context,
      encryptionContext: pairs,
      action: fc.constantFrom('kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey'),
    },
    { requiredKeys: ['caller', 'key', 'identity', 'context'] },
  )
  .map((drawn) => ({ name: '', expect: 'allow', ...drawn }))

const runs = { numRuns: 1500 }
const layerNames = ['resource', 'identity', 'boundary', 'session'] as const
const denyAll = { Effect: 'Deny', Action: '*', Resource: '*' }

/** The question with one more policy in a layer. */
function withPolicy(
  question: AccessQuestion,
  layer: (typeof layerNames)[number],
  statements: readonly Statement[],
): AccessQuestion {
  const kind = layer === 'resource' ? 'key' : layer
  const more = named(kind, statements)
  const layers: Layers = {
    ...question.layers,
    ...(layer === 'identity' || layer === 'session'
      ? { [layer]: [...(question.layers[layer] ?? []), more] }
      : { [layer]: more }),
  }
  return { ...question, layers }
}

test('a deny anywhere always denies', () => {
  fc.assert(
    fc.property(situation, fc.constantFrom(...layerNames), (drawn, layer) => {
      const statement = layer === 'resource' ? { ...denyAll, Principal: '*' } : denyAll
      const question = questionOf(drawn)
      const before = layer === 'resource' ? drawn.key : undefined
      const denied = withPolicy(question, layer, [...(before ?? []), statement])
      const decision = decide(denied)
      assert.equal(decision.allowed, false)
      assert.equal(decision.because.kind, 'explicitDeny')
    }),
    runs,
  )
})

test('adding an allow never denies', () => {
  fc.assert(
    fc.property(situation, ofKey, own, (drawn, more, mine) => {
      if (!decide(questionOf(drawn)).allowed) return
      const key = [...(drawn.key ?? []), { ...more, Effect: 'Allow' }]
      const identity = [...(drawn.identity ?? []), { ...mine, Effect: 'Allow' }]
      assert.equal(decide(questionOf({ ...drawn, key })).allowed, true)
      assert.equal(decide(questionOf({ ...drawn, identity })).allowed, true)
      const grants = [...(drawn.grants ?? []), { operations: ['Encrypt'] }]
      assert.equal(decide(questionOf({ ...drawn, grants })).allowed, true)
    }),
    runs,
  )
})

test('the order of statements, of policies and of grants never matters', () => {
  const answer = (question: AccessQuestion) => {
    const decision = decide(question)
    return decision.allowed ? 'allowed' : decision.text
  }
  const turned = <Value>(list: readonly Value[] | undefined) => list && [...list].reverse()
  fc.assert(
    fc.property(situation, own, (drawn, mine) => {
      const first = withPolicy(questionOf(drawn), 'identity', [mine])
      const { key = [], identity, boundary, session, grants } = drawn
      const other = withPolicy(
        questionOf({
          ...drawn,
          key: [...key].reverse(),
          identity: [...(identity ?? [])].reverse(),
          ...(boundary && { boundary: [...boundary].reverse() }),
          ...(session && { session: [...session].reverse() }),
          ...(grants && { grants: [...grants].reverse() }),
        }),
        'identity',
        [mine],
      )
      const layers = { ...other.layers, identity: turned(other.layers.identity) ?? [] }
      assert.equal(answer({ ...other, layers }), answer(first))
    }),
    runs,
  )
})

test('explaining never changes the answer, and tells of every statement', () => {
  fc.assert(
    fc.property(situation, (drawn) => {
      const question = questionOf(drawn)
      const trace: DecisionTrace = { policies: [], grants: [] }
      assert.deepEqual(decide(question, trace), decide(question))
      const told = trace.policies.find(({ layer }) => layer === 'resource')
      assert.equal(told?.statements.length, question.layers.resource?.policy.statements.length)
      assert.equal(trace.grants.length, question.grants?.length)
    }),
    runs,
  )
})

test('a grant never exceeds its operations or its constraints', () => {
  fc.assert(
    fc.property(situation, fc.array(grant, { minLength: 1, maxLength: 3 }), (drawn, grants) => {
      const question = questionOf({ ...drawn, grants })
      const decision = decide(question)
      const without = decide({ ...question, grants: [] })
      if (!decision.allowed || without.allowed) return
      const used = question.grants?.find(({ grantId }) => grantId === decision.because.grantId)
      assert.ok(used)
      const operation = question.request.action.slice('kms:'.length)
      assert.ok(used.operations.includes(operation))
      if (operation === 'DescribeKey') return
      const given = question.encryptionContext ?? new Map<string, string>()
      const { EncryptionContextEquals: equal, EncryptionContextSubset: subset } =
        used.constraints ?? {}
      if (equal !== undefined) assert.deepEqual(new Map(given), equal)
      for (const [name, value] of subset ?? []) assert.equal(given.get(name), value)
    }),
    runs,
  )
})

test('no access across accounts without both sides, or a grant', () => {
  fc.assert(
    fc.property(situation, (drawn) => {
      const question = questionOf({ ...drawn, grants: [] })
      const { caller: asking } = question.request
      if (!('account' in asking) || asking.account === home) return
      const { layers } = question
      assert.equal(
        decide({ ...question, layers: { ...layers, resource: undefined } }).allowed,
        false,
      )
      assert.equal(decide({ ...question, acrossAccounts: false }).allowed, false)
      const silent = decide({ ...question, layers: { ...layers, identity: [] } })
      assert.equal(silent.allowed && asking.type !== 'root', false)
      if (!decide(question).allowed) return
      assert.equal(
        evaluate(layers.resource?.policy ?? assert.fail(), question.request).verdict,
        'allow',
      )
    }),
    runs,
  )
})

test('a request without a matching allow is refused: nothing fails open', () => {
  fc.assert(
    fc.property(situation, (drawn) => {
      const isDeny = (statement: Statement): Statement => ({ ...statement, Effect: 'Deny' })
      const question = questionOf({ ...drawn, key: (drawn.key ?? []).map(isDeny), grants: [] })
      assert.equal(decide(question).allowed, false)
    }),
    runs,
  )
})

const kinds: readonly PolicyKind[] = ['key', 'identity', 'boundary', 'session', 'trust']

/** Compiles if it can; whatever compiles is evaluated, with and without a trace. */
function survives(text: string): void {
  for (const kind of kinds) {
    try {
      const policy = compilePolicy(text, kind)
      const request = questionOf({ name: '', caller: 'app', expect: 'allow' }).request
      const verdict = evaluate(policy, request)
      assert.deepEqual(evaluate(policy, request, []), verdict)
      if (verdict.verdict === 'allow') assert.match(text, /Allow/)
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
    }
  }
}

test('nothing but the policy error comes of any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), survives))
  fc.assert(fc.property(fc.json(), survives))
  fc.assert(fc.property(fc.json(), (Statement) => survives(`{"Statement":${Statement}}`)))
})

test('nor of a policy in which any one thing is another', () => {
  fc.assert(
    fc.property(ofKey, own, fc.nat(), fc.json({ maxDepth: 2 }), (one, other, place, junk) => {
      const text = policyText([one, other])
      const at = place % text.length
      survives(text)
      survives(`${text.slice(0, at)}${junk}${text.slice(at + 1)}`)
      survives(text.slice(0, at))
      for (const name of Object.keys(one))
        survives(policyText([{ ...one, [name]: JSON.parse(junk) }]))
    }),
    runs,
  )
})

test('a variable means the value that it stands for, whatever that is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (value, other) => {
      const policy = named('identity', [
        {
          Effect: 'Allow',
          Action: '*',
          Resource: '*',
          Condition: { StringLike: { 'aws:Found': '<${aws:Given}>' } },
        },
      ]).policy
      const allows = (found: string) =>
        evaluate(policy, {
          ...questionOf({ name: '', caller: 'bob', expect: 'allow' }).request,
          context: (key) =>
            key === 'aws:given' ? [value] : key === 'aws:found' ? [found] : undefined,
        }).verdict === 'allow'
      assert.equal(allows(`<${value}>`), true)
      assert.equal(allows(`<${other}>`), other === value)
    }),
    runs,
  )
})
