import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { canonicalContext } from './encryption-context.ts'

/** The context that a canonical form is of; it fails for bytes that are no canonical form. */
function decode(form: Buffer): Map<string, string> {
  let offset = 4
  const text = (): string => {
    const end = offset + 4 + form.readUInt32BE(offset)
    assert.ok(end <= form.length)
    const bytes = form.subarray(offset + 4, end)
    offset = end
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  }
  const pairs = Array.from({ length: form.readUInt32BE(0) }, (): [string, string] => [
    text(),
    text(),
  ])
  assert.equal(offset, form.length)
  return new Map(pairs)
}

/** Strings of few and awkward characters, so that two contexts often differ in one place only. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'A', 'b', '\0', '\x01', 'é', '😀', '￾'), maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('__proto__', 'constructor', ''),
)
const pairs = fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 5 })
const context = pairs.map((entries) => new Map(entries))

const byKey = (entries: Iterable<readonly [string, string]>): string =>
  JSON.stringify([...entries].sort(([one], [other]) => (one < other ? -1 : 1)))

describe('canonicalContext', () => {
  test('the form of an absent context and of an empty one is the number of their pairs', () => {
    assert.equal(canonicalContext(undefined).toString('hex'), '00000000')
    assert.equal(canonicalContext(new Map()).toString('hex'), '00000000')
  })

  test('the form is the number of pairs, and then each string behind its length', () => {
    assert.equal(
      canonicalContext(
        new Map([
          ['b', ''],
          ['a', 'é'],
        ]),
      ).toString('hex'),
      ['00000002', '00000001', '61', '00000002', 'c3a9', '00000001', '62', '00000000'].join(''),
    )
  })

  test('pairs are sorted by the UTF-8 bytes of their keys, not by their UTF-16 units', () => {
    const form = canonicalContext(
      new Map([
        ['😀', '2'],
        ['～', '1'],
      ]),
    )
    assert.deepEqual([...decode(form).keys()], ['～', '😀'])
  })

  test('the form says of which context it is, so that no two contexts have the same', () => {
    fc.assert(
      fc.property(context, (one) => {
        assert.equal(byKey(decode(canonicalContext(one))), byKey(one))
      }),
      { numRuns: 1000 },
    )
  })

  test('two contexts have the same form if and only if they have the same pairs', () => {
    fc.assert(
      fc.property(context, context, (one, other) => {
        assert.equal(
          canonicalContext(one).equals(canonicalContext(other)),
          byKey(one) === byKey(other),
        )
      }),
      { numRuns: 1000 },
    )
  })

  test('the order of the pairs does not matter', () => {
    const shuffled = pairs.chain((entries) =>
      fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length })),
    )
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        assert.deepEqual(canonicalContext(new Map(one)), canonicalContext(new Map(other)))
      }),
    )
  })

  test('no string moves from a key to its value, from a value to the next key, or away', () => {
    const forms = [
      [['a', 'bc']],
      [['ab', 'c']],
      [['abc', '']],
      [['', 'abc']],
      [
        ['a', 'b'],
        ['c', ''],
      ],
      [
        ['a', ''],
        ['bc', ''],
      ],
      [['', '']],
      [],
    ].map((entries) => canonicalContext(new Map(entries as [string, string][])).toString('hex'))
    assert.equal(new Set(forms).size, forms.length)
  })

  test('the form of no context can be taken for another’s by adding to it', () => {
    fc.assert(
      fc.property(context, context, (one, other) => {
        const [shorter, longer] = [canonicalContext(one), canonicalContext(other)]
        if (shorter.length >= longer.length) return
        assert.ok(!longer.subarray(0, shorter.length).equals(shorter))
      }),
    )
  })
})
