import assert from 'node:assert/strict'
import { constants, createPublicKey, publicEncrypt } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  DecryptCommand,
  type DecryptCommandInput,
  EncryptCommand,
  type EncryptCommandInput,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
  GenerateDataKeyWithoutPlaintextCommand,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import { deniedAcrossAccounts, dryRun, eitherLength, incorrectKey } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import {
  absentId,
  algorithmRefusal,
  aliasSpecKey,
  createSpecKey,
  deleteSpecKey,
  disableSpecKey,
  publicKeyOf,
  sharedKeys,
  usageRefusal,
} from '../support/spec-keys.ts'
import { assertRefused } from '../support/wire.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await keyOf('RSA_2048', 'ENCRYPT_DECRYPT')
const Plaintext = Buffer.from('plain')
const CiphertextBlob = await blobOf({ KeyId: key.id, Plaintext })
const contextRefusal =
  'EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.'

/** With the RSA_2048 key of this file and RSAES_OAEP_SHA_256, unless others are named. */
const encrypt = (input: Partial<EncryptCommandInput> = {}) =>
  kms.send(
    new EncryptCommand({
      KeyId: key.id,
      Plaintext,
      EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      ...input,
    }),
  )

/** The same, with a ciphertext of that key. */
const decrypt = (input: Partial<DecryptCommandInput> = {}) =>
  kms.send(
    new DecryptCommand({
      KeyId: key.id,
      CiphertextBlob,
      EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      ...input,
    }),
  )

async function blobOf(input: EncryptCommandInput): Promise<Buffer> {
  const algorithm = { EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' } as const
  const made = await kms.send(new EncryptCommand({ ...algorithm, ...input }))
  return Buffer.from(made.CiphertextBlob ?? [])
}

const limits = [
  ['RSA_2048', 'RSAES_OAEP_SHA_1', 214],
  ['RSA_2048', 'RSAES_OAEP_SHA_256', 190],
  ['RSA_3072', 'RSAES_OAEP_SHA_1', 342],
  ['RSA_3072', 'RSAES_OAEP_SHA_256', 318],
  ['RSA_4096', 'RSAES_OAEP_SHA_1', 470],
  ['RSA_4096', 'RSAES_OAEP_SHA_256', 446],
] as const

describe('RSA encryption: permission', () => {
  test("another account's key neither encrypts nor decrypts", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await createSpecKey(theirs, { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' })
    for (const KeyId of [foreign.arn, foreign.arn.replace(foreign.id, absentId)]) {
      await refused(
        encrypt({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:Encrypt'),
      )
      await refused(
        decrypt({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:Decrypt'),
      )
    }
  })
})

describe('RSA encryption: state', () => {
  test('a signing key is refused for its usage, also when it is disabled', async () => {
    const signer = await createSpecKey(kms, { spec: 'RSA_2048', usage: 'SIGN_VERIFY' })
    for (const change of [undefined, disableSpecKey]) {
      await change?.(kms, signer)
      await refused(
        encrypt({ KeyId: signer.id }),
        'InvalidKeyUsageException',
        usageRefusal(signer, 'SIGN_VERIFY', 'Encrypt'),
      )
      await refused(
        decrypt({ KeyId: signer.id }),
        'InvalidKeyUsageException',
        usageRefusal(signer, 'SIGN_VERIFY', 'Decrypt'),
      )
    }
  })

  for (const [change, code, text, external] of [
    [disableSpecKey, 'DisabledException', 'is disabled.', false],
    [deleteSpecKey, 'KMSInvalidStateException', 'is pending deletion.', false],
    [undefined, 'KMSInvalidStateException', 'is pending import.', true],
  ] as const) {
    test(`a key that ${text} is refused for it, before algorithm, length and ciphertext`, async () => {
      const kind = { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT', external } as const
      const { id, arn } = await createSpecKey(kms, kind)
      await change?.(kms, { id, arn })
      for (const input of [
        {},
        { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
        { Plaintext: Buffer.alloc(4096) },
        { EncryptionContext: { a: 'b' } },
      ] as const) {
        await refused(encrypt({ KeyId: id, ...input }), code, `${arn} ${text}`)
      }
      for (const input of [{}, { CiphertextBlob: Buffer.of(1) }]) {
        await refused(decrypt({ KeyId: id, ...input }), code, `${arn} ${text}`)
      }
    })
  }
})

describe('RSA encryption: algorithm', () => {
  test('Encrypt without an algorithm: SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048', async () => {
    for (const EncryptionAlgorithm of [undefined, 'SYMMETRIC_DEFAULT', 'SM2PKE'] as const) {
      await refused(
        encrypt({ EncryptionAlgorithm }),
        'InvalidKeyUsageException',
        algorithmRefusal(EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT', 'RSA_2048'),
      )
    }
  })

  test('Decrypt without an algorithm looks for a symmetric ciphertext, and finds none', async () => {
    for (const KeyId of [key.id, undefined]) {
      for (const EncryptionAlgorithm of [undefined, 'SYMMETRIC_DEFAULT'] as const) {
        await refused(
          decrypt({ KeyId, EncryptionAlgorithm }),
          'InvalidCiphertextException',
          undefined,
        )
      }
    }
  })

  test('Decrypt with an RSA algorithm: KeyId must not be null', async () => {
    for (const EncryptionAlgorithm of ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const) {
      await refused(
        decrypt({ KeyId: undefined, EncryptionAlgorithm }),
        'ValidationException',
        'KeyId must not be null',
      )
    }
  })

  test('Decrypt of a symmetric ciphertext with an RSA key of whatever usage is an IncorrectKeyException', async () => {
    const symmetric = await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT')
    const made = await kms.send(new EncryptCommand({ KeyId: symmetric.id, Plaintext }))
    for (const usage of ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'] as const) {
      const { id } = await keyOf('RSA_2048', usage)
      await refused(
        decrypt({
          KeyId: id,
          EncryptionAlgorithm: undefined,
          CiphertextBlob: made.CiphertextBlob,
        }),
        'IncorrectKeyException',
        incorrectKey,
      )
    }
  })

  test('a symmetric key is incompatible with RSAES_OAEP_SHA_256, also for a ciphertext of its own', async () => {
    const symmetric = await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT')
    const made = await kms.send(new EncryptCommand({ KeyId: symmetric.id, Plaintext }))
    const text = algorithmRefusal('RSAES_OAEP_SHA_256', 'SYMMETRIC_DEFAULT')
    await refused(encrypt({ KeyId: symmetric.id }), 'InvalidKeyUsageException', text)
    await refused(
      decrypt({ KeyId: symmetric.id, CiphertextBlob: made.CiphertextBlob }),
      'InvalidKeyUsageException',
      text,
    )
  })

  test('an encryption context is not supported with asymmetric CMKs, an empty one is none', async () => {
    const EncryptionContext = { a: 'b' }
    await refused(encrypt({ EncryptionContext }), 'ValidationException', contextRefusal)
    await refused(decrypt({ EncryptionContext }), 'ValidationException', contextRefusal)
    await encrypt({ EncryptionContext: {} })
    await decrypt({ EncryptionContext: {} })
  })

  test('the algorithm is looked at before the encryption context', async () => {
    await refused(
      encrypt({ EncryptionAlgorithm: undefined, EncryptionContext: { a: 'b' } }),
      'InvalidKeyUsageException',
      algorithmRefusal('SYMMETRIC_DEFAULT', 'RSA_2048'),
    )
  })
})

describe('RSA encryption: data keys', () => {
  const dataKeys = [
    [
      'GenerateDataKey',
      (input: GenerateDataKeyCommandInput) => kms.send(new GenerateDataKeyCommand(input)),
    ],
    [
      'GenerateDataKeyWithoutPlaintext',
      (input: GenerateDataKeyCommandInput) =>
        kms.send(new GenerateDataKeyWithoutPlaintextCommand(input)),
    ],
  ] as const

  for (const [operation, generate] of dataKeys) {
    test(`${operation}: You cannot generate a data key with an asymmetric CMK, but the state comes first`, async () => {
      const rsa = await createSpecKey(kms, { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' })
      for (const length of [{ KeySpec: 'AES_256' }, { NumberOfBytes: 7 }] as const) {
        await refused(
          generate({ KeyId: rsa.id, ...length }),
          'InvalidKeyUsageException',
          'You cannot generate a data key with an asymmetric CMK',
        )
      }
      await disableSpecKey(kms, rsa)
      await refused(
        generate({ KeyId: rsa.id, KeySpec: 'AES_256' }),
        'DisabledException',
        `${rsa.arn} is disabled.`,
      )
      await refused(generate({ KeyId: rsa.id }), 'ValidationException', eitherLength)
    })

    test(`${operation}: the usage is not valid for it, but the length comes first`, async () => {
      for (const [spec, usage] of [
        ['RSA_2048', 'SIGN_VERIFY'],
        ['HMAC_256', 'GENERATE_VERIFY_MAC'],
        ['ECC_NIST_P256', 'KEY_AGREEMENT'],
      ] as const) {
        const off = await disableSpecKey(kms, await createSpecKey(kms, { spec, usage }))
        await refused(generate({ KeyId: off.id }), 'ValidationException', eitherLength)
        await refused(
          generate({ KeyId: off.id, KeySpec: 'AES_256' }),
          'InvalidKeyUsageException',
          usageRefusal(off, usage, operation),
        )
      }
    })
  }
})

describe('RSA encryption: behaviour', () => {
  for (const [spec, algorithm, limit] of limits) {
    test(`Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${limit} bytes, but as many`, async () => {
      const { id, arn } = await keyOf(spec, 'ENCRYPT_DECRYPT')
      const by = { KeyId: id, EncryptionAlgorithm: algorithm } as const
      for (const length of [1, limit]) {
        const plain = Buffer.alloc(length, 0xfe)
        const { $metadata: _, ...encrypted } = await encrypt({ ...by, Plaintext: plain })
        const { CiphertextBlob: blob } = encrypted
        assert.equal(blob?.length, Number(spec.slice(4)) / 8)
        assert.deepEqual(encrypted, {
          CiphertextBlob: blob,
          KeyId: arn,
          EncryptionAlgorithm: algorithm,
        })
        const { $metadata: _metadata, ...decrypted } = await decrypt({
          ...by,
          CiphertextBlob: blob,
        })
        assert.deepEqual(decrypted, {
          KeyId: arn,
          Plaintext: new Uint8Array(plain),
          EncryptionAlgorithm: algorithm,
        })
      }
      for (const length of [limit + 1, 4096]) {
        await refused(
          encrypt({ ...by, Plaintext: Buffer.alloc(length) }),
          'ValidationException',
          `Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${limit} bytes.`,
        )
      }
    })
  }

  test('the same plaintext gives another ciphertext each time', async () => {
    const [one, other] = await Promise.all([encrypt(), encrypt()])
    assert.notDeepEqual(one.CiphertextBlob, other.CiphertextBlob)
  })

  test("another key's ciphertext, the other hash, and anything else is an InvalidCiphertextException", async () => {
    const other = await createSpecKey(kms, { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' })
    await refused(decrypt({ KeyId: other.id }), 'InvalidCiphertextException', undefined)
    await refused(
      decrypt({ EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }),
      'InvalidCiphertextException',
      undefined,
    )
    const changed = Buffer.from(CiphertextBlob)
    changed.writeUInt8((changed[255] ?? 0) ^ 1, 255)
    const symmetric = await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT')
    const made = await kms.send(new EncryptCommand({ KeyId: symmetric.id, Plaintext }))
    for (const blob of [
      changed,
      CiphertextBlob.subarray(1),
      CiphertextBlob.subarray(0, 255),
      Buffer.concat([CiphertextBlob, Buffer.of(0)]),
      Buffer.concat([Buffer.of(0), CiphertextBlob]),
      Buffer.alloc(256, 0x11),
      Buffer.alloc(256),
      Buffer.alloc(256, 0xff),
      Buffer.alloc(10, 0x11),
      Buffer.alloc(6144, 0x11),
      made.CiphertextBlob,
    ]) {
      await refused(decrypt({ CiphertextBlob: blob }), 'InvalidCiphertextException', undefined)
    }
  })

  test('a ciphertext that begins with zeroes is refused without them (RFC 8017 section 7.1.2 step 1)', async () => {
    const blob = await blobThatBeginsWithZero()
    const { Plaintext: whole } = await decrypt({ CiphertextBlob: blob })
    assert.deepEqual(whole, new Uint8Array(Plaintext))
    await refused(
      decrypt({ CiphertextBlob: blob.subarray(1) }),
      'InvalidCiphertextException',
      undefined,
    )
  })

  test('on the wire there is no message for a ciphertext that is none', async () => {
    const answer = await sendDocument(trent, 'Decrypt', {
      KeyId: key.id,
      CiphertextBlob: Buffer.alloc(256, 0x11).toString('base64'),
      EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    })
    assertRefused(answer, 'InvalidCiphertextException')
  })

  test('the key may be named by id, ARN, alias and alias ARN', async () => {
    const named = await aliasSpecKey(kms, 'alias/Rsa', key)
    for (const KeyId of [key.id, key.arn, 'alias/Rsa', named]) {
      assert.equal((await encrypt({ KeyId })).KeyId, key.arn)
      assert.equal((await decrypt({ KeyId })).KeyId, key.arn)
    }
  })

  test('a dry run is refused as the call would be, but for what only the ciphertext tells', async () => {
    for (const call of [
      encrypt({ DryRun: true }),
      decrypt({ DryRun: true }),
      decrypt({ DryRun: true, CiphertextBlob: Buffer.of(1) }),
    ]) {
      await refused(call, 'DryRunOperationException', dryRun)
    }
    await refused(
      encrypt({ DryRun: true, Plaintext: Buffer.alloc(191) }),
      'ValidationException',
      'Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.',
    )
  })

  /** Made outside, since only one in 256 ciphertexts does. */
  async function blobThatBeginsWithZero(): Promise<Buffer> {
    const spki = await publicKeyOf(kms, key)
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    for (;;) {
      const blob = publicEncrypt({ key: publicKey, padding, oaepHash: 'sha256' }, Plaintext)
      if (blob[0] === 0) return blob
    }
  }
})

describe('RSA encryption: record', () => {
  test('the events show key and algorithm, and no key material id', async () => {
    const secret = Buffer.from('a secret for the record')
    const encrypted = await encrypt({ KeyId: key.arn, Plaintext: secret })
    const decrypted = await decrypt({
      KeyId: key.arn,
      CiphertextBlob: encrypted.CiphertextBlob,
    })
    for (const [name, answer] of [
      ['Encrypt', encrypted],
      ['Decrypt', decrypted],
    ] as const) {
      const event = recordOf(trent, answer)
      assert.equal(event.eventName, name)
      assert.deepEqual(event.requestParameters, {
        keyId: key.arn,
        encryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      })
      assert.equal(event.additionalEventData, undefined)
      assert.deepEqual(event.resources, [resource(key.arn)])
    }
    const text = recordText(trent.data)
    for (const bytes of [secret, Buffer.from(encrypted.CiphertextBlob ?? [])]) {
      assert.ok(!text.includes(bytes.toString('base64')))
    }
  })

  test('a ciphertext that is none is an event with its errorCode and no errorMessage', async () => {
    const event = await recordOfRefused(trent, decrypt({ CiphertextBlob: Buffer.of(1) }))
    assert.equal(event.errorCode, 'InvalidCiphertextException')
    assert.equal(event.errorMessage, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
  })
})
