/**
 * What a signed request may hold: target, method, path and body, and what is said to those that hold something else.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startService } from '../support/service.ts'
import { signHeader, type ToSign } from '../support/signer.ts'
import { assertRefused, bytesOf, documentOf, type RawAnswer, send, Wire } from '../support/wire.ts'

const trent = await startService()
const { endpoint, credentials } = trent
const ask = (what: Partial<ToSign> = {}): Promise<RawAnswer> =>
  send(endpoint, signHeader({ endpoint, credentials, at: trent.clock.now(), ...what }))
const unsigned = (text: string) => send(endpoint, text)

test('a signed request is answered with JSON 1.1, a request id and a time', async () => {
  const answer = await ask()
  assert.equal(answer.status, 200)
  assert.deepEqual(documentOf(answer), { Keys: [], Truncated: false })
  assert.ok(Number.isFinite(Date.parse(answer.headers.get('date') ?? '')))
  assert.match(answer.headers.get('cache-control') ?? '', /no-store/)
})

test('no two answers have one request id', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask()))
  assert.equal(new Set(answers.map((each) => each.headers.get('x-amzn-requestid'))).size, 20)
})

for (const [what, target] of [
  ['no target', null],
  ['an empty target', ''],
  ['an operation that does not exist', 'TrentService.Foo'],
  ['an operation in small letters', 'TrentService.listKeys'],
  ['an operation in other capitals', 'TrentService.LISTKEYS'],
  ['another service', 'DynamoDB_20120810.ListTables'],
  ['the service in another case', 'trentservice.ListKeys'],
  ['no service', 'ListKeys'],
  ['no operation', 'TrentService.'],
  ['no dot', 'TrentService'],
  ['one element too many', 'TrentService.ListKeys.x'],
  ['one dot too many', 'TrentService..ListKeys'],
  ['a dot at the end', 'TrentService.ListKeys.'],
  ['a member of every object', 'TrentService.toString'],
  ['the prototype', 'TrentService.__proto__'],
  ['the constructor', 'TrentService.constructor'],
  ['a slash for the dot', 'TrentService/ListKeys'],
  ['two operations', 'TrentService.ListKeys, TrentService.CreateKey'],
] as const) {
  test(`a target with ${what} is an UnknownOperationException without a text`, async () => {
    assertRefused(await ask({ target }), 'UnknownOperationException')
  })
}

for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY']) {
  test(`a signed ${method} is an UnknownOperationException`, async () => {
    assertRefused(await ask({ method }), 'UnknownOperationException')
  })
}

test('a signed HEAD is refused without a body', async () => {
  const wire = await Wire.open(endpoint)
  const signed = { endpoint, credentials, at: trent.clock.now(), method: 'HEAD' }
  wire.write(bytesOf(signHeader({ ...signed, unsigned: { Connection: 'close' } })))
  assert.match(await wire.ended(), /^HTTP\/1\.1 400 [\s\S]*x-amzn-RequestId: [\s\S]*\r\n\r\n$/)
})

for (const path of ['/x', '/kms', '/admin', '/health', '/index.html']) {
  test(`a request signed for ${path} is an UnknownOperationException`, async () => {
    assertRefused(await ask({ path }), 'UnknownOperationException')
  })
}

for (const [what, line] of [
  ['GET', 'GET / HTTP/1.1'],
  ['POST', 'POST / HTTP/1.1'],
  ['GET of a file', 'GET /../../etc/passwd HTTP/1.1'],
  ['GET with a query', 'GET /?action=ListKeys HTTP/1.1'],
  ['OPTIONS of all', 'OPTIONS * HTTP/1.1'],
  ['GET in the form for proxies', 'GET http://169.254.169.254/latest/meta-data HTTP/1.1'],
] as const) {
  test(`${what} without a signature is a MissingAuthenticationTokenException`, async () => {
    assertRefused(
      await unsigned(`${line}\r\nHost: a\r\n\r\n`),
      'MissingAuthenticationTokenException',
      { text: 'Request is missing Authentication Token' },
    )
  })
}

test('a request without a signature learns nothing of its target and body', async () => {
  for (const target of ['TrentService.Foo', 'TrentService.Decrypt']) {
    const answer = await unsigned(
      `POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: ${target}\r\nContent-Length: 3\r\n\r\n{"x`,
    )
    assertRefused(answer, 'MissingAuthenticationTokenException', {
      text: 'Request is missing Authentication Token',
    })
  }
})

test('a path whose percent signs mean nothing is a SerializationException', async () => {
  const answer = await unsigned('GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(documentOf(answer)?.['__type'], 'SerializationException')
  assert.equal(answer.status, 400)
})

for (const [what, body] of [
  ['nothing but an opening brace', '{'],
  ['a text that is cut short', '{"KeyId":"alias/a'],
  ['no JSON', 'KeyId=alias%2Fa'],
  ['something behind the document', '{}{}'],
  ['a comma too many', '{"KeyId":"a",}'],
  ['single quotes', "{'KeyId':'a'}"],
  ['a comment', '{/* */}'],
  ['NaN', '{"Limit":NaN}'],
  ['a byte order mark', '\ufeff{}'],
  ['a zero byte', '{}\0'],
  ['only blanks', '   '],
  ['a line break in a string', '{"KeyId":"a\nb"}'],
] as const) {
  test(`a body with ${what} is a SerializationException without a text`, async () => {
    assertRefused(await ask({ body, operation: 'DescribeKey' }), 'SerializationException')
  })
}

for (const [what, bytes] of [
  ['a byte that no UTF-8 has', [0xff]],
  ['a cut sequence', [0xe2, 0x82]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['a character beyond the last', [0xf4, 0x90, 0x80, 0x80]],
] as const) {
  test(`a body with ${what} is a SerializationException`, async () => {
    const body = Buffer.concat([
      Buffer.from('{"Description":"'),
      Buffer.from(bytes),
      Buffer.from('"}'),
    ])
    assertRefused(await ask({ body, operation: 'CreateKey' }), 'SerializationException')
  })
}

test('a string with half a surrogate pair is a SerializationException', async () => {
  const body = String.raw`{"Description":"\ud800"}`
  assertRefused(await ask({ body, operation: 'CreateKey' }), 'SerializationException')
})

for (const [what, body, text] of [
  ['a list', '[]', 'Start of list found where not expected'],
  ['a list with a document', '[{}]', 'Start of list found where not expected'],
  ['a string', '"{}"', 'Expected null'],
  ['a number', '1', 'Expected null'],
  ['a boolean', 'true', 'Expected null'],
  ['null', 'null', undefined],
] as const) {
  test(`a body that is ${what} is a SerializationException`, async () => {
    const more = text === undefined ? {} : { text }
    assertRefused(await ask({ body }), 'SerializationException', more)
  })
}

for (const [member, value, text] of [
  ['KeyId', 1, 'NUMBER_VALUE can not be converted to a String'],
  ['KeyId', true, 'TRUE_VALUE can not be converted to a String'],
  ['KeyId', {}, 'Start of structure or map found where not expected.'],
  ['KeyId', [], 'Start of list found where not expected'],
  ['Plaintext', 5, 'NUMBER_VALUE can not be converted to a Blob'],
  ['Plaintext', {}, 'Start of structure or map found where not expected.'],
  ['DryRun', 'true', 'STRING_VALUE can not be converted to a Boolean'],
  ['EncryptionContext', [], 'Start of list found where not expected'],
  ['EncryptionContext', 'a', 'Expected map or null'],
  ['GrantTokens', 'a', 'Expected list or null'],
  ['GrantTokens', {}, 'Start of structure or map found where not expected.'],
] as const) {
  test(`Encrypt with ${JSON.stringify(value)} for ${member} is a SerializationException`, async () => {
    const body = { KeyId: 'alias/a', Plaintext: 'QQ==', [member]: value }
    assertRefused(await ask({ operation: 'Encrypt', body }), 'SerializationException', { text })
  })
}

for (const [what, value, text] of [
  [
    'characters of another alphabet',
    'QQ_-',
    "'QQ_-' can not be converted to a Blob: Invalid Base64 character: '_'",
  ],
  [
    'no padding',
    'QQ',
    "'QQ' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 2",
  ],
  ['a blank', 'QQ= ', "'QQ= ' can not be converted to a Blob: Invalid Base64 character: '='"],
  [
    'bits behind the last byte',
    'QR==',
    "'QR==' can not be converted to a Blob: Invalid last non-pad Base64 character dectected",
  ],
] as const) {
  test(`base64 with ${what} is a SerializationException`, async () => {
    const answer = await ask({ operation: 'Decrypt', body: { CiphertextBlob: value } })
    assertRefused(answer, 'SerializationException', { text })
  })
}

test('bad base64 of a plaintext is refused without the plaintext', async () => {
  const body = { KeyId: 'alias/a', Plaintext: 'my secret!' }
  const answer = await ask({ operation: 'Encrypt', body })
  assert.equal(documentOf(answer)?.['__type'], 'SerializationException')
  assert.ok(!answer.body.includes('secret'))
})

test('an empty body is an empty document', async () => {
  const answer = await ask({ body: '' })
  assert.deepEqual(documentOf(answer), { Keys: [], Truncated: false })
})

test('members that nobody knows are ignored, and null is an absent member', async () => {
  const body = '{"Limit":null,"Colour":"red","__proto__":{"Limit":0},"constructor":1}'
  assert.equal((await ask({ body })).status, 200)
})

test('of a member that comes twice the last one counts', async () => {
  const answer = await ask({ body: '{"Limit":0,"Limit":1}' })
  assert.equal(answer.status, 200)
})

test('JSON of ten thousand levels is refused and harms nothing', async () => {
  const deep = 10_000
  const body = `{"KeyId":${'['.repeat(deep)}${']'.repeat(deep)}}`
  const answer = await ask({ operation: 'DescribeKey', body })
  assertRefused(answer, 'SerializationException', {
    text: 'Start of list found where not expected',
  })
})

test('a SerializationException spells Message with a capital, a ValidationException does not', async () => {
  const serialization = documentOf(await ask({ operation: 'DescribeKey', body: { KeyId: 1 } }))
  assert.deepEqual(serialization, {
    __type: 'SerializationException',
    Message: 'NUMBER_VALUE can not be converted to a String',
  })
  const validation = documentOf(await ask({ operation: 'DescribeKey', body: {} }))
  assert.deepEqual(Object.keys(validation ?? {}), ['__type', 'message'])
})

test('an AccessDeniedException spells Message with a capital', async () => {
  const other = await trent.createAccount()
  const created = await ask({ operation: 'CreateKey' })
  const { KeyMetadata } = documentOf(created) as { KeyMetadata: { Arn: string } }
  const answer = await ask({
    credentials: other.credentials,
    operation: 'DescribeKey',
    body: { KeyId: KeyMetadata.Arn },
  })
  assert.equal(answer.status, 400)
  const document = documentOf(answer)
  assert.deepEqual(Object.keys(document ?? {}), ['__type', 'Message'])
  assert.equal(document?.['__type'], 'AccessDeniedException')
  assert.match(
    String(document?.['Message']),
    /^User: arn:aws:iam::\d{12}:root is not authorized to perform: kms:DescribeKey /,
  )
})
