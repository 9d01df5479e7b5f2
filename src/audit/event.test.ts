import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type EventFacts, type EventNotes, eventText, type Outcome } from './event.ts'
import { seen } from './fixture.ts'
import { dateText } from './json-text.ts'
import { type Recorded, recorded, SENSITIVE } from './recorded.ts'
import { serviceEventText } from './service-event.ts'

const arn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const facts: EventFacts = {
  eventId: 'e0000000-0000-4000-8000-000000000000',
  requestId: 'r0000000-0000-4000-8000-000000000000',
  time: Date.UTC(2026, 0, 31, 12),
  operation: 'Encrypt',
  region: 'eu-central-1',
  sourceIp: '192.0.2.1',
  userAgent: 'aws-cli/2',
  identity: {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLE',
    accountId: '111122223333',
    userName: 'al',
  },
  recipientAccountId: '111122223333',
  host: 'kms.example',
}

function record(
  operation: string,
  request: unknown,
  outcome: Outcome,
  more: Partial<EventNotes> = {},
) {
  const notes = { resources: [], additional: {}, keyArn: arn, ...more }
  return seen(eventText({ ...facts, operation }, { request, notes, outcome }))
}

test('Encrypt', () => {
  const context = new Map([
    ['__proto__', 'x'],
    ['Department', 'Finance'],
  ])
  const request = { KeyId: 'alias/a', Plaintext: Buffer.from('secret'), EncryptionContext: context }
  const event = record(
    'Encrypt',
    request,
    { response: { CiphertextBlob: Buffer.from('c'), KeyId: arn } },
    {
      resources: [{ arn, accountId: '111122223333' }],
      additional: { keyMaterialId: 'ab'.repeat(32), other: 1 },
    },
  )
  assert.deepEqual(event, {
    eventVersion: '1.11',
    userIdentity: facts.identity,
    eventTime: '2026-01-31T12:00:00Z',
    eventSource: 'kms.amazonaws.com',
    eventName: 'Encrypt',
    awsRegion: 'eu-central-1',
    sourceIPAddress: '192.0.2.1',
    userAgent: 'aws-cli/2',
    requestParameters: {
      keyId: 'alias/a',
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      encryptionContext: seen('{"__proto__":"x","Department":"Finance"}'),
    },
    responseElements: null,
    additionalEventData: { keyMaterialId: 'ab'.repeat(32) },
    requestID: facts.requestId,
    eventID: facts.eventId,
    readOnly: true,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: arn }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: '111122223333',
    eventCategory: 'Management',
  })
})

test('Decrypt without KeyId shows the key that was found', () => {
  const event = record(
    'Decrypt',
    { CiphertextBlob: Buffer.alloc(9) },
    { response: { KeyMaterialId: 'm' } },
  )
  assert.deepEqual(event['requestParameters'], {
    keyId: arn,
    encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  })
  assert.deepEqual(event['additionalEventData'], { keyMaterialId: 'm' })
})

test('CreateKey shows the metadata with times as text', () => {
  const response = {
    KeyMetadata: {
      AWSAccountId: '1',
      KeyId: 'k',
      CreationDate: 1660171107.5,
      Enabled: true,
      X: undefined,
    },
  }
  const request = { Tags: [{ TagKey: 'a', TagValue: 'b' }], MultiRegion: false }
  const event = record('CreateKey', request, { response })
  assert.deepEqual(event['requestParameters'], {
    multiRegion: false,
    tags: [{ tagKey: 'a', tagValue: 'b' }],
  })
  assert.deepEqual(event['responseElements'], {
    keyMetadata: {
      aWSAccountId: '1',
      keyId: 'k',
      creationDate: 'Aug 10, 2022, 10:38:27 PM',
      enabled: true,
    },
  })
})

test('changes of a key answer with its ARN; a grant token is never shown', () => {
  assert.deepEqual(
    record('EnableKey', { KeyId: 'k' }, { response: undefined })['responseElements'],
    {
      keyId: arn,
    },
  )
  const grant = { GrantToken: 'token', GrantId: 'g' }
  const event = record('CreateGrant', { KeyId: 'k' }, { response: grant })
  assert.deepEqual(event['responseElements'], { grantId: 'g', keyId: arn })
  assert.equal(
    record('RetireGrant', { GrantToken: 't' }, { response: undefined })['requestParameters'],
    null,
  )
})

test('failures', () => {
  const error = { code: 'AccessDeniedException', text: 'x'.repeat(2000) }
  const event = record('EnableKey', undefined, { error })
  assert.equal(event['errorCode'], 'AccessDenied')
  assert.equal(event.errorMessage?.length, 1024)
  assert.equal(event['requestParameters'], null)
  assert.equal(event['responseElements'], null)
  assert.ok(!('errorMessage' in record('Decrypt', {}, { error: { code: 'E', text: undefined } })))
})

test('a name that is no operation is shown only if it looks like one', () => {
  const outcome = { error: { code: 'UnknownOperationException', text: undefined } }
  assert.equal(record('Nonsense', { KeyId: 'k' }, outcome)['requestParameters'], null)
  assert.equal(record('Nonsense', {}, outcome)['eventName'], 'Nonsense')
  for (const name of ['', 'a"b', 'x'.repeat(65), 'toString()']) {
    assert.equal(record(name, {}, outcome)['eventName'], 'UnknownOperation')
  }
})

test('times as text', () => {
  assert.equal(dateText(0), 'Jan 1, 1970, 12:00:00 AM')
  assert.equal(dateText(43200), 'Jan 1, 1970, 12:00:00 PM')
  assert.equal(dateText(1e300), '1e+300')
})

test('TLS, shared event, service event', () => {
  const more = { tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' }, sharedEventId: 's' }
  const call = {
    request: {},
    notes: { resources: [], additional: {}, keyArn: undefined },
    outcome: { response: {} },
  }
  const event = seen(eventText({ ...facts, ...more }, call))
  assert.deepEqual(event['tlsDetails'], {
    tlsVersion: 'TLSv1.3',
    cipherSuite: 'TLS_AES_128_GCM_SHA256',
    clientProvidedHostHeader: 'kms.example',
  })
  assert.equal(event['sharedEventID'], 's')
  const { eventId, time, region } = facts
  const own = {
    eventId,
    time,
    region,
    name: 'RotateKey',
    accountId: '111122223333',
    keyArn: arn,
  } as const
  const rotated = seen(serviceEventText(own))
  assert.equal(rotated['eventType'], 'AwsServiceEvent')
  assert.deepEqual(rotated.serviceEventDetails, { keyId: arn.slice(-36) })
})

test('no operation shows what is sensitive, whatever else it is given', () => {
  assert.equal(Object.keys(recorded).length, 56)
  const planted = { text: 'PLANTED-SECRET', bytes: Buffer.from('PLANTED-BYTES') }
  const traces = [
    planted.text,
    'PLANTED-BYTES',
    planted.bytes.toString('base64').slice(0, 12),
    planted.bytes.toString('hex'),
    [...planted.bytes].slice(0, 4).join(','),
    `"0":${planted.bytes[0]}`,
  ]
  const secret = fc.constantFrom<unknown>(
    planted.text,
    planted.bytes,
    [planted.text],
    { AccessKeyId: planted.text, RawSecretAccessKey: planted.text },
    new Uint8Array(planted.bytes),
  )
  const everything = fc.record(Object.fromEntries(SENSITIVE.map((member) => [member, secret])))
  const shown = fc.constantFrom<unknown>('shown', 7, true, new Map([['a', 'b']]), undefined)
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(recorded)),
      everything,
      shown,
      (name, secrets, value) => {
        const row = recorded[name as keyof typeof recorded] as Recorded<'CreateKey'>
        const open = Object.fromEntries([...row.request, ...row.response].map((m) => [m, value]))
        const nested = { KeyMetadata: secrets, ReplicaKeyMetadata: secrets, Constraints: secrets }
        const request = { ...open, ...nested, ...secrets }
        const outcome = { response: request }
        const notes = { resources: [], additional: { ...secrets, recipient: secrets }, keyArn: arn }
        const text = eventText({ ...facts, operation: name }, { request, notes, outcome })
        JSON.parse(text)
        for (const trace of traces) assert.ok(!text.includes(trace), `${name} shows ${trace}`)
        // Even where a row names the member, bytes are not spelt out.
        const bytes = Object.fromEntries(row.request.map((member) => [member, planted.bytes]))
        const odd = eventText({ ...facts, operation: name }, { request: bytes, notes, outcome })
        for (const trace of traces) assert.ok(!odd.includes(trace))
      },
    ),
    { numRuns: 2000 },
  )
})

test('the types refuse a sensitive member', () => {
  // @ts-expect-error Plaintext is bytes and sensitive.
  const encrypt: Recorded<'Encrypt'>['request'] = ['Plaintext']
  // @ts-expect-error GrantToken is a bearer secret.
  const grant: Recorded<'CreateGrant'>['response'] = ['GrantToken']
  // @ts-expect-error KeyStorePassword is a password.
  const store: Recorded<'CreateCustomKeyStore'>['request'] = ['KeyStorePassword']
  assert.equal([...encrypt, ...grant, ...store].length, 3)
})
