/**
 * Signatures end to end: what the SDK signed is served, and nothing else, whichever part of it was altered.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { askServer } from '../../src/server/admin-socket.ts'
import { startService } from '../support/service.ts'
import { dateOf, signHeader, signQuery, type ToSign } from '../support/signer.ts'
import {
  assertRefused,
  documentOf,
  type RawAnswer,
  type RawRequest,
  send,
} from '../support/wire.ts'

const trent = await startService({ regions: ['us-east-1', 'eu-west-1'] })
const { endpoint, credentials, data } = trent
const other = await trent.createAccount()

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const invalidToken = 'The security token included in the request is invalid.'

const base = (): ToSign => ({ endpoint, credentials, at: trent.clock.now() })
const header = (what: Partial<ToSign> = {}) => signHeader({ ...base(), ...what })
const query = (what: Partial<ToSign> = {}) => signQuery({ ...base(), ...what })
const forms = { header, query }

/** What the SDK would send: signed by its own code, and sent by nobody. */
async function signedBySdk(): Promise<RawRequest> {
  let captured: RawRequest | undefined
  const client = new KMSClient({
    endpoint,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
    requestHandler: {
      handle: (request: { method: string; path: string; headers: object; body: Uint8Array }) => {
        const headers = Object.entries(request.headers).map(
          ([name, value]) => [name, String(value)] as const,
        )
        captured = {
          method: request.method,
          url: request.path,
          headers,
          body: Buffer.from(Uint8Array.from(request.body)),
        }
        return Promise.reject(new Error('captured'))
      },
    },
  })
  await assert.rejects(client.send(new CreateKeyCommand({ Description: 'from the SDK' })))
  client.destroy()
  assert.ok(captured)
  return captured
}

const headerOf = (request: RawRequest, name: string): string =>
  request.headers.find(([each]) => each.toLowerCase() === name)?.[1] ?? ''

const withHeader = (request: RawRequest, name: string, value: string | undefined): RawRequest => ({
  ...request,
  headers: request.headers.flatMap(([each, old]) => {
    if (each.toLowerCase() !== name) return [[each, old] as const]
    return value === undefined ? [] : [[each, value] as const]
  }),
})

function replaced(request: RawRequest, from: RegExp, to: string): RawRequest {
  const before = headerOf(request, 'authorization')
  const after = before.replace(from, to)
  assert.notEqual(after, before)
  return withHeader(request, 'authorization', after)
}

function requeried(request: RawRequest, from: RegExp, to: string): RawRequest {
  const url = request.url.replace(from, to)
  assert.notEqual(url, request.url)
  return { ...request, url }
}

const assertMismatch = (answer: RawAnswer): void => {
  assertRefused(answer, 'InvalidSignatureException', { text: mismatch })
}

const signedNames = (request: RawRequest): readonly string[] =>
  (/SignedHeaders=([^,]+)/.exec(headerOf(request, 'authorization'))?.[1] ?? '').split(';')

const otherDigit = (digit: string | undefined): string => (digit === '0' ? '1' : '0')

test('what the SDK signs is served, again and again within its time', async () => {
  const request = await signedBySdk()
  for (let i = 0; i < 3; i += 1) {
    const answer = await send(endpoint, request)
    assert.equal(answer.status, 200, answer.body)
  }
})

test('what the SDK signs is refused when any of its signed headers is altered', async () => {
  const request = await signedBySdk()
  const names = signedNames(request)
  assert.ok(names.includes('x-amz-target') && names.includes('host'))
  const framing = ['content-length', 'x-amz-date']
  for (const name of names.filter((each) => !framing.includes(each))) {
    for (const value of [`${headerOf(request, name)}x`, 'TrentService.ListKeys', '']) {
      const answer = await send(endpoint, withHeader(request, name, value))
      assertMismatch(answer)
    }
  }
})

test('what the SDK signs is refused when any of its signed headers is missing or comes twice', async () => {
  const request = await signedBySdk()
  const names = signedNames(request)
  for (const name of names.filter((each) => each !== 'content-length')) {
    const without = await send(endpoint, withHeader(request, name, undefined))
    assert.match(without.body, /InvalidSignatureException|IncompleteSignatureException/)
    const twice = [...request.headers, [name, headerOf(request, name)] as const]
    const answer = await send(endpoint, { ...request, headers: twice })
    assert.match(answer.body, /InvalidSignatureException|IncompleteSignatureException/)
  }
})

test('headers that the SDK does not sign may change on the way', async () => {
  const request = await signedBySdk()
  const changed = withHeader(request, 'user-agent', 'a proxy')
  const headers = [...changed.headers, ['X-Forwarded-For', '192.0.2.1'], ['Via', 'x']] as const
  assert.equal((await send(endpoint, { ...changed, headers })).status, 200)
})

for (const [form, sign] of Object.entries(forms)) {
  test(`signed in its ${form}, a request is served, and a second time`, async () => {
    const request = sign({ operation: 'CreateKey' })
    assert.equal((await send(endpoint, request)).status, 200)
    assert.equal((await send(endpoint, request)).status, 200)
  })

  test(`signed in its ${form}, a request of another method, path or query is refused`, async () => {
    const request = sign()
    const [path = '', search = ''] = request.url.split('?')
    assertMismatch(await send(endpoint, { ...request, method: 'GET' }))
    assertMismatch(await send(endpoint, { ...request, url: `${path}x?${search}` }))
    assertMismatch(await send(endpoint, { ...request, url: `${path}?${search}&a=b` }))
    assertMismatch(await send(endpoint, { ...request, url: `${path}?a=b&${search}` }))
  })

  test(`signed in its ${form}, a request with another body is refused`, async () => {
    const request = sign({ operation: 'CreateKey', body: { Description: 'a' } })
    const text = request.body.toString()
    for (const altered of [text.replace('"a"', '"b"'), '', `${text} `, text.slice(0, -1), '{}']) {
      assertMismatch(await send(endpoint, { ...request, body: Buffer.from(altered) }))
    }
    for (let i = 0; i < request.body.length; i += 1) {
      const body = Buffer.from(request.body)
      body.writeUInt8(body.readUInt8(i) ^ 1, i)
      assertMismatch(await send(endpoint, { ...request, body }))
    }
  })

  test(`signed in its ${form}, a request for another operation is refused`, async () => {
    const request = withHeader(sign(), 'x-amz-target', 'TrentService.ScheduleKeyDeletion')
    assertMismatch(await send(endpoint, request))
  })

  test(`signed in its ${form} with another's secret, a request is refused`, async () => {
    const { accessKeyId } = credentials
    const { secretAccessKey } = other.credentials
    assertMismatch(await send(endpoint, sign({ credentials: { accessKeyId, secretAccessKey } })))
  })

  test(`signed in its ${form} by an access key that is unknown, a request is refused`, async () => {
    for (const accessKeyId of ['AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE', 'x', '', "'--"]) {
      const answer = await send(endpoint, sign({ credentials: { ...credentials, accessKeyId } }))
      assertRefused(answer, 'UnrecognizedClientException', { text: invalidToken })
    }
  })

  test(`signed in its ${form} with a session token, a long-term access key is refused`, async () => {
    const answer = await send(endpoint, sign({ token: 'FwoGZXIvYXdzEXAMPLE' }))
    assertRefused(answer, 'UnrecognizedClientException', { text: invalidToken })
  })

  test(`signed in its ${form} for another region, service, day or end, a request is told all at once`, async () => {
    const today = dateOf(trent.clock.now())
    for (const [what, text] of [
      [{ region: 'mars-1' }, "Credential should be scoped to a valid region, not 'mars-1'. "],
      [{ region: 'us-west-2' }, "Credential should be scoped to a valid region, not 'us-west-2'. "],
      [{ service: 's3' }, "Credential should be scoped to correct service: 'kms'. "],
      [
        { terminator: 'aws5' },
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. ",
      ],
      [
        { day: '20150830' },
        `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150830' != '${today.slice(0, 8)}', from '${today}'.`,
      ],
      [
        { region: 'mars-1', service: 'sts' },
        "Credential should be scoped to a valid region, not 'mars-1'. Credential should be scoped to correct service: 'kms'. ",
      ],
    ] as const) {
      assertRefused(await send(endpoint, sign(what)), 'InvalidSignatureException', { text })
    }
  })

  test(`signed in its ${form} for a region that is served, a request is of that region`, async () => {
    const answer = await send(endpoint, sign({ region: 'eu-west-1', operation: 'CreateKey' }))
    const { KeyMetadata } = documentOf(answer) as { KeyMetadata: { Arn: string } }
    assert.match(KeyMetadata.Arn, /^arn:aws:kms:eu-west-1:/)
  })

  test(`signed in its ${form} too far in the future, a request is refused`, async () => {
    const now = trent.clock.now()
    assert.equal((await send(endpoint, sign({ at: now + 299_000 }))).status, 200)
    const [at, latest] = [now + 302_000, now + 300_000].map(dateOf)
    assertRefused(await send(endpoint, sign({ at: now + 302_000 })), 'InvalidSignatureException', {
      text: `Signature not yet current: ${at} is still later than ${latest} (${dateOf(now)} + 5 min.)`,
    })
  })

  test(`signed in its ${form} too long ago, a request is refused`, async () => {
    const now = trent.clock.now()
    assert.equal((await send(endpoint, sign({ at: now - 299_000 }))).status, 200)
    const [at, earliest] = [now - 302_000, now - 300_000].map(dateOf)
    assertRefused(await send(endpoint, sign({ at: now - 302_000 })), 'InvalidSignatureException', {
      text: `Signature expired: ${at} is now earlier than ${earliest} (${dateOf(now)} - 5 min.)`,
    })
  })

  test(`signed in its ${form}, a request that was served expires`, async () => {
    const request = sign()
    assert.equal((await send(endpoint, request)).status, 200)
    trent.turn(302_000)
    const answer = await send(endpoint, request)
    assert.match(answer.body, /InvalidSignatureException.*Signature expired: /)
  })
}

test('a signature with any digit altered is refused', async () => {
  const signatures: ((digits: string) => string)[] = Array.from(
    { length: 64 },
    (_, i) => (digits) => `${digits.slice(0, i)}${otherDigit(digits[i])}${digits.slice(i + 1)}`,
  )
  signatures.push(
    (digits) => digits.slice(1),
    (digits) => `${digits}0`,
    (digits) => digits.toUpperCase(),
    () => '',
    () => '0'.repeat(64),
    (digits) => digits.split('').reverse().join(''),
  )
  for (const alter of signatures) {
    const inHeader = header()
    const digits = /Signature=(.*)$/.exec(headerOf(inHeader, 'authorization'))?.[1] ?? ''
    const altered = alter(digits)
    if (altered === digits) continue
    assertMismatch(
      await send(endpoint, replaced(inHeader, /Signature=.*$/, `Signature=${altered}`)),
    )
    const inQuery = query()
    const theirs = /X-Amz-Signature=(.*)$/.exec(inQuery.url)?.[1] ?? ''
    const url = requeried(inQuery, /X-Amz-Signature=.*$/, `X-Amz-Signature=${alter(theirs)}`)
    assertMismatch(await send(endpoint, url))
  }
})

test('a signature of one access key does not serve another', async () => {
  const ours = credentials.accessKeyId
  const theirs = other.credentials.accessKeyId
  assertMismatch(await send(endpoint, replaced(header(), new RegExp(ours), theirs)))
  assertMismatch(await send(endpoint, requeried(query(), new RegExp(ours), theirs)))
})

test('a signature for one region does not serve another', async () => {
  assertMismatch(await send(endpoint, replaced(header(), /us-east-1/, 'eu-west-1')))
  assertMismatch(await send(endpoint, requeried(query(), /us-east-1/, 'eu-west-1')))
})

test('a signature does not serve another second of the same day', async () => {
  const request = header()
  const at = trent.clock.now() + (trent.clock.now() % 86_400_000 < 43_200_000 ? 1000 : -1000)
  assertMismatch(await send(endpoint, withHeader(request, 'x-amz-date', dateOf(at))))
  const moved = requeried(query(), /X-Amz-Date=\w+/, `X-Amz-Date=${dateOf(at)}`)
  assertMismatch(await send(endpoint, moved))
})

for (const name of ['x-amz-target', 'x-amz-date', 'host']) {
  test(`a signature that leaves ${name} out covers too little`, async () => {
    const request = header()
    const fewer = signedNames(request)
      .filter((each) => each !== name)
      .join(';')
    const text =
      name === 'host'
        ? "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        : `'${name}' must be a 'SignedHeader' in the AWS Authorization.`
    const answer = await send(
      endpoint,
      replaced(request, /SignedHeaders=[^,]+/, `SignedHeaders=${fewer}`),
    )
    assertRefused(answer, 'InvalidSignatureException', { text })
  })
}

test('headers of AWS that were put in after signing are refused', async () => {
  for (const name of ['x-amz-security-token', 'x-amz-content-sha256', 'x-amz-foo']) {
    const answer = await send(endpoint, header({ unsigned: { [name]: 'x' } }))
    const text = `'${name}' must be a 'SignedHeader' in the AWS Authorization.`
    assertRefused(answer, 'InvalidSignatureException', { text })
  }
})

test('a body that is announced as unsigned is refused', async () => {
  for (const value of ['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', '0'.repeat(64)]) {
    assertMismatch(await send(endpoint, header({ headers: { 'x-amz-content-sha256': value } })))
  }
})

test('a request with two signatures is refused', async () => {
  const inHeader = header()
  const inQuery = query()
  assertMismatch(await send(endpoint, { ...inHeader, url: inQuery.url }))
  const authorization = ['Authorization', headerOf(inHeader, 'authorization')] as const
  const headers = [...inHeader.headers, authorization]
  assertMismatch(await send(endpoint, { ...inHeader, headers }))
})

test('a signature that is not whole is told what it lacks', async () => {
  for (const [from, text] of [
    [
      /Credential=[^,]+, /,
      /^Authorization header requires 'Credential' parameter\. Authorization=/,
    ],
    [/SignedHeaders=[^,]+, /, /^Authorization header requires 'SignedHeaders' parameter\. /],
    [/, Signature=.*$/, /^Authorization header requires 'Signature' parameter\. /],
    [/ Credential=.*$/, /'Credential' parameter.*'SignedHeaders' parameter/],
    [/Credential=[^,]+/, /^'Credential' not a valid key=value pair \(missing equal-sign\) in /],
  ] as const) {
    const to = text.source.includes('equal-sign') ? 'Credential' : ''
    const answer = await send(endpoint, replaced(header(), from, to))
    assert.equal(answer.status, 400)
    assert.equal(documentOf(answer)?.['__type'], 'IncompleteSignatureException')
    assert.match(String(documentOf(answer)?.['message']), text)
    assert.doesNotMatch(answer.body, /Signature=[0-9a-f]{64}/)
  }
  for (const name of ['Credential', 'Date', 'SignedHeaders', 'Signature']) {
    const answer = await send(endpoint, requeried(query(), new RegExp(`&X-Amz-${name}=[^&]*`), ''))
    assertRefused(answer, 'IncompleteSignatureException', {
      text: `AWS query-string parameters must include 'X-Amz-${name}'. Re-examine the query-string parameters.`,
    })
  }
})

test('X-Amz-Expires may be left out by whoever signs, and taken away by nobody', async () => {
  assert.equal((await send(endpoint, query({ expires: null }))).status, 200)
  assertMismatch(await send(endpoint, requeried(query(), /&X-Amz-Expires=[^&]*/, '')))
})

test('other ways to say who one is are refused', async () => {
  const request = header()
  for (const scheme of ['AWS4-HMAC-SHA512', 'AWS4-ECDSA-P256-SHA256', 'Bearer', 'Basic', 'AWS']) {
    const answer = await send(endpoint, replaced(request, /^AWS4-HMAC-SHA256/, scheme))
    assertRefused(answer, 'IncompleteSignatureException', {
      text: `Unsupported AWS 'algorithm': '${scheme}'.`,
    })
  }
  const answer = await send(endpoint, requeried(query(), /HMAC-SHA256/, 'HMAC-SHA512'))
  assertRefused(answer, 'MissingAuthenticationTokenException', {
    text: 'Request is missing Authentication Token',
  })
})

test('a date that is none is shown as it came', async () => {
  const answer = await send(endpoint, withHeader(header(), 'x-amz-date', 'yesterday'))
  assertRefused(answer, 'IncompleteSignatureException', {
    text: "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601",
  })
})

test('a scope that is not of five parts is shown as it came', async () => {
  const answer = await send(endpoint, replaced(header(), /Credential=[^,]+/, 'Credential=a/b'))
  assertRefused(answer, 'IncompleteSignatureException', {
    text: "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'",
  })
})

test('an access key that was deactivated signs nothing, and signs again when it is active', async () => {
  const account = await trent.createAccount()
  const ask = () => send(endpoint, header({ credentials: account.credentials }))
  const set = (status: string) =>
    askServer(data, 'update-access-key', {
      'access-key-id': account.credentials.accessKeyId,
      status,
    })
  assert.equal((await ask()).status, 200)
  for (let i = 0; i < 10; i += 1) {
    await set('Inactive')
    assertRefused(await ask(), 'UnrecognizedClientException', { text: invalidToken })
    await set('Active')
    assert.equal((await ask()).status, 200)
  }
})

test('an access key that was deleted signs nothing, and its sibling signs on', async () => {
  const account = await trent.createAccount()
  const made = await askServer(data, 'create-access-key', { account: account.accountId })
  assert.ok('result' in made)
  const sibling = made.result as { AccessKeyId: string; SecretAccessKey: string }
  const siblings = {
    accessKeyId: sibling.AccessKeyId,
    secretAccessKey: sibling.SecretAccessKey,
  }
  const request = header({ credentials: siblings })
  assert.equal((await send(endpoint, request)).status, 200)
  await askServer(data, 'delete-access-key', { 'access-key-id': siblings.accessKeyId })
  assertRefused(await send(endpoint, request), 'UnrecognizedClientException', {
    text: invalidToken,
  })
  const answer = await send(endpoint, header({ credentials: account.credentials }))
  assert.equal(answer.status, 200)
})
