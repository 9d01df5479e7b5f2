/**
 * Ciphertext that somebody has changed, sent to Decrypt and ReEncrypt: it is refused, never accepted, and never breaks
 * anything.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  DecryptCommand,
  EncryptCommand,
  type KMSClient,
  KMSServiceException,
  ReEncryptCommand,
} from '@aws-sdk/client-kms'
import fc from 'fast-check'
import { makeKey, type TestKey } from '../support/test-keys.ts'
import { refused, startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const key = await makeKey(kms)
const other = await makeKey(kms)
const EncryptionContext = { tenant: 'a' }
const Plaintext = Buffer.from('a plaintext that is to stay what it is')
const blob = await blobOf(key)
const otherBlob = await blobOf(other)

async function blobOf({ id }: TestKey, client: KMSClient = kms): Promise<Buffer> {
  const input = { KeyId: id, Plaintext, EncryptionContext }
  const { CiphertextBlob } = await client.send(new EncryptCommand(input))
  return Buffer.from(CiphertextBlob ?? assert.fail('no blob'))
}

/** The ways to send a ciphertext. */
const sends: readonly ((CiphertextBlob: Uint8Array) => Promise<unknown>)[] = [
  (CiphertextBlob) => kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext })),
  (CiphertextBlob) =>
    kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: key.id })),
  (CiphertextBlob) =>
    kms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: key.id,
      }),
    ),
]

const refusals = ['InvalidCiphertextException', 'IncorrectKeyException', 'AccessDeniedException']

/** Fails unless every way of sending the blob is refused, by an error that ciphertexts are refused with. */
async function assertRefusedEverywhere(changed: Uint8Array): Promise<void> {
  for (const send of sends) {
    const error: unknown = await send(changed).then(
      () => assert.fail(`accepted: ${Buffer.from(changed).toString('base64')}`),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof KMSServiceException, String(error))
    assert.equal(error.$metadata.httpStatusCode, 400)
    assert.ok(refusals.includes(error.name), error.name)
  }
}

/** A blob with some bytes changed. */
const changed = fc
  .array(fc.tuple(fc.nat(blob.length - 1), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) => {
    const bytes = Buffer.from(blob)
    for (const [index, mask] of changes) bytes[index] = (bytes[index] ?? 0) ^ mask
    return bytes
  })
  .filter((bytes) => !bytes.equals(blob))

/** A blob cut, extended, or joined with parts of another. */
const reshaped = fc
  .oneof(
    fc.nat(blob.length - 1).map((length) => blob.subarray(0, length)),
    fc.nat(blob.length - 1).map((start) => blob.subarray(start + 1)),
    fc.uint8Array({ minLength: 1, maxLength: 64 }).map((more) => Buffer.concat([blob, more])),
    fc.uint8Array({ minLength: 1, maxLength: 64 }).map((more) => Buffer.concat([more, blob])),
    fc
      .nat({ max: blob.length - 1 })
      .map((at) => Buffer.concat([blob.subarray(0, at), otherBlob.subarray(at)])),
    fc
      .nat({ max: blob.length - 1 })
      .map((at) => Buffer.concat([otherBlob.subarray(0, at), blob.subarray(at)])),
    fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    // The header of a blob, and anything behind it.
    fc
      .uint8Array({ minLength: 0, maxLength: 400 })
      .map((bytes) => Buffer.concat([blob.subarray(0, 52), bytes])),
  )
  .filter((bytes) => bytes.length > 0 && !bytes.equals(blob) && !bytes.equals(otherBlob))

describe('Tampering', () => {
  test('the blobs open as they are', async () => {
    for (const CiphertextBlob of [blob, otherBlob]) {
      const answer = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
      assert.deepEqual(answer.Plaintext, new Uint8Array(Plaintext))
    }
  })

  test('a blob with a changed byte at each place is refused', async () => {
    await Promise.all(
      Array.from(blob.keys(), (index) => {
        const bytes = Buffer.from(blob)
        bytes[index] = (bytes[index] ?? 0) ^ 0x01
        return assertRefusedEverywhere(bytes)
      }),
    )
  })

  test('a blob with some bytes changed is refused', async () => {
    await fc.assert(fc.asyncProperty(changed, assertRefusedEverywhere), { numRuns: 150 })
  })

  test('a blob cut, extended, spliced or made up is refused', async () => {
    await fc.assert(fc.asyncProperty(reshaped, assertRefusedEverywhere), { numRuns: 150 })
  })
})

describe('The key material id in a blob', () => {
  test('that the key has not is an InvalidCiphertextException', async () => {
    const bytes = Buffer.from(blob).fill(0xab, 20, 52)
    for (const send of sends) await refused(send(bytes), 'InvalidCiphertextException', undefined)
  })

  test("of another key is an InvalidCiphertextException: no key's material serves another", async () => {
    const bytes = Buffer.from(blob)
    otherBlob.copy(bytes, 20, 20, 52)
    for (const send of sends) await refused(send(bytes), 'InvalidCiphertextException', undefined)
    const whole = Buffer.from(otherBlob)
    blob.copy(whole, 4, 4, 20)
    for (const send of sends) await refused(send(whole), 'InvalidCiphertextException', undefined)
  })

  test("is the key's CurrentKeyMaterialId, in clear", () => {
    assert.equal(blob.toString('hex', 20, 52), key.materialId)
    assert.equal(blob.toString('hex', 4, 20), key.id.replaceAll('-', ''))
  })
})

describe('The key id in a blob', () => {
  test("of another account's key is refused by the key, with a KeyId or without", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await blobOf(await makeKey(theirs), theirs)
    const bytes = Buffer.from(blob)
    foreign.copy(bytes, 4, 4, 20)
    const [decrypt, decryptNamed] = sends
    await refused(decrypt?.(bytes) ?? assert.fail(), 'AccessDeniedException', /^User: /)
    await refused(decryptNamed?.(bytes) ?? assert.fail(), 'IncorrectKeyException', /^The key ID/)
  })

  test('of the other kind, with the same bits, names another key', async () => {
    const bytes = Buffer.from(blob)
    bytes[3] = 1
    const [decrypt, decryptNamed] = sends
    await refused(decrypt?.(bytes) ?? assert.fail(), 'AccessDeniedException', /^User: /)
    await refused(decryptNamed?.(bytes) ?? assert.fail(), 'IncorrectKeyException', /^The key ID/)
  })
})
