import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GenerateRandomCommand, type GenerateRandomCommandInput } from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { recordOf, recordOfRefused, recordText } from '../support/record.ts'
import { violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import { assertRefused } from '../support/wire.ts'

const trent = await startService()
const kms = trent.client()

const generate = (input: GenerateRandomCommandInput) => kms.send(new GenerateRandomCommand(input))

describe('GenerateRandom: shape', () => {
  test('NumberOfBytes is required', async () => {
    await refused(generate({}), 'ValidationException', 'NumberOfBytes is required.')
  })

  test('NumberOfBytes is required of an empty body and of null too', async () => {
    for (const body of ['', '{}', '{"NumberOfBytes":null}'])
      assertRefused(await sendDocument(trent, 'GenerateRandom', body), 'ValidationException', {
        text: 'NumberOfBytes is required.',
      })
  })

  test('0 bytes are too few', async () => {
    await refused(
      generate({ NumberOfBytes: 0 }),
      'ValidationException',
      "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
    )
  })

  test('1025 bytes are too many', async () => {
    await refused(
      generate({ NumberOfBytes: 1025 }),
      'ValidationException',
      "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
    )
  })

  test('-1 bytes are too few, quoted like any number', async () => {
    await refused(
      generate({ NumberOfBytes: -1 }),
      'ValidationException',
      violated("'-1' at 'numberOfBytes': have value greater than or equal to 1"),
    )
  })

  test('a NumberOfBytes that is no integer is a SerializationException', async () => {
    for (const [value, kind] of [
      ['12', 'STRING'],
      [0.5, 'NUMBER'],
      [true, 'TRUE'],
    ] as const)
      assertRefused(
        await sendDocument(trent, 'GenerateRandom', { NumberOfBytes: value }),
        'SerializationException',
        { text: `${kind}_VALUE can not be converted to an Integer` },
      )
  })

  test('a CustomKeyStoreId of no characters, or of 65, has the wrong length', async () => {
    for (const [id, constraint] of [
      ['', 'greater than or equal to 1'],
      ['c'.repeat(65), 'less than or equal to 64'],
    ] as const)
      await refused(
        generate({ NumberOfBytes: 1, CustomKeyStoreId: id }),
        'ValidationException',
        violated(`'${id}' at 'customKeyStoreId': have length ${constraint}`),
      )
  })

  test('a Recipient is refused, and never answered with the plaintext', () =>
    refused(
      generate({ NumberOfBytes: 1, Recipient: { AttestationDocument: Buffer.from('document') } }),
      'UnsupportedOperationException',
      'Recipient is not built yet.',
    ))

  test('a custom key store is one that is not there', async () => {
    const CustomKeyStoreId = 'cks-1234567890abcdef0'
    await refused(
      generate({ NumberOfBytes: undefined, CustomKeyStoreId }),
      'ValidationException',
      'NumberOfBytes is required.',
    )
    await refused(
      generate({ NumberOfBytes: 1, CustomKeyStoreId }),
      'CustomKeyStoreNotFoundException',
      undefined,
    )
  })
})

describe('GenerateRandom: behaviour', () => {
  for (const length of [1, 12, 44, 91, 1023, 1024]) {
    test(`exactly ${length} bytes come back, and nothing else`, async () => {
      const { $metadata: _, ...answer } = await generate({ NumberOfBytes: length })
      assert.deepEqual(Object.keys(answer), ['Plaintext'])
      assert.equal(answer.Plaintext?.length, length)
    })
  }

  test('no two answers are alike', async () => {
    const all = await Promise.all(Array.from({ length: 16 }, () => generate({ NumberOfBytes: 16 })))
    const seen = new Set(all.map(({ Plaintext }) => Buffer.from(Plaintext ?? []).toString('hex')))
    assert.equal(seen.size, 16)
  })

  test('every region and every account has it, without a key', async () => {
    const account = await trent.createAccount()
    for (const client of [trent.client({ region: 'eu-west-1' }), trent.client({ account })])
      await client.send(new GenerateRandomCommand({ NumberOfBytes: 1 }))
  })
})

describe('GenerateRandom: record', () => {
  test('the event shows no parameters, no resource and no bytes', async () => {
    const answer = await generate({ NumberOfBytes: 33 })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'GenerateRandom')
    assert.equal(event.readOnly, true)
    assert.equal(event.requestParameters, null)
    assert.equal(event.responseElements, null)
    assert.equal(event.additionalEventData, undefined)
    assert.deepEqual(event.resources, [])
    const bytes = Buffer.from(answer.Plaintext ?? []).toString('base64')
    assert.ok(!recordText(trent.data).includes(bytes))
  })

  test('a refusal is recorded with its sentence', async () => {
    const event = await recordOfRefused(trent, generate({}))
    assert.equal(event.errorCode, 'ValidationException')
    assert.equal(event.errorMessage, 'NumberOfBytes is required.')
  })
})
