import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecapsulateCommand,
  EncapsulateCommand,
  type EncapsulateCommandInput,
  type EncapsulationAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import { deniedAcrossAccounts, dryRun, emptyKeyId, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import {
  absentId,
  aliasSpecKey,
  createSpecKey,
  deleteSpecKey,
  disableSpecKey,
  sharedKeys,
  usageRefusal,
} from '../support/spec-keys.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await keyOf('ML_KEM_768', 'ENCAPSULATE_DECAPSULATE')

/** With the ML_KEM_768 key of this file unless another is named. */
const encapsulate = (input: Partial<EncapsulateCommandInput> = {}) =>
  kms.send(new EncapsulateCommand({ KeyId: key.id, EncapsulationAlgorithm: 'ML_KEM', ...input }))

describe('Encapsulate: shape', () => {
  test('an unknown EncapsulationAlgorithm is refused with the list of one', async () => {
    await refused(
      encapsulate({ EncapsulationAlgorithm: 'ML_KEM_768' as EncapsulationAlgorithmSpec }),
      'ValidationException',
      violated("'ML_KEM_768' at 'encapsulationAlgorithm': satisfy enum value set: [ML_KEM]"),
    )
  })

  test('a missing EncapsulationAlgorithm is null at encapsulationAlgorithm', async () => {
    await refused(
      encapsulate({ EncapsulationAlgorithm: undefined }),
      'ValidationException',
      violated("null at 'encapsulationAlgorithm': not be null"),
    )
  })

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(encapsulate({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })
})

describe('Encapsulate: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const kind = { spec: 'ML_KEM_512', usage: 'ENCAPSULATE_DECAPSULATE' } as const
    const foreign = await createSpecKey(theirs, kind)
    for (const KeyId of [foreign.arn, foreign.arn.replace(foreign.id, absentId)]) {
      await refused(
        encapsulate({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:Encapsulate'),
      )
    }
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(encapsulate({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('Encapsulate: state', () => {
  for (const [spec, usage] of [
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['ML_DSA_44', 'SIGN_VERIFY'],
  ] as const) {
    test(`a ${spec} key's usage is ${usage}, which is not valid for Encapsulate`, async () => {
      const other = await keyOf(spec, usage)
      await refused(
        encapsulate({ KeyId: other.id }),
        'InvalidKeyUsageException',
        usageRefusal(other, usage, 'Encapsulate'),
      )
    })
  }

  for (const [change, code, text] of [
    [disableSpecKey, 'DisabledException', 'is disabled.'],
    [deleteSpecKey, 'KMSInvalidStateException', 'is pending deletion.'],
  ] as const) {
    test(`a key that ${text} is refused for it, though its public half is public`, async () => {
      const kind = { spec: 'ML_KEM_768', usage: 'ENCAPSULATE_DECAPSULATE' } as const
      const { id, arn } = await change(kms, await createSpecKey(kms, kind))
      await refused(encapsulate({ KeyId: id }), code, `${arn} ${text}`)
    })
  }
})

describe('Encapsulate: behaviour', () => {
  for (const [spec, length] of [
    ['ML_KEM_512', 768],
    ['ML_KEM_768', 1088],
    ['ML_KEM_1024', 1568],
  ] as const) {
    test(`${spec}: a secret of 32 bytes in a ciphertext of ${length}, and Decapsulate agrees`, async () => {
      const { id, arn } = await keyOf(spec, 'ENCAPSULATE_DECAPSULATE')
      const { $metadata: _, ...answer } = await encapsulate({ KeyId: id })
      const { SharedSecret, SharedSecretCiphertextBlob } = answer
      assert.equal(SharedSecret?.length, 32)
      assert.equal(SharedSecretCiphertextBlob?.length, length)
      assert.deepEqual(answer, {
        KeyId: arn,
        SharedSecret,
        SharedSecretCiphertextBlob,
        EncapsulationAlgorithm: 'ML_KEM',
      })
      const opened = await kms.send(
        new DecapsulateCommand({
          KeyId: id,
          SharedSecretCiphertextBlob,
          EncapsulationAlgorithm: 'ML_KEM',
        }),
      )
      assert.deepEqual(opened.SharedSecret, SharedSecret)
    })
  }

  test('another secret each time', async () => {
    const [one, other] = await Promise.all([encapsulate(), encapsulate()])
    assert.notDeepEqual(one.SharedSecret, other.SharedSecret)
    assert.notDeepEqual(one.SharedSecretCiphertextBlob, other.SharedSecretCiphertextBlob)
  })

  test('the key may be named by id, ARN, alias and alias ARN', async () => {
    const named = await aliasSpecKey(kms, 'alias/Kem', key)
    for (const KeyId of [key.id, key.arn, 'alias/Kem', named]) {
      assert.equal((await encapsulate({ KeyId })).KeyId, key.arn)
    }
  })

  test('a key that does not exist is a NotFoundException', async () => {
    await refused(
      encapsulate({ KeyId: absentId }),
      'NotFoundException',
      `Key '${key.arn.replace(key.id, absentId)}' does not exist`,
    )
  })

  test('a dry run encapsulates nothing', async () => {
    await refused(encapsulate({ DryRun: true }), 'DryRunOperationException', dryRun)
  })
})

describe('Encapsulate: record', () => {
  test('the event shows key and algorithm, and neither secret nor ciphertext', async () => {
    const answer = await encapsulate({ KeyId: key.arn })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'Encapsulate')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, { keyId: key.arn, encapsulationAlgorithm: 'ML_KEM' })
    assert.equal(event.responseElements, null)
    assert.deepEqual(event.resources, [resource(key.arn)])
    const text = recordText(trent.data)
    for (const bytes of [answer.SharedSecret, answer.SharedSecretCiphertextBlob]) {
      assert.ok(!text.includes(Buffer.from(bytes ?? []).toString('base64')))
    }
  })

  test('a refused usage has its errorCode, errorMessage and resource', async () => {
    const other = await keyOf('ML_DSA_44', 'SIGN_VERIFY')
    const event = await recordOfRefused(trent, encapsulate({ KeyId: other.id }))
    assert.equal(event.errorCode, 'InvalidKeyUsageException')
    assert.equal(event.errorMessage, usageRefusal(other, 'SIGN_VERIFY', 'Encapsulate'))
    assert.deepEqual(event.resources, [resource(other.arn)])
  })
})
