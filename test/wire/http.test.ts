/**
 * HTTP itself: framing, limits and times. Every answer is AWS's, and nothing that a client sends ends the server.
 */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { afterEach, test } from 'node:test'
import { EncryptCommand } from '@aws-sdk/client-kms'
import { pause } from '../support/process.ts'
import { startService, startTrent } from '../support/service.ts'
import { signHeader, type ToSign } from '../support/signer.ts'
import { assertRefused, bytesOf, documentOf, type RawRequest, send, Wire } from '../support/wire.ts'

const times = { headersTime: 100, requestTime: 200, idleTime: 200, drainTime: 300 }
const sizes = { bodyBytes: 65_536, headerBytes: 8192 }
const trent = await startService({ httpLimits: { ...times, ...sizes } })
const { endpoint, credentials } = trent
const signed = (what: Partial<ToSign> = {}): RawRequest =>
  signHeader({ endpoint, credentials, at: trent.clock.now(), ...what })
const post = (...lines: readonly string[]) =>
  `POST / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
const missingToken = { text: 'Request is missing Authentication Token' }
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

/** Asserts that a refusal came and that the connection ended with it. */
async function assertEnds(wire: Wire, code: string, status: number): Promise<void> {
  const answer = await wire.next()
  assertRefused(answer, code, { status })
  assert.equal(answer.headers.get('connection'), 'close')
  assert.equal(await wire.ended(), '')
}

async function opened(text: string | Buffer): Promise<Wire> {
  const wire = await Wire.open(endpoint)
  wire.write(text)
  return wire
}

afterEach(async () => {
  assert.equal((await send(endpoint, signed())).status, 200, 'the server serves on')
})

test('a body over the limit that is announced is refused before it comes', async () => {
  const wire = await opened(post('Content-Length: 65537'))
  assertRefused(await wire.next(), 'RequestEntityTooLargeException', { status: 413 })
  wire.destroy()
})

test('a body of the limit is read', async () => {
  const body = `{"Limit":1${' '.repeat(sizes.bodyBytes - 11)}}`
  assert.equal(body.length, sizes.bodyBytes)
  assert.equal((await send(endpoint, signed({ body }))).status, 200)
})

test('a signed body over the limit is refused, and its connection serves on', async () => {
  const wire = await opened(bytesOf(signed({ body: ' '.repeat(sizes.bodyBytes + 1) })))
  assertRefused(await wire.next(), 'RequestEntityTooLargeException', { status: 413 })
  wire.write(bytesOf(signed()))
  assert.equal((await wire.next()).status, 200)
  wire.destroy()
})

test('a body over the limit that comes in chunks is refused as soon as it is over', async () => {
  const wire = await opened(post('Transfer-Encoding: chunked'))
  for (let i = 0; i < 17; i += 1) wire.write(chunk('x'.repeat(4096)))
  assertRefused(await wire.next(), 'RequestEntityTooLargeException', { status: 413 })
  wire.destroy()
})

test('a body of chunks that never ends is cut off, after one answer', async () => {
  const wire = await opened(post('Transfer-Encoding: chunked'))
  wire.write(chunk('x'.repeat(70_000)))
  assertRefused(await wire.next(), 'RequestEntityTooLargeException', { status: 413 })
  assert.equal(await wire.ended(), '')
})

test('the SDK reads the refusal of a body that is many times too large', async () => {
  const Plaintext = Buffer.alloc(4_000_000)
  for (let i = 0; i < 5; i += 1) {
    await assert.rejects(trent.client().send(new EncryptCommand({ KeyId: 'a', Plaintext })), {
      name: 'RequestEntityTooLargeException',
    })
  }
})

test('a header over the limit is a RequestEntityTooLargeException', async () => {
  await assertEnds(
    await opened(post(`X-Long: ${'a'.repeat(9000)}`)),
    'RequestEntityTooLargeException',
    413,
  )
})

test('a target of the longest header is answered and not repeated', async () => {
  const answer = await send(endpoint, signed({ target: `TrentService.${'A'.repeat(7000)}` }))
  assertRefused(answer, 'UnknownOperationException')
})

test('headers that do not come in time are a RequestTimeoutException', async () => {
  await assertEnds(
    await opened('POST / HTTP/1.1\r\nHost: a\r\nX-Am'),
    'RequestTimeoutException',
    408,
  )
})

test('a connection that sends nothing ends', async () => {
  await assertEnds(await opened(''), 'RequestTimeoutException', 408)
})

test('a body that does not come in time is a RequestTimeoutException', async () => {
  await assertEnds(await opened(post('Content-Length: 10')), 'RequestTimeoutException', 408)
})

test('a body that comes byte by byte is cut off at the time of a request', async () => {
  const bytes = bytesOf(signed({ body: ' '.repeat(1000) }))
  const wire = await opened(bytes.subarray(0, -1000))
  const drip = setInterval(() => {
    wire.write(' ')
  }, 20)
  await assertEnds(wire, 'RequestTimeoutException', 408).finally(() => {
    clearInterval(drip)
  })
})

test('a connection that was used and is idle ends without a word', async () => {
  const wire = await opened(bytesOf(signed()))
  assert.equal((await wire.next()).status, 200)
  assert.equal(await wire.ended(), '')
})

test('a client that keeps its side of a refused connection open does not keep ours', async () => {
  const before = openFiles()
  const wires = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      const wire = await Wire.open(endpoint)
      wire.socket.allowHalfOpen = true
      wire.write(i % 2 === 0 ? 'garbage\r\n\r\n' : 'POST / HT')
      return wire
    }),
  )
  for (const wire of wires) await wire.ended()
  const until = performance.now() + 5000
  while (openFiles() > before + wires.length && performance.now() < until) await pause(50)
  assert.ok(openFiles() <= before + wires.length, `${openFiles()} files, ${before} before`)
  for (const wire of wires) wire.destroy()
})

const openFiles = () => readdirSync('/proc/self/fd').length

for (const [what, text] of [
  ['a handshake of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['zeros', '\0'.repeat(100)],
  ['a method that does not exist', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['another version', 'GET / HTTP/3.0\r\n\r\n'],
  ['a header without a colon', 'GET / HTTP/1.1\r\nHost a\r\n\r\n'],
  ['a header with a blank before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n'],
  ['a zero byte in a header', 'GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n'],
  ['a length that is no number', post('Content-Length: two')],
  ['a negative length', post('Content-Length: -1')],
  ['two lengths', post('Content-Length: 2', 'Content-Length: 3')],
  ['a length beyond all numbers', post(`Content-Length: ${'9'.repeat(30)}`)],
  ['a length and chunks', `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`],
  ['a chunk whose length is no number', `${post('Transfer-Encoding: chunked')}zz\r\n`],
  ['a chunk that is longer than it says', `${post('Transfer-Encoding: chunked')}1\r\nabc\r\n`],
] as const) {
  test(`${what} is a MalformedHttpRequestException, and the connection ends`, async () => {
    await assertEnds(await opened(text), 'MalformedHttpRequestException', 400)
  })
}

test('a connection that is broken off at any byte of a request harms nothing', async () => {
  const bytes = bytesOf(signed({ operation: 'CreateKey' }))
  for (let length = 1; length < bytes.length; length += 13) {
    const wire = await opened(bytes.subarray(0, length))
    if (length % 2 === 0) wire.socket.resetAndDestroy()
    else wire.destroy()
  }
})

test('a client that does not wait for its answer harms nothing', async () => {
  for (let i = 0; i < 20; i += 1) {
    const wire = await opened(bytesOf(signed({ operation: 'CreateKey' })))
    await pause(i % 4)
    wire.socket.resetAndDestroy()
  }
})

test('requests on one connection are answered one after the other, signed or not', async () => {
  const wire = await Wire.open(endpoint)
  for (let i = 0; i < 5; i += 1) {
    wire.write(bytesOf(signed()))
    assert.equal((await wire.next()).status, 200)
    wire.write(post('Content-Length: 0'))
    assertRefused(await wire.next(), 'MissingAuthenticationTokenException', missingToken)
  }
  wire.destroy()
})

test('requests that are sent before the answers are answered in their order', async () => {
  const descriptions = ['one', 'two', 'three', 'four']
  const wire = await opened(
    Buffer.concat(
      descriptions.flatMap((Description) => [
        bytesOf(signed({ operation: 'CreateKey', body: { Description } })),
        Buffer.from(post('Content-Length: 0')),
      ]),
    ),
  )
  for (const description of descriptions) {
    const made = documentOf(await wire.next()) as { KeyMetadata: { Description: string } }
    assert.equal(made.KeyMetadata.Description, description)
    assertRefused(await wire.next(), 'MissingAuthenticationTokenException', missingToken)
  }
  wire.destroy()
})

test('a request is answered by its own answer, whatever comes behind it', async () => {
  const creating = signed({ operation: 'CreateKey', body: { Description: 'before garbage' } })
  const wire = await opened(Buffer.concat([bytesOf(creating), Buffer.from('garbage\r\n\r\n')]))
  const made = documentOf(await wire.next()) as { KeyMetadata: { Description: string } }
  assert.equal(made.KeyMetadata.Description, 'before garbage')
  assert.equal(await wire.ended(), '')
})

test('a body in chunks is put together before its signature is verified', async () => {
  const request = signed({ operation: 'CreateKey', body: { Description: 'in chunks' } })
  const headers = [...request.headers, ['Transfer-Encoding', 'chunked'] as const]
  const text = request.body.toString()
  const body = Buffer.from(`${text.split('').map(chunk).join('')}0\r\nX-Trailer: ignored\r\n\r\n`)
  const answer = await send(endpoint, { ...request, headers, body })
  assert.equal(answer.status, 200)
  const altered = Buffer.from(`${chunk(text.replace('chunks', 'chunkz'))}0\r\n\r\n`)
  const refusal = await send(endpoint, { ...request, headers, body: altered })
  assert.equal(documentOf(refusal)?.['__type'], 'InvalidSignatureException')
})

test('a client that asks before it sends its body is told to go on', async () => {
  const request = bytesOf(signed({ unsigned: { Expect: '100-continue' } }))
  const wire = await opened(request.subarray(0, -2))
  assert.equal((await wire.next()).status, 100)
  wire.write(request.subarray(-2))
  assert.equal((await wire.next()).status, 200)
  wire.destroy()
})

test('an expectation that nobody knows is ignored', async () => {
  const answer = await send(endpoint, signed({ unsigned: { Expect: 'a miracle' } }))
  assert.equal(answer.status, 200)
})

test('a wish for another protocol is ignored', async () => {
  for (const Upgrade of ['websocket', 'h2c']) {
    const answer = await send(endpoint, signed({ unsigned: { Connection: 'Upgrade', Upgrade } }))
    assert.equal(answer.status, 200)
  }
})

test('a tunnel is not opened', async () => {
  const wire = await opened('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n')
  assert.doesNotMatch(await wire.ended(), /^HTTP\/1\.1 2/)
})

test('a request without a Host, which nobody can have signed, is answered like any other', async () => {
  const answer = await send(endpoint, 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n')
  assertRefused(answer, 'MissingAuthenticationTokenException', missingToken)
  const request = signed()
  const headers = request.headers.filter(([name]) => name !== 'Host')
  assertRefused(await send(endpoint, { ...request, headers }), 'InvalidSignatureException', {
    text: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
  })
})

test('HTTP/1.0 is served, and its connection ends', async () => {
  const text = bytesOf(signed()).toString('latin1').replace('HTTP/1.1', 'HTTP/1.0')
  const wire = await opened(text)
  const answer = await wire.next()
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('connection'), 'close')
  assert.equal(await wire.ended(), '')
})

test('three thousand headers are no way to hide one', async () => {
  const many = Array.from({ length: 900 }, (_, i) => [`h${i}`, '1'] as const)
  const request = signed()
  const headers = [...many, ...request.headers, ['x-amz-meta', 'unsigned'] as const]
  assertRefused(await send(endpoint, { ...request, headers }), 'InvalidSignatureException', {
    text: "'x-amz-meta' must be a 'SignedHeader' in the AWS Authorization.",
  })
})

test('a hundred connections at once are served', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      send(endpoint, signed({ operation: 'GenerateRandom', body: { NumberOfBytes: 32 } })),
    ),
  )
  assert.ok(answers.every((answer) => answer.status === 200))
})

test('close lets a request under way end, and does not wait for one that never comes', async () => {
  await using other = await startTrent({ httpLimits: { ...times, requestTime: 60_000 } })
  const half = await Wire.open(other.endpoint)
  half.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n')
  const silent = await Wire.open(other.endpoint)
  const used = await Wire.open(other.endpoint)
  const request = { endpoint: other.endpoint, credentials: other.credentials }
  used.write(bytesOf(signHeader({ ...request, at: Date.now() })))
  assert.equal((await used.next()).status, 200)
  const creating = { ...request, at: Date.now(), operation: 'CreateKey' }
  const bytes = bytesOf(signHeader(creating))
  used.write(bytes.subarray(0, -1))
  await pause(50)
  const before = performance.now()
  const closed = other.close()
  used.write(bytes.subarray(-1))
  const answer = await used.next()
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('connection'), 'close')
  await closed
  assert.ok(performance.now() - before < 2000)
  for (const wire of [half, silent]) assert.equal(await wire.ended(), '')
})
