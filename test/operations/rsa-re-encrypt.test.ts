import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecryptCommand,
  EncryptCommand,
  type EncryptionAlgorithmSpec,
  ReEncryptCommand,
  type ReEncryptCommandInput,
} from '@aws-sdk/client-kms'
import { recordOf, recordOfRefused, resource } from '../support/record.ts'
import { deniedAcrossAccounts, dryRun } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import {
  absentId,
  algorithmRefusal,
  createSpecKey,
  disableSpecKey,
  type SpecKey,
  sharedKeys,
  usageRefusal,
} from '../support/spec-keys.ts'
import { makeKey } from '../support/test-keys.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const symmetric = await makeKey(kms)
const rsa = await keyOf('RSA_2048', 'ENCRYPT_DECRYPT')
const Plaintext = Buffer.from('plain')
const symmetricBlob = await blobOf(symmetric, 'SYMMETRIC_DEFAULT')
const rsaBlob = await blobOf(rsa, 'RSAES_OAEP_SHA_256')
const contextRefusal =
  'EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.'

/** From the symmetric key of this file to the RSA key. */
const toRsa = (input: Partial<ReEncryptCommandInput> = {}) =>
  kms.send(
    new ReEncryptCommand({
      CiphertextBlob: symmetricBlob,
      DestinationKeyId: rsa.id,
      DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      ...input,
    }),
  )

/** From the RSA key of this file to the symmetric key. */
const fromRsa = (input: Partial<ReEncryptCommandInput> = {}) =>
  kms.send(
    new ReEncryptCommand({
      CiphertextBlob: rsaBlob,
      SourceKeyId: rsa.id,
      SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      DestinationKeyId: symmetric.id,
      ...input,
    }),
  )

async function blobOf(
  key: SpecKey,
  algorithm: EncryptionAlgorithmSpec,
  plain: Uint8Array = Plaintext,
): Promise<Buffer> {
  const made = await kms.send(
    new EncryptCommand({ KeyId: key.id, Plaintext: plain, EncryptionAlgorithm: algorithm }),
  )
  return Buffer.from(made.CiphertextBlob ?? [])
}

async function decrypted(
  CiphertextBlob: Uint8Array | undefined,
  key: SpecKey,
  EncryptionAlgorithm: EncryptionAlgorithmSpec,
): Promise<Buffer> {
  const answer = await kms.send(
    new DecryptCommand({ CiphertextBlob, KeyId: key.id, EncryptionAlgorithm }),
  )
  return Buffer.from(answer.Plaintext ?? [])
}

describe('ReEncrypt with RSA: permission', () => {
  test("another account's RSA key is neither source nor destination", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await createSpecKey(theirs, { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' })
    for (const arn of [foreign.arn, foreign.arn.replace(foreign.id, absentId)]) {
      await refused(
        toRsa({ DestinationKeyId: arn }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:ReEncryptTo'),
      )
      await refused(
        fromRsa({ SourceKeyId: arn }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:ReEncryptFrom'),
      )
    }
  })
})

describe('ReEncrypt with RSA: state', () => {
  test('a signing key is refused for its usage, by the action on it', async () => {
    const signer = await keyOf('RSA_2048', 'SIGN_VERIFY')
    await refused(
      toRsa({ DestinationKeyId: signer.id }),
      'InvalidKeyUsageException',
      usageRefusal(signer, 'SIGN_VERIFY', 'ReEncryptTo'),
    )
    await refused(
      fromRsa({ SourceKeyId: signer.id }),
      'InvalidKeyUsageException',
      usageRefusal(signer, 'SIGN_VERIFY', 'ReEncryptFrom'),
    )
  })

  test('a disabled RSA key is disabled, as source and as destination', async () => {
    const off = await disableSpecKey(
      kms,
      await createSpecKey(kms, { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' }),
    )
    for (const call of [
      () => toRsa({ DestinationKeyId: off.id }),
      () => fromRsa({ SourceKeyId: off.id, CiphertextBlob: Buffer.of(1) }),
    ]) {
      await refused(call(), 'DisabledException', `${off.arn} is disabled.`)
    }
  })

  test('an RSA key without its imported material is pending import', async () => {
    const kind = { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT', external: true } as const
    const waiting = await createSpecKey(kms, kind)
    await refused(
      toRsa({ DestinationKeyId: waiting.id }),
      'KMSInvalidStateException',
      `${waiting.arn} is pending import.`,
    )
  })
})

describe('ReEncrypt with RSA: algorithm', () => {
  test('the algorithm of each side must be of its key', async () => {
    await refused(
      toRsa({ DestinationEncryptionAlgorithm: undefined }),
      'InvalidKeyUsageException',
      algorithmRefusal('SYMMETRIC_DEFAULT', 'RSA_2048'),
    )
    await refused(
      fromRsa({ DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }),
      'InvalidKeyUsageException',
      algorithmRefusal('RSAES_OAEP_SHA_1', 'SYMMETRIC_DEFAULT'),
    )
    await refused(
      fromRsa({ SourceKeyId: symmetric.id }),
      'InvalidKeyUsageException',
      algorithmRefusal('RSAES_OAEP_SHA_256', 'SYMMETRIC_DEFAULT'),
    )
  })

  test('an RSA ciphertext without its algorithm is an InvalidCiphertextException', async () => {
    await refused(
      fromRsa({ SourceEncryptionAlgorithm: undefined }),
      'InvalidCiphertextException',
      undefined,
    )
  })

  test('an RSA ciphertext without the key of its source is a ValidationException', async () => {
    await refused(fromRsa({ SourceKeyId: undefined }), 'ValidationException', /must not be null$/)
  })

  test('an encryption context goes with the symmetric side alone', async () => {
    const context = { a: 'b' }
    await refused(
      toRsa({ DestinationEncryptionContext: context }),
      'ValidationException',
      contextRefusal,
    )
    await refused(
      fromRsa({ SourceEncryptionContext: context }),
      'ValidationException',
      contextRefusal,
    )
    const { CiphertextBlob } = await fromRsa({ DestinationEncryptionContext: context })
    const there = { CiphertextBlob, SourceEncryptionContext: context }
    assert.equal((await toRsa(there)).KeyId, rsa.arn)
  })
})

describe('ReEncrypt with RSA: behaviour', () => {
  test('symmetric to RSA: both key ARNs and algorithms, and the key material of the source alone', async () => {
    const { $metadata: _, ...answer } = await toRsa()
    const { CiphertextBlob } = answer
    assert.equal(CiphertextBlob?.length, 256)
    assert.deepEqual(answer, {
      CiphertextBlob,
      SourceKeyId: symmetric.arn,
      KeyId: rsa.arn,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      SourceKeyMaterialId: symmetric.materialId,
    })
    assert.deepEqual(await decrypted(CiphertextBlob, rsa, 'RSAES_OAEP_SHA_256'), Plaintext)
  })

  test('RSA to symmetric: both key ARNs and algorithms, and the key material of the destination alone', async () => {
    const { $metadata: _, ...answer } = await fromRsa()
    const { CiphertextBlob } = answer
    assert.deepEqual(answer, {
      CiphertextBlob,
      SourceKeyId: rsa.arn,
      KeyId: symmetric.arn,
      SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationKeyMaterialId: symmetric.materialId,
    })
    assert.deepEqual(await decrypted(CiphertextBlob, symmetric, 'SYMMETRIC_DEFAULT'), Plaintext)
  })

  test('RSA to RSA, to another key and to the same key with the other hash', async () => {
    const larger = await keyOf('RSA_3072', 'ENCRYPT_DECRYPT')
    for (const [to, algorithm] of [
      [larger, 'RSAES_OAEP_SHA_256'],
      [rsa, 'RSAES_OAEP_SHA_1'],
    ] as const) {
      const { $metadata: _, ...answer } = await fromRsa({
        DestinationKeyId: to.id,
        DestinationEncryptionAlgorithm: algorithm,
      })
      const { CiphertextBlob } = answer
      assert.deepEqual(answer, {
        CiphertextBlob,
        SourceKeyId: rsa.arn,
        KeyId: to.arn,
        SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
        DestinationEncryptionAlgorithm: algorithm,
      })
      assert.deepEqual(await decrypted(CiphertextBlob, to, algorithm), Plaintext)
    }
  })

  test('a ciphertext of another RSA key, or of the other hash, is an InvalidCiphertextException', async () => {
    const other = await createSpecKey(kms, { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' })
    for (const input of [
      { SourceKeyId: other.id },
      { SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_1' },
      { CiphertextBlob: Buffer.alloc(256, 0x11) },
      { CiphertextBlob: symmetricBlob },
    ] as const) {
      await refused(fromRsa(input), 'InvalidCiphertextException', undefined)
    }
  })

  test('a plaintext may be too long for the destination', async () => {
    const CiphertextBlob = await blobOf(symmetric, 'SYMMETRIC_DEFAULT', Buffer.alloc(191))
    await refused(
      toRsa({ CiphertextBlob }),
      'ValidationException',
      'Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.',
    )
    await toRsa({ CiphertextBlob, DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })
  })

  test('a dry run checks both keys and encrypts nothing', async () => {
    for (const call of [toRsa({ DryRun: true }), fromRsa({ DryRun: true })]) {
      await refused(call, 'DryRunOperationException', dryRun)
    }
    await refused(
      toRsa({ DryRun: true, DestinationEncryptionAlgorithm: undefined }),
      'InvalidKeyUsageException',
      algorithmRefusal('SYMMETRIC_DEFAULT', 'RSA_2048'),
    )
  })
})

describe('ReEncrypt with RSA: record', () => {
  test('the event shows both keys, source first, both algorithms, and the key material of the symmetric side', async () => {
    const event = recordOf(trent, await toRsa({ SourceKeyId: symmetric.arn }))
    assert.equal(event.eventName, 'ReEncrypt')
    assert.deepEqual(event.requestParameters, {
      sourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      sourceKeyId: symmetric.arn,
      destinationKeyId: rsa.id,
      destinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    })
    assert.deepEqual(event.additionalEventData, { sourceKeyMaterialId: symmetric.materialId })
    assert.deepEqual(event.resources, [resource(symmetric.arn), resource(rsa.arn)])
    const back = recordOf(trent, await fromRsa())
    assert.deepEqual(back.additionalEventData, { destinationKeyMaterialId: symmetric.materialId })
    assert.deepEqual(back.resources, [resource(rsa.arn), resource(symmetric.arn)])
  })

  test('a destination of the wrong usage is an event with its errorCode and both keys', async () => {
    const signer = await keyOf('RSA_2048', 'SIGN_VERIFY')
    const event = await recordOfRefused(trent, toRsa({ DestinationKeyId: signer.id }))
    assert.equal(event.errorCode, 'InvalidKeyUsageException')
    assert.equal(event.errorMessage, usageRefusal(signer, 'SIGN_VERIFY', 'ReEncryptTo'))
    assert.deepEqual(event.resources, [resource(symmetric.arn), resource(signer.arn)])
  })
})
