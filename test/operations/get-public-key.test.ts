import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, test } from 'node:test'
import { GetPublicKeyCommand, type GetPublicKeyCommandInput } from '@aws-sdk/client-kms'
import { sendDocument } from '../support/documents.ts'
import { recordOf, recordOfRefused, recordText, resource } from '../support/record.ts'
import { deniedAcrossAccounts, emptyKeyId, violated } from '../support/sentences.ts'
import { refused, startService } from '../support/service.ts'
import {
  absentId,
  aliasSpecKey,
  createSpecKey,
  deleteSpecKey,
  disableSpecKey,
  publicKeyOf,
  sharedKeys,
} from '../support/spec-keys.ts'
import { assertRefused } from '../support/wire.ts'

const trent = await startService()
const kms = trent.client()
const keyOf = sharedKeys(kms)
const key = await keyOf('ECC_NIST_P256', 'SIGN_VERIFY')

/** Of the P-256 key of this file unless another is named. */
const get = (input: Partial<GetPublicKeyCommandInput> = {}) =>
  kms.send(new GetPublicKeyCommand({ KeyId: key.id, ...input }))

describe('GetPublicKey: shape', () => {
  test('a missing KeyId is null at keyId', async () => {
    await refused(
      get({ KeyId: undefined }),
      'ValidationException',
      violated("null at 'keyId': not be null"),
    )
  })

  test('an empty KeyId fails the length first and the pattern second', async () => {
    await refused(get({ KeyId: '' }), 'ValidationException', emptyKeyId('keyId'))
  })
})

describe('GetPublicKey: permission', () => {
  test("another account's key is refused alike whether or not there is one", async () => {
    const theirs = trent.client({ account: await trent.createAccount() })
    const foreign = await createSpecKey(theirs, { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' })
    const named = await aliasSpecKey(theirs, 'alias/Theirs', foreign)
    for (const KeyId of [
      foreign.arn,
      foreign.arn.replace(foreign.id, absentId),
      named,
      `${named}Not`,
    ]) {
      await refused(
        get({ KeyId }),
        'AccessDeniedException',
        deniedAcrossAccounts(trent.accountId, 'kms:GetPublicKey'),
      )
    }
  })

  test('a grant token that nobody gave is an InvalidGrantTokenException', async () => {
    await refused(get({ GrantTokens: ['token'] }), 'InvalidGrantTokenException', undefined)
  })
})

describe('GetPublicKey: state', () => {
  test('a disabled key still shows its public half', async () => {
    const made = await createSpecKey(kms, { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' })
    const before = await publicKeyOf(kms, made)
    await disableSpecKey(kms, made)
    const answer = await get({ KeyId: made.id })
    assert.equal(answer.KeyId, made.arn)
    assert.deepEqual(Buffer.from(answer.PublicKey ?? []), before)
  })

  for (const [spec, usage] of [
    ['ECC_NIST_P256', 'SIGN_VERIFY'],
    ['HMAC_256', 'GENERATE_VERIFY_MAC'],
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ] as const) {
    test(`a ${spec} key pending deletion is pending deletion, whatever its spec`, async () => {
      const leaving = await deleteSpecKey(kms, await createSpecKey(kms, { spec, usage }))
      await refused(
        get({ KeyId: leaving.id }),
        'KMSInvalidStateException',
        `${leaving.arn} is pending deletion.`,
      )
    })

    test(`a ${spec} key without its imported material is pending import, whatever its spec`, async () => {
      const waiting = await createSpecKey(kms, { spec, usage, external: true })
      await refused(
        get({ KeyId: waiting.id }),
        'KMSInvalidStateException',
        `${waiting.arn} is pending import.`,
      )
    })
  }

  test('a disabled key without a public half is unsupported, not disabled', async () => {
    const off = await disableSpecKey(
      kms,
      await createSpecKey(kms, { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' }),
    )
    await refused(get({ KeyId: off.id }), 'UnsupportedOperationException', undefined)
  })
})

describe('GetPublicKey: behaviour', () => {
  for (const [spec, usage, members] of [
    ['RSA_2048', 'SIGN_VERIFY', 'SigningAlgorithms'],
    ['RSA_2048', 'ENCRYPT_DECRYPT', 'EncryptionAlgorithms'],
    ['ECC_NIST_P256', 'SIGN_VERIFY', 'SigningAlgorithms'],
    ['ECC_NIST_P384', 'KEY_AGREEMENT', 'KeyAgreementAlgorithms'],
    ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', 'SigningAlgorithms'],
    ['ML_DSA_44', 'SIGN_VERIFY', 'SigningAlgorithms'],
    ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE', 'EncapsulationAlgorithms'],
  ] as const) {
    test(`${spec}, ${usage}: key ARN, public key, spec, usage and ${members} alone`, async () => {
      const { id, arn } = await keyOf(spec, usage)
      const { $metadata: _, ...answer } = await get({ KeyId: id })
      const { PublicKey } = answer
      assert.deepEqual(answer, {
        KeyId: arn,
        PublicKey,
        CustomerMasterKeySpec: spec,
        KeySpec: spec,
        KeyUsage: usage,
        [members]: answer[members],
      })
      assert.ok((answer[members]?.length ?? 0) > 0)
      const read = createPublicKey({
        key: Buffer.from(PublicKey ?? []),
        format: 'der',
        type: 'spki',
      })
      assert.deepEqual(read.export({ format: 'der', type: 'spki' }), Buffer.from(PublicKey ?? []))
    })
  }

  for (const [spec, usage] of [
    ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
    ['HMAC_224', 'GENERATE_VERIFY_MAC'],
    ['HMAC_512', 'GENERATE_VERIFY_MAC'],
  ] as const) {
    test(`a ${spec} key has no public half: UnsupportedOperationException without a message`, async () => {
      const { id } = await keyOf(spec, usage)
      const answer = await sendDocument(trent, 'GetPublicKey', { KeyId: id })
      assertRefused(answer, 'UnsupportedOperationException')
    })
  }

  test('the public half is the same each time, however the key is named', async () => {
    const named = await aliasSpecKey(kms, 'alias/Public', key)
    const first = await publicKeyOf(kms, key)
    for (const KeyId of [key.id, key.arn, 'alias/Public', named]) {
      const answer = await get({ KeyId })
      assert.equal(answer.KeyId, key.arn)
      assert.deepEqual(Buffer.from(answer.PublicKey ?? []), first)
    }
  })

  test('two keys have two public halves', async () => {
    const other = await createSpecKey(kms, { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' })
    assert.notDeepEqual(await publicKeyOf(kms, key), await publicKeyOf(kms, other))
  })

  test('a key that does not exist is a NotFoundException', async () => {
    await refused(
      get({ KeyId: absentId }),
      'NotFoundException',
      `Key '${key.arn.replace(key.id, absentId)}' does not exist`,
    )
  })
})

describe('GetPublicKey: record', () => {
  test('the event shows the key as it was named, and no public key', async () => {
    const answer = await get({ KeyId: key.arn })
    const event = recordOf(trent, answer)
    assert.equal(event.eventName, 'GetPublicKey')
    assert.equal(event.readOnly, true)
    assert.deepEqual(event.requestParameters, { keyId: key.arn })
    assert.equal(event.responseElements, null)
    assert.equal(event.additionalEventData, undefined)
    assert.deepEqual(event.resources, [resource(key.arn)])
    const bytes = Buffer.from(answer.PublicKey ?? []).toString('base64')
    assert.ok(!recordText(trent.data).includes(bytes))
  })

  test('a key without a public half is an event with its errorCode and resource', async () => {
    const { id, arn } = await keyOf('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT')
    const event = await recordOfRefused(trent, get({ KeyId: id }))
    assert.equal(event.errorCode, 'UnsupportedOperationException')
    assert.equal(event.errorMessage, undefined)
    assert.deepEqual(event.resources, [resource(arn)])
  })
})
