import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type DataKeyPairSpec,
  DecryptCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  type GenerateDataKeyPairWithoutPlaintextCommandInput,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { assertPair, pairSpecs, printedPairSpecs } from '../support/key-pairs.ts'
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
import { makeKey } from '../support/test-keys.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await makeKey(kms)

/** A P-256 pair under the symmetric key of this file, unless others are named. */
const generate = (input: Partial<GenerateDataKeyPairWithoutPlaintextCommandInput> = {}) =>
  kms.send(
    new GenerateDataKeyPairWithoutPlaintextCommand({
      KeyId: key.id,
      KeyPairSpec: 'ECC_NIST_P256',
      ...input,
    }),
  )

describe('GenerateDataKeyPairWithoutPlaintext: shape', () => {
  test('an unknown KeyPairSpec is refused with the list of all', async () => {
    for (const spec of ['AES_256', 'ML_DSA_44', 'HMAC_256', 'rsa_2048']) {
      await refused(
        generate({ KeyId: absentId, KeyPairSpec: spec as DataKeyPairSpec }),
        'ValidationException',
        violated(`'${spec}' at 'keyPairSpec': satisfy enum value set: ${printedPairSpecs}`),
      )
    }
  })

  test('a missing KeyPairSpec is null at keyPairSpec', async () => {
    await refused(
      generate({ KeyPairSpec: undefined }),
      'ValidationException',
      violated("null at 'keyPairSpec': not be null"),
    )
  })

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(generate({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })
})

describe('GenerateDataKeyPairWithoutPlaintext: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
    for (const KeyId of [foreign.arn, foreign.arn.replace(foreign.id, absentId)]) {
      await refused(
        generate({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:GenerateDataKeyPairWithoutPlaintext'),
      )
    }
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(generate({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('GenerateDataKeyPairWithoutPlaintext: state', () => {
  for (const [spec, usage] of [
    ['RSA_2048', 'SIGN_VERIFY'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['ECC_NIST_P256', 'KEY_AGREEMENT'],
    ['ML_KEM_512', 'ENCAPSULATE_DECAPSULATE'],
  ] as const) {
    test(`a ${spec} key's usage is ${usage}, which is not valid for GenerateDataKeyPairWithoutPlaintext`, async () => {
      const other = await keyOf(spec, usage)
      await refused(
        generate({ KeyId: other.id }),
        'InvalidKeyUsageException',
        usageRefusal(other, usage, 'GenerateDataKeyPairWithoutPlaintext'),
      )
    })
  }

  test('the usage is looked at before the state', async () => {
    const off = await disableSpecKey(
      kms,
      await createSpecKey(kms, { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' }),
    )
    await refused(
      generate({ KeyId: off.id }),
      'InvalidKeyUsageException',
      usageRefusal(off, 'GENERATE_VERIFY_MAC', 'GenerateDataKeyPairWithoutPlaintext'),
    )
  })

  test('a key KeySpec of RSA_2048 is not valid for GenerateDataKeyPairWithoutPlaintext, but the state comes first', async () => {
    const rsa = await createSpecKey(kms, { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' })
    await refused(
      generate({ KeyId: rsa.id }),
      'InvalidKeyUsageException',
      `${rsa.arn} key KeySpec is RSA_2048 which is not valid for GenerateDataKeyPairWithoutPlaintext.`,
    )
    await disableSpecKey(kms, rsa)
    await refused(generate({ KeyId: rsa.id }), 'DisabledException', `${rsa.arn} is disabled.`)
  })

  for (const [change, code, text, external] of [
    [disableSpecKey, 'DisabledException', 'is disabled.', false],
    [deleteSpecKey, 'KMSInvalidStateException', 'is pending deletion.', false],
    [undefined, 'KMSInvalidStateException', 'is pending import.', true],
  ] as const) {
    test(`a key that ${text} is refused for it`, async () => {
      const kind = { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', external } as const
      const { id, arn } = await createSpecKey(kms, kind)
      await change?.(kms, { id, arn })
      await refused(generate({ KeyId: id }), code, `${arn} ${text}`)
    })
  }
})

describe('GenerateDataKeyPairWithoutPlaintext: behaviour', () => {
  for (const [spec, length] of pairSpecs) {
    test(`${spec}: a public half of ${length} bytes, and the encrypted half of the same pair`, async () => {
      const { $metadata: _, ...answer } = await generate({ KeyPairSpec: spec })
      const { PrivateKeyCiphertextBlob, PublicKey } = answer
      assert.ok(PrivateKeyCiphertextBlob && PublicKey)
      assert.deepEqual(answer, {
        PrivateKeyCiphertextBlob,
        PublicKey,
        KeyId: key.arn,
        KeyPairSpec: spec,
        KeyMaterialId: key.materialId,
      })
      assert.equal(PublicKey.length, length)
      const { Plaintext } = await kms.send(
        new DecryptCommand({ CiphertextBlob: PrivateKeyCiphertextBlob }),
      )
      assertPair(Plaintext ?? Buffer.of(), PublicKey)
    })
  }

  test('on the wire there is no plaintext either', async () => {
    const answer = await sendDocument(trent, 'GenerateDataKeyPairWithoutPlaintext', {
      KeyId: key.id,
      KeyPairSpec: 'ECC_NIST_EDWARDS25519',
    })
    assert.deepEqual(Object.keys(JSON.parse(answer.body) as object).sort(), [
      'KeyId',
      'KeyMaterialId',
      'KeyPairSpec',
      'PrivateKeyCiphertextBlob',
      'PublicKey',
    ])
  })

  test('another pair each time', async () => {
    const [one, other] = await Promise.all([generate(), generate()])
    assert.notDeepEqual(one.PublicKey, other.PublicKey)
  })

  test('the private key is bound to its encryption context', async () => {
    const EncryptionContext = { owner: 'a' }
    const { PrivateKeyCiphertextBlob: CiphertextBlob } = await generate({ EncryptionContext })
    await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
    await refused(
      kms.send(new DecryptCommand({ CiphertextBlob })),
      'InvalidCiphertextException',
      undefined,
    )
  })

  test('KeyPairSpec SM2 is not supported in this Region', async () => {
    await refused(
      generate({ KeyPairSpec: 'SM2' }),
      'UnsupportedOperationException',
      'KeyPairSpec SM2 is not supported in this Region',
    )
  })

  test('the key may be named by id, ARN, alias and alias ARN', async () => {
    const named = await aliasSpecKey(kms, 'alias/Wrapping', key)
    for (const KeyId of [key.id, key.arn, 'alias/Wrapping', named]) {
      assert.equal((await generate({ KeyId })).KeyId, key.arn)
    }
  })

  test('a key that does not exist is a NotFoundException', async () => {
    await refused(
      generate({ KeyId: absentId }),
      'NotFoundException',
      `Key '${key.arn.replace(key.id, absentId)}' does not exist`,
    )
  })

  test('a dry run makes no pair, and is refused as the call would be', async () => {
    await refused(
      generate({ DryRun: true, KeyPairSpec: 'RSA_4096' }),
      'DryRunOperationException',
      dryRun,
    )
    const mac = await keyOf('HMAC_256', 'GENERATE_VERIFY_MAC')
    await refused(
      generate({ DryRun: true, KeyId: mac.id }),
      'InvalidKeyUsageException',
      usageRefusal(mac, 'GENERATE_VERIFY_MAC', 'GenerateDataKeyPairWithoutPlaintext'),
    )
  })
})

describe('GenerateDataKeyPairWithoutPlaintext: record', () => {
  test('the event shows key, KeyPairSpec, context and key material, and neither half of the pair', async () => {
    const EncryptionContext = { tenant: 'a' }
    const answer = await generate({ KeyId: key.arn, EncryptionContext })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'GenerateDataKeyPairWithoutPlaintext')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, {
      keyPairSpec: 'ECC_NIST_P256',
      keyId: key.arn,
      encryptionContext: EncryptionContext,
    })
    assert.equal(event.responseElements, null)
    assert.deepEqual(event.additionalEventData, { keyMaterialId: key.materialId })
    assert.deepEqual(event.resources, [resource(key.arn)])
    const text = recordText(trent.data)
    for (const bytes of [answer.PrivateKeyCiphertextBlob, answer.PublicKey]) {
      assert.ok(!text.includes(Buffer.from(bytes ?? []).toString('base64')))
    }
  })

  test('a refused usage has its errorCode, errorMessage and resource', async () => {
    const mac = await keyOf('HMAC_256', 'GENERATE_VERIFY_MAC')
    const event = await recordOfRefused(trent, generate({ KeyId: mac.id }))
    assert.equal(event.errorCode, 'InvalidKeyUsageException')
    assert.equal(
      event.errorMessage,
      usageRefusal(mac, 'GENERATE_VERIFY_MAC', 'GenerateDataKeyPairWithoutPlaintext'),
    )
    assert.deepEqual(event.resources, [resource(mac.arn)])
  })
})
