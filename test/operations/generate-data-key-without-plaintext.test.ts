import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecryptCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  type GenerateDataKeyWithoutPlaintextCommandInput,
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

const trent = await startService()
const kms = trent.client()
const key = await makeKey(kms)

/** With the key of this file unless another is named; the length is the test's own. */
const generate = (input: Partial<GenerateDataKeyWithoutPlaintextCommandInput>) =>
  kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.id, ...input }))

describe('GenerateDataKeyWithoutPlaintext: shape', () => {
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

  test('0 and 1025 bytes are out of range, before any key is looked up', async () => {
    for (const [value, constraint] of [
      [0, 'greater than or equal to 1'],
      [1025, 'less than or equal to 1024'],
    ] as const)
      await refused(
        generate({ KeyId: absentId, NumberOfBytes: value }),
        'ValidationException',
        violated(`'${value}' at 'numberOfBytes': have value ${constraint}`),
      )
  })

  test('a KeySpec of a KMS key is refused with the list that it stands in', async () => {
    await refused(
      generate({ KeySpec: 'RSA_2048' as 'AES_256' }),
      'ValidationException',
      violated(`'RSA_2048' at 'keySpec': satisfy enum value set: ${dataKeySpecs}`),
    )
  })
})

describe('GenerateDataKeyWithoutPlaintext: permission', () => {
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
        deniedAcrossAccounts(trent.accountId, 'kms:GenerateDataKeyWithoutPlaintext'),
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

describe('GenerateDataKeyWithoutPlaintext: state', () => {
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
      generate({ KeyId: leaving.id, KeySpec: 'AES_128' }),
      'KMSInvalidStateException',
      `${leaving.arn} is pending deletion.`,
    )
  })

  test('the length is asked for before the state is looked at', async () => {
    const off = await disable(kms, await makeKey(kms))
    await refused(generate({ KeyId: off.id }), 'ValidationException', eitherLength)
  })
})

describe('GenerateDataKeyWithoutPlaintext: behaviour', () => {
  test('neither or both of KeySpec and NumberOfBytes: there is no default of AES_256', async () => {
    for (const length of [{}, { KeySpec: 'AES_256', NumberOfBytes: 32 } as const])
      await refused(
        generate(length),
        'ValidationException',
        'Please specify either number of bytes or key spec.',
      )
  })

  test('the answer has ciphertext, the key ARN and the key material id, and no plaintext', async () => {
    const { $metadata: _, ...answer } = await generate({ KeySpec: 'AES_256' })
    const { CiphertextBlob } = answer
    assert.deepEqual(answer, { CiphertextBlob, KeyId: key.arn, KeyMaterialId: key.materialId })
  })

  test('on the wire there is no plaintext either', async () => {
    const answer = await sendDocument(trent, 'GenerateDataKeyWithoutPlaintext', {
      KeyId: key.id,
      KeySpec: 'AES_256',
    })
    assert.deepEqual(Object.keys(JSON.parse(answer.body) as object).sort(), [
      'CiphertextBlob',
      'KeyId',
      'KeyMaterialId',
    ])
  })

  for (const [input, length] of [
    [{ KeySpec: 'AES_128' }, 16],
    [{ KeySpec: 'AES_256' }, 32],
    [{ NumberOfBytes: 1 }, 1],
    [{ NumberOfBytes: 1024 }, 1024],
  ] as const) {
    test(`${JSON.stringify(input)} makes a ciphertext that decrypts to ${length} bytes`, async () => {
      const { CiphertextBlob } = await generate(input)
      const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
      assert.equal(Plaintext?.length, length)
      assert.equal(CiphertextBlob?.length, length + 92)
    })
  }

  test('the bytes are random, not the zeroes that they become afterwards', async () => {
    const [one, other] = await Promise.all(
      [generate({ KeySpec: 'AES_256' }), generate({ KeySpec: 'AES_256' })].map(async (made) => {
        const { CiphertextBlob } = await made
        const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
        return Buffer.from(Plaintext ?? []).toString('hex')
      }),
    )
    assert.notEqual(one, other)
    assert.notEqual(one, '00'.repeat(32))
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

describe('GenerateDataKeyWithoutPlaintext: record', () => {
  test('the event shows key, KeySpec, context and key material, and no secret', async () => {
    const EncryptionContext = { table: 'orders' }
    const answer = await generate({ KeyId: key.arn, KeySpec: 'AES_128', EncryptionContext })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'GenerateDataKeyWithoutPlaintext')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, {
      keyId: key.arn,
      keySpec: 'AES_128',
      encryptionContext: EncryptionContext,
    })
    assert.equal(event.responseElements, null)
    assert.deepEqual(event.additionalEventData, { keyMaterialId: key.materialId })
    assert.deepEqual(event.resources, [resource(key.arn)])
    const blob = Buffer.from(answer.CiphertextBlob ?? []).toString('base64')
    assert.ok(!recordText(trent.data).includes(blob))
  })

  test('a refused permission is AccessDenied and names this operation', async () => {
    const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
    const call = generate({ KeyId: foreign.arn, KeySpec: 'AES_256' })
    const event = await recordOfRefused(trent, call)
    assert.equal(event.errorCode, 'AccessDenied')
    assert.match(event.errorMessage ?? '', /perform: kms:GenerateDataKeyWithoutPlaintext on this/)
    assert.deepEqual(event.resources, [])
  })
})
