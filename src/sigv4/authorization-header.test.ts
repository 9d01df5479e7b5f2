import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KmsError } from '../api/errors.ts'
import { readAuthorization } from './authorization-header.ts'
import type { Headers } from './canonical-request.ts'

const headers: Headers = new Map([['x-amz-date', '20150830T123600Z']])
const signature = '0123456789abcdef'.repeat(4)

/** What a header says, or why it says nothing. */
function outcome(authorization: string): unknown {
  try {
    return readAuthorization(authorization, headers)
  } catch (error) {
    assert.ok(error instanceof KmsError)
    return error.text
  }
}

let readers = 0

/** The same header in a form that nobody has read yet, with its own credential put back into what it says. */
function firstTime(start: string, ending: string): unknown {
  readers += 1
  const other = `never-seen-${readers}`
  return JSON.parse(
    JSON.stringify(outcome(start.replace('<who>', other) + ending)).replaceAll(other, 'known'),
  )
}

/** What follows a beginning that is known already. */
const endings = [
  signature,
  signature.toUpperCase(),
  `${signature.slice(1)},`,
  `${signature.slice(1)} `,
  ` ${signature.slice(1)}`,
  `${signature.slice(2)}=1`,
  `${'a'.repeat(40)},Signature=${'b'.repeat(13)}`,
  `${'a'.repeat(41)}, Credential=other/x`.padEnd(64, 'y'),
  signature.slice(1),
  `${signature}0`,
  '',
]

const starts = [
  'AWS4-HMAC-SHA256 Credential=<who>/a, SignedHeaders=host, Signature=',
  'AWS4-HMAC-SHA256 Credential=<who>/a,SignedHeaders=host,Signature=',
  'AWS4-HMAC-SHA256 SignedHeaders=host,Signature=first,Credential=<who>/a,\tSignature=',
  'AWS4-HMAC-SHA256 Credential=<who>/a, Signature=x, SignedHeaders=host Signature=',
]

test('a header whose beginning is known says what it would say the first time', () => {
  for (const start of starts) {
    for (const ending of endings) {
      outcome(start.replace('<who>', 'known') + signature)
      const again = outcome(start.replace('<who>', 'known') + ending)
      assert.deepEqual(JSON.parse(JSON.stringify(again)), firstTime(start, ending), start + ending)
    }
  }
})

test('the same of any ending', () => {
  const start = starts[0] ?? assert.fail()
  const characters = fc.constantFrom('0', 'f', ',', '=', ' ', '\t', 'S', 'A')
  fc.assert(
    fc.property(fc.string({ unit: characters, minLength: 62, maxLength: 66 }), (ending) => {
      outcome(start.replace('<who>', 'known') + signature)
      const again = outcome(start.replace('<who>', 'known') + ending)
      assert.deepEqual(JSON.parse(JSON.stringify(again)), firstTime(start, ending))
    }),
  )
})
