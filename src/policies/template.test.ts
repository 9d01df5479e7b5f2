// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillTemplate, parseTemplate, type Template, textOf } from './template.ts'

const rules = { variables: true, hidden: new Set(['kms:hidden']) }
const parsed = (text: string): Template['parts'] => parseTemplate(text, rules).parts
const plain = (text: string) => ({ text, literal: false })
const literal = (text: string) => ({ text, literal: true })
const variable = (key: string, otherwise?: string) => ({ key, otherwise })

test('a value is taken apart into text, variables and escapes', () => {
  for (const [text, parts] of [
    ['', [plain('')]],
    ['a*b', [plain('a*b')]],
    ['$a{b}', [plain('$a{b}')]],
    ['${aws:Name}', [variable('aws:name')]],
    ['a${aws:Name}b', [plain('a'), variable('aws:name'), plain('b')]],
    ['${a}${b}', [variable('a'), variable('b')]],
    ["${a, 'x y'}", [variable('a', 'x y')]],
    ["${a,'x'}", [variable('a', 'x')]],
    ["${a, ''}", [variable('a', '')]],
    ["${a, 'x, y'}", [variable('a', 'x, y')]],
    ['${a, x}', [variable('a, x')]],
    ["${a, 'x}", [variable("a, 'x")]],
    ['${*}-${?}-${$}', [literal('*'), plain('-'), literal('?'), plain('-'), literal('$')]],
    ['${$}{a}', [literal('$'), plain('{a}')]],
    ['${}', [variable('')]],
    ['${KMS:Hidden}', [variable('')]],
    ['${a', [plain('${a')]],
    ['${a}${b', [variable('a'), plain('${b')]],
    ['${${a}}', [variable('${a'), plain('}')]],
  ] as const) {
    assert.deepEqual(parsed(text), parts, text)
  }
})

test('without variables a text is what it is', () => {
  const older = { variables: false, hidden: new Set<string>() }
  assert.deepEqual(parseTemplate('${a}${*}', older).fixed, [plain('${a}${*}')])
})

test('a variable has a value where its key has one, or the default where the key is absent', () => {
  const context = new Map([
    ['one', ['1']],
    ['two', ['1', '2']],
    ['none', []],
    ['aws:tagkeys', ['1']],
  ])
  for (const [text, filled] of [
    ['<${one}>', '<1>'],
    ["<${one, 'x'}>", '<1>'],
    ['<${two}>', undefined],
    ["<${two, 'x'}>", undefined],
    ['<${none}>', undefined],
    ["<${none, 'x'}>", '<x>'],
    ['<${absent}>', undefined],
    ["<${absent, 'x'}>", '<x>'],
    ["<${absent, ''}>", '<>'],
    ['<${one}${absent}>', undefined],
    ['<${aws:TagKeys}>', undefined],
    ["<${aws:TagKeys, 'x'}>", undefined],
    ['<${*}>', '<*>'],
  ] as const) {
    const pieces = fillTemplate(parseTemplate(text, rules), (key) => context.get(key))
    assert.equal(pieces && textOf(pieces), filled, text)
  }
})

test('reading a value takes time in proportion to its length, whatever it is', () => {
  // A reading that went back would take hours; the deadline of the file would end it.
  for (const text of [
    '${'.repeat(2_000_000),
    "${a, '".repeat(500_000),
    `\${a, ${' '.repeat(2_000_000)}}`,
  ]) {
    assert.ok(parsed(text).length > 0)
  }
})
