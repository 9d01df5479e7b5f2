import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ReEncryptCommand,
  type ReEncryptCommandInput,
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
const source = await makeKey(kms)
const destination = await makeKey(kms)
const plain = Buffer.from('plain')
const CiphertextBlob = await blobOf(source)

const reEncrypt = (input: Partial<ReEncryptCommandInput>) =>
  kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: destination.id, ...input }))

async function blobOf(
  key: TestKey,
  { client = kms, context = {} }: { client?: typeof kms; context?: Record<string, string> } = {},
): Promise<Uint8Array> {
  const input = { KeyId: key.id, Plaintext: plain, EncryptionContext: context }
  const { CiphertextBlob: blob } = await client.send(new EncryptCommand(input))
  return blob ?? assert.fail('no blob')
}

describe('ReEncrypt: shape', () => {
  test('without a CiphertextBlob, null is shown at ciphertextBlob', async () => {
    await refused(
      reEncrypt({ CiphertextBlob: undefined }),
      'ValidationException',
      "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    )
  })

  test('without a DestinationKeyId, null is shown at destinationKeyId', async () => {
    await refused(
      reEncrypt({ DestinationKeyId: undefined }),
      'ValidationException',
      "1 validation error detected: Value null at 'destinationKeyId' failed to satisfy constraint: Member must not be null",
    )
  })

  test('a request of nothing has two validation errors', async () => {
    const answer = await sendDocument(trent, 'ReEncrypt', {})
    const { __type, message } = JSON.parse(answer.body) as Record<string, string>
    assert.equal(__type, 'ValidationException')
    assert.match(message ?? '', /^2 validation errors detected: /)
    for (const member of ['ciphertextBlob', 'destinationKeyId'])
      assert.ok(message?.includes(`Value null at '${member}' failed to satisfy constraint: `))
  })

  test('a CiphertextBlob of no bytes, or of 6145, has the wrong length, whatever the destination', async () => {
    for (const [length, constraint] of [
      [0, 'greater than or equal to 1'],
      [6145, 'less than or equal to 6144'],
    ] as const)
      await refused(
        reEncrypt({ CiphertextBlob: Buffer.alloc(length), DestinationKeyId: 'alias/missing' }),
        'ValidationException',
        violated(`at 'ciphertextBlob': have length ${constraint}`),
      )
  })

  test('an empty key id fails the length first and the pattern second', async () => {
    await refused(reEncrypt({ SourceKeyId: '' }), 'ValidationException', emptyKeyId('sourceKeyId'))
    await refused(
      reEncrypt({ DestinationKeyId: '' }),
      'ValidationException',
      emptyKeyId('destinationKeyId'),
    )
  })

  test('an unknown algorithm is refused with the list as AWS prints it', async () => {
    const unknown = 'RSA' as 'SYMMETRIC_DEFAULT'
    await refused(
      reEncrypt({ SourceEncryptionAlgorithm: unknown }),
      'ValidationException',
      violated(
        `'RSA' at 'sourceEncryptionAlgorithm': satisfy enum value set: ${encryptionAlgorithms}`,
      ),
    )
    await refused(
      reEncrypt({ DestinationEncryptionAlgorithm: unknown }),
      'ValidationException',
      violated(
        `'RSA' at 'destinationEncryptionAlgorithm': satisfy enum value set: ${encryptionAlgorithms}`,
      ),
    )
  })

  test('a context that is a list is a SerializationException', async () => {
    const answer = await sendDocument(trent, 'ReEncrypt', {
      CiphertextBlob: 'AAAA',
      DestinationKeyId: destination.id,
      SourceEncryptionContext: ['a', 'b'],
    })
    assertRefused(answer, 'SerializationException', {
      text: 'Start of list found where not expected',
    })
  })
})

describe('ReEncrypt: permission', () => {
  test("another account's ciphertext is refused as if its key did not exist, by ReEncryptFrom", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const blob = await blobOf(await makeKey(theirs), { client: theirs })
    await refused(
      reEncrypt({ CiphertextBlob: blob }),
      'AccessDeniedException',
      deniedCiphertext(trent.accountId, 'kms:ReEncryptFrom'),
    )
  })

  test("another account's SourceKeyId is refused by ReEncryptFrom, whether or not there is one", async () => {
    const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
    for (const SourceKeyId of [foreign.arn, foreign.arn.replace(foreign.id, absentId)])
      await refused(
        reEncrypt({ SourceKeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:ReEncryptFrom'),
      )
  })

  test("another account's SourceKeyId may be an id alone, its DestinationKeyId may not", async () => {
    const account = await trent.createAccount()
    const theirs = trent.client({ account })
    const open = await makeKey(theirs)
    await letIn(theirs, open.id, [account.accountId, trent.accountId])
    const blob = await blobOf(open, { client: theirs })
    const input = { CiphertextBlob: blob, SourceKeyId: open.id }
    assert.equal((await reEncrypt(input)).SourceKeyId, open.arn)
    await refused(
      reEncrypt({ ...input, DestinationKeyId: open.id }),
      'NotFoundException',
      `Key '${source.arn.replace(source.id, open.id)}' does not exist`,
    )
  })

  test("another account's DestinationKeyId is refused by ReEncryptTo, whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await makeKey(theirs)
    const named = await alias(theirs, 'alias/Theirs', foreign)
    for (const DestinationKeyId of [
      foreign.arn,
      foreign.arn.replace(foreign.id, absentId),
      named,
      `${named}Not`,
    ])
      await refused(
        reEncrypt({ DestinationKeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:ReEncryptTo'),
      )
  })

  test('the source is evaluated before the destination', async () => {
    const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
    await refused(
      reEncrypt({ SourceKeyId: foreign.arn, DestinationKeyId: foreign.arn }),
      'AccessDeniedException',
      deniedAcrossAccounts(trent.accountId, 'kms:ReEncryptFrom'),
    )
    await refused(
      reEncrypt({ SourceKeyId: absentId, DestinationKeyId: 'nonsense' }),
      'NotFoundException',
      `Key '${source.arn.replace(source.id, absentId)}' does not exist`,
    )
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(reEncrypt({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('ReEncrypt: state', () => {
  test('a disabled source is disabled, with its SourceKeyId or without', async () => {
    const off = await makeKey(kms)
    const blob = await blobOf(off)
    await disable(kms, off)
    for (const SourceKeyId of [off.id, undefined])
      await refused(
        reEncrypt({ CiphertextBlob: blob, SourceKeyId }),
        'DisabledException',
        `${off.arn} is disabled.`,
      )
  })

  test('a source pending deletion is a KMSInvalidStateException', async () => {
    const leaving = await makeKey(kms)
    const blob = await blobOf(leaving)
    await scheduleDeletion(kms, leaving)
    await refused(
      reEncrypt({ CiphertextBlob: blob }),
      'KMSInvalidStateException',
      `${leaving.arn} is pending deletion.`,
    )
  })

  test('a disabled destination is disabled', async () => {
    const off = await disable(kms, await makeKey(kms))
    await refused(
      reEncrypt({ DestinationKeyId: off.id }),
      'DisabledException',
      `${off.arn} is disabled.`,
    )
  })

  test('a destination pending deletion is a KMSInvalidStateException', async () => {
    const leaving = await scheduleDeletion(kms, await makeKey(kms))
    await refused(
      reEncrypt({ DestinationKeyId: leaving.arn }),
      'KMSInvalidStateException',
      `${leaving.arn} is pending deletion.`,
    )
  })

  test('when both are disabled, the source is named', async () => {
    const off = await makeKey(kms)
    const blob = await blobOf(off)
    await disable(kms, off)
    const other = await disable(kms, await makeKey(kms))
    await refused(
      reEncrypt({ CiphertextBlob: blob, DestinationKeyId: other.id }),
      'DisabledException',
      `${off.arn} is disabled.`,
    )
  })
})

describe('ReEncrypt: behaviour', () => {
  test('the answer has both ARNs, algorithms and key material ids, and the blob decrypts', async () => {
    const { $metadata: _, ...answer } = await reEncrypt({})
    const { CiphertextBlob: blob } = answer
    assert.deepEqual(answer, {
      CiphertextBlob: blob,
      SourceKeyId: source.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      SourceKeyMaterialId: source.materialId,
      DestinationKeyMaterialId: destination.materialId,
    })
    const decrypted = await kms.send(new DecryptCommand({ CiphertextBlob: blob }))
    assert.deepEqual(decrypted.Plaintext, new Uint8Array(plain))
    assert.equal(decrypted.KeyId, destination.arn)
  })

  test('the result decrypts under the destination key only', async () => {
    const { CiphertextBlob: blob } = await reEncrypt({})
    await refused(
      kms.send(new DecryptCommand({ CiphertextBlob: blob, KeyId: source.id })),
      'IncorrectKeyException',
      incorrectKey,
    )
  })

  test('source and destination may be the same key', async () => {
    const answer = await reEncrypt({ SourceKeyId: source.id, DestinationKeyId: source.arn })
    assert.equal(answer.SourceKeyId, source.arn)
    assert.equal(answer.KeyId, source.arn)
    assert.notDeepEqual(answer.CiphertextBlob, CiphertextBlob)
  })

  test('the context changes from that of the source to that of the destination', async () => {
    const blob = await blobOf(source, { context: { tenant: 'a' } })
    const { CiphertextBlob: moved } = await reEncrypt({
      CiphertextBlob: blob,
      SourceEncryptionContext: { tenant: 'a' },
      DestinationEncryptionContext: { tenant: 'b' },
    })
    for (const [ciphertext, tenant] of [
      [blob, 'a'],
      [moved, 'b'],
    ] as const) {
      const EncryptionContext = { tenant }
      const input = { CiphertextBlob: ciphertext, EncryptionContext }
      const { Plaintext } = await kms.send(new DecryptCommand(input))
      assert.deepEqual(Plaintext, new Uint8Array(plain))
    }
    for (const EncryptionContext of [{ tenant: 'a' }, undefined])
      await refused(
        kms.send(new DecryptCommand({ CiphertextBlob: moved, EncryptionContext })),
        'InvalidCiphertextException',
        undefined,
      )
  })

  test('without a DestinationEncryptionContext there is none: that of the source is not kept', async () => {
    const blob = await blobOf(source, { context: { tenant: 'a' } })
    const { CiphertextBlob: moved } = await reEncrypt({
      CiphertextBlob: blob,
      SourceEncryptionContext: { tenant: 'a' },
    })
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: moved }))
    assert.deepEqual(Plaintext, new Uint8Array(plain))
  })

  test('a wrong SourceEncryptionContext is an InvalidCiphertextException without message', async () => {
    const blob = await blobOf(source, { context: { tenant: 'a' } })
    for (const SourceEncryptionContext of [{ tenant: 'b' }, {}, undefined])
      await refused(
        reEncrypt({ CiphertextBlob: blob, SourceEncryptionContext }),
        'InvalidCiphertextException',
        undefined,
      )
  })

  test('a corrupt or foreign blob is an InvalidCiphertextException without message', async () => {
    const flipped = Uint8Array.from(CiphertextBlob)
    flipped[60] = (flipped[60] ?? 0) ^ 1
    for (const blob of [flipped, Buffer.from('rubbish'), Buffer.alloc(256, 0x5a)])
      await refused(reEncrypt({ CiphertextBlob: blob }), 'InvalidCiphertextException', undefined)
  })

  test('another SourceKeyId than the key that encrypted is an IncorrectKeyException', async () => {
    const off = await disable(kms, await makeKey(kms))
    for (const SourceKeyId of [destination.id, off.arn])
      await refused(reEncrypt({ SourceKeyId }), 'IncorrectKeyException', incorrectKey)
  })

  test('an IncorrectKeyException comes before anything of the destination', async () => {
    await refused(
      reEncrypt({ SourceKeyId: destination.id, DestinationKeyId: 'alias/missing' }),
      'IncorrectKeyException',
      incorrectKey,
    )
  })

  test('an algorithm of RSA is incompatible with a symmetric source and a symmetric destination', async () => {
    const sentence = 'Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.'
    await refused(
      reEncrypt({ SourceKeyId: source.id, SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
      'InvalidKeyUsageException',
      sentence,
    )
    await refused(
      reEncrypt({ DestinationEncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
      'InvalidKeyUsageException',
      sentence,
    )
  })

  test('KeyId must not be null when the source algorithm is not symmetric', async () => {
    await refused(
      reEncrypt({ SourceEncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }),
      'ValidationException',
      'KeyId must not be null',
    )
  })

  test('a data key moves to another key', async () => {
    const data = await kms.send(
      new GenerateDataKeyCommand({ KeyId: source.id, KeySpec: 'AES_128' }),
    )
    const { CiphertextBlob: moved } = await reEncrypt({ CiphertextBlob: data.CiphertextBlob })
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: moved }))
    assert.deepEqual(Plaintext, data.Plaintext)
  })

  test('a plaintext of 4096 bytes stays within 6144 bytes, however often it moves', async () => {
    const large = Buffer.alloc(4096, 1)
    const input = { KeyId: source.id, Plaintext: large }
    let { CiphertextBlob: blob } = await kms.send(new EncryptCommand(input))
    for (const DestinationKeyId of [destination.id, source.id, destination.id]) {
      const moved = await reEncrypt({ CiphertextBlob: blob, DestinationKeyId })
      assert.equal(moved.CiphertextBlob?.length, 4096 + 92)
      blob = moved.CiphertextBlob
    }
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: blob }))
    assert.deepEqual(Plaintext, new Uint8Array(large))
  })
})

describe('ReEncrypt: record', () => {
  test('one event shows both contexts, both keys, source first, and both key materials', async () => {
    const blob = await blobOf(source, { context: { tenant: 'a' } })
    const answer = await reEncrypt({
      CiphertextBlob: blob,
      SourceKeyId: source.arn,
      SourceEncryptionContext: { tenant: 'a' },
      DestinationEncryptionContext: { tenant: 'b' },
    })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'ReEncrypt')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, {
      sourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      sourceEncryptionContext: { tenant: 'a' },
      sourceKeyId: source.arn,
      destinationKeyId: destination.id,
      destinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      destinationEncryptionContext: { tenant: 'b' },
    })
    assert.deepEqual(event.additionalEventData, {
      sourceKeyMaterialId: source.materialId,
      destinationKeyMaterialId: destination.materialId,
    })
    assert.deepEqual(event.resources, [resource(source.arn), resource(destination.arn)])
    assert.equal(event.responseElements, null)
  })

  test('without a SourceKeyId, the event shows none', async () => {
    const event = recordOf(trent, await reEncrypt({}))
    assert.equal(event.requestParameters?.['sourceKeyId'], undefined)
    assert.deepEqual(event.resources, [resource(source.arn), resource(destination.arn)])
  })

  test('a refused destination leaves the source in the event', async () => {
    const off = await disable(kms, await makeKey(kms))
    const event = await recordOfRefused(trent, reEncrypt({ DestinationKeyId: off.id }))
    assert.equal(event.errorCode, 'DisabledException')
    assert.equal(event.errorMessage, `${off.arn} is disabled.`)
    assert.deepEqual(event.resources, [resource(source.arn), resource(off.arn)])
  })

  test("a refused permission is AccessDenied and does not name the other account's key as a resource", async () => {
    const foreign = await makeKey(trent.client({ account: await trent.createAccount() }))
    const call = reEncrypt({ DestinationKeyId: foreign.arn })
    const event = await recordOfRefused(trent, call)
    assert.equal(event.errorCode, 'AccessDenied')
    assert.equal(event.errorMessage, deniedAcrossAccounts(trent.accountId, 'kms:ReEncryptTo'))
    assert.deepEqual(event.resources, [resource(source.arn)])
  })

  test('no event shows a plaintext or a ciphertext', () => {
    const text = recordText(trent.data)
    assert.ok(!text.includes(plain.toString('base64')))
    assert.ok(!text.includes(Buffer.from(CiphertextBlob).toString('base64')))
  })
})
