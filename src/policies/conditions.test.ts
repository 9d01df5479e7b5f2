import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCondition } from './conditions.ts'

const rules = { variables: true, hidden: new Set(['aws:hidden']) }
const compile = (operator: string, values: readonly string[], key = 'aws:Test') =>
  compileCondition({ operator, key, values }, rules)

test('an operator that does not exist is a bug, and neither an Allow nor a Deny', () => {
  for (const operator of ['Fancy', '', 'stringEquals', 'constructor', 'NullIfExists']) {
    assert.throws(() => compile(operator, ['a']), { message: `no condition operator ${operator}` })
  }
})

test('a condition says which key a request must have, and which of its values', () => {
  for (const [operator, values, guard] of [
    ['StringEquals', ['a', 'b'], ['a', 'b']],
    ['StringEquals', [], []],
    ['ForAnyValue:StringEquals', ['a'], ['a']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
    ['StringEquals', ['a', '${aws:x}'], undefined],
    ['StringLike', ['a'], undefined],
    ['StringEqualsIgnoreCase', ['a'], undefined],
    ['NumericLessThan', ['5'], undefined],
    ['ForAnyValue:StringNotEquals', ['a'], undefined],
  ] as const) {
    assert.deepEqual(compile(operator, values).guard, { key: 'aws:test', values: guard }, operator)
  }
  for (const operator of [
    'StringEqualsIfExists',
    'StringNotEquals',
    'NotIpAddress',
    'ForAllValues:StringEquals',
    'ForAnyValue:StringEqualsIfExists',
    'Null',
  ]) {
    assert.equal(compile(operator, ['true']).guard, undefined, operator)
  }
})

test('a hidden key is not there, whatever the request has', () => {
  const request = {
    action: 'kms:Encrypt',
    resource: '*',
    caller: { type: 'root', account: '1', arn: 'r' } as const,
    context: () => ['a'],
  }
  for (const [operator, value, matches] of [
    ['StringEquals', 'a', false],
    ['StringNotEquals', 'a', true],
    ['Null', 'true', true],
    ['Null', 'false', false],
  ] as const) {
    const condition = compile(operator, [value], 'AWS:Hidden')
    assert.equal(condition.matches(request), matches, operator)
    assert.equal(condition.found(request), undefined)
  }
})
