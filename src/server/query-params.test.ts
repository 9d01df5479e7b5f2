import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { QueryError } from './query-error.ts'
import { type Input, readInput, required, structures, text, texts } from './query-input.ts'
import { parsePairs, QueryParams } from './query-params.ts'

const params = (form: string): QueryParams => new QueryParams(parsePairs('', form))

/** What parsing throws; undefined if it does not. */
function malformed(query: string, form = ''): string | undefined {
  try {
    parsePairs(query, form)
    return undefined
  } catch (error) {
    assert.ok(error instanceof QueryError, String(error))
    assert.equal(error.code, 'MalformedQueryString')
    assert.equal(error.status, 400)
    return error.text
  }
}

test('pairs are decoded: plus signs are spaces, and bytes are UTF-8', () => {
  assert.deepEqual(
    [...parsePairs('', 'a=1+2&b%2Ec=%C3%A4%2B&d=&e&f==x=&&')],
    [
      ['a', '1 2'],
      ['b.c', 'ä+'],
      ['d', ''],
      ['e', ''],
      ['f', '=x='],
    ],
  )
})

test('a name in the query stands over the same one in the form', () => {
  assert.deepEqual(
    [...parsePairs('Action=A&x=1', 'Action=B&y=2')],
    [
      ['Action', 'A'],
      ['x', '1'],
      ['y', '2'],
    ],
  )
})

test('what cannot be read is refused whole', () => {
  assert.equal(malformed('a=1&a=2'), 'A parameter is given more than once')
  assert.equal(malformed('', 'a=1&%61=1'), 'A parameter is given more than once')
  assert.equal(malformed('a=%4'), 'Incomplete trailing escape % sequence')
  assert.equal(malformed('a=%'), 'Incomplete trailing escape % sequence')
  assert.equal(malformed('a=%zz'), 'Illegal hex character in escape % pattern: %zz')
  for (const bytes of ['%FF', '%C3', '%ED%A0%80', '%C0%80', '\u00ff', '%F4%90%80%80']) {
    assert.equal(malformed('', `a=${bytes}`), 'The parameters are not valid UTF-8', bytes)
  }
})

test('every map of texts comes back from a form as it went in', () => {
  const wellFormed = fc.string({ unit: 'grapheme' })
  const pairs = fc.dictionary(
    wellFormed.filter((name) => name !== ''),
    wellFormed,
  )
  fc.assert(
    fc.property(pairs, fc.boolean(), (given, plus) => {
      const encode = (value: string) => {
        const encoded = encodeURIComponent(value)
        return plus ? encoded.replaceAll('%20', '+') : encoded
      }
      const form = Object.entries(given).map(([name, value]) => `${encode(name)}=${encode(value)}`)
      const read = parsePairs('', form.join('&'))
      assert.deepEqual(new Map(read), new Map(Object.entries(given)))
    }),
  )
})

test('no bytes make anything but pairs or MalformedQueryString', () => {
  const latin1 = fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => Buffer.from(bytes).toString('latin1'))
  const pieces = fc.constantFrom(
    '&',
    '=',
    '%',
    '+',
    '%2',
    '%41',
    'a',
    '.member.1',
    'member.',
    '%C3%A4',
  )
  const hostile = fc.array(fc.oneof(latin1, pieces), { maxLength: 20 }).map((all) => all.join(''))
  fc.assert(
    fc.property(hostile, hostile, (query, form) => {
      if (malformed(query, form) !== undefined) return
      for (const [name, value] of parsePairs(query, form)) {
        assert.ok(name.isWellFormed() && value.isWellFormed())
      }
    }),
    { numRuns: 500 },
  )
})

test('a list is its numbers from 1 up to the first gap', () => {
  const given = params('L.member.1=a&L.member.2=&L.member.4=d&L.member.0=z&L.member.03=c')
  assert.deepEqual(given.list('L'), ['a', ''])
  assert.equal(given.list('M'), undefined)
  assert.deepEqual(params('L=').list('L'), [])
  assert.deepEqual(params('L=&L.member.1=a').list('L'), ['a'])
  assert.equal(params('L.member.2=a').list('L'), undefined)
})

test('structures of a list are numbered likewise, and nest', () => {
  const given = params('T.member.2.K=b&T.member.1.K=a&T.member.1.L.member.1=x&T.member.4.K=d')
  const [first, second, ...more] = given.structures('T') ?? []
  assert.deepEqual(more, [])
  assert.equal(first?.text('K'), 'a')
  assert.deepEqual(first?.list('L'), ['x'])
  assert.equal(second?.text('K'), 'b')
  assert.deepEqual(given.seen, { T: [{ K: 'a', L: ['x'] }, { K: 'b' }] })
  assert.deepEqual(params('T=').structures('T'), [])
  assert.equal(params('').structures('T'), undefined)
})

test('only what is read is seen, and no name reaches a prototype', () => {
  const given = params('__proto__=x&constructor=y&a=1&unread=2')
  assert.equal(given.text('__proto__'), 'x')
  assert.equal(given.text('toString'), undefined)
  assert.equal(given.text('a'), '1')
  assert.equal(Object.hasOwn(given.seen, 'unread'), false)
  assert.equal(Object.getPrototypeOf(Object.prototype), null)
  assert.equal(Reflect.get({}, 'x'), undefined)
})

test('rules hold of whatever they let through', () => {
  const rules = {
    Name: required(text({ min: 1, max: 4, pattern: { source: '[a-z]+', regex: /^[a-z]+$/ } })),
    Keys: texts({ min: 1, max: 2 }, { max: 3 }),
    Tags: structures({ Key: required(text({ max: 3 })) }, { max: 2 }),
  }
  const name = fc.constantFrom('Name', 'Keys', 'Tags', 'Keys.member.1', 'Tags.member.1.Key', 'x')
  const pairs = fc.dictionary(
    fc.oneof(
      name,
      fc.nat(5).map((number) => `Keys.member.${number}`),
      fc.nat(4).map((number) => `Tags.member.${number}.Key`),
    ),
    fc.string({ maxLength: 6 }),
  )
  fc.assert(
    fc.property(pairs, (given) => {
      let input: Input<typeof rules>
      try {
        input = readInput(new QueryParams(new Map(Object.entries(given))), rules)
      } catch (error) {
        assert.ok(error instanceof QueryError, String(error))
        assert.match(error.text ?? '', /^\d+ validation errors? detected: Value at '/)
        return
      }
      assert.match(input.Name, /^[a-z]{1,4}$/)
      assert.ok((input.Keys ?? []).every((key) => key.length >= 1 && key.length <= 2))
      assert.ok((input.Keys?.length ?? 0) <= 3 && (input.Tags?.length ?? 0) <= 2)
      assert.ok((input.Tags ?? []).every(({ Key }) => Key.length <= 3))
    }),
    { numRuns: 500 },
  )
})

test('all violations are told at once, each with its path', () => {
  const rules = {
    UserName: required(text({ max: 2 })),
    TagKeys: texts({ min: 1, max: 2 }),
    Tags: structures({ Key: required(text()), Value: required(text({ max: 1 })) }),
  }
  const read = (form: string, showValues = false) => readInput(params(form), rules, { showValues })
  const failed = (path: string, constraint: string, value = '') =>
    `Value${value} at '${path}' failed to satisfy constraint: ${constraint}`
  assert.throws(() => read('UserName=abc&TagKeys.member.1=&Tags.member.1.Value=xx'), {
    message: `4 validation errors detected: ${[
      failed('userName', 'Member must have length less than or equal to 2'),
      failed(
        'tagKeys',
        'Member must satisfy constraint: [Member must have length less than or equal to 2, Member must have length greater than or equal to 1, Member must not be null]',
      ),
      failed('tags.1.member.key', 'Member must not be null'),
      failed('tags.1.member.value', 'Member must have length less than or equal to 1'),
    ].join('; ')}`,
  })
  assert.throws(() => read('UserName=abc', true), {
    message: `1 validation error detected: ${failed('userName', 'Member must have length less than or equal to 2', " 'abc'")}`,
  })
})
