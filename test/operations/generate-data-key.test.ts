import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { absentId, alias, disable, makeKey, scheduleDeletion } from '../support/test-keys.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import {
  dataKeySpecs,
  deniedAcrossAccounts,
  eitherLength,
  emptyKeyId,
  violated,
} from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import { assertRefused } from '../support/wire.ts'

const trent = await startService()
const kms = trent.client()
const key = await makeKey(kms)

/** With the key of this file unless another is named; the length is the test's own. */
const generate = (input: Partial<GenerateDataKeyCommandInput>) =>
  kms.send(new GenerateDataKeyCommand({ KeyId: key.id, ...input }))

describe('GenerateDataKey: shape', () => {
  test('a missing KeyId is null at keyId', async () => {
    await refused(
      generate({ KeyId: undefined, KeySpec: 'AES_256' }),
      'ValidationException',
      violated("null at 'keyId': not be null"),
    )
  })

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(
      generate({ KeyId: '', KeySpec: 'AES_256' }),
      'ValidationException',
      emptyKeyId('keyId'),
    )
  })

  for (const [value, constraint] of [
    [0, 'greater than or equal to 1'],
    [-1, 'greater than or equal to 1'],
    [1025, 'less than or equal to 1024'],
    [2_147_483_647, 'less than or equal to 1024'],
  ] as const) {
    test(`${value} bytes are out of range, before any key is looked up`, async () => {
      await refused(
        generate({ KeyId: absentId, NumberOfBytes: value }),
        'ValidationException',
        violated(`'${value}' at 'numberOfBytes': have value ${constraint}`),
      )
    })
  }

  for (const spec of ['AES_257', 'RSA_2048', 'SYMMETRIC_DEFAULT', 'aes_256']) {
    test(`the KeySpec ${spec} is refused with the list of the specs of KMS keys`, async () => {
      await refused(
        generate({ KeyId: absentId, KeySpec: spec as 'AES_256' }),
        'ValidationException',
        violated(`'${spec}' at 'keySpec': satisfy enum value set: ${dataKeySpecs}`),
      )
    })
  }

  test('two members out of range are two validation errors', async () => {
    await refused(
      generate({ KeySpec: 'AES' as 'AES_256', NumberOfBytes: 0 }),
      'ValidationException',
      /^2 validation errors detected: Value '[^;]+; Value '[^;]+$/,
    )
  })

  test('a NumberOfBytes that is no integer is a SerializationException', async () => {
    for (const [value, kind] of [
      [1.5, 'NUMBER'],
      ['32', 'STRING'],
      [2 ** 31, 'NUMBER'],
    ] as const) {
      const body = { KeyId: key.id, NumberOfBytes: value }
      assertRefused(await sendDocument(trent, 'GenerateDataKey', body), 'SerializationException', {
        text: `${kind}_VALUE can not be converted to an Integer`,
      })
    }
  })

  test('a Recipient is refused, and never answered with the plaintext', async () => {
    await refused(
      generate({ KeySpec: 'AES_256', Recipient: { AttestationDocument: Buffer.from('document') } }),
      'UnsupportedOperationException',
      'Recipient is not built yet.',
    )
  })
})

describe('GenerateDataKey: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await makeKey(theirs)
    const named = await alias(theirs, 'alias/Theirs', foreign)
    for (const KeyId of [
      foreign.arn,
      foreign.arn.replace(foreign.id, absentId),
      named,
      `${named}Not`,
    ])
      await refused(
        generate({ KeyId, KeySpec: 'AES_256' }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:GenerateDataKey'),
      )
  })

  test("another account's key is AccessDenied before the length is asked for", async () => {
    const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
    await refused(
      generate({ KeyId: foreign.arn }),
      'AccessDeniedException',
      deniedAcrossAccounts(trent.accountId, 'kms:GenerateDataKey'),
    )
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(
      generate({ KeySpec: 'AES_256', GrantTokens: ['token'] }),
      'InvalidGrantTokenException',
      undefined,
    )
  })
})

describe('GenerateDataKey: state', () => {
  test('a disabled key is disabled', async () => {
    const off = await disable(kms, await makeKey(kms))
    await refused(
      generate({ KeyId: off.id, KeySpec: 'AES_256' }),
      'DisabledException',
      `${off.arn} is disabled.`,
    )
  })

  test('a key pending deletion is a KMSInvalidStateException', async () => {
    const leaving = await scheduleDeletion(kms, await makeKey(kms))
    await refused(
      generate({ KeyId: leaving.id, NumberOfBytes: 32 }),
      'KMSInvalidStateException',
      `${leaving.arn} is pending deletion.`,
    )
  })

  test('the length is asked for before the state is looked at', async () => {
    const off = await disable(kms, await makeKey(kms))
    await refused(generate({ KeyId: off.id }), 'ValidationException', eitherLength)
    await refused(
      generate({ KeyId: off.id, KeySpec: 'AES_256', NumberOfBytes: 32 }),
      'ValidationException',
      eitherLength,
    )
  })
})

describe('GenerateDataKey: behaviour', () => {
  test('neither KeySpec nor NumberOfBytes: please specify either number of bytes or key spec', async () => {
    await refused(
      generate({}),
      'ValidationException',
      'Please specify either number of bytes or key spec.',
    )
  })

  test('both KeySpec and NumberOfBytes: please specify either number of bytes or key spec', async () => {
    await refused(
      generate({ KeySpec: 'AES_256', NumberOfBytes: 32 }),
      'ValidationException',
      'Please specify either number of bytes or key spec.',
    )
  })

  test('the length is asked for after the key is found', async () => {
    await refused(
      generate({ KeyId: absentId }),
      'NotFoundException',
      `Key '${key.arn.replace(key.id, absentId)}' does not exist`,
    )
  })

  test('the answer has ciphertext, plaintext, the key ARN and the key material id', async () => {
    const { $metadata: _, ...answer } = await generate({ KeySpec: 'AES_256' })
    const { CiphertextBlob, Plaintext } = answer
    assert.deepEqual(answer, {
      CiphertextBlob,
      Plaintext,
      KeyId: key.arn,
      KeyMaterialId: key.materialId,
    })
    assert.equal(Plaintext?.length, 32)
    assert.equal(CiphertextBlob?.length, 32 + 92)
  })

  for (const [input, length] of [
    [{ KeySpec: 'AES_128' }, 16],
    [{ KeySpec: 'AES_256' }, 32],
    [{ NumberOfBytes: 1 }, 1],
    [{ NumberOfBytes: 7 }, 7],
    [{ NumberOfBytes: 64 }, 64],
    [{ NumberOfBytes: 1024 }, 1024],
  ] as const) {
    test(`${JSON.stringify(input)} makes ${length} bytes, which the ciphertext decrypts to`, async () => {
      const { CiphertextBlob, Plaintext } = await generate(input)
      assert.equal(Plaintext?.length, length)
      const decrypted = await kms.send(new DecryptCommand({ CiphertextBlob }))
      assert.deepEqual(decrypted.Plaintext, Plaintext)
      assert.equal(decrypted.KeyMaterialId, key.materialId)
    })
  }

  test('no two data keys are alike', async () => {
    const all = await Promise.all(
      Array.from({ length: 16 }, () => generate({ KeySpec: 'AES_256' })),
    )
    const seen = new Set(all.map(({ Plaintext }) => Buffer.from(Plaintext ?? []).toString('hex')))
    assert.equal(seen.size, 16)
  })

  test('the data key is bound to its encryption context', async () => {
    const EncryptionContext = { table: 'orders' }
    const { CiphertextBlob } = await generate({ KeySpec: 'AES_256', EncryptionContext })
    await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
    await refused(
      kms.send(new DecryptCommand({ CiphertextBlob })),
      'InvalidCiphertextException',
      undefined,
    )
  })
})

describe('GenerateDataKey: record', () => {
  test('the event shows key, KeySpec, context and key material, and no secret', async () => {
    const EncryptionContext = { table: 'orders' }
    const answer = await generate({ KeySpec: 'AES_256', EncryptionContext })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'GenerateDataKey')
    assert.equal(event.readOnly, true)
    assert.equal(event.userIdentity['accountId'], trent.accountId)
    assert.deepEqual(event.requestParameters, {
      keyId: key.id,
      keySpec: 'AES_256',
      encryptionContext: EncryptionContext,
    })
    assert.equal(event.responseElements, null)
    assert.deepEqual(event.additionalEventData, { keyMaterialId: key.materialId })
    assert.deepEqual(event.resources, [resource(key.arn)])
    const text = recordText(trent.data)
    for (const bytes of [answer.Plaintext, answer.CiphertextBlob])
      assert.ok(!text.includes(Buffer.from(bytes ?? []).toString('base64')))
  })

  test('a NumberOfBytes is recorded as a number', async () => {
    const event = recordOf(trent, await generate({ NumberOfBytes: 12 }))
    assert.deepEqual(event.requestParameters, { keyId: key.id, numberOfBytes: 12 })
  })

  test('a refusal for the length is recorded with the key that it concerned', async () => {
    const event = await recordOfRefused(trent, generate({}))
    assert.equal(event.errorCode, 'ValidationException')
    assert.equal(event.errorMessage, eitherLength)
    assert.deepEqual(event.resources, [resource(key.arn)])
    assert.equal(event.additionalEventData, undefined)
  })
})
