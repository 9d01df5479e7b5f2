import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  EnableKeyCommand,
  EncryptCommand,
  type EncryptCommandInput,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { absentId, alias, disable, makeKey, scheduleDeletion } from '../support/test-keys.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import {
  deniedAcrossAccounts,
  emptyKeyId,
  encryptionAlgorithms,
  violated,
} from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import { assertRefused } from '../support/wire.ts'

const trent = await startService()
const kms = trent.client()
const key = await makeKey(kms)
const Plaintext = Buffer.from('plain')

const encrypt = (input: Partial<EncryptCommandInput>) =>
  kms.send(new EncryptCommand({ KeyId: key.id, Plaintext, ...input }))

describe('Encrypt: shape', () => {
  test('a plaintext of no bytes is a ValidationException that does not show it', async () => {
    await refused(
      encrypt({ Plaintext: new Uint8Array() }),
      'ValidationException',
      "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1",
    )
  })

  test('a plaintext of 4097 bytes is a ValidationException that does not show it', async () => {
    await refused(
      encrypt({ Plaintext: Buffer.alloc(4097, 'x') }),
      'ValidationException',
      violated("at 'plaintext': have length less than or equal to 4096"),
    )
  })

  test('a missing plaintext is sensitive enough that not even null is shown', async () => {
    await refused(
      encrypt({ Plaintext: undefined }),
      'ValidationException',
      "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must not be null",
    )
  })

  test('a missing KeyId is null at keyId', async () => {
    await refused(
      encrypt({ KeyId: undefined }),
      'ValidationException',
      "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    )
  })

  test('two missing members are two validation errors, joined by a semicolon', async () => {
    await refused(
      encrypt({ KeyId: undefined, Plaintext: undefined }),
      'ValidationException',
      /^2 validation errors detected: Value (null )?at '(keyId|plaintext)' [^;]+ null; Value (null )?at '(keyId|plaintext)' [^;]+ null$/,
    )
  })

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(encrypt({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })

  test('a KeyId of 2049 characters is too long, and shown in full', async () => {
    await refused(
      encrypt({ KeyId: 'k'.repeat(2049) }),
      'ValidationException',
      violated(`'${'k'.repeat(2049)}' at 'keyId': have length less than or equal to 2048`),
    )
  })

  test('a KeyId outside of ASCII fails the pattern, and is shown raw', async () => {
    await refused(
      encrypt({ KeyId: 'キー' }),
      'ValidationException',
      String.raw`1 validation error detected: Value 'キー' at 'keyId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^\p{ASCII}+$`,
    )
  })

  test('an unknown EncryptionAlgorithm is refused with the list as AWS prints it', async () => {
    await refused(
      encrypt({ EncryptionAlgorithm: 'AES_GCM' as 'SYMMETRIC_DEFAULT' }),
      'ValidationException',
      violated(
        `'AES_GCM' at 'encryptionAlgorithm': satisfy enum value set: ${encryptionAlgorithms}`,
      ),
    )
  })

  test('an EncryptionAlgorithm in lower case is none', async () => {
    await refused(
      encrypt({ EncryptionAlgorithm: 'symmetric_default' as 'SYMMETRIC_DEFAULT' }),
      'ValidationException',
      violated(
        `'symmetric_default' at 'encryptionAlgorithm': satisfy enum value set: ${encryptionAlgorithms}`,
      ),
    )
  })

  test('more than ten grant tokens are too many', async () => {
    await refused(
      encrypt({ GrantTokens: Array.from({ length: 11 }, () => 't') }),
      'ValidationException',
      violated(
        "'[t, t, t, t, t, t, t, t, t, t, t]' at 'grantTokens': have length less than or equal to 10",
      ),
    )
  })

  test('an empty grant token is refused at the list', async () => {
    await refused(
      encrypt({ GrantTokens: [''] }),
      'ValidationException',
      violated(
        "'[]' at 'grantTokens': satisfy constraint: [Member must have length less than or equal to 8192, Member must have length greater than or equal to 1]",
      ),
    )
  })

  test('the shape is looked at before the key', async () => {
    await refused(
      encrypt({ KeyId: absentId, Plaintext: new Uint8Array() }),
      'ValidationException',
      violated("at 'plaintext': have length greater than or equal to 1"),
    )
  })

  test('a plaintext that is no base64 is a SerializationException that does not show it', async () => {
    const answer = await sendDocument(trent, 'Encrypt', { KeyId: key.id, Plaintext: 'secret' })
    assertRefused(answer, 'SerializationException', {
      text: 'Value can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 6',
    })
  })

  test('a plaintext sent as an object is found where not expected', async () => {
    const Plaintext = { type: 'Buffer', data: [1] }
    const answer = await sendDocument(trent, 'Encrypt', { KeyId: key.id, Plaintext })
    assertRefused(answer, 'SerializationException', {
      text: 'Start of structure or map found where not expected.',
    })
  })

  test('a member that Encrypt does not know is ignored', async () => {
    const answer = await sendDocument(trent, 'Encrypt', {
      KeyId: key.id,
      Plaintext: 'AAAA',
      NumberOfBytes: 'many',
    })
    assert.equal(answer.status, 200)
  })
})

describe('Encrypt: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const other = await trent.createAccount()
    const theirs = trent.client({ account: other })
    const foreign = await makeKey(theirs)
    const named = await alias(theirs, 'alias/Theirs', foreign)
    for (const KeyId of [
      foreign.arn,
      foreign.arn.replace(foreign.id, absentId),
      named,
      `${named}Not`,
    ]) {
      await refused(
        encrypt({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:Encrypt'),
      )
    }
  })

  test("another account's key id alone names nothing here", async () => {
    const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
    await refused(
      encrypt({ KeyId: foreign.id }),
      'NotFoundException',
      `Key '${key.arn.replace(key.id, foreign.id)}' does not exist`,
    )
  })

  test("another account's number on one's own key does not open it", async () => {
    const { accountId } = await trent.createAccount()
    await refused(
      encrypt({ KeyId: key.arn.replace(trent.accountId, accountId) }),
      'AccessDeniedException',
      deniedAcrossAccounts(trent.accountId, 'kms:Encrypt'),
    )
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(encrypt({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })

  test('an empty list of grant tokens is none', async () => {
    await encrypt({ GrantTokens: [] })
  })
})

describe('Encrypt: state', () => {
  test('a disabled key is disabled, whatever the algorithm', async () => {
    const { id, arn } = await disable(kms, await makeKey(kms))
    await refused(encrypt({ KeyId: id }), 'DisabledException', `${arn} is disabled.`)
    await refused(
      encrypt({ KeyId: arn, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
      'DisabledException',
      `${arn} is disabled.`,
    )
    await kms.send(new EnableKeyCommand({ KeyId: id }))
    await encrypt({ KeyId: id })
  })

  test('a key pending deletion is a KMSInvalidStateException, and disabled when that is cancelled', async () => {
    const { id, arn } = await scheduleDeletion(kms, await makeKey(kms))
    await refused(encrypt({ KeyId: id }), 'KMSInvalidStateException', `${arn} is pending deletion.`)
    await kms.send(new CancelKeyDeletionCommand({ KeyId: id }))
    await refused(encrypt({ KeyId: id }), 'DisabledException', `${arn} is disabled.`)
  })
})

describe('Encrypt: behaviour', () => {
  test('what comes out decrypts, without a KeyId, to what went in', async () => {
    const { $metadata: _, ...encrypted } = await encrypt({ KeyId: key.arn })
    const { CiphertextBlob } = encrypted
    assert.deepEqual(encrypted, {
      CiphertextBlob,
      KeyId: key.arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    })
    const decrypted = await kms.send(new DecryptCommand({ CiphertextBlob }))
    assert.deepEqual(decrypted.Plaintext, new Uint8Array(Plaintext))
    assert.equal(decrypted.KeyMaterialId, key.materialId)
  })

  test('the same plaintext gives another ciphertext each time', async () => {
    const [one, other] = await Promise.all([encrypt({}), encrypt({})])
    assert.notDeepEqual(one.CiphertextBlob, other.CiphertextBlob)
  })

  for (const length of [1, 16, 32, 4095, 4096]) {
    test(`a plaintext of ${length} bytes makes a blob 92 bytes longer, which decrypts`, async () => {
      const plain = Buffer.alloc(length, 0xfe)
      const { CiphertextBlob } = await encrypt({ Plaintext: plain })
      assert.equal(CiphertextBlob?.length, length + 92)
      assert.ok(CiphertextBlob.length <= 6144)
      const { Plaintext: back } = await kms.send(new DecryptCommand({ CiphertextBlob }))
      assert.deepEqual(back, new Uint8Array(plain))
    })
  }

  for (const [kind, plain] of [
    ['text', Buffer.from('some encodeable plaintext')],
    ['bytes that are no UTF-8', Buffer.from('ec8acfb6e9b5ebffa23216', 'hex')],
    ['characters beyond ASCII', Buffer.from('˚∆øˆˆ∆ßçøˆˆ¨¥')],
    ['bytes of zero', Buffer.alloc(7)],
  ] as const) {
    test(`a plaintext of ${kind} comes back as it was`, async () => {
      const { CiphertextBlob } = await encrypt({ Plaintext: plain })
      const { Plaintext: back } = await kms.send(new DecryptCommand({ CiphertextBlob }))
      assert.deepEqual(back, new Uint8Array(plain))
    })
  }

  test('the blob says neither plaintext nor context', async () => {
    const secret = Buffer.from('the secret of the day')
    const { CiphertextBlob } = await encrypt({
      Plaintext: secret,
      EncryptionContext: { purpose: 'the purpose of the day' },
    })
    const blob = Buffer.from(CiphertextBlob ?? [])
    assert.ok(!blob.includes(secret))
    assert.ok(!blob.includes('the purpose of the day'))
  })

  for (const algorithm of ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'] as const) {
    test(`Algorithm ${algorithm} is incompatible with key spec SYMMETRIC_DEFAULT`, async () => {
      await refused(
        encrypt({ EncryptionAlgorithm: algorithm }),
        'InvalidKeyUsageException',
        `Algorithm ${algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.`,
      )
    })
  }

  test('SYMMETRIC_DEFAULT spelt out is the default', async () => {
    const { EncryptionAlgorithm } = await encrypt({ EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
    assert.equal(EncryptionAlgorithm, 'SYMMETRIC_DEFAULT')
  })
})

describe('Encrypt: record', () => {
  test('the event shows key, algorithm, context and key material, and no secret', async () => {
    const secret = Buffer.from('a secret for the record')
    const EncryptionContext = { tenant: 'a', ['__proto__']: 'ü' }
    const answer = await encrypt({ Plaintext: secret, EncryptionContext })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'Encrypt')
    assert.equal(event.readOnly, true)
    assert.equal(event.awsRegion, 'us-east-1')
    assert.equal(event.recipientAccountId, trent.accountId)
    assert.deepEqual(event.userIdentity, {
      type: 'Root',
      principalId: trent.accountId,
      arn: `arn:aws:iam::${trent.accountId}:root`,
      accountId: trent.accountId,
      accessKeyId: trent.credentials.accessKeyId,
    })
    assert.deepEqual(event.requestParameters, {
      keyId: key.id,
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      encryptionContext: { tenant: 'a', ['__proto__']: 'ü' },
    })
    assert.equal(event.responseElements, null)
    assert.deepEqual(event.additionalEventData, { keyMaterialId: key.materialId })
    assert.deepEqual(event.resources, [resource(key.arn)])
    assert.equal(event.errorCode, undefined)
    const text = recordText(trent.data)
    for (const bytes of [secret, Buffer.from(answer.CiphertextBlob ?? [])]) {
      assert.ok(!text.includes(bytes.toString()))
      assert.ok(!text.includes(bytes.toString('base64')))
    }
  })

  test('a key is named as the caller named it, and resolved in resources', async () => {
    const arn = await alias(kms, 'alias/Recorded', key)
    const event = recordOf(trent, await encrypt({ KeyId: 'alias/Recorded' }))
    assert.equal(event.requestParameters?.['keyId'], 'alias/Recorded')
    assert.deepEqual(event.resources, [resource(key.arn)])
    assert.equal(recordOf(trent, await encrypt({ KeyId: arn })).requestParameters?.['keyId'], arn)
  })

  test('a refusal for the state has its errorCode, errorMessage and resource', async () => {
    const off = await disable(kms, await makeKey(kms))
    const event = await recordOfRefused(trent, encrypt({ KeyId: off.id }))
    assert.equal(event.errorCode, 'DisabledException')
    assert.equal(event.errorMessage, `${off.arn} is disabled.`)
    assert.deepEqual(event.resources, [resource(off.arn)])
    assert.equal(event.additionalEventData, undefined)
  })

  test("a refused permission is AccessDenied, in the caller's account, without the resource", async () => {
    const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
    const event = await recordOfRefused(trent, encrypt({ KeyId: foreign.arn }))
    assert.equal(event.errorCode, 'AccessDenied')
    assert.equal(event.errorMessage, deniedAcrossAccounts(trent.accountId, 'kms:Encrypt'))
    assert.equal(event.recipientAccountId, trent.accountId)
    assert.deepEqual(event.resources, [])
  })

  test('a request without its shape is recorded without its parameters', async () => {
    const call = encrypt({ Plaintext: Buffer.alloc(4097, 'secret') })
    const event = await recordOfRefused(trent, call)
    assert.equal(event.errorCode, 'ValidationException')
    assert.equal(event.requestParameters, null)
    assert.ok(!recordText(trent.data).includes('secretsecret'))
  })
})
