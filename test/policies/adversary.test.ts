/**
 * What somebody would try who wants more than he was given: texts that two readers read differently, names that are
 * almost others, values that mean something to JavaScript. Each is refused, or means exactly what it says.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are spelt so
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePolicy } from '../../src/policies/compile.ts'
import { lookUp } from '../../src/policies/context-values.ts'
import { evaluate } from '../../src/policies/evaluate.ts'
import { PolicyError } from '../../src/policies/policy-error.ts'
import { alice, callers, home, keyArn } from './case.ts'

type Values = Readonly<Record<string, readonly string[]>>

/** The verdict of a key policy on Alice's Encrypt; `refused` is that it is no key policy. */
function verdict(text: string, context: Values = {}): 'allow' | 'deny' | 'none' | 'refused' {
  try {
    const request = {
      action: 'kms:Encrypt',
      resource: keyArn,
      caller: callers.alice,
      context: lookUp(context),
    }
    return evaluate(compilePolicy(text, 'key'), request).verdict
  } catch (error) {
    if (error instanceof PolicyError) return 'refused'
    throw error
  }
}

/** A policy of one statement, of which members are written by hand: escapes stand in the text as they are. */
const written = (members: Readonly<Record<string, string>>) => {
  const all: Readonly<Record<string, string>> = {
    Effect: '"Allow"',
    Principal: '"*"',
    Action: '"kms:*"',
    Resource: '"*"',
    ...members,
  }
  const body = Object.entries(all).map(([name, json]) => `"${name}":${json}`)
  return `{"Version":"2012-10-17","Statement":{${body.join(',')}}}`
}
const plain = written({})

const texts: readonly (readonly [name: string, text: string, expected: string])[] = [
  ['nothing at all', plain, 'allow'],
  ['a second Effect', plain.replace('"Effect"', '"Effect":"Deny","Effect"'), 'refused'],
  ['an effect in lower case beside it', written({ effect: '"Deny"' }), 'refused'],
  ['a second Effect by an escape', written({ '\\u0045ffect': '"Deny"' }), 'refused'],
  ['one Effect by an escape', plain.replace('"Effect"', '"\\u0045ffect"'), 'allow'],
  ['a second Statement', plain.replace('"Statement"', '"Statement":[],"Statement"'), 'refused'],
  ['a statement behind the end', `${plain}${plain}`, 'refused'],
  ['a comment', plain.replace('{', '/* */{'), 'refused'],
  ['a byte order mark', `\ufeff${plain}`, 'refused'],
  [
    'a member called __proto__',
    written({ __proto__x: '{}' }).replace('__proto__x', '__proto__'),
    'refused',
  ],
  ['a member called constructor', written({ constructor: '{}' }), 'refused'],
  ['a blank behind the name of an element', written({ 'Sid ': '"a"' }), 'refused'],
  ['a blank behind the version', plain.replace('10-17"', '10-17 "'), 'refused'],
  ['a null for a condition', written({ Condition: 'null' }), 'refused'],
  ['a null among the actions', written({ Action: '["kms:*",null]' }), 'refused'],
  ['a list in a list of actions', written({ Action: '[["kms:*"]]' }), 'refused'],
  ['a number for an action', written({ Action: '5' }), 'refused'],
  ['an effect that is almost Allow', written({ Effect: '"Allow "' }), 'refused'],
  ['an effect with a letter of another alphabet', written({ Effect: '"\\u0410llow"' }), 'refused'],
  ['a hundred thousand brackets', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'refused'],
  [
    'a condition nested too deep',
    written({ Condition: `${'{"a":'.repeat(20)}1${'}'.repeat(20)}` }),
    'refused',
  ],

  ['an action with a blank behind it', written({ Action: '"kms:Encrypt "' }), 'none'],
  ['an action with a line feed behind it', written({ Action: '"kms:Encrypt\\n"' }), 'none'],
  ['an action with a NUL behind it', written({ Action: '"kms:Encrypt\\u0000"' }), 'none'],
  ['an action with a wide star', written({ Action: '"kms:\\uff0a"' }), 'none'],
  ['an action with a wide colon', written({ Action: '"kms\\uff1aEncrypt"' }), 'none'],
  ['an action with a dotless letter', written({ Action: '"kms:Encr\\u0131pt"' }), 'none'],
  ['an action with half a surrogate pair', written({ Action: '"kms:\\ud800*"' }), 'none'],
  ['an action that is a regular expression', written({ Action: '"kms:.*"' }), 'none'],
  ['an action by a variable', written({ Action: '"${aws:action}"' }), 'none'],
  ['an action by an escaped star', written({ Action: '"kms:${*}"' }), 'none'],
  [
    'all actions but one that is almost this',
    written({ Action: '"x:y"' }).replace('"Action":"x:y"', '"NotAction":"kms:Encryp"'),
    'allow',
  ],

  ['a principal with a blank behind it', written({ Principal: `{"AWS":"${alice.arn} "}` }), 'none'],
  [
    'a principal with a NUL behind it',
    written({ Principal: `{"AWS":"${alice.arn}\\u0000"}` }),
    'none',
  ],
  [
    'a principal in another case',
    written({ Principal: `{"AWS":"${alice.arn.toLowerCase()}"}` }),
    'none',
  ],
  [
    'a principal by a wildcard',
    written({ Principal: `{"AWS":"${alice.arn.slice(0, -1)}?"}` }),
    'refused',
  ],
  ['a principal by a variable', written({ Principal: '{"AWS":"${aws:PrincipalArn}"}' }), 'refused'],
  [
    'an account in wide digits',
    written({
      Principal:
        '{"AWS":"\\uff11\\uff11\\uff11\\uff11\\uff12\\uff12\\uff12\\uff12\\uff13\\uff13\\uff13\\uff13"}',
    }),
    'refused',
  ],
  ['an account with a line feed', written({ Principal: `{"AWS":"${home}\\n"}` }), 'refused'],
  ['a kind of principal in lower case', written({ Principal: '{"aws":"*"}' }), 'refused'],
  ['both kinds of case', written({ Principal: '{"AWS":"*","aws":"*"}' }), 'refused'],
  ['a principal called __proto__', written({ Principal: '{"__proto__":"*"}' }), 'refused'],
  ['a star in a list without a kind', written({ Principal: '["*"]' }), 'refused'],
  ['two stars', written({ Principal: '{"AWS":"**"}' }), 'refused'],

  ['a resource with one colon more', written({ Resource: `"${keyArn}:*"` }), 'none'],
  ['a resource with a star over colons', written({ Resource: '"arn:aws:kms:*:key/*"' }), 'none'],
  ['a resource in another case', written({ Resource: `"${keyArn.toUpperCase()}"` }), 'none'],
  [
    'a resource by a variable that is not there',
    written({ Resource: '"arn:aws:kms:*:*:${aws:x}"' }),
    'none',
  ],
  [
    'a resource by a variable of the prototype',
    written({ Resource: '"arn:aws:kms:*:*:key/${constructor}"' }),
    'none',
  ],
  ['a resource with an escaped star', written({ Resource: '"arn:aws:kms:*:*:key/${*}"' }), 'none'],
  ['a resource with a zero-width blank', written({ Resource: `"${keyArn}\\u200b"` }), 'none'],
]

for (const [name, text, expected] of texts) {
  test(`a policy with ${name} is ${expected}`, () => {
    assert.equal(verdict(text), expected)
  })
}

/** Conditions in a statement that allows: the text, the request's context, and what comes of it. */
const conditions: readonly (readonly [
  name: string,
  json: string,
  context: Values,
  expected: string,
])[] = [
  ['a key called __proto__', '{"StringLike":{"__proto__":"*"}}', {}, 'none'],
  ['a key called constructor', '{"StringLike":{"constructor":"*"}}', {}, 'none'],
  ['a key called toString that must be absent', '{"Null":{"toString":"true"}}', {}, 'allow'],
  ['an operator called __proto__', '{"__proto__":{"a":"b"}}', {}, 'refused'],
  ['an operator called hasOwnProperty', '{"hasOwnProperty":{"a":"b"}}', {}, 'refused'],
  ['an operator with a blank', '{"StringEquals ":{"a":"b"}}', {}, 'refused'],
  ['two quantifiers', '{"ForAllValues:ForAnyValue:StringEquals":{"a":"b"}}', {}, 'refused'],
  ['one key in two cases', '{"StringEquals":{"a":"1","A":"2"}}', { a: ['1'] }, 'refused'],
  ['the same letter in two forms', '{"StringEquals":{"a":"\\u00e9"}}', { a: ['e\u0301'] }, 'none'],
  ['half a surrogate pair', '{"StringEquals":{"a":"\\ud800"}}', { a: ['\ufffd'] }, 'none'],
  ['a NUL in the middle', '{"StringEquals":{"a":"x\\u0000y"}}', { a: ['x'] }, 'none'],
  ['a sharp s, ignoring case', '{"StringEqualsIgnoreCase":{"a":"\\u00df"}}', { a: ['SS'] }, 'none'],
  ['a dotted I, ignoring case', '{"StringEqualsIgnoreCase":{"a":"\\u0130"}}', { a: ['i'] }, 'none'],
  ['a star that is no wildcard', '{"StringEquals":{"a":"*"}}', { a: ['x'] }, 'none'],
  ['a star in the request', '{"StringLike":{"a":"x"}}', { a: ['*'] }, 'none'],
  ['a star in a tag', '{"StringLike":{"a":"${t}"}}', { a: ['x'], t: ['*'] }, 'none'],
  [
    'a variable in a tag',
    '{"StringEquals":{"a":"${t}"}}',
    { a: ['x'], t: ['${u}'], u: ['x'] },
    'none',
  ],
  [
    'colons in a tag',
    '{"ArnLike":{"a":"arn:aws:iam::${t}:user/x"}}',
    { a: ['arn:aws:iam::1:user/y:user/x'], t: ['1:user/y'] },
    'none',
  ],
  ['an address in octal', '{"IpAddress":{"a":"10.0.0.0/8"}}', { a: ['012.0.0.1'] }, 'none'],
  ['an address in hexadecimal', '{"IpAddress":{"a":"10.0.0.0/8"}}', { a: ['0x0a000001'] }, 'none'],
  ['an address of three parts', '{"IpAddress":{"a":"10.0.0.0/8"}}', { a: ['10.1'] }, 'none'],
  ['an address with a port', '{"IpAddress":{"a":"10.0.0.0/8"}}', { a: ['10.0.0.1:80'] }, 'none'],
  [
    'an address in IPv6 clothes',
    '{"NotIpAddress":{"a":"10.0.0.0/8"}}',
    { a: ['::ffff:a00:1'] },
    'none',
  ],
  ['a number in hexadecimal', '{"NumericLessThan":{"a":"5"}}', { a: ['0x1'] }, 'none'],
  ['a number that is none', '{"NumericLessThan":{"a":"5"}}', { a: ['NaN'] }, 'none'],
  ['no number at all', '{"NumericLessThan":{"a":"5"}}', { a: [''] }, 'none'],
  ['a number with a blank', '{"NumericEquals":{"a":"5"}}', { a: ['5 '] }, 'none'],
  ['a date that is none', '{"DateLessThan":{"a":"2026-01-01"}}', { a: ['2025-02-30'] }, 'none'],
  ['a yes that is not true', '{"Bool":{"a":"true"}}', { a: ['yes'] }, 'none'],
  ['an empty list', '{"StringEquals":{"a":[]}}', { a: ['x'] }, 'none'],
  ['an empty list of what must be', '{"ForAllValues:StringEquals":{"a":[]}}', { a: ['x'] }, 'none'],
  ['an object for a value', '{"StringEquals":{"a":{"b":"c"}}}', { a: ['x'] }, 'refused'],
  ['a null for a value', '{"StringEquals":{"a":[null]}}', { a: ['null'] }, 'refused'],
]

for (const [name, json, context, expected] of conditions) {
  test(`a condition with ${name}: ${expected}`, () => {
    const text = written({ Condition: json })
    assert.equal(verdict(text, context), expected)
    // The same statement as a Deny beside an Allow of everything denies exactly where it would have allowed.
    const both = `{"Version":"2012-10-17","Statement":[${statementOf(plain)},${statementOf(text).replace('"Allow"', '"Deny"')}]}`
    const turned = { allow: 'deny', none: 'allow', refused: 'refused' }
    assert.equal(verdict(both, context), turned[expected as keyof typeof turned])
  })
}

/** The text of the one statement of a policy. */
const statementOf = (text: string) => text.slice(text.indexOf('{"Effect"'), -1)

test('nothing that was read has touched the prototype of all objects', () => {
  for (const [, text] of texts) verdict(text)
  for (const [, json, context] of conditions) verdict(written({ Condition: json }), context)
  assert.equal('Effect' in {}, false)
  assert.deepEqual(Object.keys(Object.prototype), [])
})
