import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type JsonNode, readJson } from './json-tree.ts'

/** The tree as plain values, which JSON.parse would give. */
function plain(node: JsonNode): unknown {
  switch (node.type) {
    case 'object':
      return Object.fromEntries([...node.members].map(([name, value]) => [name, plain(value)]))
    case 'array':
      return node.items.map(plain)
    case 'null':
      return null
    case 'string':
      return node.text
    default:
      return JSON.parse(node.text)
  }
}

test('reading gives what JSON.parse gives, or refuses', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t'), (json, space) => {
      const value: unknown = JSON.parse(json)
      const node = readJson(JSON.stringify(value, null, space))
      assert.notEqual(node, 'invalid')
      if (typeof node !== 'string') assert.deepEqual(plain(node), JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('what is no JSON is invalid', () => {
  for (const text of [
    '',
    ' ',
    '{',
    '{"a":1,}',
    "{'a':1}",
    '[1 2]',
    '"',
    'nul',
    '{"a":01}',
    '\u00a0{}',
  ]) {
    assert.equal(readJson(text), 'invalid', text)
  }
})

test('a name that stands twice is refused, in whatever case and however it is escaped', () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"A":2}',
    '[{"b":{"Effect":1,"effect":2}}]',
    '{"a":1,"\\u0061":2}',
    '{"a":{},"b":[],"a" : null}',
  ]) {
    assert.equal(readJson(text), 'refused', text)
  }
  assert.notEqual(readJson('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}'), 'refused')
})

test('what is nested deeper than any policy is refused', () => {
  assert.notEqual(readJson(`${'['.repeat(16)}${']'.repeat(16)}`), 'refused')
  assert.equal(readJson(`${'['.repeat(17)}${']'.repeat(17)}`), 'refused')
  assert.equal(readJson(`${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`), 'refused')
  assert.notEqual(readJson(JSON.stringify({ a: '[[[[[[[[[[[[[[[[[[[[[["[[' })), 'refused')
})

test('numbers keep their spelling, and objects know their place', () => {
  const node = readJson(' {"n": 1.50e3, "t": true, "o" : {"x":"\\"}"} }')
  assert.ok(typeof node !== 'string' && node.type === 'object')
  assert.deepEqual(node.members.get('n'), { type: 'number', text: '1.50e3' })
  assert.deepEqual(node.members.get('t'), { type: 'boolean', text: 'true' })
  const inner = node.members.get('o')
  assert.ok(inner?.type === 'object')
  assert.deepEqual([inner.start, inner.end], [32, 43])
  assert.equal(node.start, 1)
})

test('a member called __proto__ is a member', () => {
  const node = readJson('{"__proto__":{"Effect":"Allow"}}')
  assert.ok(typeof node !== 'string' && node.type === 'object')
  assert.deepEqual([...node.members.keys()], ['__proto__'])
})
