import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecryptCommand,
  type DecryptCommandInput,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
} from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import {
  absentId,
  alias,
  disable,
  letIn,
  makeKey,
  scheduleDeletion,
  type TestKey,
} from '../support/test-keys.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import {
  deniedAcrossAccounts,
  deniedCiphertext,
  emptyKeyId,
  encryptionAlgorithms,
  incorrectKey,
  violated,
} from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import { assertRefused } from '../support/wire.ts'

const trent = await startService()
const kms = trent.client()
const key = await makeKey(kms)
const plain = Buffer.from('plain')
const CiphertextBlob = await blobOf(key)

const decrypt = (input: DecryptCommandInput) => kms.send(new DecryptCommand(input))

async function blobOf(of: TestKey, client = kms): Promise<Uint8Array> {
  const input = { KeyId: of.id, Plaintext: plain }
  const { CiphertextBlob: blob } = await client.send(new EncryptCommand(input))
  return blob ?? assert.fail('no blob')
}

describe('Decrypt: shape', () => {
  test('without a CiphertextBlob, null is shown at ciphertextBlob', async () => {
    await refused(
      decrypt({ CiphertextBlob: undefined }),
      'ValidationException',
      "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    )
  })

  test('a KeyId alone does not make up for a missing CiphertextBlob', async () => {
    await refused(
      decrypt({ CiphertextBlob: undefined, KeyId: key.id }),
      'ValidationException',
      violated("null at 'ciphertextBlob': not be null"),
    )
  })

  test('a CiphertextBlob of no bytes is too short', async () => {
    await refused(
      decrypt({ CiphertextBlob: new Uint8Array() }),
      'ValidationException',
      "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length greater than or equal to 1",
    )
  })

  test('a CiphertextBlob of 6145 bytes is too long', async () => {
    await refused(
      decrypt({ CiphertextBlob: Buffer.alloc(6145) }),
      'ValidationException',
      violated("at 'ciphertextBlob': have length less than or equal to 6144"),
    )
  })

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(
      decrypt({ CiphertextBlob, KeyId: '' }),
      'ValidationException',
      emptyKeyId('keyId'),
    )
  })

  test('an unknown EncryptionAlgorithm is refused with the list as AWS prints it', async () => {
    await refused(
      decrypt({ CiphertextBlob, EncryptionAlgorithm: 'RSA' as 'SYMMETRIC_DEFAULT' }),
      'ValidationException',
      violated(`'RSA' at 'encryptionAlgorithm': satisfy enum value set: ${encryptionAlgorithms}`),
    )
  })

  test('the shape is looked at before the key', async () => {
    await refused(
      decrypt({ CiphertextBlob: new Uint8Array(), KeyId: absentId }),
      'ValidationException',
      violated("at 'ciphertextBlob': have length greater than or equal to 1"),
    )
  })

  test('a CiphertextBlob that is no base64 is a SerializationException', async () => {
    const answer = await sendDocument(trent, 'Decrypt', { CiphertextBlob: 'foobar' })
    assertRefused(answer, 'SerializationException', {
      text: "'foobar' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 6",
    })
  })

  test('a CiphertextBlob in base64url is a SerializationException, not another blob', async () => {
    const answer = await sendDocument(trent, 'Decrypt', { CiphertextBlob: '_-_-' })
    assertRefused(answer, 'SerializationException', {
      text: "'_-_-' can not be converted to a Blob: Invalid Base64 character: '_'",
    })
  })

  test('a Recipient is refused, and never answered with the plaintext', async () => {
    await refused(
      decrypt({
        CiphertextBlob,
        Recipient: {
          KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
          AttestationDocument: Buffer.from('document'),
        },
      }),
      'UnsupportedOperationException',
      'Recipient is not built yet.',
    )
  })
})

describe('Decrypt: permission', () => {
  test("without a KeyId, another account's ciphertext is refused as if its key did not exist", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    await refused(
      decrypt({ CiphertextBlob: await blobOf(await makeKey(theirs), theirs) }),
      'AccessDeniedException',
      deniedCiphertext(trent.accountId, 'kms:Decrypt'),
    )
  })

  test('without a KeyId, a ciphertext whose key nobody has is refused alike', async () => {
    const blob = Uint8Array.from(CiphertextBlob)
    blob.fill(7, 4, 20)
    await refused(
      decrypt({ CiphertextBlob: blob }),
      'AccessDeniedException',
      deniedCiphertext(trent.accountId, 'kms:Decrypt'),
    )
  })

  test('without a KeyId, a ciphertext of another region is refused alike', async () => {
    const elsewhere = trent.client({ region: 'eu-west-1' })
    await refused(
      elsewhere.send(new DecryptCommand({ CiphertextBlob })),
      'AccessDeniedException',
      deniedCiphertext(trent.accountId, 'kms:Decrypt'),
    )
  })

  test("another account's key is refused alike whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await makeKey(theirs)
    const named = await alias(theirs, 'alias/Theirs', foreign)
    const blob = await blobOf(foreign, theirs)
    for (const KeyId of [
      foreign.arn,
      foreign.arn.replace(foreign.id, absentId),
      named,
      `${named}0`,
    ])
      await refused(
        decrypt({ CiphertextBlob: blob, KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:Decrypt'),
      )
  })

  test("another account's key goes by its id alone, where its ciphertext says the same and it lets the caller", async () => {
    const account = await trent.createAccount()
    const theirs = trent.client({ account })
    const [open, closed] = [await makeKey(theirs), await makeKey(theirs)]
    await letIn(theirs, open.id, [account.accountId, trent.accountId])
    const blob = await blobOf(open, theirs)
    const answer = await decrypt({ CiphertextBlob: blob, KeyId: open.id })
    assert.equal(answer.KeyId, open.arn)
    assert.deepEqual(Buffer.from(answer.Plaintext ?? []), plain)
    const noSuchKey = (id: string) => `Key '${key.arn.replace(key.id, id)}' does not exist`
    for (const [CiphertextBlob, KeyId] of [
      [await blobOf(closed, theirs), closed.id],
      [blob, closed.id],
      [await blobOf(closed, theirs), open.id],
    ] as const)
      await refused(decrypt({ CiphertextBlob, KeyId }), 'NotFoundException', noSuchKey(KeyId))
  })

  test("another account's key with one's own ciphertext is AccessDenied before IncorrectKey", async () => {
    const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
    await refused(
      decrypt({ CiphertextBlob, KeyId: foreign.arn }),
      'AccessDeniedException',
      deniedAcrossAccounts(trent.accountId, 'kms:Decrypt'),
    )
  })

  test('a KeyId that names nothing is a NotFoundException, not AccessDenied', async () => {
    await refused(
      decrypt({ CiphertextBlob, KeyId: absentId }),
      'NotFoundException',
      `Key '${key.arn.replace(key.id, absentId)}' does not exist`,
    )
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException, with a KeyId or without', async () => {
    for (const KeyId of [key.id, undefined])
      await refused(
        decrypt({ CiphertextBlob, KeyId, GrantTokens: ['token'] }),
        'InvalidGrantTokenException',
        undefined,
      )
  })
})

describe('Decrypt: state', () => {
  test('a disabled key is disabled, with its KeyId or without', async () => {
    const off = await makeKey(kms)
    const blob = await blobOf(off)
    await disable(kms, off)
    for (const KeyId of [off.id, off.arn, undefined])
      await refused(
        decrypt({ CiphertextBlob: blob, KeyId }),
        'DisabledException',
        `${off.arn} is disabled.`,
      )
    await kms.send(new EnableKeyCommand({ KeyId: off.id }))
    await decrypt({ CiphertextBlob: blob })
  })

  test('a key pending deletion is a KMSInvalidStateException, with its KeyId or without', async () => {
    const leaving = await makeKey(kms)
    const blob = await blobOf(leaving)
    await scheduleDeletion(kms, leaving)
    for (const KeyId of [leaving.id, undefined])
      await refused(
        decrypt({ CiphertextBlob: blob, KeyId }),
        'KMSInvalidStateException',
        `${leaving.arn} is pending deletion.`,
      )
  })

  test('the state is looked at before the ciphertext is tried', async () => {
    const off = await makeKey(kms)
    const blob = Uint8Array.from(await blobOf(off))
    blob[blob.length - 1] = (blob[blob.length - 1] ?? 0) ^ 1
    await disable(kms, off)
    await refused(
      decrypt({ CiphertextBlob: blob, KeyId: off.id }),
      'DisabledException',
      `${off.arn} is disabled.`,
    )
  })

  test('the state is looked at before the algorithm', async () => {
    const off = await makeKey(kms)
    const blob = await blobOf(off)
    await disable(kms, off)
    await refused(
      decrypt({ CiphertextBlob: blob, KeyId: off.id, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
      'DisabledException',
      `${off.arn} is disabled.`,
    )
  })

  test('of a key that did not encrypt, the state is not looked at', async () => {
    for (const other of [
      await disable(kms, await makeKey(kms)),
      await scheduleDeletion(kms, await makeKey(kms)),
    ])
      await refused(
        decrypt({ CiphertextBlob, KeyId: other.id }),
        'IncorrectKeyException',
        incorrectKey,
      )
  })
})

describe('Decrypt: behaviour', () => {
  test('the answer has the key ARN, the plaintext, the algorithm and the key material id', async () => {
    const { $metadata: _, ...decrypted } = await decrypt({ CiphertextBlob })
    assert.deepEqual(decrypted, {
      KeyId: key.arn,
      Plaintext: new Uint8Array(plain),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      KeyMaterialId: key.materialId,
    })
  })

  test('the key material id has 64 hexadecimal digits, and is that of the key', async () => {
    const { KeyMaterialId } = await decrypt({ CiphertextBlob })
    assert.match(KeyMaterialId ?? '', /^[0-9a-f]{64}$/)
    const other = await makeKey(kms)
    assert.notEqual(other.materialId, key.materialId)
    const { KeyMaterialId: theirs } = await decrypt({ CiphertextBlob: await blobOf(other) })
    assert.equal(theirs, other.materialId)
  })

  test('the key that encrypted may be named in any form', async () => {
    const named = await alias(kms, 'alias/Decrypts', key)
    for (const KeyId of [key.id, key.arn, 'alias/Decrypts', named]) {
      const { KeyId: shown } = await decrypt({ CiphertextBlob, KeyId })
      assert.equal(shown, key.arn)
    }
  })

  test('another key than the one that encrypted is an IncorrectKeyException', async () => {
    const other = await makeKey(kms)
    await refused(
      decrypt({ CiphertextBlob, KeyId: other.id }),
      'IncorrectKeyException',
      incorrectKey,
    )
  })

  test('an IncorrectKeyException comes before a wrong encryption context', async () => {
    const other = await makeKey(kms)
    await refused(
      decrypt({ CiphertextBlob, KeyId: other.id, EncryptionContext: { wrong: 'context' } }),
      'IncorrectKeyException',
      incorrectKey,
    )
  })

  for (const [what, blob] of [
    ['one byte', Buffer.from('x')],
    ['rubbish', Buffer.from('this is no ciphertext at all, however long it may be '.repeat(4))],
    ['6144 bytes of zero', Buffer.alloc(6144)],
    ["the first bytes of AWS's own blobs", Buffer.from(`0102020078${'ab'.repeat(179)}`, 'hex')],
    ['the size of an RSA ciphertext', Buffer.alloc(256, 0x5a)],
  ] as const) {
    test(`${what} is an InvalidCiphertextException without message, with a KeyId or without`, async () => {
      for (const KeyId of [key.id, undefined])
        await refused(
          decrypt({ CiphertextBlob: blob, KeyId }),
          'InvalidCiphertextException',
          undefined,
        )
    })
  }

  test('on the wire an InvalidCiphertextException has no message member', async () => {
    const answer = await sendDocument(trent, 'Decrypt', { CiphertextBlob: 'AAAA' })
    assertRefused(answer, 'InvalidCiphertextException')
  })

  test('on the wire an AccessDeniedException spells its Message with a capital', async () => {
    const blob = Buffer.from(CiphertextBlob).fill(7, 4, 20).toString('base64')
    const answer = await sendDocument(trent, 'Decrypt', { CiphertextBlob: blob })
    assert.deepEqual(JSON.parse(answer.body), {
      __type: 'AccessDeniedException',
      Message: deniedCiphertext(trent.accountId, 'kms:Decrypt'),
    })
  })

  test('Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT, even with a blob of the key', async () => {
    for (const blob of [CiphertextBlob, Buffer.from('garbage')])
      await refused(
        decrypt({ CiphertextBlob: blob, KeyId: key.id, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
        'InvalidKeyUsageException',
        'Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.',
      )
  })

  for (const algorithm of ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'] as const) {
    test(`KeyId must not be null when the EncryptionAlgorithm is ${algorithm}`, async () => {
      await refused(
        decrypt({ CiphertextBlob, EncryptionAlgorithm: algorithm }),
        'ValidationException',
        'KeyId must not be null',
      )
    })
  }

  test('a data key decrypts as any other ciphertext', async () => {
    const data = await kms.send(new GenerateDataKeyCommand({ KeyId: key.id, KeySpec: 'AES_256' }))
    const { Plaintext } = await decrypt({ CiphertextBlob: data.CiphertextBlob })
    assert.deepEqual(Plaintext, data.Plaintext)
  })

  test('ciphertext of a deleted key is refused as if the key had never been', async () => {
    const gone = await makeKey(kms)
    const blob = await blobOf(gone)
    await scheduleDeletion(kms, gone)
    trent.turn(7 * 86_400_000)
    await refused(
      decrypt({ CiphertextBlob: blob }),
      'AccessDeniedException',
      deniedCiphertext(trent.accountId, 'kms:Decrypt'),
    )
    await refused(
      decrypt({ CiphertextBlob: blob, KeyId: gone.id }),
      'NotFoundException',
      `Key '${gone.arn}' does not exist`,
    )
  })
})

describe('Decrypt: record', () => {
  test('without a KeyId, the event shows the ARN of the key that decrypted', async () => {
    const event = recordOf(trent, await decrypt({ CiphertextBlob }))
    assert.equal(event.eventName, 'Decrypt')
    assert.equal(event.readOnly, true)
    assert.equal(event.userIdentity['arn'], `arn:aws:iam::${trent.accountId}:root`)
    assert.deepEqual(event.requestParameters, {
      keyId: key.arn,
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    })
    assert.equal(event.responseElements, null)
    assert.deepEqual(event.additionalEventData, { keyMaterialId: key.materialId })
    assert.deepEqual(event.resources, [resource(key.arn)])
  })

  test('with a KeyId, the event shows it as it was sent', async () => {
    const event = recordOf(trent, await decrypt({ CiphertextBlob, KeyId: key.id }))
    assert.equal(event.requestParameters?.['keyId'], key.id)
    assert.deepEqual(event.resources, [resource(key.arn)])
  })

  test('the encryption context that was tried is recorded in clear, also when it was wrong', async () => {
    const EncryptionContext = { tenant: 'wrong' }
    const event = await recordOfRefused(trent, decrypt({ CiphertextBlob, EncryptionContext }))
    assert.equal(event.errorCode, 'InvalidCiphertextException')
    assert.equal(event.errorMessage, undefined)
    assert.deepEqual(event.requestParameters?.['encryptionContext'], EncryptionContext)
    assert.deepEqual(event.resources, [resource(key.arn)])
  })

  test('an IncorrectKeyException is recorded with its sentence', async () => {
    const other = await makeKey(kms)
    const event = await recordOfRefused(trent, decrypt({ CiphertextBlob, KeyId: other.arn }))
    assert.equal(event.errorCode, 'IncorrectKeyException')
    assert.equal(event.errorMessage, incorrectKey)
    assert.equal(event.requestParameters?.['keyId'], other.arn)
  })

  test("a refusal of another account's ciphertext names neither key nor owner", async () => {
    const other = await trent.createAccount()
    const theirs = trent.client({ account: other })
    const foreign = await makeKey(theirs)
    const call = decrypt({ CiphertextBlob: await blobOf(foreign, theirs) })
    const event = await recordOfRefused(trent, call)
    assert.equal(event.errorCode, 'AccessDenied')
    assert.deepEqual(event.resources, [])
    assert.ok(!JSON.stringify(event).includes(foreign.id))
    assert.ok(!JSON.stringify(event).includes(other.accountId))
  })

  test('no event shows a plaintext or a ciphertext', () => {
    const text = recordText(trent.data)
    assert.ok(!text.includes(plain.toString('base64')))
    assert.ok(!text.includes(Buffer.from(CiphertextBlob).toString('base64')))
  })
})
