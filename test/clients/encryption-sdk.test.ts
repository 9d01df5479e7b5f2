/**
 * The AWS Encryption SDK for JavaScript with its KMS keyring: envelope encryption as AWS's customers use it.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, describe, test } from 'node:test'
import {
  buildClient,
  CommitmentPolicy,
  KmsKeyringNode,
  type KmsNodeClientSupplier,
} from '@aws-crypto/client-node'
import { KMS } from '@aws-sdk/client-kms'
import { alias, makeKey } from '../support/test-keys.ts'
import { recordText } from '../support/record.ts'
import { startService } from '../support/service.ts'

const trent = await startService()
const kms = trent.client()
const key = await makeKey(kms)
const second = await makeKey(kms)
const { encrypt, decrypt, encryptStream, decryptStream } = buildClient(
  CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
)
const context = { stage: 'test', purpose: 'a stream of ten megabytes', origin: 'us-east-1' }

const { endpoint, credentials } = trent
const client = new KMS({ endpoint, credentials, region: 'us-east-1', maxAttempts: 1 })
after(() => {
  client.destroy()
})

/** The keyring asks for a client by region. Its types do not know `exactOptionalPropertyTypes`. */
const clientProvider = ((region: string) =>
  region === 'us-east-1' ? client : false) as unknown as KmsNodeClientSupplier

const keyring = new KmsKeyringNode({ clientProvider, generatorKeyId: key.arn })

/** The events of an operation, newest last. */
function events(name: string): readonly {
  readonly errorCode?: string
  readonly requestParameters: { readonly encryptionContext?: Readonly<Record<string, string>> }
}[] {
  return recordText(trent.data)
    .split('\n')
    .filter((line) => line.includes(`"eventName":"${name}"`))
    .map((line) => JSON.parse(line) as ReturnType<typeof events>[number])
}

describe('The AWS Encryption SDK', () => {
  test('encrypts and decrypts a stream of ten megabytes with an encryption context', async () => {
    const chunk = Buffer.alloc(65_536)
    for (const index of chunk.keys()) chunk[index] = index % 251
    const chunks = Array.from({ length: 160 }, () => chunk)
    const encrypted = createHash('sha256')
    const decrypted = createHash('sha256')
    let length = 0
    await pipeline(
      Readable.from(chunks),
      encryptStream(keyring, { encryptionContext: context }),
      async function* (source: AsyncIterable<Buffer>) {
        for await (const piece of source) {
          encrypted.update(piece)
          yield piece
        }
      },
      decryptStream(keyring),
      async (source: AsyncIterable<Buffer>) => {
        for await (const piece of source) {
          decrypted.update(piece)
          length += piece.length
        }
      },
    )
    const expected = createHash('sha256')
    for (const each of chunks) expected.update(each)
    const digest = expected.digest('hex')
    assert.equal(length, 10 * 1024 * 1024)
    assert.equal(decrypted.digest('hex'), digest)
    assert.notEqual(encrypted.digest('hex'), digest)
  })

  test('asks for one data key and decrypts it once, under the whole context', () => {
    for (const name of ['GenerateDataKey', 'Decrypt']) {
      const [event, ...more] = events(name)
      assert.equal(more.length, 0)
      const bound = event?.requestParameters.encryptionContext
      for (const [pair, value] of Object.entries(context)) assert.equal(bound?.[pair], value)
      // The public key of the message's signature is bound in the same way.
      assert.ok(bound?.['aws-crypto-public-key'])
    }
  })

  test('does not open a message whose context was changed: Decrypt is an InvalidCiphertextException', async () => {
    const { result } = await encrypt(keyring, 'plain', { encryptionContext: context })
    const { plaintext, messageHeader } = await decrypt(keyring, result)
    assert.equal(plaintext.toString(), 'plain')
    assert.equal(messageHeader.encryptionContext['stage'], 'test')
    const changed = Buffer.from(result)
    changed.write('TEST', changed.indexOf('test'))
    await assert.rejects(decrypt(keyring, changed))
    const last = events('Decrypt').at(-1)
    assert.equal(last?.errorCode, 'InvalidCiphertextException')
    assert.equal(last?.requestParameters.encryptionContext?.['stage'], 'TEST')
  })

  test('encrypts for two keys, named by ARN and by alias ARN, and either of them decrypts', async () => {
    const named = await alias(kms, 'alias/Message', key)
    const both = new KmsKeyringNode({
      clientProvider,
      generatorKeyId: named,
      keyIds: [second.arn],
    })
    const { result } = await encrypt(both, 'plain', { encryptionContext: context })
    for (const arn of [key.arn, second.arn]) {
      const one = new KmsKeyringNode({ clientProvider, keyIds: [arn] })
      const { plaintext } = await decrypt(one, result)
      assert.equal(plaintext.toString(), 'plain')
    }
  })

  test('finds the key of a message by discovery', async () => {
    const { result } = await encrypt(keyring, 'plain', { encryptionContext: context })
    const discovery = new KmsKeyringNode({
      clientProvider,
      discovery: true,
      discoveryFilter: { accountIDs: [trent.accountId], partition: 'aws' },
    })
    const { plaintext } = await decrypt(discovery, result)
    assert.equal(plaintext.toString(), 'plain')
  })

  test('does not open a message with the key of another message', async () => {
    const { result } = await encrypt(keyring, 'plain', { encryptionContext: context })
    const wrong = new KmsKeyringNode({ clientProvider, keyIds: [second.arn] })
    await assert.rejects(decrypt(wrong, result))
  })
})
