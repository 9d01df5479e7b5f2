/**
 * What takes long is done by threads: it holds nothing else up, it is bounded, and its results are the right ones.
 */
import assert from 'node:assert/strict'
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { before, test } from 'node:test'
import {
  EncryptCommand,
  GetPublicKeyCommand,
  type KeySpec,
  KMSClient,
  KMSServiceException,
  SignCommand,
  type SignCommandInput,
} from '@aws-sdk/client-kms'
import { makeKey } from '../support/made-keys.ts'
import { assertDecrypts, encryptWord } from '../support/multi-region.ts'
import { recordOf } from '../support/record.ts'
import { startService, startTrent } from '../support/service.ts'

/** Of the one thread's queue. Together with the call that the thread works on, one more is taken. */
const waiting = 4
const trent = await startService({ work: { threads: 1, waiting } })
const kms = trent.client()
const tooMuch =
  'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.'
let rsa: SigningKey
let symmetric: string

before(async () => {
  rsa = await makeSigningKey(kms, 'RSA_4096')
  symmetric = (await makeKey(kms)).KeyId
})

test('work: a storm of RSA_4096 signatures stops no Encrypt: twenty finish before the storm does', async () => {
  const signatures = 60
  let signed = 0
  const storm = inTurns(waiting + 1, signatures, async (index) => {
    await rsa.sign(kms, message(index))
    signed += 1
  })
  for (let index = 0; index < 20; index += 1) {
    await kms.send(new EncryptCommand({ KeyId: symmetric, Plaintext: message(index) }))
  }
  assert.ok(signed < signatures, 'the storm was over before')
  await storm
  assert.equal(signed, signatures)
})

test('work: more than may wait is ThrottlingException, in the words of AWS, and nothing of the kind of 500', async () => {
  const calls = 50
  const results = await Promise.allSettled(
    Array.from({ length: calls }, async (_, index) => {
      const signature = await rsa.sign(kms, message(index))
      assert.ok(rsa.verifies(message(index), signature))
    }),
  )
  const refusals = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  )
  for (const error of refusals) {
    assert.ok(error instanceof KMSServiceException, String(error))
    assert.equal(error.name, 'ThrottlingException')
    assert.equal(error.message, tooMuch)
    assert.equal(error.$metadata.httpStatusCode, 400)
    assert.equal(recordOf(trent, error).errorCode, 'ThrottlingException')
  }
  assert.ok(refusals.length > 0, 'nothing was refused')
  assert.ok(calls - refusals.length > waiting, 'what may wait was refused')
  // Once the queue is empty everything is as before.
  assert.ok(rsa.verifies(message(0), await rsa.sign(kms, message(0))))
})

test('work: while the threads have more than enough to do, what needs none is served', async () => {
  const storm = Promise.allSettled(
    Array.from({ length: 30 }, (_, index) => rsa.sign(kms, message(index))),
  )
  await assertDecrypts(kms, await encryptWord(kms, symmetric, 'word'), 'word')
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: rsa.id }))
  assert.ok(PublicKey !== undefined)
  await storm
})

test('work: every caller is given the signature of its own message by its own key', async () => {
  const keys = [
    rsa,
    await makeSigningKey(kms, 'ECC_NIST_P384'),
    await makeSigningKey(kms, 'ECC_NIST_P521'),
  ] as const
  await inTurns(waiting + 1, 45, async (index) => {
    const key = keys[index % keys.length] ?? rsa
    const signature = await key.sign(kms, message(index))
    assert.ok(key.verifies(message(index), signature), `signature ${index}`)
    assert.ok(!key.verifies(message(index + 1), signature))
  })
})

test('work: a service that is closed with work under way answers what it has taken, and is gone', async () => {
  const closing = await startTrent({ work: { threads: 1, waiting: 100 } })
  const client = new KMSClient({
    endpoint: closing.endpoint,
    region: 'us-east-1',
    credentials: closing.credentials,
    maxAttempts: 1,
  })
  const key = await makeSigningKey(client, 'ECC_NIST_P521')
  const calls = Array.from({ length: 40 }, (_, index) => key.sign(client, message(index)))
  const settled = Promise.allSettled(calls)
  await Promise.race(calls)
  await closing.close()
  const results = await settled
  client.destroy()
  const answered = results.flatMap((result, index) =>
    result.status === 'fulfilled' ? [key.verifies(message(index), result.value)] : [],
  )
  assert.ok(answered.length > 0)
  assert.ok(answered.every((holds) => holds))
  for (const result of results) {
    // A connection that came too late was refused; no call that was taken was let down.
    if (result.status === 'rejected') assert.ok(!(result.reason instanceof KMSServiceException))
  }
})

/** A key that signs through the service, and whose signatures are verified without it. */
interface SigningKey {
  readonly id: string
  readonly sign: (client: KMSClient, bytes: Buffer) => Promise<Uint8Array>
  readonly verifies: (bytes: Buffer, signature: Uint8Array) => boolean
}

const algorithms: Readonly<
  Partial<Record<KeySpec, [NonNullable<SignCommandInput['SigningAlgorithm']>, string]>>
> = {
  RSA_4096: ['RSASSA_PSS_SHA_256', 'sha256'],
  ECC_NIST_P384: ['ECDSA_SHA_384', 'sha384'],
  ECC_NIST_P521: ['ECDSA_SHA_512', 'sha512'],
}

async function makeSigningKey(client: KMSClient, KeySpec: KeySpec): Promise<SigningKey> {
  const { KeyId } = await makeKey(client, { KeySpec, KeyUsage: 'SIGN_VERIFY' })
  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId }))
  const spki = { key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' } as const
  const key: KeyObject = createPublicKey(spki)
  const [SigningAlgorithm, hash] = algorithms[KeySpec] ?? assert.fail(KeySpec)
  const padding = KeySpec.startsWith('RSA') ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {}
  return {
    id: KeyId,
    sign: async (signer, Message) => {
      const { Signature } = await signer.send(new SignCommand({ KeyId, Message, SigningAlgorithm }))
      return Signature ?? assert.fail('no signature')
    },
    verifies: (bytes, signature) => verify(hash, bytes, { key, ...padding }, signature),
  }
}

/** Does a piece of work so many times, a few at a time. */
async function inTurns(
  width: number,
  times: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const turn = async (): Promise<void> => {
    while (next < times) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, turn))
}

function message(index: number): Buffer {
  return Buffer.from(`message ${index}`)
}
