/**
 * What holds of every request, however strange: it is answered by AWS's own refusals or served, and what was altered is
 * never served. The short and the long tests run the same properties.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { OperationName } from '../../src/api/types.ts'
import { operations } from '../../src/operations.ts'
import { sendDocument } from './documents.ts'
import { type Document, keyIdOf, plausible, type Subject } from './requests.ts'
import type { Started } from './service.ts'
import { signHeader, signQuery, type ToSign } from './signer.ts'
import { bytesOf, documentOf, type RawAnswer, type RawRequest, send, Wire } from './wire.ts'

const names = Object.keys(operations) as OperationName[]

/** Declares the properties as tests of the calling file, each with so many runs. */
export function testProperties(trent: Started, numRuns: number): void {
  const { endpoint, credentials } = trent
  const base = (): ToSign => ({ endpoint, credentials, at: trent.clock.now() })
  const check = async <Value>(
    arbitrary: fc.Arbitrary<Value>,
    property: (value: Value) => Promise<void>,
  ): Promise<void> => {
    await fc.assert(fc.asyncProperty(arbitrary, property), { numRuns })
    assert.equal((await send(endpoint, signHeader(base()))).status, 200)
  }

  test('any JSON for any operation is served or refused, and nothing fails', async () => {
    await check(fc.tuple(fc.constantFrom(...names), anyJson), async ([name, body]) => {
      assertAnswered(await sendDocument(trent, name, body))
    })
  })

  test('a plausible request with members exchanged is served or refused', async () => {
    const subject = await newSubject(trent)
    const changes = fc.array(fc.tuple(fc.nat(), fc.oneof(anyJson, telling)), { maxLength: 3 })
    await check(fc.tuple(fc.constantFrom(...harmless), changes), async ([name, exchanges]) => {
      const document = plausible[name](subject)
      const body = exchanges.reduce(exchange, document)
      assertAnswered(await sendDocument(trent, name, body))
    })
  })

  test('any bytes as a body are served or refused', async () => {
    const body = fc.uint8Array({ maxLength: 200 })
    await check(fc.tuple(fc.constantFrom(...names), body), async ([name, bytes]) => {
      assertAnswered(await sendDocument(trent, name, Buffer.from(bytes)))
    })
  })

  test('JSON with bytes exchanged is served or refused', async () => {
    const subject = await newSubject(trent)
    await check(fc.tuple(fc.constantFrom(...harmless), edits), async ([name, all]) => {
      const body = edited(Buffer.from(JSON.stringify(plausible[name](subject))), all)
      assertAnswered(await sendDocument(trent, name, body))
    })
  })

  test('any signed target and headers are served or refused', async () => {
    const extra = fc.dictionary(token, headerValue, { maxKeys: 5, noNullPrototype: true })
    await check(fc.tuple(headerValue, extra), async ([target, headers]) => {
      const given = Object.entries(headers).map(([name, value]) => [`x-${name}`, value])
      const what = { ...base(), target, headers: Object.fromEntries(given) as typeof headers }
      assertAnswered(await send(endpoint, signHeader(what)))
    })
  })

  for (const [form, sign] of [
    ['header', signHeader],
    ['query', signQuery],
  ] as const) {
    test(`a request signed in its ${form} and altered in any place is not served`, async () => {
      await check(fc.tuple(fc.nat(), visible), async ([at, character]) => {
        const request = sign({ ...base(), body: { Limit: 10 } })
        const altered = alter(request, at, character)
        if (altered === undefined) return
        const answer = await send(endpoint, altered)
        assertAnswered(answer)
        assert.notEqual(answer.status, 200, bytesOf(altered).toString('latin1'))
      })
    })
  }

  test('bytes that are no request are refused', async () => {
    const request = bytesOf(signHeader(base()))
    const garbage = fc
      .uint8Array({ minLength: 1, maxLength: 300 })
      .map((bytes) => Buffer.from(bytes))
    const mangled = edits.map((all) => edited(request, all))
    await check(fc.oneof(garbage, mangled), async (bytes) => {
      const wire = await Wire.open(endpoint)
      wire.write(bytes)
      wire.socket.end()
      const text = await wire.ended()
      wire.destroy()
      if (text !== '')
        assert.match(text, /^HTTP\/1\.1 (100|200|400|408|413) [\s\S]*x-amzn-RequestId: /)
    })
  })

  test('a ciphertext that was altered is not decrypted', async () => {
    const { keyId, blob } = await newSubject(trent)
    const bytes = Buffer.from(blob, 'base64')
    await check(fc.tuple(edits, fc.boolean(), fc.boolean()), async ([all, named, again]) => {
      const altered = edited(bytes, all)
      if (altered.equals(bytes) || altered.length === 0) return
      const body = {
        CiphertextBlob: altered.toString('base64'),
        ...(named && { [again ? 'SourceKeyId' : 'KeyId']: keyId }),
        ...(again && { DestinationKeyId: keyId }),
      }
      const answer = await sendDocument(trent, again ? 'ReEncrypt' : 'Decrypt', body)
      assertAnswered(answer)
      assert.equal(answer.status, 400)
    })
  })

  test('a ciphertext is not decrypted with another encryption context', async () => {
    const { keyId } = await newSubject(trent)
    const context = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), {
      maxKeys: 3,
      noNullPrototype: true,
    })
    await check(fc.tuple(context, context), async ([sealed, given]) => {
      const encrypted = await sendDocument(trent, 'Encrypt', {
        KeyId: keyId,
        Plaintext: 'QQ==',
        EncryptionContext: sealed,
      })
      assert.equal(encrypted.status, 200, encrypted.body)
      const { CiphertextBlob } = documentOf(encrypted) ?? {}
      const answer = await sendDocument(trent, 'Decrypt', {
        CiphertextBlob,
        EncryptionContext: given,
      })
      assert.equal(answer.status === 200, sameMap(sealed, given), answer.body)
    })
  })

  test('a marker that no list gave is an InvalidMarkerException', async () => {
    const { keyId } = await newSubject(trent)
    const lists = ['ListKeys', 'ListAliases', 'ListResourceTags'] as const
    const marker = fc.oneof(
      fc.string({ minLength: 1, maxLength: 300 }),
      fc.base64String({ minLength: 1 }),
    )
    await check(fc.tuple(fc.constantFrom(...lists), marker), async ([name, Marker]) => {
      const body = { Marker, ...(name === 'ListKeys' ? {} : { KeyId: keyId }) }
      const answer = await sendDocument(trent, name, body)
      assertAnswered(answer)
      assert.equal(answer.status, 400)
    })
  })
}

/** Never a fault of the service, always AWS's form. */
function assertAnswered(answer: RawAnswer): void {
  const document = documentOf(answer)
  if (answer.status === 200) return
  assert.ok(answer.status === 400 || answer.status === 413, `${answer.status} ${answer.body}`)
  assert.match(String(document?.['__type']), /^[A-Za-z]+Exception$/)
}

async function newSubject(trent: Started): Promise<Subject> {
  const keyId = keyIdOf(await sendDocument(trent, 'CreateKey', {}))
  const encrypted = await sendDocument(trent, 'Encrypt', { KeyId: keyId, Plaintext: 'QQ==' })
  const blob = String(documentOf(encrypted)?.['CiphertextBlob'])
  return { keyId, alias: `alias/${keyId}`, blob }
}

/** The operations that leave the subject as it is, whatever they are asked. */
const harmless = names.filter((name) => !/^(Disable|ScheduleKeyDeletion|PutKeyPolicy)/.test(name))

/** Strings that have broken things elsewhere. */
const telling = fc.constantFrom(
  '',
  '__proto__',
  'constructor',
  'toString',
  '\0',
  '\ud800',
  '\u202e',
  "'; DROP TABLE keys; --",
  '../../etc/passwd',
  'alias/aws/kms',
  'arn:aws:kms:us-east-1:000000000000:key/x',
  'arn:aws:kms:us-east-1:000000000000:alias/',
  `arn:${':'.repeat(20)}`,
  'mrk-00000000000000000000000000000000',
  'a'.repeat(10_000),
  'ü'.repeat(3000),
  'QQ==',
  '=',
  '9'.repeat(400),
)

const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  telling,
  fc.dictionary(
    fc.oneof(fc.constantFrom('KeyId', 'Plaintext', 'Limit', 'Tags'), telling),
    telling,
    {
      noNullPrototype: true,
    },
  ),
  fc.constantFrom(-1, 0, 1e308, -0, 1e21, 2 ** 31, 2 ** 53, 0.5),
)

/** Puts a value in the place of one of the document's members. */
function exchange(document: Document, [at, value]: [number, unknown]): Document {
  const members = Object.keys(document)
  const name = members[at % Math.max(members.length, 1)]
  return name === undefined ? document : { ...document, [name]: value }
}

/** Takes bytes out at a place and puts others there. */
interface Edit {
  readonly at: number
  readonly out: number
  readonly into: Uint8Array
}

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({ at: fc.nat(), out: fc.nat(3), into: fc.uint8Array({ maxLength: 3 }) }),
  { minLength: 1, maxLength: 3 },
)

function edited(bytes: Buffer, all: readonly Edit[]): Buffer {
  return all.reduce((now, { at, out, into }) => {
    const place = at % (now.length + 1)
    return Buffer.concat([now.subarray(0, place), into, now.subarray(place + out)])
  }, bytes)
}

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
const headerValue = fc.stringMatching(/^[!-~]([!-~]{0,60}[!-~])?$/)
/** A character that no rule of Signature Version 4 leaves out of account. */
const visible = fc.stringMatching(/^[A-Za-z0-9/_.:;=~-]$/)

/**
 * The request with one character of url, body or a header's value exchanged; undefined where that is no alteration: of a
 * blank or a comma, which may come more than once, and of percent-encoding.
 */
function alter(request: RawRequest, at: number, character: string): RawRequest | undefined {
  const parts = [request.url, request.body.toString(), ...request.headers.map(([, value]) => value)]
  let place = at % parts.reduce((length, part) => length + part.length, 0)
  const index = parts.findIndex((part) => {
    if (place < part.length) return true
    place -= part.length
    return false
  })
  const part = parts[index] ?? ''
  const same = part[place] === character || /[ ,]/.test(part[place] ?? '')
  if (same || part.slice(Math.max(0, place - 2), place + 1).includes('%')) return undefined
  const changed = part.slice(0, place) + character + part.slice(place + 1)
  const headers = request.headers.map(([name, value], i) =>
    i + 2 === index ? ([name, changed] as const) : ([name, value] as const),
  )
  if (index > 1) return { ...request, headers }
  return index === 0 ? { ...request, url: changed } : { ...request, body: Buffer.from(changed) }
}

function sameMap(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  const sorted = (map: Readonly<Record<string, string>>) =>
    Object.entries(map).sort(([x], [y]) => (x < y ? -1 : 1))
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}
